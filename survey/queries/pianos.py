"""On which pianos, and by which version of which program, the clips of a study were played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from survey.models import Stimulus, Study

FACTS: Final = ("renderer", "soundfont", "soundfont_sha256", "renderer_version")


@dataclass(frozen=True, slots=True)
class Piano:
    """What played a clip, from its provenance; empty where that does not say.

    `renderer_version` is empty for clips made before it was written down.
    """

    renderer: str
    soundfont: str
    soundfont_sha256: str
    renderer_version: str

    @property
    def name(self) -> str:
        """The SoundFont with the first digits of its hash, or the program where there is none."""
        name = self.soundfont or self.renderer
        return f"{name} ({self.soundfont_sha256[:8]})" if self.soundfont_sha256 else name

    def __str__(self) -> str:
        return f"{self.name}, {self.renderer} {self.renderer_version or '(version not written down)'}"


def pianos_of(study: Study) -> list[Piano]:
    """Every piano of the clips of `study` once, in the order of the clips; an imported recording names none."""
    facts = (f"pair_version__provenance__sound__{name}" for name in FACTS)
    rows = study.stimuli.exclude(audio_sha256="").order_by("pk").values_list(*facts)
    return _each_once(rows)


def _each_once(rows: Iterable[Sequence[str | None]]) -> list[Piano]:
    return list(dict.fromkeys(Piano(*(fact or "" for fact in row)) for row in rows if row[0]))


def doubts_about_pianos(stimuli: Iterable[Stimulus]) -> Iterator[str]:
    """Clips made before and after another piano, or another version of its program, was installed may be told apart."""
    sounds = [stimulus.pair_version.provenance.get("sound") or {} for stimulus in stimuli if stimulus.audio_sha256]
    pianos = _each_once([sound.get(name) for name in FACTS] for sound in sounds)
    named = dict.fromkeys(piano.name for piano in pianos)
    if len(named) > 1:
        said = ", ".join(named)
        yield f"The clips were played on {len(named)} pianos ({said}), which people may hear: make them anew on one."
    versions: dict[tuple[str, str], set[str]] = {}
    for piano in pianos:
        versions.setdefault((piano.renderer, piano.soundfont_sha256), set()).add(piano.renderer_version)
    for (renderer, _), found in versions.items():
        if len(found) > 1:
            said = ", ".join(version or "one that was not written down" for version in sorted(found, reverse=True))
            yield (
                f"The clips were played by {len(found)} versions of {renderer} ({said}), which may sound a little "
                "different: make them anew with one."
            )

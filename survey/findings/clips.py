"""The study's clips beside what people chose: what to play, and whether to make the clip anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generation.models import PairVersion
from survey.analysis.proportions import wilson
from survey.analysis.reported import ClipPart, Report
from survey.findings.chosen import Chosen
from survey.findings.readings import readings_of
from survey.models import Stimulus, Study

ORDERS = ("hit_rate", "n", "intended", "pairwise_agreement", "evenness", "composer")
PICTURES, HEAVY = ("picture", "pair_version__pair__image"), ("features", "probabilities", "implied", "seen")
"""What no row shows of the two pictures, the presented one and the pair's."""
MAJORITY = 0.5
"""Of listeners; an interval above it is an agreement."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One stimulus with its consensus (see `survey.analysis.consensus`).

    `chance` is its emotion's: how often the same listeners give that answer to clips of other emotions. `chosen` is
    what was answered how often; empty where nobody counted. `readings` say why it was heard as it was, as the lenses
    have it.
    """

    stimulus: Stimulus
    found: ClipPart
    chance: float | None
    chosen: Mapping[str, int] = field(default_factory=dict)
    readings: Sequence[str] = ()

    @property
    def title(self) -> str:
        """What the picture of its pair is called."""
        return str(self.stimulus.picture or self.stimulus.pair_version.pair.image)

    def times(self, answer: str) -> int:
        """How often `answer` was given."""
        return self.chosen.get(answer, 0)

    @property
    def above_chance(self) -> bool:
        """Whether the whole interval of the hit rate lies above chance."""
        interval = self.found.wilson
        return bool(interval and self.chance is not None and interval[0] > self.chance)

    @property
    def below_chance(self) -> bool:
        """Whether the whole interval of the hit rate lies below chance."""
        interval = self.found.wilson
        return bool(interval and self.chance is not None and interval[1] < self.chance)

    @property
    def other_consensus(self) -> bool:
        """Whether more than half of listeners choose one other emotion, by the 95 % interval of its share.

        Two of two may be chance. Where people say yes or no, "no" to the clip's emotion is no other emotion: how often
        yes is said to lures tells what it is worth (`below_chance`).
        """
        modes, intended, n = self.found.modes, self.found.intended, self.found.n
        share = self.found.modal_share
        if share is None or len(modes) != 1 or intended is None or modes[0] == intended or self.found.lures is not None:
            return False
        interval = wilson(round(share * n), n)
        return interval is not None and interval[0] > MAJORITY

    @property
    def is_unrecognised(self) -> bool:
        """Whether a new version is worth making; not of a variant, whose cues were changed to move the answers."""
        version = self.stimulus.pair_version
        made_here = bool(self.stimulus.audio_sha256) and not version.is_imported and not version.cues
        return made_here and (self.below_chance or self.other_consensus)

    @property
    def reason(self) -> str:
        """Why a new version is worth making."""
        if self.below_chance:
            return f"Its interval lies below {'chance' if self.found.lures is None else 'yes to lures'}."
        return f"More than half choose {self.found.modes[0]} (95 % interval)."


def clips_of(study: Study, report: Report, *, chosen: Chosen | None = None) -> list[Clip]:
    """Return the clips of the report, the least recognised first; those without a value come last.

    With `chosen` each knows what was answered how often.
    """
    stimuli = {
        str(item.public_id): item
        for item in Stimulus.objects.filter(study=study)
        .select_related("condition", "picture", "pair_version__pair__image")
        .defer("pair_version__notes", *(f"{picture}__{field}" for picture in PICTURES for field in HEAVY))
    }
    readings = readings_of(report, stimuli)
    clips = [
        Clip(
            stimuli[found.stimulus],
            found,
            _chance(report, stimuli[found.stimulus], found.intended),
            _counted(chosen, found.stimulus),
            readings.get(found.stimulus, ()),
        )
        for found in report.stimuli
        if found.stimulus in stimuli and (found.n or stimuli[found.stimulus].role == Stimulus.Role.MAIN)
    ]
    return in_order(clips, "hit_rate", False)


def _counted(chosen: Chosen | None, stimulus: str) -> dict[str, int]:
    counts = chosen.counts.get(stimulus) if chosen else None
    return dict(zip(chosen.choices, counts, strict=True)) if chosen and counts else {}


def _chance(report: Report, stimulus: Stimulus, intended: str | None) -> float | None:
    """Chance of the clip's emotion in the clip's own cell."""
    level = report.conditions.get(stimulus.condition.name)
    emotions = report.emotions if level is None else level.emotions
    return emotions[intended].chance if intended in emotions else None


def load_notes(clips: Sequence[Clip]) -> None:
    """Put the notes beside clips that are shown, by one query: their players draw them as their course."""
    versions = {clip.stimulus.pair_version_id for clip in clips if clip.stimulus.audio}
    notes = dict(PairVersion.objects.filter(pk__in=versions).values_list("pk", "notes"))
    for clip in clips:
        clip.stimulus.pair_version.notes = notes.get(clip.stimulus.pair_version_id, [])


def in_order(clips: list[Clip], order: str, descending: bool) -> list[Clip]:
    """Return the clips by one of the `ORDERS`; those without a value come last whatever the direction."""

    def value(clip: Clip) -> Any:
        return clip.stimulus.composer if order == "composer" else getattr(clip.found, order)

    known = sorted((clip for clip in clips if value(clip) is not None), key=value, reverse=descending)
    return known + [clip for clip in clips if value(clip) is None]

"""Kinds of study to start from: what is asked, what is presented, and which clips fit.

A template is one declaration here: its card on the page of a new study, the fields it fills in and the clips it
chooses are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from survey.design.trial_forms import CHOOSE, form_of

Clips = Literal["latest", "shared", "renewed", "taught", "varied", "none"]


@dataclass(frozen=True, slots=True)
class StudyTemplate:
    """What a study starts with; all of it can be changed until it is published.

    Parameters
    ----------
    name : str
        As addresses have it.
    label : str
        What researchers call the kind of study.
    for_whom : str
        One sentence: who takes it.
    settings : mapping
        Fields of the study's form that differ from what a study has otherwise.
    cells : tuple of str
        Kinds of cells: `matched`, `mismatched`, `music_only`, `picture_only`.
    each_composer : bool
        Whether music has a cell for each composer.
    clips : str
        Which clips fit: ``"latest"`` those that somebody chose, else the newest of every pair; ``"none"`` only what
        somebody chose; ``"varied"`` of these the variants of a cue experiment; ``"shared"`` those of pictures for which
        several composers wrote; ``"renewed"`` the first and the last version of pairs that were made anew;
        ``"taught"`` clips of the same pairs for old and for learned targets that no study has played yet.
    warning : str
        What to know before taking it; empty: nothing.
    """

    name: str
    label: str
    for_whom: str
    cells: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    each_composer: bool = False
    clips: Clips = "latest"
    warning: str = ""

    @property
    def compares(self) -> bool:
        """Whether its trials play two clips."""
        return form_of(self.settings.get("mode", CHOOSE.mode)).compares

    def cells_for(self, composers: Iterable[str]) -> dict[str, float]:
        """Return the cells (key → weight) of a study with music of `composers`.

        Examples
        --------
        >>> TEMPLATES["composers"].cells_for(["paper", "muse"])
        {'matched:muse': 1.0, 'matched:paper': 1.0}
        >>> TEMPLATES["picture-and-music"].cells_for(["muse"])
        {'picture_only': 1.0, 'music_only': 1.0, 'matched': 1.0}
        """
        names = sorted(set(composers)) if self.each_composer else []
        keys: list[str] = []
        for cell in self.cells:
            keys += [f"{cell}:{name}" for name in names] if names and cell != "picture_only" else [cell]
        return dict.fromkeys(keys, 1.0)


TEMPLATES: Final[Mapping[str, StudyTemplate]] = {
    template.name: template
    for template in (
        StudyTemplate(
            name="choose",
            label="Choose the emotion",
            for_whom="For whoever wants to know which emotion a clip expresses: people choose one of eight, or none.",
            cells=("matched",),
        ),
        StudyTemplate(
            name="while-it-plays",
            label="How feeling moves while it plays",
            for_whom="For whoever asks when the music changes: people mark on a pad how it sounds, ten times a second.",
            cells=("matched",),
            settings={"continuous": "plane"},
        ),
        StudyTemplate(
            name="picture-and-music",
            label="Picture against music",
            for_whom="For whoever wants to know what music adds to a picture: each alone, and both together.",
            cells=("picture_only", "music_only", "matched"),
            settings={"clips_per_participant": 9, "primary_cell": "picture_added"},
        ),
        StudyTemplate(
            name="composers",
            label="Composers compared",
            for_whom="For whoever asks whose music is recognised better: the same pictures, several composers.",
            cells=("matched",),
            each_composer=True,
            clips="shared",
        ),
        StudyTemplate(
            name="two-clips",
            label="Two clips compared",
            for_whom="For whoever asks which of several composers fits a picture better: people hear two, and choose.",
            cells=("matched",),
            settings={"mode": "fits"},
            each_composer=True,
            clips="shared",
        ),
        StudyTemplate(
            name="old-and-new",
            label="Old against new",
            for_whom="For whoever had pairs made anew and wants to know whether the new music is recognised better.",
            cells=("music_only",),
            clips="renewed",
        ),
        StudyTemplate(
            name="targets",
            label="Old against new targets",
            for_whom="For whoever let listeners teach the composer and wants to know what that gained: fresh clips.",
            cells=("music_only",),
            settings={"primary_cell": "new_targets"},
            clips="taught",
        ),
        StudyTemplate(
            name="cue-experiment",
            label="Cue experiment",
            for_whom="For whoever asks what tempo or mode does: the same pieces with cues changed, without pictures.",
            cells=("music_only",),
            settings={"clips_per_participant": 16, "cue_design": "crossed"},
            clips="varied",
            warning="It plays what you choose: start a run for a cue experiment, and make the study from its page.",
        ),
        StudyTemplate(
            name="seed",
            label="Yes or no, as in the first project",
            for_whom="For whoever repeats how MelodyMuse began: does this music express the emotion named, yes or no?",
            cells=("matched",),
            settings={"mode": "yes_no", "lures": "none"},
            warning="Every question names the intended emotion, so yes is always right: how well people tell emotions "
            "apart cannot be known from it. Half of the trials with another emotion (lures) would tell.",
        ),
    )
}

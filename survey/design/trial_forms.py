"""The forms that a trial can take: what it plays, which answers there are, and whether its question names an emotion.

One entry per `Study.mode`. What `TrialForm` has a field for is asked of the entry. What it has none for is decided by
the mode's name: a form's words, its measures, lures in yes/no, and whether two clips share a picture or an emotion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from survey.design.lures import NO, YES

FIRST, SECOND = "first", "second"
BOTH, MUSIC = "picture_and_music", "music_only"


@dataclass(frozen=True, slots=True)
class TrialForm:
    """One form of trials.

    Parameters
    ----------
    mode : str
        What `Study.mode` calls it.
    says : str
        Its name in the study's form.
    clips : int
        How many clips a trial plays: 1 or 2.
    answers : tuple of str
        The answers of every trial, in their order; empty where people choose among the study's emotions.
    names_emotion : bool
        Whether the question names one emotion, at the place that its wording has for it.
    presents : str
        What every cell has to present; empty: whatever a cell can.
    keeps_order : bool
        Whether the answers stand in one order for everybody, as those that name the clips of a trial do.
    topic : str
        What the two clips of a trial have in common, in words; empty where one clip is played.
    topic_word : str
        The same in one word, as results name it.

    Examples
    --------
    >>> form_of("yes_no").answers, form_of("fits").clips, form_of("choose").names_emotion
    (('yes', 'no'), 2, False)
    """

    mode: str
    says: str
    clips: int = 1
    answers: tuple[str, ...] = ()
    names_emotion: bool = False
    presents: str = ""
    keeps_order: bool = False
    topic: str = ""
    topic_word: str = ""

    @property
    def compares(self) -> bool:
        """Whether two clips are compared, so that no answer is right or wrong."""
        return self.clips == 2


CHOOSE: Final = TrialForm("choose", "Choose the emotion")
YES_OR_NO: Final = TrialForm("yes_no", "Yes or no: does it match this emotion?", answers=(YES, NO), names_emotion=True)
FITS: Final = TrialForm(
    "fits",
    "Two clips: which one fits the picture better?",
    clips=2,
    answers=(FIRST, SECOND),
    presents=BOTH,
    keeps_order=True,
    topic="picture",
    topic_word="picture",
)
MORE: Final = TrialForm(
    "more",
    "Two clips: which one expresses an emotion more?",
    clips=2,
    answers=(FIRST, SECOND),
    names_emotion=True,
    presents=MUSIC,
    keeps_order=True,
    topic="intended emotion",
    topic_word="emotion",
)
TRIAL_FORMS: Final[Mapping[str, TrialForm]] = {form.mode: form for form in (CHOOSE, YES_OR_NO, FITS, MORE)}


def form_of(mode: str) -> TrialForm:
    """Return the form that a mode names."""
    return TRIAL_FORMS[mode]


class Clip(Protocol):
    """What of a clip says what it may be compared about."""

    @property
    def picture_sha256(self) -> str: ...
    @property
    def emotion(self) -> str: ...


def topic_of(form: TrialForm, clip: Clip) -> str:
    """Return what two clips have in common that are compared: the picture that they may fit, or what they express."""
    return clip.picture_sha256 if form is FITS else clip.emotion

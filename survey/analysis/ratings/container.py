"""Ratings as columns of codes, made from single ratings or from a data frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from survey.analysis.estimates import Codes, Counts, Floats, Truths
from survey.analysis.ratings.attributes import ClipAttributes
from survey.analysis.ratings.courses import Courses
from survey.analysis.ratings.cues import ClipCues
from survey.analysis.ratings.given import Given

MISSING = -1


@dataclass(frozen=True, slots=True)
class Rating:
    """One answer of one person to one clip.

    Attributes
    ----------
    participant, stimulus : str
        Identifiers.
    condition : str
        The cell of the design, ``""`` where there is only one.
    intended : str
        The emotion the clip was made for.
    chosen : str or None
        The answer; None is a missing answer.
    picture, music : str
        Emotions of the picture and of the music; ``""`` where there is none or it is not known.
    presentation : str
        ``"music_only"``, ``"picture_only"`` or ``"picture_and_music"``; ``""`` where it is not known.
    matching : str
        ``"matched"`` or ``"mismatched"``; without it the emotions of picture and music say it.
    picture_id, music_id : str
        Which picture and which music: items that share one hang together.
    composer : str
        What made the music.
    asked : str
        The emotion that a yes/no question named; then `intended` is ``"yes"`` where it is the clip's own.
    kind : str
        ``"main"``, ``"gold"``, ``"repeat"``, or ``"practice"`` and ``"attention"``, which count nowhere.
    included : bool
        Whether the person meets the study's quality rules.
    confidence, seconds : float or None
        How sure the person was; time from the first sound to the answer.
    position : int or None
        Place of the trial in the session, from 1.
    headphones, listened_with, training, age, language, device : str
        Facts about the person, the same at each of their answers; ``""`` where not known.
    valence, arousal : float or None
        How the clip sounded to the person, −1 (unpleasant, calm) to 1 (pleasant, activated).
    word : str
        A word of the person's own; ``""`` where none was given.
    """

    participant: str
    stimulus: str
    condition: str
    intended: str
    chosen: str | None
    picture: str = ""
    music: str = ""
    presentation: str = ""
    matching: str = ""
    picture_id: str = ""
    music_id: str = ""
    composer: str = ""
    asked: str = ""
    kind: str = "main"
    included: bool = True
    confidence: float | None = None
    seconds: float | None = None
    position: int | None = None
    headphones: str = ""
    listened_with: str = ""
    training: str = ""
    age: str = ""
    language: str = ""
    device: str = ""
    valence: float | None = None
    arousal: float | None = None
    word: str = ""


PEOPLE_FACTS = ("headphones", "listened_with", "training", "age", "language", "device")
"""What may be known of people, and make groups of them."""
FACTORS = (
    "condition",
    "picture",
    "music",
    "presentation",
    "matching",
    "picture_id",
    "music_id",
    "composer",
    "asked",
    "kind",
)


@dataclass(frozen=True, slots=True)
class Factor:
    """A column of names: `levels[codes[i]]` is the name of rating i."""

    levels: tuple[str, ...]
    codes: Codes

    def select(self, keep: Truths | Codes) -> Factor:
        """Return the same levels for the ratings kept."""
        return Factor(self.levels, self.codes[keep])

    @property
    def is_used(self) -> bool:
        """Whether any rating has a name here."""
        return any(self.levels)

    @property
    def named(self) -> Truths:
        """Whether each rating has a name here, shape (N,)."""
        result: Truths = np.array([bool(level) for level in self.levels] or [False], bool)[self.codes]
        return result


@dataclass(frozen=True, slots=True)
class Ratings:
    """Answers as columns; missing answers are not among them, only counted.

    Attributes
    ----------
    participants, stimuli : tuple of str
        Names; people and clips without any answer are kept.
    emotions : tuple of str
        Emotions that can be intended: the choices without "none of these".
    choices : tuple of str
        Everything that was offered, in order; "none of these" last.
    none : str or None
        The label of "none of these".
    participant, stimulus, intended, chosen : array of int, shape (N,)
        Codes into participants, stimuli, emotions and choices; `intended` is −1 where nothing is intended.
    factors : mapping of str to Factor
        `FACTORS`: condition, picture, music, presentation, matching, picture_id, music_id, composer, asked, kind.
    included : array of bool
    confidence, seconds, valence, arousal : array of float
        NaN inside the container where not given; no result carries it.
    words : Factor
        Free words in one spelling (`survey.analysis.ratings.texts.one_word`); the level ``""`` is no word.
    missing : int
        Number of missing answers.
    notes : tuple of str
        What was assumed while reading, in plain words.
    by : tuple of str
        Factors that were asked for beside condition and composer; each is among `factors`.
    position : array of int or None
        Place of each trial in its person's session, −1 where not recorded; None where it never is.
    people_facts : mapping of str to Factor
        Some of `PEOPLE_FACTS`, with codes of shape (P,), aligned with `participants`.
    given : Given or None
        Main trials that were given, answered or not; None where not known.
    courses : Courses or None
        What was rated while clips played; None where nothing was.
    attributes : ClipAttributes or None
        What was measured on the music heard; None where nothing was.
    picture_attributes : ClipAttributes or None
        What was measured on the pictures shown; None where nothing was.
    cues : ClipCues or None
        Which stimuli are variants of one piece, with cues changed on purpose; None where none is.
    labels : mapping of str to frozenset of str
        What people read for an emotion, in one spelling, in every language of the study; its own name goes without
        saying.
    sides : mapping of str to str
        By the name of a stimulus ``"old"`` or ``"new"``, where a study plays clips for old and for new targets.
    """

    participants: tuple[str, ...]
    stimuli: tuple[str, ...]
    emotions: tuple[str, ...]
    choices: tuple[str, ...]
    none: str | None
    participant: Codes
    stimulus: Codes
    intended: Codes
    chosen: Codes
    factors: Mapping[str, Factor]
    included: Truths
    confidence: Floats
    seconds: Floats
    valence: Floats
    arousal: Floats
    words: Factor
    missing: int = 0
    notes: tuple[str, ...] = field(default=())
    by: tuple[str, ...] = ()
    position: Codes | None = None
    people_facts: Mapping[str, Factor] = field(default_factory=dict)
    given: Given | None = None
    courses: Courses | None = None
    attributes: ClipAttributes | None = None
    picture_attributes: ClipAttributes | None = None
    cues: ClipCues | None = None
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.chosen.size)

    @property
    def k(self) -> int:
        """Number of options offered, "none of these" among them."""
        return len(self.choices)

    @property
    def hits(self) -> Truths:
        """Whether each answer is the intended emotion; "none of these" never is."""
        result: Truths = self.chosen == self.intended
        return result

    @property
    def none_code(self) -> int:
        """Code of "none of these" among the choices, −2 where it was not offered."""
        return -2 if self.none is None else self.choices.index(self.none)

    def select(self, keep: Truths) -> Ratings:
        """Return the ratings where `keep` is true; names keep their codes."""
        return replace(
            self,
            participant=self.participant[keep],
            stimulus=self.stimulus[keep],
            intended=self.intended[keep],
            chosen=self.chosen[keep],
            factors={name: factor.select(keep) for name, factor in self.factors.items()},
            included=self.included[keep],
            confidence=self.confidence[keep],
            seconds=self.seconds[keep],
            position=None if self.position is None else self.position[keep],
            valence=self.valence[keep],
            arousal=self.arousal[keep],
            words=self.words.select(keep),
            missing=0,
        )

    def compact(self, keep: Truths) -> Ratings:
        """Return the ratings where `keep` is true, without the people and clips that only others have."""
        kept = self.select(keep)
        people, who = _shrink(self.participant, keep, len(self.participants))
        clips, which = _shrink(self.stimulus, keep, len(self.stimuli))
        return replace(
            kept,
            participants=tuple(self.participants[code] for code in who),
            stimuli=tuple(self.stimuli[code] for code in which),
            people_facts={name: fact.select(who) for name, fact in self.people_facts.items()},
            missing=self.missing,
            participant=people[kept.participant],
            stimulus=clips[kept.stimulus],
        )

    @property
    def intended_only(self) -> Ratings:
        """The ratings of clips that were made for an emotion: all that hit rates are about."""
        return self if bool((self.intended >= 0).all()) else self.select(self.intended >= 0)

    def where(self, factor: str, level: str) -> Ratings:
        """Return the ratings with this level of a factor, for example one condition."""
        column = self.factors[factor]
        if level not in column.levels:
            return self.select(np.zeros(len(self), bool))
        return self.select(column.codes == column.levels.index(level))

    def levels(self, factor: str) -> tuple[str, ...]:
        """Return the named levels of a factor that occur, in order."""
        column = self.factors[factor]
        occurring = np.bincount(column.codes, minlength=len(column.levels)) > 0
        return tuple(level for level, occurs in zip(column.levels, occurring, strict=True) if occurs and level)

    @property
    def says_yes_or_no(self) -> bool:
        """Whether people said yes or no to one emotion named."""
        return set(self.emotions) == {"yes", "no"}

    @property
    def has_lures(self) -> bool:
        """Whether people said yes or no, and trials named another emotion than the clip's own."""
        if not self.says_yes_or_no or "asked" not in self.factors or not self.factors["asked"].is_used:
            return False
        return bool((self.intended == self.emotions.index("no")).any())

    def items(self) -> tuple[Codes, int]:
        """Return the unit people are compared on: the clip, or the clip in its cell.

        Where somebody rated one clip in two conditions, these are two items, so that nobody is compared
        with themselves. Where lures were named, a clip with each emotion named is an item: others were asked
        something else.
        """
        n = len(self.stimuli)
        if self.has_lures:
            asked = self.factors["asked"]
            return self.stimulus * len(asked.levels) + asked.codes, n * len(asked.levels)
        condition = self.factors["condition"]
        if not condition.is_used or not self._rated_twice():
            return self.stimulus, n
        return self.stimulus * len(condition.levels) + condition.codes, n * len(condition.levels)

    def _rated_twice(self) -> bool:
        pairs = self.participant * max(len(self.stimuli), 1) + self.stimulus
        return bool(np.unique(pairs).size < pairs.size)

    def pieces(self) -> Codes:
        """Return the unit of which new ones could be made, one code per rating, shape (N,).

        The piece of music, however many stimuli use it, and in however many variants with cues changed on purpose;
        without music the picture; where neither is known, the stimulus.
        """
        codes = self.stimulus * 3
        for kind, name in ((1, "picture_id"), (2, "music_id")):
            factor = self.factors[name]
            codes = np.where(factor.named, factor.codes * 3 + kind, codes)
        return self.with_variants_as_one(codes)

    def with_variants_as_one(self, codes: Codes) -> Codes:
        """Return codes ≥ 0 of pieces, one per rating, in which the variants of a piece have one code, shape (N,)."""
        if self.cues is None:
            return codes
        varied = self.cues.pieces_of(self.stimuli)[self.stimulus]
        return np.where(varied >= 0, varied * 2 + 1, codes * 2)

    def pieces_of_items(self) -> Codes:
        """Return the piece of every unit that people are compared on (`items`), shape (S,); −1 where nobody answered.

        Such a unit is of one piece: its answers are to one clip.
        """
        items, number = self.items()
        result: Codes = np.full(number, -1, np.int64)
        result[items] = self.pieces()
        return result

    def strata(self) -> Codes:
        """Return the intended emotion of every answer as codes ≥ 0, shape (N,): the strata that pieces belong to.

        Where a piece has more than one intended emotion no piece has a stratum, and all codes are 0.
        """
        return strata_of(self.pieces(), self.intended)

    def counts(self) -> Counts:
        """Return the table items × choices of answer counts, shape (S, k)."""
        items, n = self.items()
        cells = np.bincount(items * self.k + self.chosen, minlength=n * self.k)
        return cells.reshape(n, self.k)

    def intended_of_stimuli(self) -> Codes:
        """Return the intended emotion of every clip; −1 where it has none or more than one."""
        first = np.full(len(self.stimuli), MISSING, np.int64)
        first[self.stimulus] = self.intended
        mixed = self.stimulus[first[self.stimulus] != self.intended]
        first[mixed] = MISSING
        return first


def strata_of(pieces: Codes, intended: Codes) -> Codes:
    """Return `Ratings.strata` of answers to these pieces with these intentions, all of shape (N,).

    >>> strata_of(np.array([4, 4, 9]), np.array([0, 0, 1])).tolist()
    [1, 1, 2]
    >>> strata_of(np.array([4, 4]), np.array([0, 1])).tolist()
    [0, 0]
    """
    one = np.full(int(pieces.max(initial=-1)) + 1, MISSING, np.int64)
    one[pieces] = intended  # that of whichever answer comes last; the others must say the same
    mixed = bool((one[pieces] != intended).any())
    return np.zeros(intended.size, np.int64) if mixed else intended + 1


def _shrink(codes: Codes, keep: Truths, names: int) -> tuple[Codes, Codes]:
    """New code of every name, and the old codes of the names that stay: those kept, and those nobody has."""
    stays = np.bincount(codes[~keep], minlength=names) == 0
    stays[codes[keep]] = True
    places: Codes = np.cumsum(stays) - 1
    return places, np.flatnonzero(stays)

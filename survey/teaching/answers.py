"""What listeners said of clips with measured attributes, and the control that forgets which clip they meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from survey.teaching.arrays import Codes, Floats, as_floats


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to K clips.

    Parameters
    ----------
    attributes : array of float, shape (K, A)
        Measured, in natural units; a clip with a NaN teaches nothing and is counted.
    chosen : array of int, shape (K, C)
        Answers by choice.
    study : array of int, shape (K,)
        Codes ≥ 0 of the study a clip was heard in; a clip of two studies has two rows.
    piece : array of int, shape (K,), optional
        Codes ≥ 0 of what rows play: those of one code are one clip, heard in several studies, or variants of one piece,
        and answers to them hang together. Each row is a clip of its own unless given.
    person, clip, choice : array of int, shape (N,), optional
        Of every single answer: codes ≥ 0 of who gave it, the row of its clip, and the column it counts in. With them
        answers of one person are known to hang together; without, only those to one clip are.

    Raises
    ------
    ValueError
        When shapes differ, a count is negative, or single answers do not add up to `chosen`.
    """

    attributes: Floats
    chosen: Codes
    study: Codes
    person: Codes | None = None
    clip: Codes | None = None
    choice: Codes | None = None
    piece: Codes | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", as_floats(self.attributes))
        for name in ("chosen", "study"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        clips = len(self.attributes)
        if self.attributes.ndim != 2 or self.chosen.ndim != 2 or not len(self.chosen) == len(self.study) == clips:
            raise ValueError("Attributes, answers and studies must have one row per clip.")
        if (self.chosen < 0).any() or (self.study < 0).any():
            raise ValueError("Counts and codes of studies must be 0 or more.")
        if self.piece is not None:
            object.__setattr__(self, "piece", np.asarray(self.piece, dtype=np.int64))
            if self.piece.shape != self.study.shape or (self.piece < 0).any():
                raise ValueError("Pieces must be codes of 0 or more, one per clip.")
        single = [self.person, self.clip, self.choice]
        if all(codes is None for codes in single):
            return
        if self.person is None or self.clip is None or self.choice is None:
            raise ValueError("Single answers need person, clip and choice.")
        for name in ("person", "clip", "choice"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        if not self.person.shape == self.clip.shape == self.choice.shape:
            raise ValueError("Single answers need as many people, clips and choices.")
        if not np.array_equal(_count(self.clip, self.choice, self.chosen.shape), self.chosen):
            raise ValueError("Single answers do not add up to the counts of clips.")

    @classmethod
    def of(
        cls,
        attributes: Floats,
        person: Sequence[int] | Codes,
        clip: Sequence[int] | Codes,
        choice: Sequence[int] | Codes,
        choices: int,
        study: Sequence[int] | Codes | None = None,
        piece: Sequence[int] | Codes | None = None,
    ) -> Answers:
        """Return the answers counted by clip; `study`, shape (K,), is one study unless given, `piece` each its own.

        Examples
        --------
        >>> Answers.of(np.array([[60.0], [120.0]]), [0, 0, 1], [0, 1, 1], [0, 1, 0], 2).chosen.tolist()
        [[1, 0], [1, 1]]
        """
        attributes = as_floats(attributes)
        people, clips, chosen = (np.asarray(codes, dtype=np.int64) for codes in (person, clip, choice))
        counts = _count(clips, chosen, (len(attributes), choices))
        studies = np.zeros(len(attributes), np.int64) if study is None else np.asarray(study, np.int64)
        pieces = None if piece is None else np.asarray(piece, np.int64)
        return cls(attributes, counts, studies, people, clips, chosen, pieces)

    @property
    def pieces(self) -> Codes:
        """What every row plays, as codes 0, 1, … of those that are there, shape (K,)."""
        every = np.arange(len(self.attributes)) if self.piece is None else self.piece
        codes: Codes = np.unique(every, return_inverse=True)[1]
        return codes

    @property
    def measured(self) -> Codes:
        """Rows of clips of which every attribute was measured."""
        return np.flatnonzero(np.isfinite(self.attributes).all(axis=1))

    def of_measured(self) -> Answers:
        """Return the answers to clips of which every attribute was measured."""
        rows = self.measured
        piece = None if self.piece is None else self.piece[rows]
        if self.person is None or self.clip is None or self.choice is None:
            return Answers(self.attributes[rows], self.chosen[rows], self.study[rows], piece=piece)
        # Row of each clip among those that are left; −1 where it is left out.
        place = np.full(len(self.attributes), -1)
        place[rows] = np.arange(rows.size)
        kept = place[self.clip] >= 0
        single = (self.person[kept], place[self.clip][kept], self.choice[kept])
        return Answers(self.attributes[rows], self.chosen[rows], self.study[rows], *single, piece=piece)


def _count(clip: Codes, choice: Codes, shape: tuple[int, ...]) -> Codes:
    clips, choices = shape
    if clip.size and not (clip.min() >= 0 and clip.max() < clips and choice.min() >= 0 and choice.max() < choices):
        raise ValueError("A single answer is to no clip, or is no choice.")
    return np.bincount(clip * choices + choice, minlength=clips * choices).reshape(clips, choices).astype(np.int64)


def shuffle(answers: Answers, rng: np.random.Generator) -> Answers:
    """Return the control: which clip an answer is for is drawn anew, among people as well as among their clips.

    Where single answers are known, all that a person answered in a study goes to the clips that a random person of that
    study heard, in random order (where people answered unequally often, some of it to the next person's). Answers
    permuted only within people would still tell something: who happened to hear more sad clips keeps more answers that
    say so. Without single answers they are permuted within each study, so that every clip keeps how many answers it got
    and every choice how often it was given. Whatever is learned from the result is learned from nothing but how often
    people choose what.

    Parameters
    ----------
    answers : Answers
    rng : numpy.random.Generator

    Examples
    --------
    One person heard only the first clip and always said 0, another only the second and said 1; now their answers are
    the other's:

    >>> given = Answers.of(np.zeros((2, 1)), [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1], 2)
    >>> shuffle(given, np.random.default_rng(3)).chosen.tolist()
    [[0, 2], [2, 0]]
    """
    if answers.person is not None and answers.clip is not None and answers.choice is not None:
        dealt = _deal(answers.choice, answers.person, answers.study[answers.clip], rng)
        return replace(answers, chosen=_count(answers.clip, dealt, answers.chosen.shape), choice=dealt)
    # Every count as so many single answers; each as a person of its own, they are permuted within their study.
    clips, choices = answers.chosen.shape
    clip, choice = np.divmod(np.repeat(np.arange(clips * choices), answers.chosen.ravel()), choices)
    dealt = _deal(choice, np.arange(choice.size), answers.study[clip], rng)
    return replace(answers, chosen=_count(clip, dealt, answers.chosen.shape))


def _deal(values: Codes, people: Codes, studies: Codes, rng: np.random.Generator) -> Codes:
    """Values of one study in lists, one per person, dealt in random order to the places of its people."""
    dealt = np.empty_like(values)
    for study in np.unique(studies):
        rows = np.flatnonzero(studies == study)
        persons, person = np.unique(people[rows], return_inverse=True)
        turn = rng.permutation(persons.size)
        # Places person by person; lists in the order of the people's turns, each list in a random order.
        places = np.argsort(person, kind="stable")
        drawn = np.lexsort((rng.random(rows.size), turn[person]))
        dealt[rows[places]] = values[rows[drawn]]
    return dealt

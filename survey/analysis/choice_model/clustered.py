"""Variances of numbers that follow from a table of answers that hang together by person and by piece."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Codes, Floats


@dataclass(frozen=True, slots=True)
class AnswersByPiece:
    """The answers of a cell, to pieces with one intended emotion each.

    Attributes
    ----------
    table : array of float, shape (k, q)
    by_person : array of float, shape (P, k, q)
        The same table of each person.
    by_piece : array of float, shape (S, q)
        Answers to each piece.
    emotion_of_piece : array of int, shape (S,)
    """

    table: Floats
    by_person: Floats
    by_piece: Floats
    emotion_of_piece: Codes

    @classmethod
    def of(cls, people: Codes, pieces: Codes, intended: Codes, chosen: Codes, choices: int) -> AnswersByPiece:
        """Return the answers by their codes ≥ 0, all of shape (N,); every intended emotion below k occurs."""
        _, people = np.unique(people, return_inverse=True)
        _, first, pieces = np.unique(pieces, return_index=True, return_inverse=True)
        k, persons, number = int(intended.max()) + 1, int(people.max()) + 1, int(pieces.max()) + 1
        # (person, intended, chosen) as one number; the table of all answers is the sum over the first axis.
        cells = (people * k + intended) * choices + chosen
        by_person = np.bincount(cells, minlength=persons * k * choices).reshape(persons, k, choices).astype(float)
        by_piece = np.bincount(pieces * choices + chosen, minlength=number * choices).reshape(number, choices)
        return cls(by_person.sum(axis=0), by_person, by_piece.astype(float), intended[first])

    @property
    def pieces_per_emotion(self) -> Codes:
        """Shape (k,)."""
        return np.bincount(self.emotion_of_piece, minlength=self.table.shape[0])

    @property
    def degrees(self) -> int:
        """What people and pieces leave free, the fewer: P − 1, S − k."""
        people, pieces, emotions = self.by_person.shape[0], self.by_piece.shape[0], self.table.shape[0]
        return min(int(people) - 1, int(pieces) - int(emotions))


@dataclass(frozen=True, slots=True)
class SlopeVariances:
    """Variances of R numbers: of independent answers, over people, over pieces within their emotion; shape (R,)."""

    independent: Floats
    people: Floats
    pieces: Floats

    @property
    def design_effect(self) -> float:
        """How many times larger than of independent answers, over all R numbers together; at least 1.

        Two or three pieces of an emotion cannot say how much such pieces differ; those of all emotions can.
        """
        whole = float(self.independent.sum())
        if whole <= 0:
            return 1.0
        return max(1.0, float(self.pieces.sum()) / whole) + max(1.0, float(self.people.sum()) / whole) - 1

    @property
    def pooled(self) -> Floats:
        """Variances with the design effect of all together."""
        result: Floats = self.design_effect * self.independent
        return result

    @property
    def own(self) -> Floats:
        """Variances of each number by itself: people + pieces − answers, never below the larger."""
        both: Floats = self.people + self.pieces - self.independent
        return np.maximum(both, np.maximum(self.people, self.pieces))


def spread_of(slopes: Floats, answers: AnswersByPiece, expected: Floats) -> SlopeVariances:
    """Return the variances of numbers that follow from the table.

    Parameters
    ----------
    slopes : array of float, shape (k, q, R)
        How each number changes with each cell.
    expected : array of float, shape (k, q)
        What is expected in each cell: the table itself, or what a null hypothesis expects.
    """
    k = expected.shape[0]
    rows = expected.sum(axis=1, keepdims=True)
    # Row totals are fixed by design (so many clips of each emotion were played): what all cells of a row share cannot
    # vary, and is taken out.
    slopes = slopes - ((expected / rows)[:, :, None] * slopes).sum(axis=1, keepdims=True)
    # Delta method with Poisson cells given their rows: Σ slope² × expected count, shape (R,).
    independent = (expected[:, :, None] * slopes**2).sum(axis=(0, 1))
    persons = answers.by_person.shape[0]
    # One number per person: how their answers move each of the R numbers, shape (P, R).
    of_people = np.einsum("pij,ijr->pr", answers.by_person, slopes, optimize=True)
    people = persons / max(persons - 1, 1) * ((of_people - of_people.mean(axis=0)) ** 2).sum(axis=0)
    pieces = np.zeros_like(independent)
    for emotion in range(k):
        own = answers.by_piece[answers.emotion_of_piece == emotion] @ slopes[emotion]
        number = own.shape[0]
        # Around their own emotion's mean: pieces are drawn within emotions.
        pieces += number / max(number - 1, 1) * ((own - own.mean(axis=0)) ** 2).sum(axis=0)
    return SlopeVariances(independent, people, pieces)

"""Intended × chosen: recall, precision, F1, response bias, the most frequent confusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.estimates import Codes, Counts, Floats, Interval, Truths, as_list, divide, join_reasons
from survey.analysis.pooling import clips_of_each_intention, pooled_intervals
from survey.analysis.proportions import wilson
from survey.analysis.ratings.container import Ratings
from survey.analysis.recognition import NOT_HEARD
from survey.analysis.reported import BiasPart

NOT_INTENDED = "not defined: no answers to clips intended as {name}"
NOT_CHOSEN = "not defined: nobody chose {name}"
NEITHER = "not defined: {name} was neither intended nor chosen"


def count_confusions(intended: Codes, chosen: Codes, emotions: int, choices: int) -> Counts:
    """Return the matrix of counts, rows intended, columns chosen, shape (emotions, choices).

    >>> count_confusions(np.array([0, 0, 1]), np.array([0, 2, 1]), 2, 3).tolist()
    [[1, 0, 1], [0, 1, 0]]
    """
    known = intended >= 0
    # (intended, chosen) as one number: one pass instead of a loop over cells.
    cells = np.bincount(intended[known] * choices + chosen[known], minlength=emotions * choices)
    return cells.reshape(emotions, choices)


def row_shares(matrix: Counts) -> list[list[float | None]]:
    """Return each row as shares of its total; None in rows without answers.

    >>> row_shares(np.array([[3, 1], [0, 0]]))
    [[0.75, 0.25], [None, None]]
    """
    return [[divide(cell, row.sum()) for cell in row.tolist()] for row in matrix]


@dataclass(frozen=True, slots=True)
class CellIntervals:
    """95 % intervals of every cell's share of its row, for new people and new clips; None, and why in `reasons`.

    Each is for its cell by itself. Among many cells those with the largest shares are the likeliest to miss.
    """

    intervals: list[list[Interval | None]]
    reasons: list[list[str | None]]


def intervals_of_cells(
    participants: Codes, clips: Codes, intended: Codes, chosen: Codes, emotions: int, choices: int
) -> CellIntervals:
    """Return the interval of every cell: of the share that chose j among the answers to clips intended as i.

    All are made as those of recall are (`pooled_intervals`). What clips differ by in being right is told by all
    emotions' hits together; what they differ by in being taken for j, by all clips that are not j.

    Parameters
    ----------
    participants, clips, intended, chosen : array of int, shape (N,)
        Codes ≥ 0 of every answer; `chosen` ≥ `emotions` is "none of these".
    emotions, choices : int
        Rows and columns.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10)
    >>> chosen = ((people + 3 * clips) % 10 < np.array([3, 6, 5, 8])[clips]).astype(int)
    >>> found = intervals_of_cells(people, clips, clips // 2, chosen, 2, 3)
    >>> [[round(end, 2) for end in cell] for cell in found.intervals[0]]
    [[0.15, 0.89], [0.04, 0.94], [0.0, 0.9]]
    """
    clips, _ = clips_of_each_intention(clips, intended, emotions)
    rows = np.bincount(intended, minlength=emotions)
    intervals: list[list[Interval | None]] = [[None] * choices for _ in range(emotions)]
    reasons: list[list[str | None]] = [[NOT_HEARD] * choices for _ in range(emotions)]

    def fill(said: Truths, among: Truths, cells: list[tuple[int, int]]) -> None:
        found = pooled_intervals(said[among], participants[among], clips[among], intended[among], emotions)
        for row, column in cells:
            if rows[row]:
                intervals[row][column] = found.new_clips[row]
                reasons[row][column] = found.why_clips or None

    fill(chosen == intended, intended >= 0, [(code, code) for code in range(emotions)])
    for column in range(choices):
        wrong = [(row, column) for row in range(emotions) if row != column]
        fill(chosen == column, intended != column, wrong)
    return CellIntervals(intervals, reasons)


@dataclass(frozen=True, slots=True)
class EmotionScore:
    """One intended emotion. `reasons` says why a field is None."""

    n: int
    hits: int
    recall: float | None
    wilson: Interval | None
    precision: float | None
    f1: float | None
    hu: float | None
    hu_chance: float | None
    reasons: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return plain data with the names of the command line."""
        return {
            "n": self.n,
            "hits": self.hits,
            "recall": {
                "estimate": self.recall,
                "wilson": as_list(self.wilson),
                "reason": self.reasons.get("recall"),
            },
            "precision": self.precision,
            "f1": self.f1,
            "hu": self.hu,
            "hu_chance": self.hu_chance,
            "reason": join_reasons(self.reasons),
            "reasons": self.reasons,
        }


def score_emotions(matrix: Counts, names: Sequence[str]) -> dict[str, EmotionScore]:
    """Return recall, precision, F1 and the pooled unbiased hit rate of every emotion.

    With n_ii hits, r_i answers to clips of emotion i and c_i choices of i among N answers: recall
    n_ii / r_i, precision n_ii / c_i, F1 = 2 n_ii / (r_i + c_i), Hu = n_ii² / (r_i c_i), by chance
    Hp = r_i c_i / N². Hu is 0 by convention where an emotion was intended but never chosen.

    Parameters
    ----------
    matrix : array of int, shape (k, k) or (k, k + 1)
        The last column may be "none of these".
    names : sequence of str
        The k emotions.

    References
    ----------
    Wagner (1993), Journal of Nonverbal Behavior 17, 3–28; its example has Hu .444, .375, .750, .444.

    Examples
    --------
    >>> matrix = np.array([[4, 1, 0, 1], [0, 3, 2, 1], [0, 0, 6, 0], [2, 0, 0, 4]])
    >>> [round(score.hu, 4) for score in score_emotions(matrix, "abcd").values()]
    [0.4444, 0.375, 0.75, 0.4444]
    """
    rows, columns, total = matrix.sum(axis=1), matrix.sum(axis=0), int(matrix.sum())
    return {name: _score(name, int(matrix[i, i]), int(rows[i]), int(columns[i]), total) for i, name in enumerate(names)}


def _score(name: str, hits: int, row: int, column: int, total: int) -> EmotionScore:
    reasons = {}
    if row == 0:
        reasons.update(dict.fromkeys(("recall", "hu", "hu_chance"), NOT_INTENDED.format(name=name)))
    if column == 0:
        reasons["precision"] = NOT_CHOSEN.format(name=name)
    if row + column == 0:
        reasons["f1"] = NEITHER.format(name=name)
    hu = None if row == 0 else 0.0 if column == 0 else hits * hits / (row * column)
    return EmotionScore(
        n=row,
        hits=hits,
        recall=divide(hits, row),
        wilson=wilson(hits, row),
        precision=divide(hits, column),
        f1=divide(2 * hits, row + column),
        hu=hu,
        hu_chance=None if row == 0 else row * column / (total * total),
        reasons=reasons,
    )


def response_bias(matrix: Counts, choices: Sequence[str]) -> list[BiasPart]:
    """Return how often each option was chosen beside how often it was intended.

    `ratio` above 1 means the option was chosen more often than it was right.

    >>> response_bias(np.array([[3, 1], [0, 0]]), ["a", "b"])[1].ratio is None
    True
    """
    total = int(matrix.sum())
    # Choices beyond the emotions ("none of these") were never intended.
    rows = [*matrix.sum(axis=1).tolist(), *([0] * (matrix.shape[1] - matrix.shape[0]))]
    return [
        BiasPart(
            choice=choice,
            n=int(column),
            share=divide(column, total),
            intended_share=divide(row, total),
            ratio=divide(column, row),
            reason=None if row else f"{choice} was never intended",
        )
        for choice, column, row in zip(choices, matrix.sum(axis=0).tolist(), rows, strict=True)
    ]


def top_confusions(
    matrix: Counts, emotions: Sequence[str], choices: Sequence[str], most: int = 5
) -> list[dict[str, Any]]:
    """Return the wrong answers counted most often; of equal counts the larger share of the intended emotion first.

    A share comes second, for one of a single answer is 100 %.

    >>> top_confusions(np.array([[3, 1], [0, 2]]), ["a", "b"], ["a", "b"])
    [{'intended': 'a', 'chosen': 'b', 'n': 1, 'share': 0.25}]
    """
    rows = matrix.sum(axis=1)
    shares: Floats = matrix / np.maximum(rows, 1)[:, None]
    found = [
        {"intended": emotions[i], "chosen": choices[j], "n": int(matrix[i, j]), "share": float(shares[i, j])}
        for i, j in np.argwhere(matrix)
        if i != j
    ]
    found.sort(key=lambda item: (-item["n"], -item["share"], item["intended"], item["chosen"]))
    return found[:most]


def add_intervals(confusions: list[dict[str, Any]], ratings: Ratings) -> list[dict[str, Any]]:
    """Return the confusions, each with the interval of its share for new people and new clips.

    The confusions shown are the largest of many, so each is likelier to shrink than to grow when a study is repeated,
    and the interval of its cell (`intervals_of_cells`) often misses. This one rests on the clips of its own emotion
    alone, which makes it wider.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> chosen = {0: "fear", 1: "fear", 2: "awe", 3: "awe"}
    >>> data = collect([Rating(f"P{i}", f"S{j}", "", "fear", chosen[i]) for i in range(4) for j in (1, 2)])
    >>> [found] = add_intervals([{"intended": "fear", "chosen": "awe", "n": 4, "share": 0.5}], data)
    >>> [round(end, 3) for end in found["interval"]]
    [0.005, 0.995]
    """
    code = {name: place for place, name in enumerate(ratings.choices)}
    pieces, found = ratings.pieces(), []
    for confusion in confusions:
        rows = ratings.intended == code[confusion["intended"]]
        taken = ratings.chosen[rows] == code[confusion["chosen"]]
        measured = measure_accuracy(taken, ratings.participant[rows], pieces[rows], ratings.k)
        found.append({**confusion, "interval": as_list(measured.participants_stimuli)})
    return found

"""Answers to comparisons as columns of codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse.csgraph import connected_components

from survey.analysis.estimates import Codes, Truths


@dataclass(frozen=True, slots=True)
class Comparisons:
    """N answers of the form "the first" or "the second".

    Attributes
    ----------
    names : tuple of str
        What is compared: K names, each compared at least with one other.
    first, second : array of int, shape (N,)
        Codes of what was played first and second, never the same in one answer.
    chose_first : array of bool, shape (N,)
    people : array of int, shape (N,)
        Codes ≥ 0 of who answered.
    topics : array of int, shape (N,)
        Codes ≥ 0 of what both clips belong to (a picture, an emotion): answers about one topic hang together.
    sounds : array of int, shape (N, 2)
        Codes ≥ 0 of the two sounds that were played.
    included : array of bool, shape (N,)
        Whether the person meets the study's quality rules.
    topic : str
        What both clips belong to, in a word: "picture" or "emotion".
    """

    names: tuple[str, ...]
    first: Codes
    second: Codes
    chose_first: Truths
    people: Codes
    topics: Codes
    sounds: Codes
    included: Truths
    topic: str = "picture"

    def __len__(self) -> int:
        return int(self.first.size)

    def select(self, keep: Truths) -> Comparisons:
        """Return the answers kept, of the same names."""
        columns = ("first", "second", "chose_first", "people", "topics", "sounds", "included")
        return replace(self, **{name: getattr(self, name)[keep] for name in columns})

    def wins(self) -> Codes:
        """Return how often each was chosen over each other, shape (K, K): row chosen, column left.

        Examples
        --------
        >>> of_counts(("a", "b"), [[0, 3], [1, 0]]).wins().tolist()
        [[0, 3], [1, 0]]
        """
        k = len(self.names)
        chosen = np.where(self.chose_first, self.first, self.second)
        left = np.where(self.chose_first, self.second, self.first)
        return np.bincount(chosen * k + left, minlength=k * k).reshape(k, k)


def unconnected(names: Sequence[str], wins: Codes) -> list[tuple[str, ...]]:
    """Return groups of names without finite strengths against each other; empty where all have them.

    Ford's condition: however the names are divided in two, some of each part was chosen over some of the other.

    Parameters
    ----------
    names : sequence of str
    wins : array of int, shape (K, K)
        How often each was chosen over each other (`Comparisons.wins`).

    References
    ----------
    Ford (1957), American Mathematical Monthly 64(8), 28–33.

    Examples
    --------
    >>> unconnected(("a", "b", "c"), np.array([[0, 2, 1], [1, 0, 1], [0, 0, 0]]))
    [('a', 'b'), ('c',)]
    """
    n, labels = connected_components(wins > 0, connection="strong")
    groups: dict[int, list[str]] = {}  # in the order of their first names, whatever their labels
    for name, label in zip(names, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(name)
    return [tuple(group) for group in groups.values()] if n > 1 else []


def of_counts(names: Sequence[str], wins: Sequence[Sequence[int]]) -> Comparisons:
    """Return comparisons from a table of wins (row chosen over column), as if each answer were of another person.

    What was chosen comes first and second by turns, so that the side tells nothing; each name has one sound.
    """
    rows = [(a, b) for a, row in enumerate(wins) for b, n in enumerate(row) for _ in range(n)]
    chosen, left = np.array(rows, np.int64).reshape(-1, 2).T
    comes_first = np.arange(len(rows)) % 2 == 0
    everybody = np.arange(len(rows))
    return Comparisons(
        names=tuple(names),
        first=np.where(comes_first, chosen, left),
        second=np.where(comes_first, left, chosen),
        chose_first=comes_first,
        people=everybody,
        topics=everybody,
        sounds=np.stack([chosen, left], axis=1),
        included=np.ones(len(rows), bool),
    )

"""Splits into training, validation and test pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.training.workplace import TrainingRefused

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of the three parts; they share no row."""

    train: Rows
    validation: Rows
    test: Rows


def split_by_label(labels: NDArray[np.int64], seed: int, shares: tuple[float, float] = (0.1, 0.1)) -> Split:
    """80-10-10 with the same mix of labels in each part.

    Raises
    ------
    TrainingRefused
        When there are fewer than three pictures.

    Examples
    --------
    >>> split = split_by_label(np.repeat(np.arange(8), 10), seed=1)
    >>> len(split.train), len(split.validation), len(split.test)
    (64, 8, 8)
    """
    count = len(labels)
    if count < 3:
        raise TrainingRefused(f"{count} readable pictures are too few to split; three are the least.")
    random = np.random.default_rng(seed)
    shuffled = random.permutation(count)
    within = np.zeros(count)
    for label in np.unique(labels):
        rows = shuffled[labels[shuffled] == label]
        within[rows] = (np.arange(len(rows)) + random.random()) / len(rows)
    order = shuffled[np.argsort(within[shuffled], kind="stable")]  # every stretch of it has the mix of the whole
    validation, test = (max(1, round(share * count)) for share in shares)
    return Split(
        np.sort(order[validation + test :]), np.sort(order[:validation]), np.sort(order[validation : validation + test])
    )


def split_by_group(groups: NDArray[np.str_], seed: int, *, test: float = 0.2, validation: float = 0.1) -> Split:
    """Shares of the *groups*: no group has pictures in two parts.

    Raises
    ------
    TrainingRefused
        When there are fewer than three groups.

    Examples
    --------
    >>> split = split_by_group(np.array(["a", "b", "c", "d", "e", "a"]), seed=1)
    >>> len(split.train) + len(split.validation) + len(split.test)
    6
    """
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    if len(names) < 3:
        raise TrainingRefused(f"{len(names)} themes are too few to hold some out; three are the least.")
    tested = max(1, round(test * len(names)))
    validated = tested + max(1, round(validation * len(names)))
    parts = (names[validated:], names[tested:validated], names[:tested])
    return Split(*(np.flatnonzero(np.isin(groups, part)) for part in parts))


def fold_groups(groups: NDArray[np.str_], folds: int, seed: int) -> list[Rows]:
    """The rows of each of `folds` folds; a group lies in one fold."""
    names = np.random.default_rng(seed).permutation(np.unique(groups))
    return [np.flatnonzero(np.isin(groups, names[fold::folds])) for fold in range(folds)]

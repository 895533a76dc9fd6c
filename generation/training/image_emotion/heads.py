"""Linear heads by ridge regression on standardised, weighted features.

Closed form, in bounded memory: the features' products (Gram matrix) are added up chunk by chunk, and a fold of the
cross-validation is the whole less that fold. On 559 photographs this was better than the same heads trained by
gradient descent (see docs/decisions/heads-by-ridge-regression.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Table = NDArray[np.float64]
Rows = NDArray[np.int64]

CHUNK: Final = 4096
LIMIT: Final = 8.0
"""Standardised features are clipped here: one strange picture must not throw an answer across the plane."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean of each feature, what it is multiplied by after that (its weight over its deviation), and its weight."""

    mean: Table
    factor: Table
    weight: Table

    def apply(self, features: Table) -> Table:
        """Standardise, clip and weigh rows of features."""
        return np.clip((features - self.mean) * self.factor, -LIMIT * self.weight, LIMIT * self.weight)


@dataclass(frozen=True, slots=True)
class Sums:
    """Products of features and targets over some rows: all that ridge regression needs of them."""

    gram: Table
    cross: Table
    inputs: Table
    targets: Table
    count: float

    def __add__(self, other: Sums) -> Sums:
        return self._join(other, 1.0)

    def __sub__(self, other: Sums) -> Sums:
        return self._join(other, -1.0)

    def _join(self, other: Sums, sign: float) -> Sums:
        return Sums(
            self.gram + sign * other.gram,
            self.cross + sign * other.cross,
            self.inputs + sign * other.inputs,
            self.targets + sign * other.targets,
            self.count + sign * other.count,
        )


Read = Callable[[Rows], Table]


def chunks(rows: Rows, size: int = CHUNK) -> Iterator[Rows]:
    """`rows` in pieces."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def fit_scaling(read: Read, rows: Rows, weights: Table) -> Scaling:
    """Mean and deviation of every feature over `rows`, in one pass; a constant feature gets factor 0."""
    total = square = np.zeros(len(weights))
    for piece in chunks(rows):
        features = read(piece)
        total, square = total + features.sum(axis=0), square + (features**2).sum(axis=0)
    mean = total / len(rows)
    deviation = np.sqrt(np.maximum(square / len(rows) - mean**2, 0.0))
    return Scaling(mean, np.where(deviation > 1e-9, weights / np.maximum(deviation, 1e-9), 0.0), weights)


def add_up(read: Read, targets: Table, rows: Rows, scaling: Scaling) -> Sums:
    """`Sums` over `rows`; `targets` has a row for every picture."""
    width, outputs = len(scaling.mean), targets.shape[1]
    gram, cross = np.zeros((width, width)), np.zeros((width, outputs))
    inputs, sums = np.zeros(width), np.zeros(outputs)
    for piece in chunks(rows):
        features, wanted = scaling.apply(read(piece)), targets[piece]
        gram += features.T @ features
        cross += features.T @ wanted
        inputs, sums = inputs + features.sum(axis=0), sums + wanted.sum(axis=0)
    return Sums(gram, cross, inputs, sums, float(len(rows)))


def solve(sums: Sums, penalty: float) -> tuple[Table, Table]:
    """Kernel, shape (features, targets), and bias of ridge regression with an unpenalised bias.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [2.0]]); y = 2 * x + 1
    >>> sums = Sums(x.T @ x, x.T @ y, x.sum(axis=0), y.sum(axis=0), 3.0)
    >>> kernel, bias = solve(sums, 1e-9)
    >>> kernel.round(6).tolist(), bias.round(6).tolist()
    ([[2.0]], [1.0])
    """
    mean, target = sums.inputs / sums.count, sums.targets / sums.count
    centred = sums.gram - sums.count * np.outer(mean, mean)
    cross = sums.cross - sums.count * np.outer(mean, target)
    centred[np.diag_indices_from(centred)] += penalty
    kernel = cho_solve(cho_factor(centred, overwrite_a=True, check_finite=False), cross)
    return kernel, target - mean @ kernel


def solve_rows(features: Table, targets: Table, penalty: float) -> tuple[Table, Table]:
    """The same as `solve`, through products of rows instead of columns: far quicker for fewer rows than features.

    Examples
    --------
    >>> kernel, bias = solve_rows(np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [3.0], [5.0]]), 1e-9)
    >>> kernel.round(6).tolist(), bias.round(6).tolist()
    ([[2.0]], [1.0])
    """
    mean, target = features.mean(axis=0), targets.mean(axis=0)
    centred = features - mean
    products = centred @ centred.T
    products[np.diag_indices_from(products)] += penalty
    kernel = centred.T @ cho_solve(cho_factor(products, overwrite_a=True, check_finite=False), targets - target)
    return kernel, target - mean @ kernel


def fit_heads(read: Read, targets: Table, rows: Rows, scaling: Scaling, penalty: float) -> tuple[Table, Table]:
    """Kernel and bias fitted on `rows`, by whichever of the two ways is quicker; memory stays bounded."""
    if len(rows) <= len(scaling.mean):
        return solve_rows(scaling.apply(read(rows)), targets[rows], penalty)
    return solve(add_up(read, targets, rows, scaling), penalty)


def cross_validate(
    read: Read, targets: Table, folds: Sequence[Rows], scaling: Scaling, penalties: Sequence[float]
) -> dict[float, Table]:
    """Answers for every row of `folds` by heads that never saw its fold, for each penalty; other rows are NaN."""
    found = {penalty: np.full(targets.shape, np.nan) for penalty in penalties}
    for fold, fit in _fit_without(read, targets, folds, scaling):
        for penalty in penalties:
            kernel, bias = fit(penalty)
            for piece in chunks(fold):
                found[penalty][piece] = scaling.apply(read(piece)) @ kernel + bias
    return found


def _fit_without(
    read: Read, targets: Table, folds: Sequence[Rows], scaling: Scaling
) -> Iterator[tuple[Rows, Callable[[float], tuple[Table, Table]]]]:
    """Each fold, and how to fit heads on all the others."""
    known = np.concatenate(list(folds))
    if len(known) <= len(scaling.mean):
        for fold in folds:
            rest = np.setdiff1d(known, fold)
            yield fold, partial(solve_rows, scaling.apply(read(rest)), targets[rest])
        return
    parts = [add_up(read, targets, fold, scaling) for fold in folds]
    whole = reduce(Sums.__add__, parts)
    for fold, part in zip(folds, parts, strict=True):
        yield fold, partial(solve, whole - part)

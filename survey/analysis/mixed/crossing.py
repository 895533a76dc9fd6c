"""Answers with two crossed groupings, and the normal equations of their random intercepts.

With P people and S pieces the matrix of the normal equations is

    [ D1  B  ]      D1, D2 diagonal, B of size larger × smaller grouping,
    [ B'  D2 ]

so that eliminating the larger grouping leaves a dense matrix of the smaller one's size (a Schur complement).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.sparse import csr_array

from survey.analysis.estimates import Codes, Floats

DENSE_SHARE = 0.25
"""From this share of occupied person × piece pairs on, the block of pairs is a dense matrix: faster there."""


class Pairs(NamedTuple):
    """The pairs of groups that occur, each once: the block B of the normal equations in coordinate form.

    Attributes
    ----------
    of_cell : array of int, shape (n,)
        Which pair each cell of answers has.
    large, small : array of int, shape (pairs,)
        The pair's codes in the larger and in the smaller grouping; sorted by the larger, then the smaller.
    """

    of_cell: Codes
    large: Codes
    small: Codes


@dataclass(frozen=True)
class Crossed:
    """Binomial counts in cells, their fixed effects, and the two groups of every cell.

    Attributes
    ----------
    hits, trials : array of float, shape (n,)
        Hits among so many answers.
    rows : array of float, shape (K, p)
        The different rows of the design matrix of the fixed effects, which is of full column rank.
    row : array of int, shape (n,)
        Which of them each cell has.
    people, pieces : array of int, shape (n,)
        Codes 0 … P − 1 and 0 … S − 1; every code occurs.
    """

    hits: Floats
    trials: Floats
    rows: Floats
    row: Codes
    people: Codes
    pieces: Codes

    @cached_property
    def sizes(self) -> tuple[int, int]:
        """Numbers of people and of pieces."""
        return int(self.people.max()) + 1, int(self.pieces.max()) + 1

    @cached_property
    def order(self) -> tuple[int, int]:
        """The larger grouping, which is eliminated, and the smaller one; 0 is people, 1 is pieces."""
        return (0, 1) if self.sizes[0] >= self.sizes[1] else (1, 0)

    @property
    def groups(self) -> tuple[Codes, Codes]:
        """Codes of people and of pieces."""
        return self.people, self.pieces

    @cached_property
    def pairs(self) -> Pairs:
        """The pairs of person and piece that occur."""
        large, small = (self.groups[place] for place in self.order)
        width = self.sizes[self.order[1]]
        found, place = np.unique(large * width + small, return_inverse=True)
        return Pairs(place.astype(np.int64), found // width, found % width)

    @cached_property
    def is_dense(self) -> bool:
        """Whether most pairs of person and piece occur."""
        return bool(self.pairs.large.size >= DENSE_SHARE * self.sizes[0] * self.sizes[1])

    @cached_property
    def piece_rows(self) -> tuple[Codes, Codes, Codes]:
        """Code of every cell's pair of piece and row, and the pairs' pieces and rows: few, as a piece has few rows."""
        found, place = np.unique(self.pieces * len(self.rows) + self.row, return_inverse=True)
        return place.astype(np.int64), found // len(self.rows), found % len(self.rows)

    def total(self, values: Floats, which: int) -> Floats:
        """Sums per person (0) or piece (1), shape (groups,)."""
        result: Floats = np.bincount(self.groups[which], values, self.sizes[which]).astype(float)
        return result

    def total_rows(self, values: Floats) -> Floats:
        """X' times `values`, shape (p,)."""
        # Summed per different row first: K rows are multiplied instead of n cells.
        result: Floats = np.bincount(self.row, weights=values, minlength=len(self.rows)) @ self.rows
        return result

    def total_products(self, values: Floats, which: int) -> Floats:
        """Sums per person or piece of every fixed column times `values`, shape (groups, p)."""
        kinds = len(self.rows)
        codes = self.groups[which] * kinds + self.row
        sums = np.bincount(codes, weights=values, minlength=self.sizes[which] * kinds)
        result: Floats = sums.reshape(-1, kinds) @ self.rows
        return result


class NormalEquations:
    """H = Λ'Z'WZΛ + I at given standard deviations and weights: solutions, determinant, parts of the inverse.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where rounding leaves H without a Cholesky factor.
    """

    def __init__(self, data: Crossed, spreads: Floats, weights: Floats) -> None:
        self.data, self.spreads = data, spreads
        large, small = data.order
        # D1 and D2: σ² Σ w of each person and piece, and the identity of the standard normal prior.
        self.diagonals = [1 + spreads[which] ** 2 * data.total(weights, which) for which in (0, 1)]
        place, rows, columns = data.pairs
        self.pair_values: Floats = np.bincount(place, weights=weights, minlength=rows.size) * spreads[0] * spreads[1]
        shape = (data.sizes[large], data.sizes[small])
        block: Any
        if data.is_dense:
            block = np.zeros(shape)
            block[rows, columns] = self.pair_values
        else:
            # The pairs are sorted by the larger grouping: they are the rows of a CSR matrix as they stand.
            starts = np.searchsorted(rows, np.arange(shape[0] + 1))
            block = csr_array((self.pair_values, columns, starts), shape=shape)
        self.block = block
        scaled = self._over_diagonal(block)  # D1⁻¹ B
        # The Schur complement S = D2 − B' D1⁻¹ B; |H| = |D1| |S|.
        rest = block.T @ scaled
        rest = -(rest if data.is_dense else rest.toarray())
        rest[np.diag_indices(shape[1])] += self.diagonals[small]
        self.factor: Floats = cholesky(rest, lower=True, check_finite=False)
        self.log_determinant = float(np.log(self.diagonals[large]).sum() + 2 * np.log(np.diag(self.factor)).sum())
        self._scaled = scaled

    def _over_diagonal(self, block: Any) -> Any:
        diagonal = self.diagonals[self.data.order[0]]
        if self.data.is_dense:
            return block / diagonal[:, None]
        counts = np.diff(block.indptr)
        return csr_array((block.data / np.repeat(diagonal, counts), block.indices, block.indptr), shape=block.shape)

    def solve(self, right: list[Floats]) -> list[Floats]:
        """Return H⁻¹ times the right-hand sides of people and pieces."""
        large, small = self.data.order
        # Eliminate the larger grouping, solve for the smaller, and put that back in.
        inner = right[small] - self._scaled.T @ right[large]
        kept = cho_solve((self.factor, True), inner, check_finite=False)
        diagonal = self.diagonals[large] if right[large].ndim == 1 else self.diagonals[large][:, None]
        eliminated = right[large] / diagonal - self._scaled @ kept
        return [eliminated, kept] if large == 0 else [kept, eliminated]

    def inverse_parts(self) -> tuple[list[Floats], Floats]:
        """Return the diagonal of H⁻¹ for people and pieces, and its entry for each pair, shape (pairs,)."""
        large = self.data.order[0]
        _, rows, columns = self.data.pairs
        # Blocks of H⁻¹: S⁻¹ where the smaller grouping meets itself, −D1⁻¹ B S⁻¹ off the diagonal, of which only the
        # pairs that occur are needed, and D1⁻¹ + D1⁻¹ B S⁻¹ B' D1⁻¹, of which only the diagonal is.
        root = solve_triangular(self.factor, np.eye(self.factor.shape[0]), lower=True, check_finite=False)
        inverse = root.T @ root
        crossing = (self._scaled @ inverse)[rows, columns]
        eliminated = (
            1
            / self.diagonals[large]
            * (1 + np.bincount(rows, weights=crossing * self.pair_values, minlength=self.data.sizes[large]))
        )
        kept = np.diag(inverse)
        return ([eliminated, kept] if large == 0 else [kept, eliminated]), -crossing

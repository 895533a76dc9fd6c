"""The few sums of a counts table from which every coefficient follows.

Because the coefficients need nothing else, leaving out a clip or a listener means subtracting that unit's
part from these sums: a jackknife over a million ratings costs one pass, not a million.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from survey.analysis.estimates import Codes, Counts, Floats

TINY = 1e-12
"""Below this a chance-expected disagreement is 0 up to rounding."""
AGREED, COMPARED, HEARD, COINCIDENT, SHARES = range(5)
"""Columns of the table of what single answers take; from `SHARES` on q columns of shares, then q of paired."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over items; every field may have a leading axis (one entry per unit left out).

    With C the counts and m the answers of an item:

    Attributes
    ----------
    agreed : Σ over m ≥ 2 of ΣC(C − 1) / (m(m − 1))
    compared : number of items with m ≥ 2
    shares : Σ over m ≥ 1 of C/m, per choice
    heard : number of items with m ≥ 1
    coincident : Σ over m ≥ 2 of ΣC(C − 1) / (m − 1)
    paired : Σ over m ≥ 2 of C, per choice
    """

    agreed: Floats
    compared: Floats
    shares: Floats
    heard: Floats
    coincident: Floats
    paired: Floats

    def without(self, part: Sums) -> Sums:
        """Return these sums less `part`, broadcast over the units left out."""
        return Sums(
            self.agreed - part.agreed,
            self.compared - part.compared,
            self.shares - part.shares,
            self.heard - part.heard,
            self.coincident - part.coincident,
            self.paired - part.paired,
        )

    def coefficients(self) -> dict[str, Floats]:
        """Return the five coefficients; NaN where one is not defined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            # `compared` and `expected` are whole numbers up to rounding (units were subtracted): > 0.5 is "at least 1"
            percent = np.where(self.compared > 0.5, self.agreed / self.compared, np.nan)
            # π, shape (…, q): the mean over items of each item's own shares, so that every item counts alike.
            shares = self.shares / np.expand_dims(self.heard, -1)
            q = shares.shape[-1]
            squares = np.einsum("...q,...q->...", shares, shares)
            # Chance agreement: Σπ² (Fleiss), Σπ(1 − π)/(q − 1) (Gwet), 1/q (Brennan and Prediger).
            by_fleiss = _beyond(percent, squares)
            by_gwet = _beyond(percent, (1 - squares) / (q - 1)) if q > 1 else np.full_like(percent, np.nan)
            by_declared = _beyond(percent, np.full_like(percent, 1 / q))
            # Krippendorff's nominal α = 1 − (n − 1)(n − Σ o_cc) / (n² − Σ n_c²), o_cc the diagonal of the coincidences
            n = self.paired.sum(axis=-1)
            expected = n * n - np.einsum("...q,...q->...", self.paired, self.paired)
            alpha = np.where(expected > 0.5, 1 - (n - 1) * (n - self.coincident) / expected, np.nan)
        return {
            "percent": percent,
            "fleiss_kappa": by_fleiss,
            "krippendorff_alpha": alpha,
            "gwet_ac1": by_gwet,
            "brennan_prediger": by_declared,
        }


def _beyond(observed: Floats, expected: Floats) -> Floats:
    """(observed − expected) / (1 − expected), NaN where all agreement is expected."""
    result: Floats = np.where(1 - expected > TINY, (observed - expected) / (1 - expected), np.nan)
    return result


def sums_per_item(counts: Counts) -> Sums:
    """Return each item's part of the sums, shape (S,) and (S, q)."""
    table = counts.astype(float)
    m = table.sum(axis=1)
    # Ordered pairs of listeners who gave the item the same answer: ΣC(C − 1) = ΣC² − m.
    matched = np.einsum("ij,ij->i", table, table) - m
    several = (m >= 2).astype(float)
    heard = (m >= 1).astype(float)
    return Sums(
        # The divisors are 0 only where `several` is 0 too: 1 in their place spares a warning and changes nothing.
        agreed=several * matched / np.maximum(m * (m - 1), 1),
        compared=several,
        shares=table / np.maximum(m, 1)[:, None],
        heard=heard,
        coincident=several * matched / np.maximum(m - 1, 1),
        paired=table * several[:, None],
    )


def total(parts: Sums) -> Sums:
    """Return the sums over all items."""
    return Sums(
        np.asarray(parts.agreed.sum()),
        np.asarray(parts.compared.sum()),
        parts.shares.sum(axis=0),
        np.asarray(parts.heard.sum()),
        np.asarray(parts.coincident.sum()),
        parts.paired.sum(axis=0),
    )


def sums_per_piece(parts: Sums, pieces: Codes) -> Sums:
    """Return the parts of items added up by the piece that they play, shape (G,) and (G, q).

    Parameters
    ----------
    parts : Sums
        Of every item.
    pieces : array of int, shape (S,)
        Code of every item's piece, in any numbering.

    Examples
    --------
    >>> items = sums_per_item(np.array([[3, 1], [0, 2], [1, 0]]))
    >>> sums_per_piece(items, np.array([7, 4, 7])).shares.tolist()
    [[0.0, 1.0], [1.75, 0.25]]
    """
    codes, place = np.unique(pieces, return_inverse=True)
    # A sparse matrix pieces × items of ones.
    member = csr_array((np.ones(place.size), (place, np.arange(place.size))), shape=(codes.size, place.size))
    return Sums(
        member @ parts.agreed,
        member @ parts.compared,
        member @ parts.shares,
        member @ parts.heard,
        member @ parts.coincident,
        member @ parts.paired,
    )


def sums_per_rater(counts: Counts, items: Codes, raters: Codes, answers: Codes, n_raters: int) -> Sums:
    """Return what each rater's leaving takes from the sums, shape (P,) and (P, q).

    An item of m answers keeps m − 1. Each rater may have answered an item once only. What one answer takes
    depends on its item and choice alone, so it is tabled per cell and summed by one sparse product.
    """
    q = counts.shape[1]
    table = _taken_per_cell(counts)
    # Sorted by rater the answers are the rows of a sparse raters × cells matrix as they stand: no sort in building it.
    order = slice(None) if np.all(raters[1:] >= raters[:-1]) else np.argsort(raters, kind="stable")
    # (item, choice) as one number, item major: the order of the rows of `table`.
    cells = (items * q + answers)[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(raters, minlength=n_raters))])
    incidence = csr_array((np.ones(cells.size), cells, starts), shape=(n_raters, table.shape[0]))
    return _from_table(incidence @ table, q)


def sums_per_answer(counts: Counts) -> Sums:
    """Return what one answer's leaving takes from the sums, for every item and choice, shape (S·q,) and (S·q, q).

    Where nobody gave the answer the numbers mean nothing.
    """
    return _from_table(_taken_per_cell(counts), counts.shape[1])


def _from_table(taken: Floats, q: int) -> Sums:
    return Sums(
        agreed=taken[:, AGREED],
        compared=taken[:, COMPARED],
        shares=taken[:, SHARES : SHARES + q],
        heard=taken[:, HEARD],
        coincident=taken[:, COINCIDENT],
        paired=taken[:, SHARES + q :],
    )


def _taken_per_cell(counts: Counts) -> Floats:
    """What one answer in each (item, choice) takes, shape (S·q, columns)."""
    n_items, q = counts.shape
    c = counts.astype(float)  # (items, choices)
    m = c.sum(axis=1)[:, None]  # (items, 1)
    matched = (np.einsum("ij,ij->i", c, c)[:, None] - m) * np.ones(q)
    # One answer less of a choice with C of them takes 2(C − 1) ordered pairs away: C(C − 1) − (C − 1)(C − 2).
    left = matched - 2 * (c - 1)
    several, more, pair = m >= 2, m >= 3, m == 2
    # One-hot of the choice that leaves, shape (q, q): [choice that leaves, choice counted].
    own = np.eye(q)
    # Each is the item's part with m answers less its part with m − 1; items left with one answer have no part.
    agreed = several * matched / np.maximum(m * (m - 1), 1) - more * left / np.maximum((m - 1) * (m - 2), 1)
    coincident = several * matched / np.maximum(m - 1, 1) - more * left / np.maximum(m - 2, 1)
    # C/m − (C − own)/(m − 1); an item with one answer loses all of its share, which `own` says already
    before = several * c / np.maximum(m * (m - 1), 1)
    shares = own[None] / np.maximum(m - 1, 1)[:, :, None] - before[:, None, :]
    # of a pair both answers stop counting for α
    paired = np.where(pair[:, :, None], c[:, None, :], own[None] * several[:, :, None])
    # One table for all sums, so that one sparse product adds them up: (items, choice that leaves, columns).
    table = np.empty((n_items, q, SHARES + 2 * q))
    table[:, :, AGREED], table[:, :, COMPARED] = agreed, pair
    table[:, :, HEARD], table[:, :, COINCIDENT] = m == 1, coincident
    table[:, :, SHARES : SHARES + q], table[:, :, SHARES + q :] = shares, paired
    return table.reshape(n_items * q, table.shape[-1])

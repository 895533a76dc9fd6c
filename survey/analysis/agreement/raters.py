"""How far each listener agrees with the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Codes, Counts, Floats


@dataclass(frozen=True, slots=True)
class RaterAgreement:
    """One column per fact, one entry per listener; `share` is NaN where nobody else heard their clips."""

    answers: Codes
    share: Floats
    expected: Floats


def agreement_with_others(counts: Counts, items: Codes, raters: Codes, answers: Codes, n_raters: int) -> RaterAgreement:
    """Return for each listener the mean share of other listeners of the same clip who chose the same.

    `expected` is the share that all others' pairs reach on the same clips, so that a listener of hard
    clips is not taken for a careless one.

    Examples
    --------
    >>> items, raters = np.array([0, 0, 0]), np.array([0, 1, 2])
    >>> found = agreement_with_others(np.array([[2, 1]]), items, raters, np.array([0, 0, 1]), 3)
    >>> found.share.tolist()
    [0.5, 0.5, 0.0]
    """
    q = counts.shape[1]
    m = counts.sum(axis=1)
    matched = np.einsum("ij,ij->i", counts, counts) - m
    size = m[items]
    compared = size >= 2
    # Of the item's other answers those like one's own; (item, choice) as one index into the flattened table.
    same = (counts.ravel()[items * q + answers] - 1) / np.maximum(size - 1, 1)
    pairwise = matched[items] / np.maximum(size * (size - 1), 1)
    n = np.bincount(raters[compared], minlength=n_raters)
    with np.errstate(invalid="ignore"):
        share = np.bincount(raters[compared], weights=same[compared], minlength=n_raters) / n
        expected = np.bincount(raters[compared], weights=pairwise[compared], minlength=n_raters) / n
    return RaterAgreement(np.bincount(raters, minlength=n_raters), share, expected)

"""Levels without a finite estimate: where all answers are hits, or none is, an effect grows without end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from survey.analysis.estimates import Truths
from survey.analysis.mixed.factors import Levels, columns_of, independent, matrix_of

SEPARATED = 15.0
"""A fitted logit beyond it after `ROUNDS` steps grows without end: odds of more than three million to one."""
ROUNDS = 40
COMBINATION = "combination"
"""In place of the factor where levels of several factors together have no finite estimate."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A level that has no estimate, and why; `left_out` where its answers are not in the fit."""

    factor: str
    level: str
    reason: str
    left_out: bool = True

    def __str__(self) -> str:
        return f"{self.factor} {self.level}: {self.reason}"


def without_separated(hits: Truths, used: Mapping[str, Levels]) -> tuple[Truths, list[Lost]]:
    """Return which answers have a finite fitted share, shape (N,), and the levels that have none.

    Where all answers of a level are hits, or none is, the likelihood rises without end as its effect grows, whatever
    the random effects are: in the limit such answers say nothing about anything else, and are left out. Combinations
    of levels that separate hits from misses are found by the steps of a logistic regression that never end.

    Examples
    --------
    >>> hits = np.array([True, False, False, False])
    >>> keep, lost = without_separated(hits, {"emotion": (("awe", "fear"), np.array([0, 0, 1, 1]))})
    >>> keep.tolist(), str(lost[0])
    ([True, True, False, False], 'emotion fear: not finite: no answer is a hit (2 answers)')
    """
    keep, lost = np.ones(hits.size, bool), []
    for name, (levels, codes) in used.items():
        for code, level in enumerate(levels):
            own = codes == code
            if own.any() and (hits[own].all() or not hits[own].any()):
                lost.append(Lost(name, level, _why(hits[own])))
                keep &= ~own
    if not keep.any() or not used:
        return keep, lost
    endless, more = _combinations(hits[keep], {name: (levels, codes[keep]) for name, (levels, codes) in used.items()})
    keep[np.flatnonzero(keep)[endless]] = False
    return keep, [*lost, *more]


def _why(hits: Truths) -> str:
    share = "every answer is a hit" if hits.all() else "no answer is a hit"
    return f"not finite: {share} ({hits.size} answer{'' if hits.size == 1 else 's'})"


def _combinations(hits: Truths, used: Mapping[str, Levels]) -> tuple[Truths, list[Lost]]:
    """Which answers' logits grow without end in a logistic regression without random effects, and whose they are."""
    kinds, row = np.unique(np.stack([codes for _, codes in used.values()], axis=1), axis=0, return_inverse=True)
    row = row.ravel()
    trials = np.bincount(row).astype(float)
    hit = np.bincount(row, weights=hits)
    # Hits and misses at every combination of levels: nothing can be separated.
    if bool(((hit > 0) & (hit < trials)).all()):
        return np.zeros(hits.size, bool), []
    levels = {
        name: tuple(names[code] for code in kinds[:, place]) for place, (name, (names, _)) in enumerate(used.items())
    }
    rows = matrix_of(columns_of(used, {}), levels, len(kinds))
    rows = rows[:, independent(rows)]
    fixed = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        # Clipped, and with a floor under the weights, the steps go on where exact ones would overflow; they are to
        # grow, not to arrive. lstsq, as the information becomes singular on the way.
        share = expit(np.clip(rows @ fixed, -2 * SEPARATED, 2 * SEPARATED))
        information = (rows * (trials * share * (1 - share) + 1e-12)[:, None]).T @ rows
        fixed = fixed + np.linalg.lstsq(information, rows.T @ (hit - trials * share), rcond=None)[0]
    endless: Truths = np.abs(rows @ fixed) > SEPARATED
    lost = [
        Lost(COMBINATION, " with ".join(names[kind] for names in levels.values()), _why(hits[row == kind]))
        for kind in np.flatnonzero(endless)
    ]
    return endless[row], lost

"""Bradley and Terry's model with an effect of the side, by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from survey.analysis.estimates import Floats
from survey.analysis.paired.answers import Comparisons

ROUNDS = 60
ENDLESS = 15.0
"""A fitted logit beyond it grows without end: odds of more than three million to one."""
CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Fit:
    """Strengths in log-odds, which sum to zero, and the side's effect.

    Attributes
    ----------
    strengths : array of float, shape (K,)
    side : float or None
        Log-odds of choosing the first of two equally strong ones; None where it would grow without end, and strengths
        are fitted without it.
    influence : array of float, shape (N, K + 1)
        By how much every answer moves each strength, and, in the last column, the side; columns sum to zero, and the
        last is zero without a side.
    """

    strengths: Floats
    side: float | None
    influence: Floats


def fit_strengths(answers: Comparisons) -> Fit | None:
    """Return the fit, None where it is not finite.

    P(first is chosen) = logistic(strength of the first − strength of the second + side). Where the side would grow
    without end though strengths need not (whoever chose against the rest did so on one side), it is fitted without the
    side; not where everybody chose the same side, which tells nothing of strengths.

    Parameters
    ----------
    answers : Comparisons
        Connected (`unconnected` finds no groups); otherwise the result is None as well, as what has no end is found to
        grow.

    References
    ----------
    Bradley & Terry (1952), Biometrika 39, 324–345; Davidson & Beaver (1977), Biometrics 33, 693–702.

    Examples
    --------
    Citations between four journals of statistics, who cites whom (Stigler 1994):

    >>> from survey.analysis.paired.answers import of_counts
    >>> cited = [[0, 730, 498, 221], [33, 0, 68, 17], [320, 813, 0, 142], [284, 276, 325, 0]]
    >>> fit = fit_strengths(of_counts(("Biometrika", "Comm Statist", "JASA", "JRSS-B"), cited))
    >>> (fit.strengths - fit.strengths[0]).round(2).tolist()
    [0.0, -2.95, -0.48, 0.27]

    Of 20 answers, sides by turns, 19 chose the same one: no side is finite, and the strengths are of 19 in 20.

    >>> fit = fit_strengths(of_counts(("a", "b"), [[0, 19], [1, 0]]))
    >>> round(float(expit(fit.strengths[0] - fit.strengths[1])), 3), fit.side
    (0.95, None)
    """
    k, n = len(answers.names), len(answers)
    if n == 0 or k < 2:
        return None
    rows = np.zeros((n, k + 1))
    place = np.arange(n)
    rows[place, answers.first] += 1
    rows[place, answers.second] -= 1
    rows[:, k] = 1
    # The first name is the reference while fitting: of all strengths only differences can be known.
    free = rows[:, 1:]
    if np.linalg.matrix_rank(free) < k:  # the sides cannot be told from the strengths
        return None
    given = answers.chose_first.astype(float)
    with_side = _climb(free, given)
    if with_side is not None:
        return _fit_of(free, given, with_side)
    if given.min() == given.max():  # the side tells everything, and nothing is left for strengths
        return None
    without = _climb(free[:, :-1], given)
    return None if without is None else _fit_of(free[:, :-1], given, without, has_side=False)


def _climb(rows: Floats, given: Floats) -> Floats | None:
    """Newton's steps of a logistic regression from zero; None where they go on without end."""
    values: Floats = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        expected = expit(rows @ values)
        information = (rows * (expected * (1 - expected))[:, None]).T @ rows
        step = np.linalg.lstsq(information, rows.T @ (given - expected), rcond=None)[0]
        # At most one logit at a time: from zero a full step may overshoot where answers are nearly all alike.
        values = values + step / max(1.0, float(np.abs(step).max()))
        if np.abs(rows @ values).max() > ENDLESS:
            return None
        if np.abs(step).max() < CLOSE:
            return values
    return None


def _fit_of(rows: Floats, given: Floats, values: Floats, *, has_side: bool = True) -> Fit:
    expected = expit(rows @ values)
    information = (rows * (expected * (1 - expected))[:, None]).T @ rows
    moved = (rows * (given - expected)[:, None]) @ np.linalg.inv(information)
    nothing = np.zeros((len(rows), 1))
    influence = np.hstack([nothing, moved] if has_side else [nothing, moved, nothing])
    influence[:, :-1] -= influence[:, :-1].mean(axis=1, keepdims=True)
    strengths = np.concatenate([[0.0], values[:-1] if has_side else values])
    return Fit(strengths - strengths.mean(), float(values[-1]) if has_side else None, influence)

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
    side : float
        Log-odds of choosing the first of two equally strong ones.
    influence : array of float, shape (N, K + 1)
        By how much every answer moves each strength, and, in the last column, the side; columns sum to zero.
    """

    strengths: Floats
    side: float
    influence: Floats


def fit_strengths(answers: Comparisons) -> Fit | None:
    """Return the fit, None where it is not finite.

    P(first is chosen) = logistic(strength of the first − strength of the second + side).

    Parameters
    ----------
    answers : Comparisons
        Connected (`Comparisons.unconnected` is empty); otherwise the result is None as well.

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
    """
    k, n = len(answers.names), len(answers)
    if n == 0 or k < 2 or answers.unconnected():
        return None
    rows = np.zeros((n, k + 1))
    place = np.arange(n)
    rows[place, answers.first] += 1
    rows[place, answers.second] -= 1
    rows[:, k] = 1
    # The first name is the reference while fitting: of all strengths only differences can be known.
    free = rows[:, 1:]
    given = answers.chose_first.astype(float)
    values = np.zeros(k)
    for _ in range(ROUNDS):
        expected = expit(free @ values)
        information = (free * (expected * (1 - expected))[:, None]).T @ free
        step = np.linalg.lstsq(information, free.T @ (given - expected), rcond=None)[0]
        # At most one logit at a time: from zero a full step may overshoot where answers are nearly all alike.
        values = values + step / max(1.0, float(np.abs(step).max()))
        if np.abs(free @ values).max() > ENDLESS:
            return None
        if np.abs(step).max() < CLOSE:
            break
    else:
        return None
    expected = expit(free @ values)
    information = (free * (expected * (1 - expected))[:, None]).T @ free
    if np.linalg.matrix_rank(information) < k:  # the sides cannot be told from the strengths
        return None
    moved = np.zeros((n, k + 1))
    moved[:, 1:] = (free * (given - expected)[:, None]) @ np.linalg.inv(information)
    strengths = np.concatenate([[0.0], values[:-1]])
    moved[:, :k] -= moved[:, :k].mean(axis=1, keepdims=True)
    return Fit(strengths - strengths.mean(), float(values[-1]), moved)

"""How often a difference between two cells will be found."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.special import nctdtr, ndtri, stdtrit

from survey.design.planning.assumptions import LEVEL, Assumptions, PlanRefused

LEAST_EFFECT = 0.001


def check_effect(assumed: Assumptions, effect: float, power: float) -> None:
    """Raise PlanRefused where two cells cannot differ by `effect`, or no study has such a power.

    >>> check_effect(Assumptions(share=0.9, spread_clips=0.1, cells=2), 0.3, 0.8)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    survey.design.planning.assumptions.PlanRefused: Two cells around a hit rate of 90 % cannot differ by 30 points: ...
    """
    if not LEAST_EFFECT <= abs(effect) < 1 or not 0.05 < power < 1:
        raise PlanRefused(f"The effect lies between {LEAST_EFFECT:g} and 1, the power between .05 and 1.")
    if assumed.cells < 2:
        raise PlanRefused("A difference is between two cells: plan it with at least 2.")
    if assumed.share + abs(effect) / 2 >= 1 or assumed.share - abs(effect) / 2 <= 0:
        raise PlanRefused(
            f"Two cells around a hit rate of {100 * assumed.share:.3g} % cannot differ by {100 * abs(effect):.3g}"
            " points: one of them would lie beyond 0 or 100 %. The expected hit rate is the middle of the two cells."
        )


def pairs_of_cells(cells: int) -> int:
    """Return how many pairs of cells there are: the report compares them all.

    >>> pairs_of_cells(2), pairs_of_cells(4)
    (1, 6)
    """
    return cells * (cells - 1) // 2


def expected_power(
    assumed: Assumptions,
    effect: float,
    participants: int,
    clips: int,
    level: float = LEVEL,
    *,
    comparisons: int = 1,
    correction: float = 1.0,
) -> float:
    """Return the power to find a difference of `effect` between two cells, each with clips of its own.

    Everybody answers both cells, so people's general level cancels out; clips do not. A t test with the analysis'
    degrees of freedom, at α / `comparisons`: the hardest step of Holm's correction.

    Parameters
    ----------
    assumed : Assumptions
    effect : float
    participants, clips : int
        Clips per cell.
    level : float
    comparisons : int
        Differences that are tested together.
    correction : float
        Factor on effect / standard error, as simulation finds it.

    Examples
    --------
    >>> round(expected_power(Assumptions(cells=2), 0.15, participants=60, clips=48), 2)
    0.96
    """
    # As the analysis has them: people are compared with themselves, clips are other ones in each cell.
    degrees = min(participants, 2 * clips) - 1
    if degrees < 1:
        return 0.0
    critical = float(stdtrit(degrees, 1 - (1 - level) / 2 / comparisons))
    noncentrality = correction * effect / error_of_difference(assumed, participants, clips)
    found = 1 - float(nctdtr(degrees, noncentrality, critical))
    return found if math.isfinite(found) else 1.0


def error_of_difference(assumed: Assumptions, participants: int, clips: int) -> float:
    """Return the standard error of the difference of two cells' hit rates.

    >>> round(error_of_difference(Assumptions(cells=2), 60, 48), 4)
    0.0393
    """
    answers = participants * assumed.heard(clips)
    return math.sqrt(2 * (assumed.spread_clips**2 / clips + assumed.residual / answers))


def answers_if_independent(assumed: Assumptions, effect: float, power: float, comparisons: int = 1) -> int:
    """Return how many *independent* answers in both cells together would do.

    >>> answers_if_independent(Assumptions(cells=2), 0.1, 0.8)
    786
    """
    quantiles = float(ndtri(1 - (1 - LEVEL) / 2 / comparisons)) + float(ndtri(power))
    # The textbook n per cell, 2 p (1 − p) ((z_α + z_β)/δ)², twice for two cells.
    return 2 * max(1, math.ceil(2 * assumed.share * (1 - assumed.share) * (quantiles / abs(effect)) ** 2))


def power_curve(
    assumed: Assumptions, effect: float, clips: Sequence[int], people: Sequence[int], *, comparisons: int = 1
) -> list[list[float]]:
    """Return the power, one row per number of clips, one column per number of people.

    >>> [round(power, 2) for power in power_curve(Assumptions(cells=2), 0.15, [48], [20, 60])[0]]
    [0.77, 0.96]
    """
    return [
        [expected_power(assumed, abs(effect), participants, count, comparisons=comparisons) for participants in people]
        for count in clips
    ]

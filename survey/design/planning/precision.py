"""How wide the interval of a hit rate will be: on average, and at most in a given share of studies.

The model is that of the analysis. With σp and σs the spread (standard deviation, in share) of people and of
clips around the hit rate p, P people who each hear T of the S clips:

    variance = σp²/P + σs²/S + (p(1 − p) − σp² − σs²)/(P·T)

and the half-width is t(min(P, S) − 1) times its root. More clips help more than more listeners when clips
differ: σs²/S does not shrink with P.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.special import gammaincinv, ndtri, stdtrit

from survey.design.planning.assumptions import LEVEL, Assumptions, PlanRefused

LEAST_HALF_WIDTH = 0.001


def smallest_sample(half_width: float, share: float = 0.5, level: float = LEVEL) -> int:
    """Return the smallest n of *independent* answers whose Wilson interval is at most ± `half_width`.

    Raises
    ------
    PlanRefused
        When `half_width` is not between 0.001 and 0.5.

    Examples
    --------
    >>> [smallest_sample(h) for h in (0.05, 0.10, 0.15, 0.20)]
    [381, 93, 39, 21]
    """
    if not LEAST_HALF_WIDTH <= half_width < 0.5:
        raise PlanRefused(f"The half-width lies between {LEAST_HALF_WIDTH:g} and 0.5 (0.05 is ± 5 points).")
    if not 0 < share < 1:
        raise PlanRefused("The expected share lies between 0 and 1.")
    z = float(ndtri((1 + level) / 2))
    low, high = 0, math.ceil((z / half_width) ** 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _wilson_half(share, middle, z) <= half_width else (middle, high)
    return high


def _wilson_half(share: float, n: int, z: float) -> float:
    return z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))


def expected_half_width(assumed: Assumptions, participants: int, clips: int, level: float = LEVEL) -> float:
    """Return the expected half-width of one cell's hit rate, for new people and new clips.

    About half of all studies turn out wider. Infinite for fewer than two people or clips.

    Examples
    --------
    >>> round(expected_half_width(Assumptions(), participants=60, clips=48), 4)
    0.0564
    """
    degrees = min(participants, clips) - 1
    if degrees < 1:
        return math.inf
    return float(stdtrit(degrees, (1 + level) / 2)) * math.sqrt(variance_of_share(assumed, participants, clips))


def variance_of_share(assumed: Assumptions, participants: int, clips: int) -> float:
    """Return the variance of one cell's hit rate over studies with new people and new clips.

    >>> round(variance_of_share(Assumptions(spread_participants=0, spread_clips=0), 10, 24), 6)
    0.001042
    """
    answers = participants * assumed.heard(clips)
    return assumed.spread_participants**2 / participants + assumed.spread_clips**2 / clips + assumed.residual / answers


def narrowest_half_width(assumed: Assumptions, clips: int, level: float = LEVEL) -> float:
    """Return the expected half-width that these clips leave however many people take part.

    >>> round(narrowest_half_width(Assumptions(), 24), 3)
    0.063
    """
    if clips < 2:
        return math.inf
    return float(stdtrit(clips - 1, (1 + level) / 2)) * assumed.spread_clips / math.sqrt(clips)


def assured_half_width(
    assumed: Assumptions, participants: int, clips: int, assurance: float, level: float = LEVEL
) -> float:
    """Return the half-width that a share `assurance` of studies stays below, about.

    The estimated variance varies from study to study: that of the people part with P − 1, of the clips part with
    S − 1 degrees of freedom and the kurtosis of beta-distributed shares. A gamma distribution with the same mean
    and variance has the quantile. Simulated, the share of studies is .70 to .88 where .80 is asked for, so plans
    correct it by simulation (`survey.rehearsal`).

    Examples
    --------
    >>> round(assured_half_width(Assumptions(), 60, 48, 0.8), 4)
    0.0602
    """
    expected = expected_half_width(assumed, participants, clips, level)
    if not math.isfinite(expected):
        return expected
    total = variance_of_share(assumed, participants, clips)
    answers = participants * assumed.heard(clips)
    # The share of clips that a person does not hear: where everybody hears all, differences between clips are in every
    # person's mean alike and add nothing between people (and the other way round).
    apart = 1 - assumed.heard(clips) / clips
    people, pieces = assumed.spread_participants**2, assumed.spread_clips**2
    varies = _variance_of_part(assumed, people, participants, (pieces * apart + assumed.residual) / answers)
    varies += _variance_of_part(assumed, pieces, clips, (people * apart + assumed.residual) / answers)
    # A gamma distribution with mean `total` and variance `varies` has the shape mean²/variance; its quantile, over the
    # mean, is by how much the variance, and under the root the width, is exceeded.
    shape = total * total / varies
    return expected * math.sqrt(float(gammaincinv(shape, assurance)) / shape)


def _variance_of_part(assumed: Assumptions, spread: float, groups: int, noise: float) -> float:
    """Variance of the estimate that `groups` give of their part of the variance of the hit rate."""
    part = spread / groups + noise
    kurtosis = _kurtosis_of_beta(assumed.share, spread) * (spread / groups / part) ** 2
    # Var(s²) = σ⁴ (2/(n − 1) + κ/n). Bounded shares have a negative κ, which by approximation can go too far.
    return part * part * max(2 / (groups - 1) + kurtosis / groups, 0.1 / groups)


def _kurtosis_of_beta(share: float, variance: float) -> float:
    """Excess kurtosis of a beta distribution with this mean and variance."""
    if variance <= 0:
        return 0.0
    # α + β of the beta distribution with this mean and variance.
    both = share * (1 - share) / variance - 1
    a, b = share * both, (1 - share) * both
    return 6 * ((a - b) ** 2 * (both + 1) - a * b * (both + 2)) / (a * b * (both + 2) * (both + 3))


def curve(assumed: Assumptions, clips: Sequence[int], people: Sequence[int]) -> list[list[float]]:
    """Return expected half-widths, one row per number of clips, one column per number of people.

    >>> [round(width, 3) for width in curve(Assumptions(), [48], [20, 60])[0]]
    [0.079, 0.056]
    """
    return [[expected_half_width(assumed, participants, count) for participants in people] for count in clips]

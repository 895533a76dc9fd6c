"""One proportion: Wilson's interval, the exact binomial test, differences, the proportion index."""

from __future__ import annotations

import math
from typing import Literal

from survey.analysis.distributions import (
    binomial_as_unlikely,
    binomial_at_least,
    normal_below,
    normal_quantile,
    t_quantile,
)
from survey.analysis.estimates import LEVEL, Interval

Alternative = Literal["two-sided", "greater", "less"]


def wilson(hits: int, n: int, level: float = LEVEL) -> Interval | None:
    """Return Wilson's score interval of `hits` out of `n` *independent* answers.

    It belongs to a single clip, where each person answered once. Pooled over people and clips it is too
    narrow (simulated coverage 26–79 % instead of 95 %).

    Parameters
    ----------
    hits, n : int
        0 ≤ hits ≤ n.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float, or None when n is 0
        Exactly 0 at ``hits = 0`` and exactly 1 at ``hits = n``.

    Raises
    ------
    ValueError
        When hits is not in 0…n.

    References
    ----------
    Wilson (1927), JASA 22, 209–212. Brown, Cai & DasGupta (2001), Statistical Science 16, 101–133.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(11, 18)]
    [0.386, 0.797]
    >>> [round(end, 3) for end in wilson(0, 10)]
    [0.0, 0.278]
    >>> wilson(0, 0) is None
    True
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} hits of {n} answers is impossible.")
    if n == 0:
        return None
    return wilson_share(hits / n, n, normal_quantile((1 + level) / 2))


def wilson_share(share: float, n: float, quantile: float) -> Interval:
    """Return Wilson's interval for a share of an effective number `n` of answers.

    Examples
    --------
    >>> [round(end, 4) for end in wilson_share(1.0, 10, 1.959964)]
    [0.7225, 1.0]
    """
    square = quantile * quantile
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = quantile / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    # At 0 and 1 the exact end is the share itself; computed, it would be off by a rounding error.
    low = 0.0 if share == 0 else max(0.0, middle - half)
    high = 1.0 if share == 1 else min(1.0, middle + half)
    return low, high


def share_interval(share: float, effective_n: float, degrees: float, level: float = LEVEL) -> Interval:
    """Return Wilson's interval of a share of answers that hang together.

    `effective_n` independent answers would be as uncertain: p(1 − p) / variance, or n / design effect. t takes
    the place of z, as that number is estimated from few people or clips. Unlike share ± t × standard error the
    interval never leaves 0 to 1, and it misses about equally often on both sides.

    Parameters
    ----------
    share : float
        0 to 1.
    effective_n, degrees : float
        Above 0.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193–201 (effective sample size); Wilson (1927).

    Examples
    --------
    >>> [round(end, 3) for end in share_interval(0.9, 36, 15)]
    [0.745, 0.965]
    """
    return wilson_share(share, effective_n, t_quantile((1 + level) / 2, degrees))


def exact_binomial(hits: int, n: int, chance: float, alternative: Alternative = "greater") -> float | None:
    """Return the p value of the exact binomial test.

    Only for orientation: it assumes independent answers, which people who answer many clips do not give.

    Examples
    --------
    >>> round(exact_binomial(11, 18, 0.5), 4)
    0.2403
    >>> exact_binomial(0, 0, 0.5) is None
    True
    """
    if n == 0 or not 0 < chance < 1:
        return None
    if alternative == "greater":
        return binomial_at_least(hits, n, chance)
    if alternative == "less":
        return binomial_at_least(n - hits, n, 1 - chance)
    return binomial_as_unlikely(hits, n, chance)


def proportion_index(share: float, k: int) -> float | None:
    """Return π: what a hit rate among `k` options would be among two.

    π = P(k − 1) / (1 + P(k − 2)). Chance is always .5, so yes/no and eight choices stand side by side.

    Returns
    -------
    float, or None for fewer than two options

    References
    ----------
    Rosenthal & Rubin (1989), Psychological Bulletin 106, 332–337.

    Examples
    --------
    >>> proportion_index(0.5, 2), round(proportion_index(0.5, 8), 4), round(proportion_index(1 / 8, 8), 4)
    (0.5, 0.875, 0.5)
    >>> proportion_index(0.5, 1) is None
    True
    """
    if k < 2:
        return None
    return share * (k - 1) / (1 + share * (k - 2))


def difference_of_two(hits_a: int, n_a: int, hits_b: int, n_b: int, level: float = LEVEL) -> Interval | None:
    """Return Newcombe's interval of the difference of two independent proportions, a − b.

    The hybrid score interval (method 10): for two versions of one clip, heard by different people.

    Returns
    -------
    tuple of float, or None when either has no answers

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873–890; his example 56/70 − 48/80 gives .0524 to .3339.

    Examples
    --------
    >>> [round(end, 4) for end in difference_of_two(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    a, b = wilson(hits_a, n_a, level), wilson(hits_b, n_b, level)
    if a is None or b is None:
        return None
    return combine_intervals(hits_a / n_a, a, hits_b / n_b, b)


def equality_of_two(hits_a: int, n_a: int, hits_b: int, n_b: int) -> float | None:
    """Return the two-sided p value of the score test that two independent proportions are equal.

    The test beside Newcombe's interval: z with the pooled share, as R's ``prop.test(correct = FALSE)``.

    Returns
    -------
    float, or None when either has no answers or all answers are alike

    Examples
    --------
    >>> round(equality_of_two(56, 70, 48, 80), 4)
    0.008
    >>> equality_of_two(3, 3, 2, 2) is None
    True
    """
    if n_a == 0 or n_b == 0:
        return None
    pooled = (hits_a + hits_b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    if variance == 0:
        return None
    return 2 * normal_below(-abs(hits_a / n_a - hits_b / n_b) / math.sqrt(variance))


def combine_intervals(a: float, interval_a: Interval, b: float, interval_b: Interval) -> Interval:
    """Return the interval of a − b from the intervals of two independent estimates (MOVER).

    References
    ----------
    Zou & Donner (2008), Statistics in Medicine 27, 1693–1702.

    Examples
    --------
    >>> [round(end, 3) for end in combine_intervals(0.6, (0.5, 0.7), 0.5, (0.4, 0.6))]
    [-0.041, 0.241]
    """
    # "Method of variance estimates recovery": the distance of each estimate to its own limit on the side that matters
    # stands for its standard error there, so that skewed intervals stay skewed.
    low = a - b - math.hypot(a - interval_a[0], interval_b[1] - b)
    high = a - b + math.hypot(interval_a[1] - a, b - interval_b[0])
    return low, high

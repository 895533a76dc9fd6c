"""How well one rating of a clip, or the mean of many, tells clips apart: intraclass correlations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.special import fdtri

from survey.analysis.affect.components import Components, estimate_components
from survey.analysis.distributions import satterthwaite
from survey.analysis.estimates import LEVEL, Codes, Floats, Interval

TOO_FEW = "not defined: it takes two people, two clips, and people who rated several of them"
TOO_SPARSE = "not defined: too few ratings for so many people and clips"
ALIKE = "not defined: all ratings are the same"
NOT_ABOVE = "0 by convention: ratings of one clip are no more alike than ratings of different clips"


@dataclass(frozen=True, slots=True)
class Reliability:
    """ICC(2,1) and ICC(2,k): agreement of people who are drawn by chance, as are the clips."""

    single: Annotated[float | None, "ICC(2,1): of one rating"] = None
    single_interval: Annotated[Interval | None, "for new people and new clips"] = None
    mean: Annotated[float | None, "ICC(2,k): of the mean of k ratings"] = None
    mean_interval: Annotated[Interval | None, "for new people and new clips"] = None
    raters: Annotated[float | None, "k, the harmonic mean of the ratings per clip"] = None
    people_share: Annotated[float | None, "part of one rating's variance that lies between people"] = None
    clips_share: Annotated[float | None, "between clips"] = None
    rest_share: Annotated[float | None, "in single ratings"] = None
    reason: Annotated[str | None, "why something is `null`, or 0"] = None


def measure_reliability(values: Floats, participants: Codes, clips: Codes, level: float = LEVEL) -> Reliability:
    """Return ICC(2,1) and ICC(2,k) of ratings on a scale, where everybody rated some or all clips.

    Parameters
    ----------
    values : array of float, shape (N,)
        Without NaN.
    participants, clips : array of int, shape (N,)
        Codes ≥ 0.

    Notes
    -----
    Components by `estimate_components`; the interval is McGraw & Wong's, case 2A, with Satterthwaite's degrees of
    freedom. Where everybody rated every clip both are exactly those of Shrout & Fleiss and of R's ``psych::ICC``; with
    gaps the mean squares are those that the components stand for.

    References
    ----------
    Shrout & Fleiss (1979), Psychological Bulletin 86, 420–428; McGraw & Wong (1996), Psychological Methods 1, 30–46.

    Examples
    --------
    Six targets, four judges (Shrout & Fleiss 1979, table 2): .29 (.02 to .76) and .62 (.07 to .93).

    >>> table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> judges, targets = np.tile(np.arange(4), 6), np.repeat(np.arange(6), 4)
    >>> found = measure_reliability(np.array(table, float).ravel(), judges, targets)
    >>> round(found.single, 2), [round(end, 2) for end in found.single_interval]
    (0.29, [0.02, 0.76])
    >>> round(found.mean, 2), [round(end, 2) for end in found.mean_interval]
    (0.62, [0.07, 0.93])
    """
    if values.size == 0 or np.unique(participants).size < 2 or np.unique(clips).size < 2:
        return Reliability(reason=TOO_FEW)
    if np.ptp(values) == 0:
        return Reliability(reason=ALIKE)
    try:
        found = estimate_components(values, participants, clips)
    except ValueError:
        return Reliability(reason=TOO_FEW)
    whole = found.people + found.clips + found.rest
    if found.n - found.n_people - found.n_clips + 1 < 1 or whole <= 0:
        return Reliability(reason=TOO_SPARSE)
    per_clip = np.bincount(clips)
    raters = float(1 / (1 / per_clip[per_clip > 0]).mean())
    single = max(0.0, found.clips / whole)
    interval = _interval(found, single, level)
    # Shares of a whole need parts that are not negative; the estimate above keeps the signs.
    parts = np.maximum([found.people, found.clips, found.rest], 0.0)
    people, between, rest = (parts / parts.sum()).tolist()
    return Reliability(
        single=single,
        single_interval=interval,
        mean=of_mean(single, raters),
        mean_interval=(of_mean(interval[0], raters), of_mean(interval[1], raters)),
        raters=raters,
        people_share=people,
        clips_share=between,
        rest_share=rest,
        reason=None if found.clips > 0 else NOT_ABOVE,
    )


def of_mean(single: float, raters: float) -> float:
    """Return the reliability of the mean of so many ratings (Spearman & Brown); not below 0.

    >>> round(of_mean(0.29, 4), 2), of_mean(-0.5, 4)
    (0.62, 0.0)
    """
    return 0.0 if single <= 0 else raters * single / (1 + (raters - 1) * single)


def _interval(found: Components, single: float, level: float) -> Interval:
    """McGraw & Wong's interval from mean squares of clips, people and single answers; not below 0."""
    k, n = found.per_clip, found.per_person
    rest = max(found.rest, 1e-12)
    # Mean squares of clips, people and rest, put together again from the components (the design may have gaps).
    of_clips, of_people = rest + k * max(found.clips, 0.0), max(rest + n * found.people, 0.0)
    free = float(found.n - found.n_people - found.n_clips + 1)
    # McGraw and Wong's a and b, for the degrees of freedom of a MS_people + b MS_rest by Satterthwaite.
    a = k * single / (n * (1 - single)) if single < 1 else 0.0
    b = 1 + a * (n - 1)
    degrees = satterthwaite([(a * of_people, found.n_people - 1.0), (b * rest, free)])
    # F quantiles, each with the degrees of freedom in its own order.
    low, high = (
        fdtri(found.n_clips - 1, degrees, (1 + level) / 2),
        fdtri(degrees, found.n_clips - 1, (1 + level) / 2),
    )
    others = k * of_people + (k * n - k - n) * rest
    lower = n * (of_clips - low * rest) / (low * others + n * of_clips)
    upper = n * (high * of_clips - rest) / (others + n * high * of_clips)
    return max(0.0, float(lower)), min(1.0, max(0.0, float(upper)))

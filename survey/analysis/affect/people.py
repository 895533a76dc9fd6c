"""The mean over people of what each of them shows, with an interval for new people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.accuracy import ONE_PARTICIPANT, TINY
from survey.analysis.distributions import t_half_width
from survey.analysis.estimates import LEVEL, Floats, Interval

NOBODY = "not defined: nobody's answers show it"
ALIKE = "interval not defined: all people are alike"


@dataclass(frozen=True, slots=True)
class OverPeople:
    """A mean over people."""

    estimate: Annotated[float | None, "mean over people"]
    interval: Annotated[Interval | None, "for new people hearing these clips"] = None
    participants: Annotated[int, "people whose answers show it"] = 0
    left_out: Annotated[int, "people whose answers cannot show it"] = 0
    reason: Annotated[str | None, "why something is `null`"] = None


def over_people(values: Floats, level: float = LEVEL) -> OverPeople:
    """Return the mean of one value per person with its t interval, for new people hearing these clips.

    Parameters
    ----------
    values : array of float, shape (people,)
        NaN for people whose answers cannot show it.

    Examples
    --------
    >>> found = over_people(np.array([0.5, 0.7, 0.9, np.nan]))
    >>> round(found.estimate, 2), [round(end, 2) for end in found.interval], found.left_out
    (0.7, [0.2, 1.2], 1)
    """
    known = values[~np.isnan(values)]
    n, left_out = int(known.size), int(values.size - known.size)
    if n == 0:
        return OverPeople(None, None, 0, left_out, NOBODY)
    mean = float(known.mean())
    if n == 1:
        return OverPeople(mean, None, 1, left_out, ONE_PARTICIPANT)
    variance = float(known.var(ddof=1)) / n
    if variance < TINY:
        return OverPeople(mean, None, n, left_out, ALIKE)
    half = t_half_width(math.sqrt(variance), n - 1, level)
    return OverPeople(mean, (mean - half, mean + half), n, left_out)

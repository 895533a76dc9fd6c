"""What every measure answers: a number, an interval, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Counts = NDArray[np.int64]
Truths = NDArray[np.bool_]

LEVEL = 0.95
"""Confidence level of every interval."""
ALPHA = 0.05
"""Level of every test, after the correction where there is one."""

NO_ANSWERS = "not defined: there are no answers"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; where one is missing, `reason` says why.

    Examples
    --------
    >>> Estimate(0.5, (0.4, 0.6)).as_json()
    {'estimate': 0.5, 'interval': [0.4, 0.6], 'reason': None}
    """

    estimate: float | None
    interval: Interval | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain data: an interval is a list, an empty reason is ``None``."""
        return {
            "estimate": self.estimate,
            "interval": as_list(self.interval),
            "reason": self.reason or None,
        }


def as_list(interval: Interval | None) -> list[float] | None:
    """Return `interval` as JSON has it.

    >>> as_list((0.1, 0.2)), as_list(None)
    ([0.1, 0.2], None)
    """
    return None if interval is None else [float(interval[0]), float(interval[1])]


def within(low: float, high: float, least: float, most: float) -> Interval:
    """Return the interval, cut at the measure's own limits.

    >>> within(-0.2, 0.4, 0.0, 1.0)
    (0.0, 0.4)
    """
    return float(min(max(low, least), most)), float(min(max(high, least), most))


def number(value: float) -> float | None:
    """Return a plain float, or None where arithmetic had no answer.

    >>> number(0.25), number(float("nan"))
    (0.25, None)
    """
    return float(value) if math.isfinite(value) else None


def divide(part: float, whole: float) -> float | None:
    """Return part / whole, None where whole is 0.

    >>> divide(1, 4), divide(0, 0)
    (0.25, None)
    """
    return None if whole == 0 else float(part) / float(whole)


def join_reasons(reasons: Mapping[str, str]) -> str | None:
    """Return all reasons in one text, None where there are none.

    >>> join_reasons({"hu": "not defined: x", "recall": "not defined: x"})
    'not defined: x'
    """
    return "; ".join(dict.fromkeys(reasons.values())) or None

"""Sensitivity and bias from how often yes was said to targets and to lures."""

from __future__ import annotations

import math
from typing import TypeVar

from survey.analysis.distributions import normal_quantile
from survey.analysis.estimates import Floats

Rate = TypeVar("Rate", float, Floats)


def correct_rate(share: Rate, n: Rate) -> Rate:
    """Return a rate with the log-linear correction: half an answer more of either sort.

    Without it a rate of 0 or 1 has no z. It is applied always, so that sensitivity does not jump where the last miss
    goes.

    Parameters
    ----------
    share : float, or array of float
        0 to 1, of `n` answers.
    n : float, or array of float
        Not negative.

    Returns
    -------
    float, or array of float
        (share × n + .5) / (n + 1), always inside 0 to 1.

    References
    ----------
    Hautus (1995), Behavior Research Methods, Instruments, & Computers 27, 46–51.

    Examples
    --------
    >>> correct_rate(1.0, 9), correct_rate(0.5, 9)
    (0.95, 0.5)
    """
    return (share * n + 0.5) / (n + 1)


def sensitivity(hit_rate: float, false_alarm_rate: float) -> float:
    """Return d′ = z(H) − z(F): 0 where yes is said to lures as often as to targets, whatever one likes to say.

    Parameters
    ----------
    hit_rate, false_alarm_rate : float
        Corrected; inside 0 to 1.

    References
    ----------
    Green & Swets (1966), Signal Detection Theory and Psychophysics; Macmillan & Creelman (2005), Detection Theory:
    a user's guide, ch. 1.

    Examples
    --------
    >>> round(sensitivity(0.84, 0.16), 2), sensitivity(0.9, 0.9)
    (1.99, 0.0)
    """
    return normal_quantile(hit_rate) - normal_quantile(false_alarm_rate)


def response_criterion(hit_rate: float, false_alarm_rate: float) -> float:
    """Return the bias c = −(z(H) + z(F)) / 2: negative where people say yes too readily, 0 without a leaning.

    Examples
    --------
    >>> round(response_criterion(0.9, 0.9), 2), abs(round(response_criterion(0.84, 0.16), 2))
    (-1.28, 0.0)
    """
    return -(normal_quantile(hit_rate) + normal_quantile(false_alarm_rate)) / 2


def density_at(rate: float) -> float:
    """Return the normal density at z(rate): one z more changes the rate by that much.

    >>> round(density_at(0.5), 4)
    0.3989
    """
    z = normal_quantile(rate)
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

"""The variance of a mean over people who gave unequal numbers of answers, and how well it is known."""

from __future__ import annotations

from survey.analysis.estimates import Floats

FEWEST_PEOPLE = 5
"""A group of fewer people is not compared with others: their spread cannot be told from so few."""


def variance_between_people(moved: Floats, weights: Floats) -> tuple[float, float]:
    """Return the variance of one group's mean for new people, and its degrees of freedom.

    Σ moved² underestimates it: the mean was taken from the same people, and is drawn most to those who count most.
    It is divided by what would be expected of it, and the degrees are Satterthwaite's, where people have one variance
    (Bell and McCaffrey's correction). Where everybody counts alike that is P/(P − 1) with P − 1 degrees; where one
    person gave nearly all answers, one degree.

    Parameters
    ----------
    moved : array of float, shape (P,)
        How much every person moves the mean: the sum of their answers' influences.
    weights : array of float, shape (P,)
        What every person counts in the mean; they sum to 1. At least two people count.

    References
    ----------
    Bell & McCaffrey (2002), Survey Methodology 28, 169–181.

    Examples
    --------
    Four people who count alike, then one with 24 answers and four with 2:

    >>> import numpy as np
    >>> variance, degrees = variance_between_people(np.array([-1.0, 1, 1, -1]) / 4, np.full(4, 0.25))
    >>> round(variance, 6), round(degrees, 6)
    (0.333333, 3.0)
    >>> _, degrees = variance_between_people(np.array([0.1, -0.1, 0, 0, 0]), np.array([24, 2, 2, 2, 2]) / 32)
    >>> round(degrees, 2)
    1.45
    """
    two, three, four, five = (float((weights**power).sum()) for power in (2, 3, 4, 5))
    expected = two - 2 * three + two**2
    spread = four - 4 * five + 4 * two * four + 2 * three**2 - 4 * two**2 * three + two**4
    return float(moved @ moved) * two / expected, expected**2 / spread

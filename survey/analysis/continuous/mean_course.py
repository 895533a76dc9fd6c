"""The mean course of ratings over people, with a band that holds at each moment by itself."""

from __future__ import annotations

import numpy as np

from survey.analysis.accuracy import TINY
from survey.analysis.distributions import t_half_width
from survey.analysis.estimates import Codes, Floats

ORIENTATION: float = 8.0
"""Seconds that listeners need before a continuous rating tells of the music: about 8 in Bachorik et al. (2009, 8.31 s
before the first judgment) and in Schubert (2013, agreement between people settles)."""
SHARE_ORIENTED: float = 0.5
"""Of a clip, at most: of a short one not everything is left out."""
FEWEST_SHARE: float = 0.5
"""Of the people of a course, at least so many must have moved their mark for a mean: else who is in it changes."""


def oriented_from(samples: int, hertz: int) -> int:
    """Return the first sample that numbers about a whole course count.

    >>> oriented_from(281, 10), oriented_from(101, 10)
    (80, 50)
    """
    return min(round(ORIENTATION * hertz), int(SHARE_ORIENTED * samples))


def end_of_clip(courses: Floats) -> int:
    """Return how many samples a clip has by all courses to it: up to the last sample of anybody.

    >>> end_of_clip(np.array([[np.nan, 0.1, np.nan, np.nan], [0.2, 0.2, 0.3, np.nan]]))
    3
    """
    there = np.flatnonzero((~np.isnan(courses)).any(axis=0))
    return int(there[-1]) + 1 if there.size else 0


def after_beginning(courses: Floats, stimulus: Codes, hertz: int) -> Floats:
    """Return the courses with NaN at the beginning of every clip, which is left out by that clip's own length.

    Parameters
    ----------
    courses : array of float, shape (M, T)
        NaN behind the end of a clip that is shorter than the longest; a clip ends with the last sample of anybody.
    stimulus : array of int, shape (M,)

    Examples
    --------
    A clip of four samples and one of two: of each the first half is left out.

    >>> table = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, np.nan, np.nan]])
    >>> after_beginning(table, np.array([0, 1]), 10).tolist()
    [[nan, nan, 0.3, 0.4], [nan, 0.6, nan, nan]]
    """
    left = courses.copy()
    for clip in np.unique(stimulus):
        own = stimulus == clip
        left[own, : oriented_from(end_of_clip(courses[own]), hertz)] = np.nan
    return left


def of_each_person(courses: Floats, participant: Codes) -> Floats:
    """Return the mean of each person's courses at every sample, shape (P, T); people in the order of their codes.

    Parameters
    ----------
    courses : array of float, shape (M, T)
        NaN where there is nothing; a person's mean is of what there is.
    participant : array of int, shape (M,)

    Examples
    --------
    >>> of_each_person(np.array([[0.0, 0.2], [np.nan, 0.4], [1.0, 1.0]]), np.array([0, 0, 3])).round(2).tolist()
    [[0.0, 0.3], [1.0, 1.0]]
    """
    people = np.unique(participant, return_inverse=True)[1]
    size = int(people.max(initial=-1)) + 1
    there = ~np.isnan(courses)
    sums, counts = np.zeros((size, courses.shape[1])), np.zeros((size, courses.shape[1]))
    np.add.at(sums, people, np.where(there, courses, 0.0))
    np.add.at(counts, people, there.astype(float))
    result: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return result


def band_of(people: Floats) -> tuple[Codes, Floats, Floats]:
    """Return at every sample how many people there are, their mean, and half the width of its 95 % interval.

    The interval is t of those who moved their mark by then, at each sample by itself: where a band is looked at as a
    whole, the true course leaves it somewhere far more often than in 5 % of studies.

    Parameters
    ----------
    people : array of float, shape (P, T)
        One course per person; NaN where there is nothing.

    Returns
    -------
    n, mean, half : arrays of shape (T,)
        `mean` is NaN where fewer people than `FEWEST_SHARE` of all have a sample, `half` also where there is one, and
        where all are alike: a band without width would claim certainty.

    Examples
    --------
    >>> n, mean, half = band_of(np.array([[np.nan, 0.1], [np.nan, 0.2], [0.9, 0.3]]))
    >>> n.tolist(), mean.round(2).tolist(), half.round(4).tolist()
    ([1, 3], [nan, 0.2], [nan, 0.2484])
    """
    there = ~np.isnan(people)
    n: Codes = there.sum(axis=0)
    filled = np.where(there, people, 0.0)
    enough = n >= max(1, FEWEST_SHARE * len(people))
    mean: Floats = np.divide(filled.sum(axis=0), n, out=np.full(n.size, np.nan), where=enough)
    off = np.where(there, people - np.where(np.isnan(mean), 0.0, mean), 0.0)
    several = enough & (n > 1)
    variance = np.divide((off**2).sum(axis=0), n - 1, out=np.full(n.size, np.nan), where=several)
    width = {int(count): t_half_width(1.0, int(count) - 1) for count in np.unique(n[several])}
    factor = np.array([width.get(int(count), np.nan) for count in n])
    variance /= np.maximum(n, 1)
    half: Floats = factor * np.sqrt(np.where(variance < TINY, np.nan, variance))
    return n, mean, half

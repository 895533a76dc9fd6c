"""How far people went alike while the same clip played."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from survey.analysis.continuous.mean_course import end_of_clip, oriented_from
from survey.analysis.estimates import Codes, Floats

FEWEST_SECONDS: int = 3
"""Fewer whole seconds give no correlation worth the name."""


def pairs_of_clip(courses: Floats, hertz: int) -> Floats:
    """Return Pearson's r between the courses of every two people to one clip, on their means of whole seconds.

    The beginning is left out (`oriented_from`: at most half of this clip), and so is whoever has a gap after it or did
    not move the mark any more: a constant has no correlation.

    Parameters
    ----------
    courses : array of float, shape (P, T)
        One course per person, to the end of the clip.

    Returns
    -------
    array of float, shape (pairs,)

    Notes
    -----
    Samples that follow each other hang together, so r of two unrelated courses is often far from 0 (Schubert 2002): no
    p-value and no interval follows from the number of samples, and none is given.

    Examples
    --------
    >>> up = np.repeat(np.linspace(0, 0.9, 10), 10)
    >>> pairs_of_clip(np.array([up, up / 2, -up]), 10).round(2).tolist()
    [1.0, -1.0, -1.0]
    """
    after = courses[:, oriented_from(courses.shape[1], hertz) :]
    seconds = after.shape[1] // hertz
    if seconds < FEWEST_SECONDS:
        return np.empty(0)
    means = after[:, : seconds * hertz].reshape(len(after), seconds, hertz).mean(axis=2)
    usable = ~np.isnan(means).any(axis=1)
    means = means[usable & (np.ptp(np.where(np.isnan(means), 0.0, means), axis=1) > 1e-9)]
    if len(means) < 2:
        return np.empty(0)
    result: Floats = np.corrcoef(means)[np.triu_indices(len(means), 1)]
    return result


def courses_by_clip(courses: Floats, stimulus: Codes) -> Iterator[Floats]:
    """Yield the courses to every clip, without what lies behind its end: no sample of anybody."""
    for clip in np.unique(stimulus):
        own = courses[stimulus == clip]
        if end := end_of_clip(own):
            yield own[:, :end]

"""Is the recognition of one set of clips higher than that of another, for new people and new clips?

Written apart from `survey.analysis`, so that the simulation does not judge the statistics by themselves: the variance
of the difference is that of people plus that of clips less that of single answers (Cameron, Gelbach & Miller 2011,
*Journal of Business & Economic Statistics* 29, 238–249), within emotions, which are the same in both sets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """New less old recognition, its standard error, and the two-sided p value."""

    gain: float
    error: float
    p: float

    @property
    def significant(self) -> bool:
        """Whether the new clips are recognised better, with p below .05."""
        return self.p < 0.05 and self.gain > 0


def compare(hit: Floats, new: NDArray[np.bool_], emotion: Codes, person: Codes, clip: Codes) -> Difference:
    """Compare the recognition of new with that of old clips; every emotion counts the same.

    Parameters
    ----------
    hit : array, shape (answers,)
        1 where the intended emotion was chosen, else 0.
    new : array of bool, shape (answers,)
        Whether the clip is one of the new ones.
    emotion, person, clip : array of int, shape (answers,)
        Intended emotion, who answered, and what was played. Every emotion must be heard in both sets.

    Examples
    --------
    >>> code = np.arange(64)
    >>> hit, new = (code % 4 > 0).astype(float), code % 8 > 3
    >>> found = compare(hit, new, code // 32, code // 8, code)
    >>> found.gain, found.significant
    (0.0, False)
    """
    cells = emotion * 2 + new
    count = np.bincount(cells)
    means = np.bincount(cells, hit) / count
    emotions = len(count) // 2
    gain = float((means[1::2] - means[::2]).mean())
    # What each answer adds to the difference beyond its cell's mean, shape (answers,).
    share = np.where(new, 1.0, -1.0) * (hit - means[cells]) / count[cells] / emotions
    people, clips = np.bincount(person, share), np.bincount(clip, share)
    heard, played = len(np.unique(person)), len(np.unique(clip))
    # A mean was taken out of each cell of clips, and one difference out of the people.
    of_people = (people**2).sum() * heard / (heard - 1)
    of_clips = (clips**2).sum() * played / max(played - 2 * emotions, 1)
    of_answers = (share**2).sum()
    variance = max(of_people + of_clips - of_answers, of_people, of_clips)
    error = float(np.sqrt(variance))
    degrees = min(heard - 1, max(played - 2 * emotions, 1))
    p = float(2 * stats.t.sf(abs(gain) / error, degrees)) if error > 0 else 1.0
    return Difference(gain, error, p)

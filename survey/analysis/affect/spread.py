"""How far off the mean rating of an emotion may be: for these clips, and for new ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from survey.analysis.affect.components import estimate_components
from survey.analysis.distributions import satterthwaite
from survey.analysis.estimates import Codes, Floats


@dataclass(frozen=True, slots=True)
class Spreads:
    """Variances of the means of emotions; arrays of the shape (emotions,), 0 where nobody rated.

    `between` is the variance between clips of one emotion, None where no emotion has two.
    """

    these_clips: Floats
    new_clips: Floats
    degrees: Floats
    between: float | None


def spread_of_means(values: Floats, participants: Codes, clips: Codes, intended: Codes, emotions: int) -> Spreads:
    """Return the variance of the mean rating of every emotion, for these clips and for new ones.

    For these clips: what is left within each clip, summed per person. For new clips the variance between clips comes
    on top, which all emotions together tell (clips − emotions degrees of freedom): two or three clips of one emotion
    cannot. The degrees of freedom of the sum are Satterthwaite's.

    Parameters
    ----------
    values : array of float, shape (N,)
    participants, clips, intended : array of int, shape (N,)
        Codes ≥ 0; every clip has one intended emotion.
    emotions : int

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110–114; Henderson (1953), Biometrics 9, 226–252.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    >>> spread = spread_of_means(np.array([1.0, 2, 5, 6, 1, 3, 5, 6, 2, 3, 6, 8]), people, clips, clips // 2, 2)
    >>> spread.these_clips.round(3).tolist(), spread.new_clips.round(3).tolist(), round(spread.between, 3)
    ([0.083, 0.25], [0.5, 0.667], 0.833)
    """
    n = np.bincount(intended, minlength=emotions).astype(float)
    these = _variance_of_people(values, participants, clips, intended, n)
    first = np.unique(clips, return_index=True)[1]
    per_emotion = np.bincount(intended[first], minlength=emotions)
    undefined = np.zeros(emotions)
    if per_emotion.max(initial=0) < 2:
        return Spreads(these, undefined, undefined, None)
    try:
        found = estimate_components(values, participants, clips, intended)
    except ValueError:
        return Spreads(these, undefined, undefined, None)
    between = max(found.clips, 0.0)
    answers = np.bincount(clips)[clips[first]].astype(float)
    # Σ m² / n²: what one clip's deviation counts for in the mean of an emotion whose clips have m of its n answers.
    together = np.bincount(intended[first], weights=answers**2, minlength=emotions) / np.maximum(n, 1) ** 2
    of_people = np.array([np.unique(participants[intended == code]).size - 1.0 for code in range(emotions)])
    of_clips, new = (between + found.rest / found.per_clip) * together, these + between * together
    free = float(found.n_clips - found.strata), np.maximum(of_people, 1)
    degrees = np.zeros(emotions)
    for code in range(emotions):  # what single answers add to the clips' means is uncertain, and is no part of the sum
        known = float(new[code] - these[code] - of_clips[code]), math.inf
        parts = [(float(of_clips[code]), free[0]), (float(these[code]), float(free[1][code])), known]
        degrees[code] = satterthwaite(parts) or 0.0
    return Spreads(these, new, np.where(of_people < 1, 0.0, np.maximum(degrees, 1.0)), between)


def _variance_of_people(values: Floats, participants: Codes, clips: Codes, intended: Codes, n: Floats) -> Floats:
    """Variance of every emotion's mean over people, from what a person's ratings differ from those of the same clips.

    A clip's mean takes one part in m of its m ratings away; a clip that one person rated tells nothing of people, and
    its rating is compared with its emotion's mean instead.
    """
    answers = np.bincount(clips)
    per_clip = answers[clips]
    single = per_clip < 2
    centre = np.where(single, mean_of(values, intended)[intended], mean_of(values, clips)[clips])
    # Taking the clip's mean out of its own m ratings shrinks them by √((m − 1)/m).
    left = (values - centre) * np.where(single, 1.0, np.sqrt(per_clip / np.maximum(per_clip - 1, 1)))
    # One sum per (person, emotion), person major; its place modulo the emotions is its emotion.
    sums = np.bincount(participants * n.size + intended, weights=left)
    squares = np.bincount(np.arange(sums.size) % n.size, weights=sums**2, minlength=n.size)
    result: Floats = squares / np.maximum(n, 1) ** 2
    return result


def mean_of(values: Floats, codes: Codes) -> Floats:
    """Return the mean per code, 0 for codes that do not occur.

    >>> mean_of(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 2])).tolist()
    [2.0, 0.0, 5.0]
    """
    result: Floats = np.bincount(codes, weights=values) / np.maximum(np.bincount(codes), 1)
    return result

"""How much numbers of the lens would move with other people and other clips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from survey.analysis.clustering import balance
from survey.analysis.estimates import Codes, Floats
from survey.analysis.lens.judged import JudgedClips
from survey.analysis.lens.moments import Moments, moments_of, with_each_share_moved, without_each_clip

STEP = 1e-4
"""How far a share is moved, up and down, to see what moves with it; a share is 0 to 1."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Variances of numbers, each of shape (E, K); NaN where one is not defined without some clip.

    Attributes
    ----------
    clips : array of float
        For new clips, heard by as many people.
    both : array of float
        For new people and new clips.
    degrees_clips, degrees : array of float
        Degrees of freedom of the two; below 1 there is no interval.
    """

    clips: Floats
    both: Floats
    degrees_clips: Floats
    degrees: Floats


def spread_of(judged: JudgedClips, statistic: Callable[[Moments], Floats]) -> Spread:
    """Return the variances of any function of the moments, for new clips and for new people and new clips.

    Parameters
    ----------
    judged : JudgedClips
        With at least two pieces.
    statistic : function
        From moments to numbers of shape (B, E, K); those of one emotion depend on its own shares alone.

    Notes
    -----
    Clips: the jackknife, each piece left out in turn within its intended emotion. People: the infinitesimal jackknife;
    by how much a number moves with the share of a clip, times what each of a person's answers moved that share, summed
    per person and squared. Both hold the chance of single answers, which is taken off once (people + clips − answers;
    Cameron, Gelbach & Miller 2011), but never below the larger of the two. A bootstrap that draws people and clips
    counts that chance two or three times over, and copies of clips make cues predict better than they do: its
    percentile intervals hold the truth less often (docs/analysis.md).

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110–114; Efron & Stein (1981), Annals of Statistics 9, 586–596;
    Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238–249.
    """
    parts = judged.cues, judged.criterion, judged.judgement
    moments = moments_of(*parts, judged.pieces)
    strata = judged.strata
    without = statistic(without_each_clip(*parts, judged.pieces, strata))
    clips, degrees_clips = _jackknife(without, strata)
    up, down = (statistic(with_each_share_moved(moments, *parts, step)) for step in (STEP, -STEP))
    people, answers = _of_people(judged, (up - down) / (2 * STEP))
    n = judged.people
    of_people = max(1.0, (n - 1) * balance(judged.person)) if n > 1 else 0.0
    return Spread(
        clips,
        np.maximum(clips + people - answers, np.maximum(clips, people)),
        degrees_clips,
        np.minimum(degrees_clips, of_people),
    )


def _jackknife(without: Floats, strata: Codes) -> tuple[Floats, Floats]:
    """Variance of numbers with each piece left out, (pieces, E, K), and its degrees of freedom.

    Σ over strata of (n − 1)/n · Σ (θ − mean)². An emotion's achievement rests most on its own few clips, so the degrees
    are Satterthwaite's, of parts with n − 1 each.
    """
    total, squared = np.zeros(without.shape[1:]), np.zeros(without.shape[1:])
    for stratum in range(int(strata.max()) + 1):
        own = without[strata == stratum]
        part = (len(own) - 1) / len(own) * ((own - own.mean(axis=0)) ** 2).sum(axis=0)
        total += part
        squared += part**2 / (len(own) - 1)
    return total, np.divide(total**2, squared, out=np.ones_like(total), where=squared > 0)


def _of_people(judged: JudgedClips, moved: Floats) -> tuple[Floats, Floats]:
    """Variance over people, and that of single answers; `moved` is by how much each number follows each share."""
    codes = np.unique(judged.person, return_inverse=True)[1]
    n, shares, answers = judged.people, judged.judgement, judged.answers
    shape = n, len(judged.cues)
    people, single = np.zeros(moved.shape[1:]), np.zeros(moved.shape[1:])
    # A clip's single answer is as far from its share as chance has it; what of it is one answer's is not known.
    alone = np.where(answers > 1, 1 / np.maximum(answers - 1, 1), 0.0)
    for emotion, code in enumerate(judged.emotions):
        own = (judged.chosen == code) - shares[judged.clip, emotion]
        of_person = csr_array((own / answers[judged.clip], (codes, judged.clip)), shape=shape) @ moved[:, emotion]
        people[emotion] = (of_person**2).sum(axis=0) * n / max(n - 1, 1)
        chance = shares[:, emotion] * (1 - shares[:, emotion]) * alone
        single[emotion] = chance @ moved[:, emotion] ** 2
    return people, single

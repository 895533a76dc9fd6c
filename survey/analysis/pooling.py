"""Intervals of single emotions: what people and clips differ by is told by all emotions together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from survey.analysis.accuracy import ONE_PARTICIPANT
from survey.analysis.clustering import correlation_within
from survey.analysis.distributions import satterthwaite
from survey.analysis.estimates import Codes, Counts, Floats, Interval, Truths
from survey.analysis.proportions import share_interval

ONE_CLIP_EACH = "not defined: one clip per emotion says nothing about new clips"


@dataclass(frozen=True, slots=True)
class PooledIntervals:
    """95 % intervals of a share of the answers to every emotion, None where there are no answers.

    Attributes
    ----------
    these_clips, new_clips : list of Interval or None
        For new people hearing these clips; for new people hearing new clips.
    why_people, why_clips : str
        Why they are not defined.
    """

    these_clips: list[Interval | None]
    new_clips: list[Interval | None]
    why_people: str = ""
    why_clips: str = ""


def pooled_intervals(
    hits: Truths, participants: Codes, clips: Codes, intended: Codes, emotions: int
) -> PooledIntervals:
    """Return for every emotion the intervals of a share of its answers, with what people and clips differ by pooled.

    The share is that of the hits, its recall, or of any answer that `hits` marks: `confusion.intervals_of_cells`.

    Two or three clips of an emotion cannot say how much such clips differ; all clips together can. The answers
    are standardised within their emotion, z = (y − p_e) / √(p_e (1 − p_e)); the design effect of the clips,
    pooled over the emotions with clips − emotions degrees of freedom, gives the correlation ρ of two answers to
    one clip, and that the design effect 1 + (m_e − 1) ρ of every emotion with m_e answers per clip; the same
    for two answers of one person to clips of one emotion. Wilson's interval with the effective number of
    answers, n_e / design effect. Where no emotion has both hits and misses, nothing tells how much clips differ;
    then each of them counts as one answer.

    Parameters
    ----------
    hits : array of bool, shape (N,)
    participants, clips, intended : array of int, shape (N,)
    emotions : int

    References
    ----------
    Kish (1965), Survey Sampling (design effect); Satterthwaite (1946), Biometrics Bulletin 2, 110–114.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10)
    >>> hits = (people + 3 * clips) % 10 < np.array([3, 6, 5, 8])[clips]
    >>> found = pooled_intervals(hits, people, clips, clips // 2, 2)
    >>> [[round(end, 2) for end in interval] for interval in found.new_clips]
    [[0.11, 0.85], [0.2, 0.93]]
    """
    n = np.bincount(intended, minlength=emotions)
    people = int(np.count_nonzero(np.bincount(participants)))
    undefined: list[Interval | None] = [None] * emotions
    if people < 2:
        return PooledIntervals(undefined, undefined, ONE_PARTICIPANT, ONE_PARTICIPANT)
    share = np.bincount(intended[hits], minlength=emotions) / np.maximum(n, 1)
    effects = design_effects(hits, participants, clips, intended, emotions)
    these = _wilson(share, n, effects.these, np.full(emotions, people - 1.0))
    if not effects.degrees:
        return PooledIntervals(these, undefined, "", ONE_CLIP_EACH)
    freedom = np.empty(emotions)
    for code in range(emotions):
        of_clips, of_people = float(effects.clips[code]), float(effects.people[code] - 1)
        # 0, but where `both` was raised to what these people alone show: that rest is taken as known.
        known = float(effects.both[code]) - of_clips - of_people, math.inf
        freedom[code] = satterthwaite([(of_clips, float(effects.degrees)), (of_people, people - 1.0), known])
    return PooledIntervals(these, _wilson(share, n, effects.both, np.minimum(freedom, people - 1)))


def clips_of_each_intention(clips: Codes, intended: Codes, emotions: int) -> tuple[Codes, bool]:
    """Return codes of clips that have one intended emotion each, and whether any had several.

    A clip with several intentions (asked yes or no about several emotions) is a clip of each.

    >>> clips_of_each_intention(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    (array([0, 1, 3]), True)
    """
    mixed = np.unique(np.stack([clips, intended]), axis=1).shape[1] > np.unique(clips).size
    return (clips * emotions + intended if mixed else clips), mixed


@dataclass(frozen=True, slots=True)
class DesignEffects:
    """By how much answers that hang together multiply the variance of every emotion's recall, shape (E,) each.

    `clips` and `people` are the two sources alone; `these` is for new people hearing these clips, `both` for new
    people and new clips. `degrees` of freedom of what the clips tell; 0 with one clip per emotion, which tell nothing.
    """

    clips: Floats
    people: Floats
    these: Floats
    both: Floats
    degrees: int


def design_effects(hits: Truths, participants: Codes, clips: Codes, intended: Codes, emotions: int) -> DesignEffects:
    """Return the design effects of every emotion's recall, pooled over the emotions as in `pooled_intervals`.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10)
    >>> hits = (people + 3 * clips) % 10 < np.array([3, 6, 5, 8])[clips]
    >>> found = design_effects(hits, people, clips, clips // 2, 2)
    >>> found.both.round(2).tolist(), found.degrees
    ([2.27, 2.27], 2)
    """
    n = np.bincount(intended, minlength=emotions)
    per_emotion = np.bincount(_emotion_of_clips(clips, intended)[np.bincount(clips) > 0], minlength=emotions)
    people = int(np.count_nonzero(np.bincount(participants)))
    share = np.bincount(intended[hits], minlength=emotions) / np.maximum(n, 1)
    # Standardised within the emotion, easy and hard emotions can be pooled; where all or no answers hit, z is 0.
    deviation = np.sqrt(share * (1 - share))[intended]
    z = np.divide(hits - share[intended], deviation, out=np.zeros(hits.size), where=deviation > 0)
    of_people = _design_effect_of_people(z, participants, intended, n)
    # Without any spread the answers of a person may be one and the same: counted as one answer per person.
    of_these = of_people if z.any() else np.maximum(of_people, n / people)
    varies = (share > 0) & (share < 1) & (per_emotion > 1)
    of_clips = _design_effect_of_clips(z, clips, intended, n, per_emotion, varies)
    # The same for clips: one answer per clip.
    if not varies.any():
        of_clips = np.maximum(n / np.maximum(per_emotion, 1), 1.0)
    degrees = int((per_emotion - 1)[varies if varies.any() else per_emotion > 1].sum())
    return DesignEffects(of_clips, of_people, of_these, np.maximum(of_clips + of_people - 1, of_these), degrees)


def _emotion_of_clips(clips: Codes, intended: Codes) -> Codes:
    """The intended emotion of every code up to the last; 0 where no clip has it. Sorting millions takes far longer."""
    found = np.zeros(int(clips.max(initial=-1)) + 1, np.int64)
    found[clips] = intended
    return found


def _wilson(share: Floats, n: Counts, effect: Floats, degrees: Floats) -> list[Interval | None]:
    return [
        share_interval(float(share[e]), float(n[e] / effect[e]), float(degrees[e])) if n[e] else None
        for e in range(n.size)
    ]


def _design_effect_of_clips(
    z: Floats, clips: Codes, intended: Codes, n: Counts, per_emotion: Counts, varies: Truths
) -> Floats:
    """1 + (m_e − 1) ρ per emotion, with m_e the answers per clip that an answer has beside it, itself included.

    The sum of squares of the clips' sums has the expectation Σ_e (S_e − 1) n_e / S_e × design effect: each
    emotion's mean has been taken out.
    """
    answers = np.bincount(clips)
    of_emotion = _emotion_of_clips(clips, intended)[answers > 0]
    squares = answers[answers > 0].astype(float) ** 2
    together = np.bincount(of_emotion, weights=squares, minlength=n.size) / np.maximum(n, 1)
    share = np.where(varies, (per_emotion - 1) * n / np.maximum(per_emotion, 1), 0.0)
    if not share.any():
        return np.ones(n.size)
    sums = np.bincount(clips, weights=z)
    effect = float(sums @ sums) / float(share.sum())
    beside = float(together @ share / share.sum()) - 1
    correlation = max(0.0, (effect - 1) / beside) if beside > 0 else 0.0
    result: Floats = 1 + np.maximum(together - 1, 0) * correlation
    return result


def _design_effect_of_people(z: Floats, participants: Codes, intended: Codes, n: Counts) -> Floats:
    """The same for the answers of one person to clips of one emotion; from the products of their pairs."""
    # (person, emotion) as one number: answers to different emotions are not paired.
    own = participants * n.size + intended
    answers = np.bincount(own)
    emotion = np.arange(answers.size) % n.size
    together = np.bincount(emotion, weights=answers.astype(float) ** 2, minlength=n.size) / np.maximum(n, 1)
    result: Floats = 1 + np.maximum(together - 1, 0) * correlation_within(z, own)
    return result

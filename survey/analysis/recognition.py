"""Is an emotion recognised: its hits beside how often its name is given to other clips, clip by clip at random.

A listener who likes the answer *sadness* hits every sad clip without hearing anything. So the chance of an
emotion is not one in k: it is how often the same listeners give that answer to clips of other emotions (the
false alarms). And the units that were made for an emotion are clips, not answers: what a test may shuffle is
which clip was made for which emotion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from survey.analysis.estimates import NO_ANSWERS, Codes, Counts, Floats, Interval, Truths, as_list
from survey.analysis.multiplicity import holm
from survey.analysis.proportions import share_interval

ALPHA = 0.05
"""Level of the tests of the emotions, over all of them together."""
MOST_EXACT = 10_000
"""Up to so many ways to choose an emotion's clips all are gone through; beyond, `replicates` are drawn."""
TINY = 1e-12
ONE_PARTICIPANT = "not defined: one participant says nothing about new people"
ONE_CLIP_EACH = "not defined: one clip per emotion says nothing about new clips"
ONE_EMOTION = "not defined: all clips have the same intended emotion, so there are no other clips to compare with"
NOT_HEARD = "not defined: there are no answers to its clips"
SEVERAL = "not defined: the same clips stand for several answers, so intentions cannot be dealt anew"
NOT_ASKED = "not asked for"


@dataclass(frozen=True, slots=True)
class Recognition:
    """One intended emotion among the others.

    Attributes
    ----------
    clips, n : int
        Clips made for it, and their answers.
    recall, chance, difference : float or None
        Share of hits; how often the listeners of those clips gave that answer to the other clips, each listener
        weighted by the number of the emotion's clips they heard; recall − chance.
    these_clips, new_clips : Interval or None
        95 % of the recall for new people, and for new people and new clips (`pooled_intervals`).
    p_value, p_holm : float or None
        One-sided, intentions permuted between clips; Holm over the emotions.
    smallest_p : float or None
        The smallest p value that so few clips allow.
    reasons : dict
        Field name → why it is None.
    """

    clips: int
    n: int
    recall: float | None = None
    chance: float | None = None
    difference: float | None = None
    these_clips: Interval | None = None
    new_clips: Interval | None = None
    p_value: float | None = None
    p_holm: float | None = None
    smallest_p: float | None = None
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def is_recognised(self) -> bool | None:
        """Whether it is recognised beyond chance at level `ALPHA` over all emotions; None where not tested."""
        return None if self.p_holm is None else self.p_holm < ALPHA

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "clips": self.clips,
            "chance": self.chance,
            "difference": self.difference,
            "participants": as_list(self.these_clips),
            "participants_stimuli": as_list(self.new_clips),
            "p_value": self.p_value,
            "p_value_alternative": "greater",
            "p_holm": self.p_holm,
            "smallest_p": self.smallest_p,
            "recognised": self.is_recognised,
            "reasons": self.reasons,
        }


def recognise_emotions(
    participants: Codes,
    clips: Codes,
    intended: Codes,
    chosen: Codes,
    emotions: int,
    *,
    replicates: int = 2000,
    seed: int = 0,
) -> list[Recognition]:
    """Return for every emotion whether its clips are recognised.

    Parameters
    ----------
    participants, clips, intended, chosen : array of int, shape (N,)
        Codes ≥ 0 of every answer; `chosen` ≥ `emotions` is "none of these". Answers to one piece of music have
        one code of clip, and one intended emotion.
    emotions : int
        Number of emotions.
    replicates, seed : int
        Of the permutation where there are too many ways to go through all; 0 leaves the test out.

    Notes
    -----
    The statistic of emotion e is the mean over its answers of 1(chosen = e) − m, with m the share of answers e
    among all answers of the same listener. Shuffling intentions between clips leaves every listener and every
    clip as it is, so the test is exact whatever anybody likes to answer, where the clips carry nothing. Where
    *other* emotions are recognised, their clips attract fewer answers e; then an emotion whose own clips carry
    nothing can still exceed its chance as defined here.

    References
    ----------
    Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39 (the + 1);
    Wagner (1993), Journal of Nonverbal Behavior 17, 3–28 (why one in k is no chance).

    Examples
    --------
    Everybody says the second emotion, whatever is played:

    >>> people, clips = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    >>> found = recognise_emotions(people, clips, clips // 2, np.ones(24, int), 2, replicates=199)
    >>> found[1].recall, found[1].chance, found[1].p_value
    (1.0, 1.0, 1.0)
    """
    mixed = np.unique(np.stack([clips, intended]), axis=1).shape[1] > np.unique(clips).size
    if mixed:  # a clip with several intentions (asked yes or no about several emotions) is a clip of each
        clips, replicates = clips * emotions + intended, 0
    if intended.size == 0:
        return [Recognition(0, 0, reasons=dict.fromkeys(("recall", "p_holm"), NO_ANSWERS)) for _ in range(emotions)]
    sizes = np.bincount(intended, minlength=emotions)
    first = np.unique(clips, return_index=True)[1]
    per_emotion = np.bincount(intended[first], minlength=emotions)
    hits = chosen == intended
    intervals = pooled_intervals(hits, participants, clips, intended, emotions)
    p_values, smallest = _permute(participants, clips, intended, chosen, emotions, replicates, seed)
    adjusted = holm(p_values)
    found = []
    for code in range(emotions):
        n = int(sizes[code])
        if n == 0:
            found.append(Recognition(0, 0, reasons=dict.fromkeys(("recall", "p_holm"), NOT_HEARD)))
            continue
        recall = float(hits[intended == code].mean())
        chance = false_alarms(participants, intended, chosen, code)
        reasons = {}
        if intervals.why_people:
            reasons["participants"] = intervals.why_people
        if intervals.why_clips:
            reasons["participants_stimuli"] = intervals.why_clips
        if chance is None:
            reasons["chance"] = ONE_EMOTION
        if p_values[code] is None:
            reasons["p_holm"] = ONE_EMOTION if chance is None else SEVERAL if mixed else NOT_ASKED
        found.append(
            Recognition(
                int(per_emotion[code]),
                n,
                recall,
                chance,
                None if chance is None else recall - chance,
                intervals.these_clips[code],
                intervals.new_clips[code],
                p_values[code],
                adjusted[code],
                smallest[code],
                reasons,
            )
        )
    return found


def false_alarms(participants: Codes, intended: Codes, chosen: Codes, emotion: int) -> float | None:
    """Return how often the listeners of an emotion's clips give that answer to other clips.

    Each listener counts as often as they heard the emotion. Where nobody heard both, the share over all
    listeners of other clips stands in.

    Returns
    -------
    float, or None where no other emotion was played

    Examples
    --------
    Two listeners, two clips of emotion 0 and two others; the first says 0 to everything:

    >>> people, intended = np.repeat([0, 1], 4), np.array([0, 0, 1, 1, 0, 0, 1, 1])
    >>> false_alarms(people, intended, np.array([0, 0, 0, 0, 0, 0, 1, 1]), 0)
    0.5
    """
    other, said = intended != emotion, chosen == emotion
    if not other.any():
        return None
    people = int(participants.max()) + 1
    heard = np.bincount(participants[~other], minlength=people)
    others = np.bincount(participants[other], minlength=people)
    alarms = np.bincount(participants[other & said], minlength=people)
    weights = np.where(others > 0, heard, 0)
    if not weights.any():
        return float(said[other].mean())
    return float((weights * alarms / np.maximum(others, 1)).sum() / weights.sum())


@dataclass(frozen=True, slots=True)
class PooledIntervals:
    """95 % intervals of the recall of every emotion, None where there are no answers.

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
    """Return for every emotion the intervals of its recall, with what people and clips differ by pooled.

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
    per_emotion = np.bincount(intended[np.unique(clips, return_index=True)[1]], minlength=emotions)
    people = int(np.unique(participants).size)
    undefined: list[Interval | None] = [None] * emotions
    if people < 2:
        return PooledIntervals(undefined, undefined, ONE_PARTICIPANT, ONE_PARTICIPANT)
    share = np.bincount(intended[hits], minlength=emotions) / np.maximum(n, 1)
    deviation = np.sqrt(share * (1 - share))[intended]
    z = np.divide(hits - share[intended], deviation, out=np.zeros(hits.size), where=deviation > 0)
    of_people = _design_effect_of_people(z, participants, intended, n)
    of_these = of_people if z.any() else np.maximum(of_people, n / people)
    these = _wilson(share, n, of_these, np.full(emotions, people - 1.0))
    if per_emotion.max(initial=0) < 2:
        return PooledIntervals(these, undefined, "", ONE_CLIP_EACH)
    varies = (share > 0) & (share < 1) & (per_emotion > 1)
    of_clips = _design_effect_of_clips(z, clips, intended, n, per_emotion, varies)
    if not varies.any():
        of_clips = np.maximum(n / np.maximum(per_emotion, 1), 1.0)
    effect = np.maximum(of_clips + of_people - 1, of_these)
    degrees = int((per_emotion - 1)[varies if varies.any() else per_emotion > 1].sum())
    freedom = effect**2 / (of_clips**2 / degrees + (of_people - 1) ** 2 / (people - 1))
    return PooledIntervals(these, _wilson(share, n, effect, np.minimum(freedom, people - 1)))


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
    first = np.unique(clips, return_index=True)[1]
    of_emotion = intended[first]
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
    own = participants * n.size + intended
    answers = np.bincount(own)
    pairs = float((answers * (answers - 1.0)).sum())
    emotion = np.arange(answers.size) % n.size
    together = np.bincount(emotion, weights=answers.astype(float) ** 2, minlength=n.size) / np.maximum(n, 1)
    if pairs == 0:
        return np.ones(n.size)
    sums = np.bincount(own, weights=z)
    correlation = max(0.0, float(sums @ sums - z @ z) / pairs)
    result: Floats = 1 + np.maximum(together - 1, 0) * correlation
    return result


def _permute(
    participants: Codes,
    clips: Codes,
    intended: Codes,
    chosen: Codes,
    emotions: int,
    replicates: int,
    seed: int,
) -> tuple[list[float | None], list[float | None]]:
    """One-sided p value of every emotion, and the smallest that its number of clips allows."""
    names, first, place = np.unique(clips, return_index=True, return_inverse=True)
    made_for = intended[first]
    per_emotion = np.bincount(made_for, minlength=emotions)
    ways = [math.comb(names.size, int(count)) for count in per_emotion]
    if replicates < 1:
        return [None] * emotions, [None] * emotions
    residuals = _residuals(participants, place, chosen, emotions)
    answers = np.bincount(place).astype(float)
    shuffled = _deal_at_random(residuals, answers, made_for, replicates, seed) if max(ways) > MOST_EXACT else None
    p_values: list[float | None] = []
    smallest: list[float | None] = []
    for emotion, number in enumerate(ways):
        if number == 1:
            p_values.append(None)
            smallest.append(None)
        elif number <= MOST_EXACT:
            p_values.append(_deal_every_way(residuals[:, emotion], answers, made_for == emotion))
            smallest.append(1 / number)
        else:
            assert shuffled is not None
            p_values.append(float(shuffled[emotion]))
            smallest.append(1 / (1 + replicates))
    return p_values, smallest


def _deal_every_way(residuals: Floats, answers: Floats, made_for_it: Truths) -> float:
    """Exact p value: over every choice of as many clips as were made for the emotion."""
    count = int(made_for_it.sum())
    chosen = np.array(list(combinations(range(made_for_it.size), count)), np.int64)
    statistics = residuals[chosen].sum(axis=1) / answers[chosen].sum(axis=1)
    observed = residuals[made_for_it].sum() / answers[made_for_it].sum()
    return float((statistics >= observed - TINY).mean())


def _deal_at_random(residuals: Floats, answers: Floats, made_for: Codes, replicates: int, seed: int) -> Floats:
    """p value of every emotion from random permutations of the intentions, shape (emotions,)."""
    emotions = residuals.shape[1]
    generator = np.random.default_rng(seed)
    observed = _statistic(residuals, answers, made_for, emotions)
    at_least = np.zeros(emotions, np.int64)
    for _ in range(replicates):
        shuffled = _statistic(residuals, answers, generator.permutation(made_for), emotions)
        at_least += shuffled >= observed - TINY
    result: Floats = (1 + at_least) / (1 + replicates)
    return result


def _residuals(participants: Codes, clips: Codes, chosen: Codes, emotions: int) -> Floats:
    """Answers e to each clip beyond its listeners' own share of answers e, shape (S, emotions)."""
    own = np.bincount(participants)
    columns = []
    for emotion in range(emotions):
        said = chosen == emotion
        usual = np.bincount(participants[said], minlength=own.size) / np.maximum(own, 1)
        columns.append(np.bincount(clips, weights=said - usual[participants]))
    return np.stack(columns, axis=1)


def _statistic(residuals: Floats, answers: Floats, made_for: Codes, emotions: int) -> Floats:
    """Mean residual of every emotion's own answer over the answers to its clips, shape (emotions,)."""
    clips = np.arange(made_for.size)
    sums = np.bincount(made_for, weights=residuals[clips, made_for], minlength=emotions)
    sizes = np.bincount(made_for, weights=answers, minlength=emotions)
    result: Floats = sums / np.maximum(sizes, 1)
    return result

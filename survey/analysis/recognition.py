"""Is an emotion recognised: its hits beside how often its name is given to other clips, clip by clip at random.

A listener who likes the answer *sadness* hits every sad clip without hearing anything. So the chance of an
emotion is not one in k: it is how often the same listeners give that answer to clips of other emotions (the
false alarms). And the units that were made for an emotion are clips, not answers: what a test may shuffle is
which clip was made for which emotion.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from survey.analysis.distributions import normal_quantile
from survey.analysis.estimates import ALPHA, LEVEL, NO_ANSWERS, Codes, Interval, as_list
from survey.analysis.guessing import Guess, beyond_guessing
from survey.analysis.multiplicity import holm
from survey.analysis.permutation import permute_each_emotion
from survey.analysis.pooling import clips_of_each_intention, pooled_intervals
from survey.analysis.proportions import wilson_share

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
    p_value : float or None
        One-sided, intentions permuted between clips: no clip carries anything.
    guess, p_guess : float or None
        Share of the answer that guessing gives at a clip which carries nothing; one-sided p of a recall above that
        (`beyond_guessing`): this emotion's clips carry nothing, whatever the others do.
    p_holm : float or None
        Of the larger of both, for an emotion is recognised where both are wrong; Holm over the emotions.
    smallest_p : float or None
        The smallest p value that so few clips allow.
    reasons : dict
        Field name → why it is None.
    chance_n, chance_interval : int, Interval or None
        Answers to other clips that chance is a share of, and its 95 % interval (`Chance`).
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
    guess: float | None = None
    p_guess: float | None = None
    reasons: dict[str, str] = field(default_factory=dict)
    chance_n: int = 0
    chance_interval: Interval | None = None

    @property
    def is_recognised(self) -> bool | None:
        """Whether it is recognised beyond chance at level `ALPHA` over all emotions; None where not tested."""
        return None if self.p_holm is None else self.p_holm < ALPHA

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "clips": self.clips,
            "chance": self.chance,
            "chance_n": self.chance_n,
            "chance_interval": as_list(self.chance_interval),
            "difference": self.difference,
            "participants": as_list(self.these_clips),
            "participants_stimuli": as_list(self.new_clips),
            "p_value": self.p_value,
            "p_value_alternative": "greater",
            "p_holm": self.p_holm,
            "smallest_p": self.smallest_p,
            "guess": self.guess,
            "p_guess": self.p_guess,
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
    answers: int | None = None,
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
    answers : int, optional
        Number of answers that were offered; without it those up to the last that was given.
    replicates, seed : int
        Of the permutation where there are too many ways to go through all; 0 leaves the test out.

    Notes
    -----
    The statistic of emotion e is the mean over its answers of 1(chosen = e) − m, with m the share of answers e
    among all answers of the same listener. Shuffling intentions between clips leaves every listener and every
    clip as it is, so the test is exact whatever anybody likes to answer, where the clips carry nothing. Where
    *other* emotions are recognised, their clips attract fewer answers e, and an emotion whose own clips carry nothing
    exceeds its chance as defined here; so its recall has to lie above what guessing would give, too.

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
    clips, mixed = clips_of_each_intention(clips, intended, emotions)
    if mixed:
        replicates = 0
    if intended.size == 0:
        return [Recognition(0, 0, reasons=dict.fromkeys(("recall", "p_holm"), NO_ANSWERS)) for _ in range(emotions)]
    sizes = np.bincount(intended, minlength=emotions)
    first = np.unique(clips, return_index=True)[1]
    per_emotion = np.bincount(intended[first], minlength=emotions)
    hits = chosen == intended
    intervals = pooled_intervals(hits, participants, clips, intended, emotions)
    p_values, smallest = permute_each_emotion(
        participants, clips, intended, chosen, emotions, replicates=replicates, seed=seed
    )
    guesses = [Guess(None, None, SEVERAL)] * emotions
    if not mixed:
        offered = max(emotions, int(chosen.max()) + 1) if answers is None else answers
        guesses = beyond_guessing(participants, clips, intended, chosen, emotions, offered)
    # Two hypotheses have to be wrong before an emotion counts as recognised (intersection–union): the larger p is a
    # valid p of that, and Holm goes over the emotions.
    adjusted = holm([_larger(p, guess.p_value) for p, guess in zip(p_values, guesses, strict=True)])
    found = []
    for code in range(emotions):
        n = int(sizes[code])
        if n == 0:
            found.append(Recognition(0, 0, reasons=dict.fromkeys(("recall", "p_holm"), NOT_HEARD)))
            continue
        recall = float(hits[intended == code].mean())
        alarms = chance_of(participants, intended, chosen, code)
        chance = alarms.share if alarms else None
        reasons = {}
        if intervals.why_people:
            reasons["participants"] = intervals.why_people
        if intervals.why_clips:
            reasons["participants_stimuli"] = intervals.why_clips
        if chance is None:
            reasons["chance"] = ONE_EMOTION
        if p_values[code] is None:
            reasons["p_holm"] = ONE_EMOTION if chance is None else SEVERAL if mixed else NOT_ASKED
        if guesses[code].reason:
            reasons["p_guess"] = guesses[code].reason
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
                guesses[code].share,
                guesses[code].p_value,
                reasons,
                alarms.n if alarms else 0,
                alarms.interval if alarms else None,
            )
        )
    return found


def _larger(p_value: float | None, p_guess: float | None) -> float | None:
    """Of two hypotheses that both have to be wrong; where guessing tells nothing the first decides alone."""
    return p_value if p_value is None or p_guess is None else max(p_value, p_guess)


@dataclass(frozen=True, slots=True)
class Chance:
    """How often an answer is given to other clips: a share of `n` answers, with the interval of that share.

    `interval` is Wilson's of as many answers as weigh alike (Kish); it takes them as independent, so it is too narrow
    rather than too wide.
    """

    share: float
    n: int
    interval: Interval


def chance_of(participants: Codes, intended: Codes, chosen: Codes, emotion: int) -> Chance | None:
    """Return how often the listeners of an emotion's clips give that answer to other clips.

    Each listener counts as often as they heard the emotion. Where nobody heard both, the share over all
    listeners of other clips stands in.

    Returns
    -------
    Chance, or None where no other emotion was played

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7 (the effective number of unequally weighted answers).

    Examples
    --------
    Two listeners, two clips of emotion 0 and two others; the first says 0 to everything:

    >>> people, intended = np.repeat([0, 1], 4), np.array([0, 0, 1, 1, 0, 0, 1, 1])
    >>> found = chance_of(people, intended, np.array([0, 0, 0, 0, 0, 0, 1, 1]), 0)
    >>> found.share, found.n, [round(end, 3) for end in found.interval]
    (0.5, 4, [0.15, 0.85])
    """
    other, said = intended != emotion, chosen == emotion
    if not other.any():
        return None
    people = int(participants.max()) + 1
    heard = np.bincount(participants[~other], minlength=people)
    others = np.bincount(participants[other], minlength=people)
    # Per answer to other clips: its listener's answers to the emotion, spread over their answers to others.
    weights = (heard / np.maximum(others, 1))[participants[other]]
    if not weights.any():
        weights = np.ones(weights.size)
    share = float((weights * said[other]).sum() / weights.sum())
    # Kish's effective sample size of weighted answers.
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return Chance(share, int((weights > 0).sum()), wilson_share(share, effective, normal_quantile((1 + LEVEL) / 2)))

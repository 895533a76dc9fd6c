"""How well people tell targets from lures: d′ and bias of all emotions together and of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from survey.analysis.accuracy import ONE_PARTICIPANT, ONE_STIMULUS
from survey.analysis.detection.answers import Answers, Table
from survey.analysis.detection.rates import correct_rate, response_criterion, sensitivity
from survey.analysis.detection.spread import Uncertainty, uncertainty_of_all, uncertainty_of_each
from survey.analysis.distributions import t_quantile, t_upper_tail
from survey.analysis.estimates import LEVEL, NO_ANSWERS, Codes, Interval, Truths
from survey.analysis.multiplicity import holm
from survey.analysis.pooling import ONE_CLIP_EACH

ALPHA = 0.05
"""Level of the tests: of all together, and of the emotions, over all of them."""
NO_LURES = "not defined: no trial named another emotion"
NO_TARGETS = "not defined: no trial named the intended emotion"
NOTHING_IN_COMMON = "not defined: no emotion was named both about its own clips and about others"
ALL_ALIKE = "not defined: everybody gave the same answer to everything, so nothing is told apart"
NOT_NAMED = "not defined: it was not named both about its own clips and about others"


@dataclass(frozen=True, slots=True)
class Detection:
    """Sensitivity and bias of answers yes or no.

    Attributes
    ----------
    targets, lures, clips : int
        Answers to trials that named the intended emotion, and another one; clips of the targets.
    hits, false_alarms : int
        How many of those were yes.
    hit_rate, false_alarm_rate : float or None
        Shares of yes. Of all emotions together each emotion named counts alike in both.
    d_prime, criterion : float or None
        z(H) − z(F) and −(z(H) + z(F))/2, log-linear correction.
    these_clips, new_clips : Interval or None
        95 % of d′ for new people hearing these clips, and for new people and new clips.
    p_value, p_holm : float or None
        One-sided, of d′ = 0, for new people and new clips; Holm over the emotions.
    recognised : bool or None
        Whether d′ is above 0 at `ALPHA`; None where it was not tested.
    reasons : dict
        Field name → why it is None.
    """

    targets: int
    lures: int
    clips: int
    hits: int
    false_alarms: int
    hit_rate: float | None = None
    false_alarm_rate: float | None = None
    d_prime: float | None = None
    criterion: float | None = None
    these_clips: Interval | None = None
    new_clips: Interval | None = None
    p_value: float | None = None
    p_holm: float | None = None
    recognised: bool | None = None
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detected:
    """All emotions together, and each by the name that was asked about."""

    together: Detection
    emotions: dict[str, Detection]

    @property
    def has_lures(self) -> bool:
        """Whether any trial named another emotion than the intended one."""
        return self.together.lures > 0


def measure_detection(
    participants: Codes, clips: Codes, asked: Codes, target: Truths, yes: Truths, emotions: Sequence[str]
) -> Detected:
    """Return how well targets are told from lures.

    Parameters
    ----------
    participants, clips : array of int, shape (N,)
        Codes ≥ 0 of person and piece (of the picture, where there is no music).
    asked : array of int, shape (N,)
        Code of the emotion named.
    target, yes : array of bool, shape (N,)
        Whether it is the intended one, and whether the answer was yes.
    emotions : sequence of str
        Names.

    Notes
    -----
    d′ is that of the rates of all people together, which lies below the mean d′ of single people where they differ
    in their leaning to say yes (Macmillan & Kaplan 1985); single people answer too few trials for a d′ of their own.

    References
    ----------
    Hautus (1995), Behavior Research Methods, Instruments, & Computers 27, 46–51; Macmillan & Kaplan (1985),
    Psychological Bulletin 98, 185–199.

    Examples
    --------
    Twelve people hear four clips, half of them with a lure; they say yes to three of four targets, to one of four lures:

    >>> people, clips = np.repeat(np.arange(12), 4), np.tile(np.arange(4), 12)
    >>> target = (people + clips) % 2 == 0
    >>> asked = np.where(target, clips // 2, 1 - clips // 2)
    >>> yes = target ^ ((people // 2 + clips) % 4 == 0)
    >>> found = measure_detection(people, clips, asked, target, yes, ["awe", "fear"])
    >>> round(found.together.hit_rate, 2), round(found.together.false_alarm_rate, 2), round(found.together.d_prime, 2)
    (0.75, 0.25, 1.29)

    Who always says yes tells nothing apart:

    >>> always = measure_detection(people, clips, asked, target, target | True, ["awe", "fear"]).together
    >>> always.hit_rate, always.d_prime, always.recognised
    (1.0, 0.0, None)
    """
    _, people = np.unique(participants, return_inverse=True)
    _, pieces = np.unique(clips, return_inverse=True)
    everything = Answers(people, pieces, asked, target, yes, len(emotions))
    counts = _counts(everything, np.ones(target.size, bool))
    named = sorted(set(asked.tolist()))
    why = _why_not(everything)
    if why:
        reasons = dict.fromkeys(("d_prime", "criterion"), why)
        each = {emotions[code]: replace(_bare(everything, code), reasons=reasons) for code in named}
        return Detected(replace(counts, reasons=reasons), each)
    answers = everything.comparable()
    table = Table.of(answers)
    together = _estimate(counts, table.shares, table.d_prime, table.criterion, uncertainty_of_all(answers, table))
    together = replace(together, reasons=_undefined(together, answers, ONE_STIMULUS))
    return Detected(_decided(together, together.p_value), _each(everything, answers, table, emotions, named))


def _each(
    everything: Answers, answers: Answers, table: Table, emotions: Sequence[str], named: Sequence[int]
) -> dict[str, Detection]:
    spreads = uncertainty_of_each(answers, table)
    found: dict[str, Detection] = {}
    for code in named:
        bare = _bare(everything, code)
        if not table.weights[code]:
            found[emotions[code]] = replace(bare, reasons=dict.fromkeys(("d_prime", "criterion"), NOT_NAMED))
            continue
        shares = float(table.hits[code]), float(table.alarms[code])
        rates = correct_rate(shares[0], bare.targets), correct_rate(shares[1], bare.lures)
        one = _estimate(bare, shares, sensitivity(*rates), response_criterion(*rates), spreads[code])
        found[emotions[code]] = replace(one, reasons=_undefined(one, answers, ONE_CLIP_EACH))
    adjusted = holm([one.p_value for one in found.values()])
    return {name: _decided(one, p) for (name, one), p in zip(found.items(), adjusted, strict=True)}


def _why_not(answers: Answers) -> str:
    if not answers.target.size:
        return NO_ANSWERS
    if answers.target.all():
        return NO_LURES
    if not answers.target.any():
        return NO_TARGETS
    both = (answers.count(answers.target) > 0) & (answers.count(~answers.target) > 0)
    return "" if both.any() else NOTHING_IN_COMMON


def _counts(answers: Answers, keep: Truths) -> Detection:
    """Numbers and observed rates of the answers kept."""
    target, lure = keep & answers.target, keep & ~answers.target
    n, m = int(target.sum()), int(lure.sum())
    hits, alarms = int((target & answers.yes).sum()), int((lure & answers.yes).sum())
    clips = int(np.unique(answers.clips[target]).size)
    return Detection(n, m, clips, hits, alarms, hits / n if n else None, alarms / m if m else None)


def _bare(answers: Answers, code: int) -> Detection:
    return _counts(answers, answers.asked == code)


def _estimate(
    counts: Detection, shares: tuple[float, float], d_prime: float, criterion: float, spread: Uncertainty
) -> Detection:
    these = _around(d_prime, spread.people, spread.people_degrees) if spread.knows_people else None
    new = _around(d_prime, spread.both, spread.both_degrees) if spread.knows_clips else None
    p = None
    if new is not None and spread.both > 0:
        p = t_upper_tail(d_prime / math.sqrt(spread.both), spread.both_degrees)
    return replace(
        counts,
        hit_rate=shares[0],
        false_alarm_rate=shares[1],
        d_prime=d_prime,
        criterion=criterion,
        these_clips=these,
        new_clips=new,
        p_value=p,
    )


def _around(estimate: float, variance: float, degrees: float) -> Interval | None:
    if variance <= 0:
        return None
    half = t_quantile((1 + LEVEL) / 2, degrees) * math.sqrt(variance)
    return estimate - half, estimate + half


def _undefined(one: Detection, answers: Answers, one_clip: str) -> dict[str, str]:
    """Why intervals and test are missing."""
    alone = int(np.unique(answers.people).size) < 2
    why = ONE_PARTICIPANT if alone else one_clip
    if answers.yes.all() or not answers.yes.any():
        why = ALL_ALIKE
    fields = {"these_clips": one.these_clips, "new_clips": one.new_clips, "p_value": one.p_value}
    return {name: why for name, value in fields.items() if value is None}


def _decided(one: Detection, p: float | None) -> Detection:
    return replace(one, p_holm=p, recognised=None if p is None else p < ALPHA)

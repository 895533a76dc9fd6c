"""How well people tell targets from lures: d′ and bias of all emotions together and of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from survey.analysis.accuracy import ONE_PARTICIPANT, ONE_STIMULUS
from survey.analysis.detection.answers import NamedRates, YesNoAnswers
from survey.analysis.detection.rates import response_criterion, sensitivity
from survey.analysis.detection.spread import Uncertainty, uncertainty_of_all, uncertainty_of_each
from survey.analysis.distributions import t_half_width, t_upper_tail
from survey.analysis.estimates import ALPHA, NO_ANSWERS, Codes, Interval, Truths
from survey.analysis.multiplicity import holm
from survey.analysis.pooling import ONE_CLIP_EACH

NO_LURES = "not defined: no trial named another emotion"
NO_TARGETS = "not defined: no trial named the intended emotion"
NOTHING_IN_COMMON = "not defined: no emotion was named both about its own clips and about others"
ALL_ALIKE = "not defined: everybody gave the same answer to everything, so nothing is told apart"
UNNAMED = "not defined: the answers do not say which emotion was named"
NOT_NAMED = "not defined: it was not named both about its own clips and about others"


@dataclass(frozen=True, slots=True)
class Detection:
    """Sensitivity and bias of answers yes or no.

    The two rates of all emotions together count each emotion named alike, so they may differ a little from
    `hits` / `targets` and `false_alarms` / `lures`.
    """

    targets: Annotated[int, "answers to trials that named the intended emotion"]
    lures: Annotated[int, "answers to trials that named another one"]
    clips: Annotated[int, "clips of the targets"]
    hits: Annotated[int, "yes to targets"]
    false_alarms: Annotated[int, "yes to lures"]
    hit_rate: Annotated[float | None, "share of yes to targets; of all together each emotion named counts alike"] = None
    false_alarm_rate: Annotated[float | None, "the same to lures"] = None
    d_prime: Annotated[float | None, "sensitivity d′ = z(hit rate) − z(false-alarm rate), log-linear correction"] = None
    criterion: Annotated[
        float | None, "bias c = −(z(hit rate) + z(false-alarm rate)) / 2; negative: yes too readily"
    ] = None
    participants: Annotated[Interval | None, "of d′, for new people hearing these clips"] = None
    participants_stimuli: Annotated[Interval | None, "of d′, for new people and new clips"] = None
    p_value: Annotated[float | None, "of d′ = 0 for new people and new clips, one-sided"] = None
    p_holm: Annotated[float | None, "the same, Holm over the emotions; of all together and of cells `p_value`"] = None
    recognised: Annotated[bool | None, "whether `p_holm` < .05; `null` where not tested"] = None
    reason: Annotated[str | None, "why something is `null`, or how an interval was replaced"] = None


@dataclass(frozen=True, slots=True)
class Detected:
    """All emotions together, each by the name that was asked about, and every cell of the design by itself."""

    together: Annotated[Detection, "all emotions of the primary cell"]
    emotions: Annotated[dict[str, Detection], "each emotion that was named"]
    cells: Annotated[dict[str, Detection], "each cell of the design; empty where there is one"]

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

    Returns
    -------
    Detected
        Without cells.

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
    Twelve people hear four clips, half of them with a lure; they say yes to 3 of 4 targets and to 1 of 4 lures:

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
    everything = YesNoAnswers(people, pieces, asked, target, yes, len(emotions))
    counts = _counts(everything, np.ones(target.size, bool))
    named = sorted(set(asked.tolist()))
    why = _why_not(everything)
    if why:
        each = {emotions[code]: replace(_bare(everything, code), reason=why) for code in named}
        return Detected(replace(counts, reason=why), each, {})
    answers = everything.comparable()
    table = NamedRates.of(answers)
    spread = uncertainty_of_all(answers, table)
    if _all_alike(answers):
        # No difference was shown at all: an interval made of stand-in variances would say more than the answers do.
        spread = replace(spread, people=0.0, both=0.0, replaced="")
    together = _estimate(counts, table.shares, table.d_prime, table.criterion, spread)
    why_not = _undefined(together, answers, ONE_STIMULUS)
    together = replace(
        together, reason="; ".join(filter(None, (why_not, spread.replaced * spread.knows_people))) or None
    )
    return Detected(_decided(together, together.p_value), _each(everything, answers, table, emotions, named), {})


def count_without_names(clips: Codes, target: Truths, yes: Truths) -> Detected:
    """Return how often yes was said to targets and to lures where it is not known which emotion was named.

    Parameters as in `measure_detection`.

    Examples
    --------
    >>> found = count_without_names(np.array([0, 0]), np.array([True, False]), np.array([True, True])).together
    >>> found.hit_rate, found.false_alarm_rate, found.d_prime, found.reason
    (1.0, 1.0, None, 'not defined: the answers do not say which emotion was named')
    """
    # Everybody is person 0 and every name emotion 0: the counts need neither.
    nobody = np.zeros(target.size, np.int64)
    answers = YesNoAnswers(nobody, np.unique(clips, return_inverse=True)[1], nobody, target, yes, 1)
    counts = _counts(answers, np.ones(target.size, bool))
    return Detected(replace(counts, reason=UNNAMED if target.size else NO_ANSWERS), {}, {})


def _each(
    everything: YesNoAnswers, answers: YesNoAnswers, table: NamedRates, emotions: Sequence[str], named: Sequence[int]
) -> dict[str, Detection]:
    spreads, corrected = uncertainty_of_each(answers, table), table.corrected
    found: dict[str, Detection] = {}
    for code in named:
        bare = _bare(everything, code)
        if not table.weights[code]:
            found[emotions[code]] = replace(bare, reason=NOT_NAMED)
            continue
        shares = float(table.hits[code]), float(table.alarms[code])
        rates = float(corrected[0][code]), float(corrected[1][code])
        one = _estimate(bare, shares, sensitivity(*rates), response_criterion(*rates), spreads[code])
        found[emotions[code]] = replace(one, reason=_undefined(one, answers, ONE_CLIP_EACH))
    adjusted = holm([one.p_value for one in found.values()])
    return {name: _decided(one, p) for (name, one), p in zip(found.items(), adjusted, strict=True)}


def _why_not(answers: YesNoAnswers) -> str:
    if not answers.target.size:
        return NO_ANSWERS
    if answers.target.all():
        return NO_LURES
    if not answers.target.any():
        return NO_TARGETS
    both = (answers.count(answers.target) > 0) & (answers.count(~answers.target) > 0)
    return "" if both.any() else NOTHING_IN_COMMON


def _counts(answers: YesNoAnswers, keep: Truths) -> Detection:
    """Numbers and observed rates of the answers kept."""
    target, lure = keep & answers.target, keep & ~answers.target
    n, m = int(target.sum()), int(lure.sum())
    hits, alarms = int((target & answers.yes).sum()), int((lure & answers.yes).sum())
    clips = int(np.unique(answers.clips[target]).size)
    return Detection(n, m, clips, hits, alarms, hits / n if n else None, alarms / m if m else None)


def _bare(answers: YesNoAnswers, code: int) -> Detection:
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
        participants=these,
        participants_stimuli=new,
        p_value=p,
    )


def _around(estimate: float, variance: float, degrees: float) -> Interval | None:
    if variance <= 0:
        return None
    half = t_half_width(math.sqrt(variance), degrees)
    return estimate - half, estimate + half


def _undefined(one: Detection, answers: YesNoAnswers, one_clip: str) -> str | None:
    """Why an interval or the test is missing."""
    if one.participants is not None and one.p_value is not None:
        return None
    if _all_alike(answers):
        return ALL_ALIKE
    return ONE_PARTICIPANT if int(np.unique(answers.people).size) < 2 else one_clip


def _all_alike(answers: YesNoAnswers) -> bool:
    return bool(answers.yes.all() or not answers.yes.any())


def _decided(one: Detection, p: float | None) -> Detection:
    return replace(one, p_holm=p, recognised=None if p is None else p < ALPHA)

"""How uncertain d′ is: answers hang together by person and by clip, and a clip is asked about as target and as lure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from survey.analysis.clustering import correlation_within
from survey.analysis.detection.answers import NamedRates, YesNoAnswers
from survey.analysis.detection.rates import correct_rate, density_at
from survey.analysis.estimates import Codes, Floats

NO_SPREAD = (
    "the answers show no spread between participants{sides}; there the interval counts each participant{fewer} as one"
    " answer to a target and one to a lure"
)
SIDES = " in one of the two rates", ""
ROUNDING = 1e-12
"""Variances that are so small a part of what single answers could give are sums of rounding errors."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Variances of d′ with their degrees of freedom: over people, and over people and clips."""

    people: float
    people_degrees: float
    both: float
    both_degrees: float
    replaced: str = ""
    """How a variance was replaced that the answers do not show."""

    @property
    def knows_people(self) -> bool:
        """Whether there is more than one person."""
        return self.people_degrees >= 1

    @property
    def knows_clips(self) -> bool:
        """Whether there is more than one clip as well."""
        return self.knows_people and self.both_degrees >= 1


def uncertainty_of_all(answers: YesNoAnswers, table: NamedRates) -> Uncertainty:
    """Return the variances of d′ of all emotions together (delta method on clustered sums).

    One answer moves d′ by ± w_e (y − rate) / n_e / φ(z). The squares of the sums per person, with P/(P − 1); of the
    sums per clip; and people + clips − single answers, never below people's own.

    Parameters
    ----------
    answers : YesNoAnswers
        Comparable ones.
    table : NamedRates
        Of the same answers.

    Notes
    -----
    Rates are taken from few answers, and residuals are smaller than the errors: √(n/(n − 1)) makes up for that per
    emotion, and for s clips of one emotion s/(s − 1). A clip's yes to its own emotion and to lures are squared
    *after* they are added: how readily people say yes to a clip, whatever is named, cancels.

    Where an emotion has one clip, nothing tells how clips of it differ. Its clip is then compared with what its
    emotion's name would get at the common d′ (`_expected_hits`).

    Where people show no spread in a rate (it is 0 or 1) or in d′ (some always say yes, the others no) a variance of 0
    would claim certainty: each of them (or of people and clips, whichever are fewer) then counts as one answer there.

    Simulated: `docs/analysis.md`.

    References
    ----------
    Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238–249; Gourevitch & Galanter
    (1967), Psychometrika 32, 25–33 (variance of d′).
    """
    moved = _weights(answers, table)
    people = _people(answers, table, moved)
    number = int(np.unique(answers.people).size)
    of_people = _squares(people, answers.people) * (number / (number - 1) if number > 1 else 1.0)
    singles = float(people @ people)
    of_clips, degrees = _clips(answers, table, moved)
    # Single answers are in the people's and in the clips' sums: inclusion and exclusion of two crossed groupings.
    both = max(of_people + of_clips - singles, of_people)
    found = Uncertainty(of_people, number - 1.0, both, float(min(number - 1, degrees)))
    return _never_certain(found, table, ROUNDING * float(moved @ moved), number, answers.own.size)


def _never_certain(found: Uncertainty, table: NamedRates, nothing: float, people: int, clips: int) -> Uncertainty:
    """Add the variance of what shows none: a rate of 0 or 1, or both rates where only rounding errors are left."""
    alike = [share for share in table.shares if min(share, 1 - share) < ROUNDING]
    silent = found.people <= nothing
    if not alike and not silent:
        return found
    rates = alike or list(table.shares)
    over_people = found.people + _one_answer_each(rates, people)
    alone = found.both <= nothing or bool(alike)
    both = max(found.both + alone * _one_answer_each(rates, min(people, clips)), over_people)
    said = NO_SPREAD.format(sides=SIDES[len(rates) - 1], fewer=" (or the fewer of participants and clips)" * alone)
    return replace(found, people=over_people, both=both, replaced=said)


def _one_answer_each(shares: Sequence[float], n: int) -> float:
    """Variance that rates with `n` answers each give d′."""
    rates = (correct_rate(share, float(n)) for share in shares)
    return sum(rate * (1 - rate) / (n + 1) / density_at(rate) ** 2 for rate in rates)


def _weights(answers: YesNoAnswers, table: NamedRates) -> Floats:
    """By how much d′ changes where one answer becomes yes."""
    hit, alarm = table.rates
    # dz/d(rate) = 1/φ(z); false alarms count against d′.
    side = np.where(answers.target, 1 / density_at(hit), -1 / density_at(alarm))
    n = np.where(answers.target, table.targets[answers.asked], table.lures[answers.asked])
    result: Floats = side * table.weights[answers.asked] / n
    return result


def _people(answers: YesNoAnswers, table: NamedRates, moved: Floats) -> Floats:
    n = np.where(answers.target, table.targets[answers.asked], table.lures[answers.asked])
    own = np.where(answers.target, table.hits[answers.asked], table.alarms[answers.asked])
    everywhere = np.where(answers.target, *table.shares)
    centre = np.where(n > 1, own, everywhere)
    # A rate taken from the same n answers makes their deviations too small by √((n − 1)/n).
    result: Floats = moved * (answers.yes - centre) * np.sqrt(n / np.maximum(n - 1, 1))
    return result


def _clips(answers: YesNoAnswers, table: NamedRates, moved: Floats) -> tuple[float, int]:
    """Variance between clips, single answers in it, and its degrees of freedom."""
    own = answers.own
    number = own.size
    if number < 2:
        return 0.0, 0
    per_emotion = np.bincount(own[own >= 0], minlength=answers.emotions)
    # One clip is its emotion's hit rate: it would seem not to differ from it, so it is compared with what is expected.
    several = per_emotion > 1
    centre = np.where(several, table.hits, _expected_hits(table, several))
    expected = np.where(answers.target, centre[answers.asked], table.alarms[answers.asked])
    change = moved * (answers.yes - expected)
    as_target = np.bincount(answers.clips, weights=np.where(answers.target, change, 0.0), minlength=number)
    as_lure = np.bincount(answers.clips, weights=np.where(answers.target, 0.0, change), minlength=number)
    whole = number / (number - 1)
    factor = np.where(several, per_emotion / np.maximum(per_emotion - 1, 1), whole)[np.maximum(own, 0)]
    # A clip is a target of one emotion and a lure of others: its two sums add up before they are squared. The
    # correction of the small sample is that of its emotion where that has several clips, otherwise that of all clips.
    squares = float(
        (as_target**2 * factor).sum() + (as_lure**2).sum() * whole + 2 * (as_target * as_lure * factor).sum()
    )
    return max(squares, 0.0), number - max(int(several.sum()), 1)


def _expected_hits(table: NamedRates, several: np.ndarray) -> Floats:
    """Hit rate of every emotion at the common d′ from how its name is liked: its false alarms.

    Those are few, so they are drawn to their mean by what they are worth (1 − noise / variance).
    """
    named = table.weights > 0
    alarms = table.corrected[1]
    z = ndtri(alarms)
    noise = (alarms * (1 - alarms) / (table.lures + 1) / table.densities[1] ** 2)[named].mean()
    spread = float(z[named].var(ddof=1)) if np.count_nonzero(named) > 1 else 0.0
    # Shrinkage as of an empirical Bayes estimate: the part of the spread between emotions that is not sampling noise.
    worth = max(0.0, 1 - noise / spread) if spread > 0 else 0.0
    expected = ndtr(table.d_prime + ndtri(table.rates[1]) + worth * (z - z[named].mean()))
    alone = named & ~several
    # Moved so that on average over those emotions nothing is gained or lost beside what was observed.
    if alone.any():
        expected = expected + float(table.weights[alone] @ (table.hits - expected)[alone]) / table.weights[alone].sum()
    result: Floats = expected
    return result


def _squares(values: Floats, groups: Codes) -> float:
    sums = np.bincount(groups, weights=values)
    return float(sums @ sums)


class _Correlations(NamedTuple):
    """Of two standardised answers; each at least 0."""

    by_person: float
    by_clip: float
    by_lure: float
    crossed: float


class _Side(NamedTuple):
    """YesNoAnswers to the targets, or to the lures, that name one emotion.

    Attributes
    ----------
    variance : float
        Of z(rate), were the answers independent.
    per_person, per_clip : float
        How many answers an answer shares its person (its clip) with, itself included: the mean over answers.
    of_person : array of int, shape (people,)
        YesNoAnswers of every person.
    n : float
    """

    variance: float
    per_person: float
    per_clip: float
    of_person: Codes
    n: float


def uncertainty_of_each(answers: YesNoAnswers, table: NamedRates) -> list[Uncertainty]:
    """Return the variances of the d′ of every emotion; what people and clips differ by is pooled over emotions.

    Two clips of an emotion cannot say how much such clips differ; all together can. Answers to targets and to lures
    are standardised within the emotion named; the pairs of answers of one person, and of one clip, give
    correlations, and those the design effects (Kish 1965).

    Parameters
    ----------
    answers, table
        As in `uncertainty_of_all`.
    """
    people = int(np.unique(answers.people).size)
    own = answers.own
    per_emotion = np.bincount(own[own >= 0], minlength=answers.emotions)
    degrees = int(np.maximum(per_emotion - 1, 0).sum())
    z = _standardised(answers, table)
    # Emotion named and sort (lure 0, target 1) as one number: answers are paired within one question alone.
    both_sides = answers.asked * 2 + answers.target
    correlations = _Correlations(
        by_person=_correlation(z, answers.people, both_sides),
        by_clip=_correlation_of_clips(z, answers, table, per_emotion),
        by_lure=_correlation(z, answers.clips, both_sides, only=~answers.target),
        crossed=_cross_correlation(z, answers),
    )
    found = []
    for emotion in range(answers.emotions):
        of_people, of_clips = _of_one(answers, table, emotion, correlations)
        freedom = min(people - 1.0, float(degrees)) if per_emotion[emotion] and degrees else 0.0
        found.append(Uncertainty(of_people, people - 1.0, of_people + of_clips, freedom))
    return found


def _standardised(answers: YesNoAnswers, table: NamedRates) -> Floats:
    """(y − rate) / √(rate (1 − rate)), with √(n/(n − 1)) as the rates are taken from the same answers."""
    n = np.where(answers.target, table.targets[answers.asked], table.lures[answers.asked])
    rate = np.where(answers.target, table.hits[answers.asked], table.alarms[answers.asked])
    deviation = np.sqrt(rate * (1 - rate) * np.maximum(n - 1, 1) / np.maximum(n, 1))
    result: Floats = np.divide(answers.yes - rate, deviation, out=np.zeros(rate.size), where=(deviation > 0) & (n > 1))
    return result


def _correlation(z: Floats, groups: Codes, of: Codes, only: np.ndarray | None = None) -> float:
    """Mean product of two answers of one group (person or clip) to the same question (emotion and sort); ≥ 0."""
    if only is not None:
        z, groups, of = z[only], groups[only], of[only]
    if not z.size:
        return 0.0
    _, cell = np.unique(groups * (int(of.max()) + 1) + of, return_inverse=True)
    return correlation_within(z, cell)


def _correlation_of_clips(z: Floats, answers: YesNoAnswers, table: NamedRates, per_emotion: Codes) -> float:
    """Correlation of two answers to one clip about its own emotion.

    The sums of an emotion's s clips add up to zero, so their squares hold (s − 1)/s of what clips differ by.
    """
    keep = answers.target & (per_emotion[answers.asked] > 1)
    if not keep.any():
        return 0.0
    n = table.targets[answers.asked[keep]]
    sums = np.bincount(answers.clips[keep], weights=z[keep] * np.sqrt((n - 1) / n))
    sizes = np.bincount(answers.clips[keep])
    counted = np.where(per_emotion > 1, (per_emotion - 1) * table.targets / np.maximum(per_emotion, 1), 0.0)
    effect = float(sums @ sums) / float(counted.sum())
    beside = float(sizes @ sizes) / float(sizes.sum()) - 1
    return max(0.0, (effect - 1) / beside) if beside > 0 else 0.0


def _cross_correlation(z: Floats, answers: YesNoAnswers) -> float:
    """Mean product of one person's answers to a target and to a lure of the same emotion."""
    cell = answers.people * answers.emotions + answers.asked
    size = int(cell.max()) + 1
    target = answers.target
    sums = [np.bincount(cell[side], weights=z[side], minlength=size) for side in (target, ~target)]
    counts = [np.bincount(cell[side], minlength=size) for side in (target, ~target)]
    pairs = float(counts[0] @ counts[1])
    return max(0.0, float(sums[0] @ sums[1]) / pairs) if pairs else 0.0


def _of_one(answers: YesNoAnswers, table: NamedRates, emotion: int, correlations: _Correlations) -> tuple[float, float]:
    """Variance of one emotion's d′ over people, and what new clips add."""
    sides = []
    for place, side in enumerate((answers.target, ~answers.target)):
        keep = side & (answers.asked == emotion)
        n = float(keep.sum())
        if not n:
            return 0.0, 0.0
        rate = float(table.corrected[place][emotion])
        # delta method: one z more changes the rate by φ(z), so a rate's variance counts 1/φ² for z
        one = rate * (1 - rate) / (n + 1) / density_at(rate) ** 2
        people, clips = (
            float((np.bincount(codes[keep]) ** 2.0).sum()) / n for codes in (answers.people, answers.clips)
        )
        of_person = np.bincount(answers.people[keep], minlength=int(answers.people.max()) + 1)
        sides.append(_Side(one, people, clips, of_person, n))
    hits, alarms = sides
    # Kish's design effect 1 + (m − 1)ρ of people on both sides
    of_people = sum(side.variance * (1 + (side.per_person - 1) * correlations.by_person) for side in sides)
    # d′ is a difference: who says yes readily to targets and to lures alike moves both rates and not d′
    shared = correlations.crossed * float(hits.of_person @ alarms.of_person) / np.sqrt(hits.n * alarms.n)
    of_people = max(of_people - 2 * np.sqrt(hits.variance * alarms.variance) * shared, 0.5 * of_people)
    of_clips = hits.variance * (hits.per_clip - 1) * correlations.by_clip
    of_clips += alarms.variance * (alarms.per_clip - 1) * correlations.by_lure
    return float(of_people), float(of_clips)

"""What comparisons tell: strengths, the preference within every pair, the side, and whether anything differs at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Annotated, Any

import numpy as np
from scipy.special import expit

from survey.analysis.clustering import ClusteredVariance, spread_of_influence
from survey.analysis.distributions import f_above, t_half_width, t_two_sided
from survey.analysis.estimates import Codes, Floats, Interval
from survey.analysis.measures.units import SHARE
from survey.analysis.multiplicity import holm
from survey.analysis.paired.answers import Comparisons, unconnected
from survey.analysis.paired.fitting import Fit, fit_strengths

NO_COMPARISONS = "not defined: there are no answers"
NOT_FINITE = (
    "cannot be estimated: the answers are too much alike (the side, or who was compared with whom, tells them all)"
)
NO_SIDE = (
    "the effect of the side has no finite estimate, as all who chose against the rest did so on one side; strengths and"
    " preferences are fitted without it, from both sides as they were played"
)
NOTHING_VARIES = (
    "no p and no interval: people, and {topic}s, were all alike in how often they chose each, so nothing is known of"
    " how they differ"
)
PEOPLE_ALIKE = (
    "no interval for these clips, none of the side, and no test of equal strengths where people were all alike in what"
    " they chose: nothing is known there of how they differ"
)
TOO_FEW_PEOPLE = "no test of equal strengths: it needs at least as many people as there are strengths"
SMALLEST = 1e-16
"""A variance of log-odds below it is of rounding alone: of a million answers it is about 1e-5."""
ONE_PERSON = "not defined: one person cannot tell how people differ"
ONE_TOPIC = "for these clips alone: with one {topic} nothing can be said about new ones"


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong one of those compared is."""

    n: Annotated[int, "answers in which it was played"]
    chosen: Annotated[int, "answers in which it was chosen"]
    share: Annotated[float | None, "their share", SHARE]
    strength: Annotated[float | None, "strength in log-odds; all strengths sum to zero"] = None
    participants: Annotated[Interval | None, "of the strength, for new people and these clips"] = None
    participants_stimuli: Annotated[Interval | None, "of the strength, for new people and new clips"] = None


@dataclass(frozen=True, slots=True)
class Preference:
    """How often one is chosen over another one."""

    a: Annotated[str, "the one"]
    b: Annotated[str, "the other"]
    n: Annotated[int, "answers in which both were played"]
    chosen: Annotated[int, "answers in which the one was chosen over the other"]
    probability: Annotated[
        float | None, "P(the one is chosen over the other) by the model, on either side equally often", SHARE
    ] = None
    participants: Annotated[Interval | None, "of it, for new people and these clips", SHARE] = None
    participants_stimuli: Annotated[Interval | None, "of it, for new people and new clips", SHARE] = None
    p_value: Annotated[float | None, "of no preference (50 %), two-sided, for new people and new clips"] = None
    p_holm: Annotated[float | None, "the same, Holm over all pairs"] = None


@dataclass(frozen=True, slots=True)
class Paired:
    """Everything about comparisons of two clips."""

    n: Annotated[int, "answers"]
    people: Annotated[int, "people who gave them"]
    topics: Annotated[int, "pictures, or emotions, that clips were compared about"]
    topic: Annotated[str, "what the clips of a pair have in common: picture or emotion"]
    strengths: Annotated[dict[str, Strength], "each of those compared, in the order of the design"]
    preferences: Annotated[tuple[Preference, ...], "every two of them"]
    chose_first: Annotated[float | None, "share of answers that chose the clip played first", SHARE] = None
    side: Annotated[float | None, "log-odds of choosing the first of two equally strong ones"] = None
    side_interval: Annotated[Interval | None, "of it, for new people"] = None
    equal_f: Annotated[float | None, "F of equal strengths (Wald, clustered over people)"] = None
    equal_degrees: Annotated[tuple[float, float] | None, "its degrees of freedom"] = None
    equal_p: Annotated[float | None, "p of equal strengths"] = None
    unconnected: Annotated[
        tuple[str, ...], "groups that were never chosen both ways against the others; their strengths are not finite"
    ] = field(default=())
    reason: Annotated[str | None, "why something is `null`"] = None


def measure_pairs(answers: Comparisons) -> Paired:
    """Return what the comparisons tell.

    Returns
    -------
    Paired
        Intervals for new people are cluster-robust over people (t with P − 1 degrees); for new clips two-way over
        people and topics, with t of whichever are fewer. Where strengths are not finite, counts alone with a reason.

    Examples
    --------
    >>> from survey.analysis.paired.answers import of_counts
    >>> found = measure_pairs(of_counts(("muse", "paper"), [[0, 64], [36, 0]]))
    >>> found.preferences[0].chosen, round(found.preferences[0].probability, 3), found.strengths["muse"].share
    (64, 0.64, 0.64)
    >>> found = measure_pairs(of_counts(("muse", "paper"), [[0, 9], [0, 0]]))
    >>> found.preferences[0].probability, found.unconnected
    (None, ('muse', 'paper'))
    """
    wins = answers.wins()
    groups = unconnected(answers.names, wins) if len(answers) else []
    fit = None if groups else fit_strengths(answers)
    found = Paired(
        n=len(answers),
        people=int(np.unique(answers.people).size),
        topics=int(np.unique(answers.topics).size),
        topic=answers.topic,
        strengths=_strengths(answers, wins, fit),
        preferences=_preferences(answers, wins, fit),
        chose_first=float(answers.chose_first.mean()) if len(answers) else None,
        unconnected=tuple(" and ".join(group) for group in groups),
    )
    if fit is None:
        return replace(found, reason=_why_nothing(found))
    if found.people > 1:
        found = replace(found, **_measure_side(fit, answers), **_test_equality(fit, answers))
    return replace(found, reason=_why_not_all(found, fit))


def _why_nothing(found: Paired) -> str:
    if not found.n:
        return NO_COMPARISONS
    if found.unconnected:
        return (
            "cannot be estimated: a strength would grow without end, as some were never chosen over the others or never"
            f" compared with them ({'; '.join(found.unconnected)})"
        )
    return NOT_FINITE


def _why_not_all(found: Paired, fit: Fit) -> str | None:
    """Why something is missing where there are strengths; None where nothing is."""
    reasons = [NO_SIDE] if fit.side is None else []
    if found.people < 2:
        return "; ".join([*reasons, ONE_PERSON])
    if found.topics < 2:
        reasons.append(ONE_TOPIC.format(topic=found.topic))
    too_few = found.people < len(found.strengths)
    if found.topics > 1 and any(one.p_value is None for one in found.preferences):
        reasons.append(NOTHING_VARIES.format(topic=found.topic))
    elif (
        any(strength.participants is None for strength in found.strengths.values())
        or any(one.participants is None for one in found.preferences)
        or (fit.side is not None and found.side_interval is None)
        or (found.equal_f is None and not too_few)
    ):
        reasons.append(PEOPLE_ALIKE)
    if too_few:
        reasons.append(TOO_FEW_PEOPLE)
    return "; ".join(reasons) or None


def _spread(influence: Floats, answers: Comparisons) -> ClusteredVariance:
    return spread_of_influence(influence, answers.people, answers.topics)


def _half_width(variance: float, degrees: float) -> float | None:
    """Half of an interval's width; None without a degree of freedom, or where nothing varies.

    An interval without width would claim certainty.
    """
    return None if degrees < 1 or variance < SMALLEST else t_half_width(math.sqrt(variance), degrees)


def _around(value: float, half: float | None) -> Interval | None:
    return None if half is None else (value - half, value + half)


def _for_new_people(value: float, spread: ClusteredVariance) -> Interval | None:
    return _around(value, _half_width(spread.variance_participants, spread.degrees_participants))


def _for_new_clips(value: float, spread: ClusteredVariance) -> Interval | None:
    """And for new people; None with one topic as well, which leaves no degree of freedom."""
    return _around(value, _half_width(spread.variance_both, spread.degrees))


def _strengths(answers: Comparisons, wins: Codes, fit: Fit | None) -> dict[str, Strength]:
    found = {}
    for code, name in enumerate(answers.names):
        chosen, left = int(wins[code].sum()), int(wins[:, code].sum())
        n = chosen + left
        share = chosen / n if n else None
        if fit is None:
            found[name] = Strength(n, chosen, share)
            continue
        value, spread = float(fit.strengths[code]), _spread(fit.influence[:, code], answers)
        found[name] = Strength(n, chosen, share, value, _for_new_people(value, spread), _for_new_clips(value, spread))
    return found


def _preferences(answers: Comparisons, wins: Codes, fit: Fit | None) -> tuple[Preference, ...]:
    found: list[Preference] = []
    for a, b in combinations(range(len(answers.names)), 2):
        counts = (answers.names[a], answers.names[b], int(wins[a, b] + wins[b, a]), int(wins[a, b]))
        if fit is None:
            found.append(Preference(*counts))
            continue
        value = float(fit.strengths[a] - fit.strengths[b])
        spread = _spread(fit.influence[:, a] - fit.influence[:, b], answers)
        found.append(
            Preference(
                *counts,
                float(expit(value)),
                _as_shares(_for_new_people(value, spread)),
                _as_shares(_for_new_clips(value, spread)),
                _p_value(value, spread),
            )
        )
    corrected = holm([one.p_value for one in found])
    return tuple(replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True))


def _as_shares(ends: Interval | None) -> Interval | None:
    return None if ends is None else (float(expit(ends[0])), float(expit(ends[1])))


def _p_value(value: float, spread: ClusteredVariance) -> float | None:
    """Of no preference; None where there is no interval for new clips."""
    if _half_width(spread.variance_both, spread.degrees) is None:
        return None
    return t_two_sided(value / math.sqrt(spread.variance_both), spread.degrees)


def _measure_side(fit: Fit, answers: Comparisons) -> dict[str, Any]:
    if fit.side is None:
        return {}
    spread = _spread(fit.influence[:, -1], answers)
    return {"side": fit.side, "side_interval": _for_new_people(fit.side, spread)}


def _test_equality(fit: Fit, answers: Comparisons) -> dict[str, Any]:
    """Wald's test of equal strengths: Hotelling's T² of the people's influences, as F.

    Empty with too few people, and where they do not differ in some combination of the strengths: a difference over no
    variance would be certain.
    """
    k = len(answers.names)
    _, people = np.unique(answers.people, return_inverse=True)
    persons = int(people.max()) + 1
    numerator, denominator = k - 1, persons - k + 1
    if denominator < 1:
        return {}
    contrasts = fit.strengths[1:] - fit.strengths[0]
    moved = fit.influence[:, 1:k] - fit.influence[:, :1]
    sums = np.zeros((persons, k - 1))
    np.add.at(sums, people, moved)
    covariance = sums.T @ sums * persons / (persons - 1)
    variances = np.linalg.eigvalsh(covariance)  # of what people differ in, the least first
    if variances[0] < max(SMALLEST, k * np.finfo(float).eps * variances[-1]):
        return {}
    squared = float(contrasts @ np.linalg.solve(covariance, contrasts))
    f = squared * denominator / (numerator * (persons - 1))
    return {
        "equal_f": f,
        "equal_degrees": (float(numerator), float(denominator)),
        "equal_p": f_above(f, numerator, denominator),
    }

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
from survey.analysis.estimates import Floats, Interval
from survey.analysis.measures.units import SHARE
from survey.analysis.multiplicity import holm
from survey.analysis.paired.answers import Comparisons
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


def measure_pairs(answers: Comparisons, topic: str = "picture") -> Paired:
    """Return what the comparisons tell.

    Parameters
    ----------
    answers : Comparisons
    topic : str
        What the clips of a pair have in common: "picture" or "emotion".

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
    people, topics = int(np.unique(answers.people).size), int(np.unique(answers.topics).size)
    first = float(answers.chose_first.mean()) if len(answers) else None
    groups = answers.unconnected() if len(answers) else []
    fit = fit_strengths(answers)
    preferences = _preferences(answers, fit, topics)
    bare = Paired(
        n=len(answers),
        people=people,
        topics=topics,
        topic=topic,
        strengths=_strengths(answers, fit, topics),
        preferences=preferences,
        chose_first=first,
        unconnected=tuple(" and ".join(group) for group in groups),
        reason=_why_not(answers, fit, groups, people, topics, topic, preferences),
    )
    if fit is None or people < 2:
        return bare
    equality = _test_equality(fit, answers)
    if fit.side is None:
        return replace(bare, **equality)
    spread = _spread(fit.influence[:, -1], answers)
    half = t_half_width(math.sqrt(spread.variance_participants), spread.degrees_participants)
    return replace(bare, side=fit.side, side_interval=(fit.side - half, fit.side + half), **equality)


def _why_not(
    answers: Comparisons,
    fit: Fit | None,
    groups: list[tuple[str, ...]],
    people: int,
    topics: int,
    topic: str,
    preferences: tuple[Preference, ...],
) -> str | None:
    if not len(answers):
        return NO_COMPARISONS
    if groups:
        named = "; ".join(" and ".join(group) for group in groups)
        return (
            "cannot be estimated: a strength would grow without end, as some were never chosen over the others or never"
            f" compared with them ({named})"
        )
    if fit is None:
        return NOT_FINITE
    reasons = [NO_SIDE] if fit.side is None else []
    if people < 2:
        reasons.append(ONE_PERSON)
    elif topics < 2:
        reasons.append(ONE_TOPIC.format(topic=topic))
    elif any(one.p_value is None for one in preferences):
        reasons.append(NOTHING_VARIES.format(topic=topic))
    return "; ".join(reasons) or None


def _spread(influence: Floats, answers: Comparisons) -> ClusteredVariance:
    return spread_of_influence(influence, answers.people, answers.topics)


def _ends(
    value: float, influence: Floats, answers: Comparisons, topics: int
) -> tuple[Interval | None, Interval | None]:
    """(for new people, for new people and new clips) in log-odds."""
    spread = _spread(influence, answers)
    if spread.participants < 2 or spread.variance_both < SMALLEST:
        return None, None
    half = t_half_width(math.sqrt(spread.variance_participants), spread.degrees_participants)
    both = spread.half_width_both() if topics > 1 else None
    return (value - half, value + half), None if both is None else (value - both, value + both)


def _strengths(answers: Comparisons, fit: Fit | None, topics: int) -> dict[str, Strength]:
    wins = answers.wins()
    found = {}
    for code, name in enumerate(answers.names):
        chosen, left = int(wins[code].sum()), int(wins[:, code].sum())
        n = chosen + left
        share = chosen / n if n else None
        if fit is None:
            found[name] = Strength(n, chosen, share)
            continue
        value = float(fit.strengths[code])
        found[name] = Strength(n, chosen, share, value, *_ends(value, fit.influence[:, code], answers, topics))
    return found


def _preferences(answers: Comparisons, fit: Fit | None, topics: int) -> tuple[Preference, ...]:
    wins = answers.wins()
    found: list[Preference] = []
    for a, b in combinations(range(len(answers.names)), 2):
        counts = (answers.names[a], answers.names[b], int(wins[a, b] + wins[b, a]), int(wins[a, b]))
        if fit is None:
            found.append(Preference(*counts))
            continue
        value = float(fit.strengths[a] - fit.strengths[b])
        influence = fit.influence[:, a] - fit.influence[:, b]
        people, both = _ends(value, influence, answers, topics)
        found.append(
            Preference(
                *counts,
                float(expit(value)),
                _as_shares(people),
                _as_shares(both),
                _p_value(value, _spread(influence, answers), topics),
            )
        )
    corrected = holm([one.p_value for one in found])
    return tuple(replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True))


def _as_shares(ends: Interval | None) -> Interval | None:
    return None if ends is None else (float(expit(ends[0])), float(expit(ends[1])))


def _p_value(value: float, spread: ClusteredVariance, topics: int) -> float | None:
    """Of no preference; None with one topic, or where nothing varies."""
    if topics < 2 or spread.degrees < 1 or spread.variance_both < SMALLEST:
        return None
    return t_two_sided(value / math.sqrt(spread.variance_both), spread.degrees)


def _test_equality(fit: Fit, answers: Comparisons) -> dict[str, Any]:
    """Wald's test of equal strengths: Hotelling's T² of the people's influences, as F; empty with too few people."""
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
    if np.linalg.matrix_rank(covariance) < k - 1:
        return {}
    squared = float(contrasts @ np.linalg.solve(covariance, contrasts))
    f = squared * denominator / (numerator * (persons - 1))
    return {
        "equal_f": f,
        "equal_degrees": (float(numerator), float(denominator)),
        "equal_p": f_above(f, numerator, denominator),
    }

"""Do people of different kinds hear the clips alike: headphones, training, language, device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Annotated

import numpy as np

from survey.analysis.between_people import FEWEST_PEOPLE, variance_between_people
from survey.analysis.distributions import satterthwaite, t_quantile, t_upper_tail
from survey.analysis.estimates import ALPHA, LEVEL, Codes, Floats, Interval, Truths, within
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.multiplicity import holm
from survey.analysis.ratings.container import PEOPLE_FACTS, Ratings
from survey.analysis.sensitivity.rate import Rate, rate_of
from survey.analysis.wording import counted, p_value, points, points_interval, share, shares

MOST_GROUPS = 8
"""A fact with more groups than these has no pairs: an age in years is no group."""
CALLED = {
    "headphones": "headphone test",
    "listened_with": "listened with",
    "training": "years of musical training",
    "age": "age",
    "language": "language of the pages",
    "device": "device",
}
ALIKE = "interval not defined: the answers show no spread"
OTHER_CLIPS = "not compared: the two groups heard different clips, so that people and clips cannot be told apart"
FEW_SHARED = "not compared: of {name}, {people} heard clips that the other group heard, too; it needs at least 5"


@dataclass(frozen=True, slots=True)
class PeopleDifference:
    """Two groups of people."""

    fact: Annotated[str, "what they differ in"]
    a: Annotated[str, "the one group"]
    b: Annotated[str, "the other"]
    difference: Annotated[float | None, "hit rate of a − hit rate of b on the clips that both heard, clip by clip"]
    interval: Annotated[Interval | None, "for new people, these clips"]
    degrees: Annotated[float | None, "Welch's degrees of freedom"]
    p_value: Annotated[float | None, "two-sided"]
    p_holm: Annotated[float | None, "corrected over every pair of every fact"]
    reason: Annotated[str | None, "why something is `null`"]


@dataclass(frozen=True, slots=True)
class PeopleGroups:
    """Groups of people by what is known of them."""

    groups: Annotated[dict[str, dict[str, Rate]], "each fact, then each group"]
    unknown: Annotated[dict[str, int], "people of whom it is not known, by fact"]
    small: Annotated[dict[str, tuple[str, ...]], "groups with fewer than 5 people, which are not compared, by fact"]
    differences: Annotated[tuple[PeopleDifference, ...], "every pair of groups with at least 5 people"]


def measure_people_groups(asked: Asked) -> PeopleGroups | None:
    """Return the hit rate of the primary cell in every group of people; None where no fact tells two groups apart."""
    known = asked.primary.intended_only
    facts = [name for name in PEOPLE_FACTS if len(_occurring(known, name)) > 1]
    if not facts:
        return None
    groups, unknown, small = {}, {}, {}
    found: list[PeopleDifference] = []
    for name in facts:
        level = _levels_of_answers(known, name)
        names = _occurring(known, name)
        groups[name] = {one: rate_of(known.select(level == one)) for one in names}
        unknown[name] = int(np.unique(known.participant[level == ""]).size)
        enough = [one for one in names if groups[name][one].participants >= FEWEST_PEOPLE]
        small[name] = tuple(one for one in names if one not in enough)
        if len(enough) <= MOST_GROUPS:
            found += [_compare(known, level, name, a, b) for a, b in combinations(enough, 2)]
    adjusted = holm([one.p_value for one in found])
    differences = tuple(replace(one, p_holm=p) for one, p in zip(found, adjusted, strict=True))
    return PeopleGroups(groups, unknown, small, differences)


def _levels_of_answers(ratings: Ratings, name: str) -> np.ndarray:
    fact = ratings.people_facts[name]
    return np.array(fact.levels, object)[fact.codes][ratings.participant]


def _occurring(ratings: Ratings, name: str) -> list[str]:
    """Levels of people who gave answers, in the order of their names; the order people came in says nothing."""
    if name not in ratings.people_facts or not len(ratings):
        return []
    return sorted({str(level) for level in _levels_of_answers(ratings, name)} - {""})


def _compare(ratings: Ratings, level: np.ndarray, fact: str, a: str, b: str) -> PeopleDifference:
    in_a, in_b, pieces = level == a, level == b, ratings.pieces()
    shared = np.intersect1d(pieces[in_a], pieces[in_b])
    undefined = PeopleDifference(fact, a, b, None, None, None, None, None, None)
    if not shared.size:
        return replace(undefined, reason=OTHER_CLIPS)
    heard = np.isin(pieces, shared)
    for name, group in ((a, in_a & heard), (b, in_b & heard)):
        people = int(np.unique(ratings.participant[group]).size)
        if people < FEWEST_PEOPLE:
            return replace(undefined, reason=FEW_SHARED.format(name=name, people=counted(people, "person", "people")))
    difference, error, degrees = welch(ratings.hits, in_a, in_b, ratings.participant, pieces)
    if error is None:
        return replace(undefined, difference=difference, reason=ALIKE)
    half = t_quantile((1 + LEVEL) / 2, degrees) * error
    interval = within(difference - half, difference + half, -1.0, 1.0)
    p = min(1.0, 2 * t_upper_tail(abs(difference) / error, degrees))
    return PeopleDifference(fact, a, b, difference, interval, degrees, p, None, None)


def welch(
    hits: Truths, in_a: Truths, in_b: Truths, participants: Codes, pieces: Codes
) -> tuple[float, float | None, float]:
    """Return the difference of two groups of people in their share of hits, its standard error, its degrees.

    Piece by piece, and then averaged with the weights of Mantel and Haenszel: pieces that one group heard more often
    are no difference between people, and pieces that one group alone heard count nothing. Welch's test with people
    as the units: each group has the variance between its own people (`variance_between_people`), and Satterthwaite's
    degrees join them. Where everybody heard every piece this is the t test of Welch on the people's shares. It
    speaks of new people who hear these clips.

    Parameters
    ----------
    hits, in_a, in_b : array of bool, shape (N,)
        Disjoint groups that share a piece; nobody is in both, and at least two people of each heard shared pieces.
    participants, pieces : array of int, shape (N,)
        Codes ≥ 0.

    Returns
    -------
    difference, error (None where nobody differs from their group), degrees

    References
    ----------
    Welch (1947), Biometrika 34, 28–35; Greenland & Robins (1985), Biometrics 41, 55–68 (differences of shares).

    Examples
    --------
    Shares 0, .5, 1 against .5, .5, 1, from two answers each: as scipy's ``ttest_ind(…, equal_var=False)``.

    >>> people, pieces = np.repeat(np.arange(6), 2), np.tile([0, 1], 6)
    >>> hits = np.array([0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1], bool)
    >>> found = welch(hits, people < 3, people >= 3, people, pieces)
    >>> [round(value, 4) for value in found]
    [-0.1667, 0.3333, 3.2]
    """
    together = np.unique(pieces, return_inverse=True)[1]
    n_a, n_b = (np.bincount(together[group], minlength=int(together.max()) + 1) for group in (in_a, in_b))
    # Mantel and Haenszel's weights: half the harmonic mean of the two groups' answers, 0 where one has none.
    per_piece = n_a * n_b / np.maximum(n_a + n_b, 1)
    means, parts = [], []
    for group, size in ((in_a, n_a), (in_b, n_b)):
        piece = together[group]
        weight: Floats = (per_piece / np.maximum(size, 1))[piece] / per_piece.sum()
        means.append(float(weight @ hits[group]))
        beyond: Floats = hits[group].astype(float) - means[-1]
        parts.append(_between_people(weight, beyond, participants[group]))
    total = sum(variance for variance, _ in parts)
    if total < 1e-18:
        return means[0] - means[1], None, 0.0
    return means[0] - means[1], math.sqrt(total), satterthwaite(parts) or 1.0


def _between_people(weight: Floats, beyond: Floats, people: Codes) -> tuple[float, float]:
    """Variance of one group's mean and its degrees; who heard no shared piece has no weight."""
    _, person = np.unique(people[weight > 0], return_inverse=True)
    moved, counts = (
        np.bincount(person, weights=values[weight > 0]).astype(float) for values in (weight * beyond, weight)
    )
    return variance_between_people(moved, counts)


def _tables(found: PeopleGroups) -> list[Table]:
    return [_group_table(found), _difference_table(found)]


def _group_table(found: PeopleGroups) -> Table:
    rows = [
        [
            f"{CALLED[fact]}: {name}",
            str(rate.participants),
            str(rate.n),
            share(rate.estimate),
            shares(rate.interval),
            shares(rate.these_clips),
        ]
        for fact, groups in found.groups.items()
        for name, rate in groups.items()
    ]
    header = ["Group", "People", "Answers", "Hit rate", "New clips", "These clips"]
    return Table("people-groups", "Groups of people", header, rows, "95 % intervals.", _say_left(found))


def _say_left(found: PeopleGroups) -> list[str]:
    notes = [
        f"{CALLED[fact]}: not known of {number} {'person' if number == 1 else 'people'}."
        for fact, number in found.unknown.items()
        if number
    ]
    small = [f"{CALLED[fact]}: {', '.join(names)}" for fact, names in found.small.items() if names]
    if small:
        notes.append(f"Not compared, with fewer than {FEWEST_PEOPLE} people: {'; '.join(small)}.")
    many = [CALLED[fact] for fact in found.groups if _enough(found, fact) > MOST_GROUPS]
    if many:
        notes.append(f"Not compared, with more than {MOST_GROUPS} groups: {', '.join(many)}.")
    return notes


def _enough(found: PeopleGroups, fact: str) -> int:
    return len(found.groups[fact]) - len(found.small[fact])


def _difference_table(found: PeopleGroups) -> Table:
    rows = [
        [
            f"{CALLED[one.fact]}: {one.a} − {one.b}",
            points(one.difference),
            points_interval(one.interval),
            p_value(one.p_value),
            p_value(one.p_holm),
            one.reason or "",
        ]
        for one in found.differences
    ]
    header = ["Groups", "Points", "95 % interval", "p", "p (Holm)", "Note"]
    caption = (
        "Welch's test with people as the units, for new people hearing these clips, on the clips that both groups"
        " heard, clip by clip; Holm over all pairs. Nobody was assigned to a group: a difference may have other causes."
    )
    return Table("people-differences", "Groups of people compared", header, rows, caption)


def _sentences(found: PeopleGroups) -> list[str]:
    tested = [one for one in found.differences if one.p_holm is not None]
    apart = _say_apart([one for one in found.differences if one.reason == OTHER_CLIPS])
    if not tested:
        return apart
    return ([_say(one) for one in tested if (one.p_holm or 0) < ALPHA] or [_say_none(tested)]) + apart


def _say_apart(pairs: Sequence[PeopleDifference]) -> list[str]:
    """One sentence, however many pairs."""
    if not pairs:
        return []
    named = "; ".join(f"{CALLED[one.fact]}: {one.a} and {one.b}" for one in pairs)
    return [f"Groups that heard different clips were not compared, as people and clips cannot be told apart ({named})."]


def _say(one: PeopleDifference) -> str:
    p = p_value(one.p_holm)
    return (
        f"People differ by {CALLED[one.fact]}: {one.a} less {one.b} {points(one.difference)} points (95 % CI"
        f" {points_interval(one.interval)}, t({one.degrees:.1f}), Holm-corrected p"
        f" {p if p.startswith('<') else f'= {p}'})."
    )


def _say_none(tested: Sequence[PeopleDifference]) -> str:
    facts = ", ".join(dict.fromkeys(CALLED[one.fact] for one in tested))
    return (
        f"No group of people was shown to differ ({len(tested)} {'pair' if len(tested) == 1 else 'pairs'} by {facts},"
        " Holm-corrected); that is no evidence that they are alike: the intervals say how far apart they may be."
    )


MEASURE = Measure(
    "people_groups",
    "the hit rate by headphones, training, language and device, and the groups compared",
    PeopleGroups,
    measure_people_groups,
    tables=_tables,
    sentences=_sentences,
    group=Group.SENSITIVITY,
    place=40,
)

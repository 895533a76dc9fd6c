"""What becomes of the hit rate when one clip, or one person, is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.estimates import Codes, Interval
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import Table
from survey.analysis.ratings.container import Ratings
from survey.analysis.sensitivity.rate import NAME, SAID, rate_of, rate_without, verb
from survey.analysis.wording import points, share, shares

LOOKED_AT_AGAIN = 20
"""Of so many units, those that move the hit rate most, the interval is computed anew."""
FEWEST = 3
"""Of fewer units nothing stays, without one of them, that an interval could be of."""
TOO_FEW = "not defined: it needs at least three, so that two stay"


@dataclass(frozen=True, slots=True)
class Without:
    """The hit rate without one clip or person."""

    name: Annotated[str, "which: the first stimulus of the piece, or the participant"]
    n: Annotated[int, "its answers"]
    estimate: Annotated[float, "hit rate of the others"]
    change: Annotated[float, "less the hit rate of all"]
    interval: Annotated[Interval | None, "of the others, for new people and new clips"]
    conclusion: Annotated[str | None, "where it lies beside a guesser's share: `above`, `below`, `includes`"]


@dataclass(frozen=True, slots=True)
class OneLess:
    """The hit rate without each of several units in turn."""

    units: Annotated[int, "how many there are"]
    low: Annotated[float | None, "the lowest hit rate without one of them"]
    high: Annotated[float | None, "the highest"]
    most: Annotated[Without | None, "the one that moves the hit rate most"]
    conclusion: Annotated[str | None, "where the interval of all answers lies beside a guesser's share"]
    changes: Annotated[tuple[Without, ...], "those without which it lies elsewhere, of the 20 that move most"]
    reason: Annotated[str | None, "why something is `null`"]


@dataclass(frozen=True, slots=True)
class LeavingOut:
    """Clips and people, each left out in turn."""

    clips: Annotated[OneLess, "each piece in turn, whatever stimuli use it"]
    people: Annotated[OneLess, "each participant in turn"]


def measure_leaving_out(asked: Asked) -> LeavingOut | None:
    """Return the hit rate of the primary cell without each clip, and without each person.

    None where no clip has an intended emotion.
    """
    known = asked.primary.intended_only
    if not len(known):
        return None
    return LeavingOut(leave_out_clips(known), leave_out_people(known))


def leave_out_clips(ratings: Ratings) -> OneLess:
    """Return the hit rate without each piece in turn.

    Parameters
    ----------
    ratings : Ratings
        Answers to clips with an intended emotion.

    Examples
    --------
    Three of four clips are always recognised, one never:

    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"S{s}", "", "fear", "fear" if s else "awe")
    ...                 for p in range(6) for s in range(4)])
    >>> found = leave_out_clips(data)
    >>> round(found.low, 3), found.high, found.most.name
    (0.667, 1.0, 'S0')
    """
    codes, place = np.unique(ratings.pieces(), return_inverse=True)
    # A piece of music in several stimuli is named by the first of them.
    first = np.full(codes.size, len(ratings.stimuli), np.int64)
    np.minimum.at(first, place, ratings.stimulus)
    return _leave_out(ratings, place, [ratings.stimuli[code] for code in first])


def leave_out_people(ratings: Ratings) -> OneLess:
    """Return the hit rate without each person in turn.

    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"S{s}", "", "fear", "awe" if p == 2 else "fear")
    ...                 for p in range(6) for s in range(4)])
    >>> leave_out_people(data).most.name
    'P2'
    """
    codes, place = np.unique(ratings.participant, return_inverse=True)
    return _leave_out(ratings, place, [ratings.participants[code] for code in codes])


def _leave_out(ratings: Ratings, unit: Codes, names: list[str]) -> OneLess:
    if len(names) < FEWEST:
        return OneLess(len(names), None, None, None, None, (), TOO_FEW)
    hits = ratings.hits.astype(float)
    # The hit rate without each unit, shape (units,): from the sums, without counting anew.
    without = (hits.sum() - np.bincount(unit, weights=hits)) / (hits.size - np.bincount(unit))
    moved = without - hits.mean()
    # Equal moves come in the order of names, so that the order of rows changes nothing.
    order = sorted(range(len(names)), key=lambda place: (-round(abs(float(moved[place])), 12), names[place]))
    whole = rate_of(ratings).conclusion
    again = []
    for place in order[:LOOKED_AT_AGAIN]:
        others = rate_without(ratings, unit != place)
        n, estimate, change = int((unit == place).sum()), float(without[place]), float(moved[place])
        again.append(Without(names[place], n, estimate, change, others.interval, others.conclusion))
    changes = tuple(one for one in again if one.conclusion != whole)
    return OneLess(len(names), float(without.min()), float(without.max()), again[0], whole, changes, None)


SHOWN = 5
"""Clips or people whose absence changes the conclusion that a table lists; JSON has all of them."""


def _tables(found: LeavingOut) -> list[Table]:
    rows, notes = [], []
    for what, one in (("One clip", found.clips), ("One person", found.people)):
        most = one.most
        rows.append(
            [
                what,
                str(one.units),
                "–" if one.low is None else f"{share(one.low)} to {share(one.high)}",
                most.name[:NAME] if most else "–",
                points(most.change) if most else "–",
                shares(most.interval) if most else "–",
                SAID[most.conclusion] if most else "–",
                one.reason or "",
            ]
        )
        notes.append(_say_changes(what, one))
    header = ["Left out", "Of", "Hit rate", "Moves it most", "Points", "Interval without it", "Beside chance", "Note"]
    caption = (
        "Range of the hit rate when each clip, or each person, is left out in turn. Interval: 95 %, new people and new"
        " clips, beside a guesser's share."
    )
    kinds = {"Moves it most": "remark", "Beside chance": "remark"}
    return [Table("leaving-out", "One clip or person less", header, rows, caption, [n for n in notes if n], kinds)]


def _say_changes(what: str, one: OneLess) -> str:
    if one.conclusion is None or one.reason:
        return ""
    among = f" (looked at for the {LOOKED_AT_AGAIN} that move it most)" if one.units > LOOKED_AT_AGAIN else ""
    if not one.changes:
        return f"{what} less changes nothing beside chance: the interval still {verb(one.conclusion)}{among}."
    named = ", ".join(found.name[:NAME] for found in one.changes[:SHOWN])
    more = f" and {len(one.changes) - SHOWN} more" if len(one.changes) > SHOWN else ""
    return (
        f"{what} less can change what the interval says: with all it {verb(one.conclusion)}, without {named}{more} it"
        f" {verb(one.changes[0].conclusion)}{among}."
    )


def _sentences(found: LeavingOut) -> list[str]:
    return [
        f"The finding rests on single {what}: with all the interval {verb(one.conclusion)}, without"
        f" {one.changes[0].name[:NAME]} it {verb(one.changes[0].conclusion)}."
        for what, one in (("clips", found.clips), ("people", found.people))
        if one.conclusion and one.changes
    ]


MEASURE = Measure(
    "leaving_out",
    "the hit rate without each clip, and without each person",
    LeavingOut,
    measure_leaving_out,
    tables=_tables,
    sentences=_sentences,
    group=Group.SENSITIVITY,
    place=20,
)

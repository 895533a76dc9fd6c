"""Reliability of people: gold items, repeated clips, time; and results for all beside results for included."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from survey.analysis.accuracy import interval_over_people
from survey.analysis.clustering import share_influence, spread_of_influence
from survey.analysis.estimates import Codes, Floats, Truths
from survey.analysis.ratings.container import Ratings
from survey.analysis.reported import PeoplePart, SharePart

NO_KIND = "not defined: there are no {kind} trials"
NOT_RECORDED = "not defined: no {what} were recorded"


def share_over_participants(hits: Truths, participants: Codes) -> SharePart:
    """Return a share with an interval clustered by participant.

    >>> share_over_participants(np.array([True, False, True, True]), np.array([0, 0, 1, 1])).estimate
    0.75
    """
    n = int(hits.size)
    if n == 0:
        return SharePart(reason="not defined: there are no answers")
    estimate = float(hits.mean())
    spread = spread_of_influence(share_influence(hits.astype(float)), participants, participants)
    interval = interval_over_people(estimate, spread)
    reason = None if interval else "interval not defined: one participant says nothing about new people"
    return SharePart(estimate, n, interval, reason)


def measure_people(ratings: Ratings) -> PeoplePart:
    """Return how reliable the listeners were.

    Gold: share of known answers given. Repeats: share of repeated clips answered as the first time.
    Time: median seconds to the answer.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "", "fear", "awe"), Rating("P1", "S1", "", "fear", "awe", kind="repeat")])
    >>> measure_people(data).repeats.estimate
    1.0
    """
    gold = ratings.where("kind", "gold")
    same, people = answers_repeated(ratings)
    return PeoplePart(
        included=int(np.unique(ratings.participant[ratings.included]).size),
        excluded=int(np.unique(ratings.participant[~ratings.included]).size),
        gold=_or_reason(share_over_participants(gold.hits, gold.participant), "gold"),
        repeats=_or_reason(share_over_participants(same, people), "repeat"),
        median_seconds=_median(ratings.seconds),
        median_confidence=_median(ratings.confidence),
        reasons={
            name: NOT_RECORDED.format(what=what)
            for name, what, values in (
                ("median_seconds", "times", ratings.seconds),
                ("median_confidence", "confidences", ratings.confidence),
            )
            if np.isnan(values).all()
        },
    )


def _or_reason(found: SharePart, kind: str) -> SharePart:
    return found if found.n else replace(found, reason=NO_KIND.format(kind=kind))


def _median(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else None


def answers_repeated(ratings: Ratings) -> tuple[Truths, Codes]:
    """Return for every repeated trial whether its answer is that of the first time, and whose it is."""
    kind = ratings.factors["kind"]
    if "repeat" not in kind.levels:
        return np.empty(0, bool), np.empty(0, np.int64)
    again = kind.codes == kind.levels.index("repeat")
    # (person, clip) as one number.
    key = ratings.participant * max(len(ratings.stimuli), 1) + ratings.stimulus
    first = dict(zip(key[~again].tolist(), ratings.chosen[~again].tolist(), strict=True))
    pairs = [
        (first[k] == chosen, person)
        for k, chosen, person in zip(
            key[again].tolist(), ratings.chosen[again].tolist(), ratings.participant[again].tolist(), strict=True
        )
        if k in first
    ]
    return np.array([same for same, _ in pairs], bool), np.array([person for _, person in pairs], np.int64)

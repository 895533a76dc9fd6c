"""The hit rate with its interval, as every analysis of sensitivity shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.estimates import Interval, Truths
from survey.analysis.ratings.container import Ratings, strata_of

Conclusion = Literal["above", "below", "includes"]
SAID = {"above": "above", "below": "below", "includes": "includes it", None: "–"}
"""In a column headed "beside chance"."""
NAME = 18
"""Characters of a clip's or person's name that a table shows."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A hit rate of some of the answers."""

    participants: Annotated[int, "people"]
    n: Annotated[int, "answers"]
    estimate: Annotated[float | None, "hit rate"]
    interval: Annotated[Interval | None, "for new people and new clips"]
    these_clips: Annotated[Interval | None, "for new people, these clips"]
    conclusion: Annotated[str | None, "where `interval` lies beside a guesser's share: `above`, `below`, `includes`"]


def rate_of(ratings: Ratings) -> Rate:
    """Return the hit rate of answers to clips with an intended emotion.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"S{s}", "", "fear", "fear" if s else "awe")
    ...                 for p in range(6) for s in range(4)])
    >>> found = rate_of(data)
    >>> found.estimate, found.conclusion
    (0.75, 'above')
    """
    return rate_without(ratings.intended_only)


def rate_without(known: Ratings, keep: Truths | None = None) -> Rate:
    """Return the hit rate of those answers that `keep` names, all of clips with an intended emotion.

    For one part after another: of a million answers four columns are taken, instead of all.

    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"S{s}", "", "fear", "fear" if s else "awe")
    ...                 for p in range(6) for s in range(4)])
    >>> rate_without(data, data.stimulus > 0).estimate
    1.0
    """
    kept = np.ones(len(known), bool) if keep is None else keep
    hits, participants = known.hits[kept], known.participant[kept]
    pieces, intended = known.pieces()[kept], known.intended[kept]
    found = measure_accuracy(hits, participants, pieces, known.k, strata=strata_of(pieces, intended))
    people = int(np.count_nonzero(np.bincount(participants)))
    conclusion = conclude(found.participants_stimuli, found.chance)
    return Rate(people, found.n, found.estimate, found.participants_stimuli, found.participants, conclusion)


def conclude(interval: Interval | None, chance: float | None) -> Conclusion | None:
    """Return where an interval lies beside chance; None where one of them is not defined.

    >>> conclude((0.2, 0.4), 0.125), conclude((0.1, 0.4), 0.125), conclude((0.0, 0.1), 0.125)
    ('above', 'includes', 'below')
    """
    if interval is None or chance is None:
        return None
    return "above" if interval[0] > chance else "below" if interval[1] < chance else "includes"


def verb(conclusion: str | None) -> str:
    """Return what an interval does beside chance.

    >>> verb("above"), verb("includes"), verb(None)
    ('lies above chance', 'includes chance', 'is not defined')
    """
    if conclusion is None:
        return "is not defined"
    return "includes chance" if conclusion == "includes" else f"lies {conclusion} chance"

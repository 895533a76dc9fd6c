"""Whether people know when they are right: hits by how sure they were."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from survey.analysis.accuracy import Accuracy, measure_accuracy
from survey.analysis.affect.people import OverPeople, over_people
from survey.analysis.estimates import Codes, Floats, Truths, within
from survey.analysis.ratings.container import Ratings

MOST_LEVELS = 11
"""A scale with more steps is not shown step by step; the measures within people take any."""
TOO_MANY = f"not shown step by step: the scale has more than {MOST_LEVELS} steps"


@dataclass(frozen=True, slots=True)
class Step:
    """The answers with one level of confidence, and how many of them are right."""

    level: float
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class Confidence:
    """Confidence against correctness.

    Attributes
    ----------
    n, participants : int
        Answers with a confidence to clips with an intended emotion, and people who gave them.
    steps : tuple of Step
        Every level that occurs, from the lowest.
    auroc2 : OverPeople
        How often a person is surer of a right answer of theirs than of a wrong one, ties half; .5 by chance.
    gamma : OverPeople
        Goodman and Kruskal's γ of confidence and correctness within people; 0 by chance.
    reason : str
        Why there are no steps.
    """

    n: int
    participants: int
    steps: tuple[Step, ...]
    auroc2: OverPeople
    gamma: OverPeople
    reason: str = ""


def measure_confidence(ratings: Ratings) -> Confidence | None:
    """Return how confidence goes with correctness; None where nobody was asked.

    Notes
    -----
    People without both right and wrong answers, or with one level of confidence, show nothing and are left out. Both
    measures within people depend on how hard the clips are; their intervals are for new people hearing these clips.

    References
    ----------
    Goodman & Kruskal (1954), JASA 49, 732–764; Nelson (1984), Psychological Bulletin 95, 109–133; Fleming & Lau
    (2014), Frontiers in Human Neuroscience 8, 443 (type 2 ROC).

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> rows = [("S1", "fear", 5), ("S2", "fear", 4), ("S3", "awe", 1), ("S4", "awe", 4)]
    >>> found = measure_confidence(collect([Rating("P1", s, "", "fear", c, confidence=sure) for s, c, sure in rows]))
    >>> found.auroc2.estimate, found.gamma.estimate, [step.accuracy.estimate for step in found.steps]
    (0.875, 1.0, [0.0, 0.5, 1.0])
    """
    known = ratings.intended_only
    known = known.select(~np.isnan(known.confidence))
    if not len(known):
        return None
    people = np.unique(known.participant, return_inverse=True)[1]
    levels, step = np.unique(known.confidence, return_inverse=True)
    auroc2, gamma = within_people(known.hits, step, people)
    pieces = known.pieces()
    steps = [
        Step(
            float(level),
            measure_accuracy(known.hits[step == code], people[step == code], pieces[step == code], known.k),
        )
        for code, level in enumerate(levels if levels.size <= MOST_LEVELS else ())
    ]
    return Confidence(
        n=len(known),
        participants=int(people.max()) + 1,
        steps=tuple(steps),
        auroc2=_cut(over_people(auroc2), 0.0),
        gamma=_cut(over_people(gamma), -1.0),
        reason="" if steps else TOO_MANY,
    )


def _cut(found: OverPeople, least: float) -> OverPeople:
    return replace(found, interval=within(*found.interval, least, 1.0)) if found.interval else found


def within_people(hits: Truths, confidence: Codes, people: Codes) -> tuple[Floats, Floats]:
    """Return every person's type-2 AUROC and γ, NaN for people who show nothing; shape (people,).

    Every right answer of a person is compared with every wrong one of theirs, by ranks.

    Parameters
    ----------
    hits : array of bool, shape (N,)
    confidence : array of int, shape (N,)
        Ranks of the levels.
    people : array of int, shape (N,)
        Codes 0 … people − 1.

    Examples
    --------
    >>> auroc2, gamma = within_people(np.array([True, True, False]), np.array([1, 2, 1]), np.zeros(3, int))
    >>> auroc2.tolist(), gamma.tolist()
    ([0.75], [1.0])
    """
    size = int(people.max(initial=-1)) + 1
    width = int(confidence.max(initial=0)) + 1
    keys, place = np.unique(people * width + confidence, return_inverse=True)
    right = np.bincount(place[hits], minlength=keys.size).astype(float)
    wrong = np.bincount(place, minlength=keys.size) - right
    person = keys // width
    before = np.cumsum(wrong) - wrong
    start = before[np.searchsorted(person, np.arange(size))][person]
    below = np.bincount(person, weights=right * (before - start), minlength=size)
    tied = np.bincount(person, weights=right * wrong, minlength=size)
    rights, wrongs = (np.bincount(person, weights=part, minlength=size) for part in (right, wrong))
    pairs = rights * wrongs
    shows = pairs - tied > 0
    nothing = np.full(size, np.nan)
    auroc2 = np.divide(below + tied / 2, pairs, out=nothing.copy(), where=shows)
    gamma = np.divide(2 * below + tied - pairs, pairs - tied, out=nothing, where=shows)
    return auroc2, gamma

"""How long people took, for right answers and for wrong ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.affect.over_people import OverPeople, over_people
from survey.analysis.estimates import NO_ANSWERS, Codes, Floats, Truths
from survey.analysis.measures.measure import A_CHOICE, Asked, Group, Measure
from survey.analysis.measures.needs import SECONDS
from survey.analysis.measures.shown import Table
from survey.analysis.ratings.container import Ratings
from survey.analysis.wording import counted, decimal, decimals


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Seconds: each person's own quartiles, averaged over the people who have such answers."""

    n: Annotated[int, "answers"]
    participants: Annotated[int, "people who gave them"]
    lower: Annotated[float | None, "lower quartile of a person's seconds, mean over people"] = None
    median: Annotated[float | None, "their median"] = None
    upper: Annotated[float | None, "their upper quartile"] = None
    reason: Annotated[str | None, "why something is `null`"] = None


@dataclass(frozen=True, slots=True)
class Times:
    """Response times."""

    n: Annotated[int, "answers with a time to clips with an intended emotion"]
    participants: Annotated[int, "people who gave them"]
    right: Annotated[Quartiles, "of answers that are the intended emotion"]
    wrong: Annotated[Quartiles, "of the others"]
    ratio: Annotated[OverPeople, "how many times as long a wrong answer takes as a right one: geometric mean"]


def measure_times(ratings: Ratings) -> Times | None:
    """Return how response times go with correctness; None where no time above 0 was recorded.

    Notes
    -----
    Times are skewed and people differ in pace: each person's right and wrong answers are compared on the logarithm,
    and the interval of the mean over people is turned back. People without both are left out.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> rows = [("S1", "fear", 4.0), ("S2", "awe", 8.0), ("S3", "fear", 4.0)]
    >>> found = measure_times(collect([Rating("P1", s, "", "fear", chosen, seconds=t) for s, chosen, t in rows]))
    >>> round(found.ratio.estimate, 6), found.right.median
    (2.0, 4.0)
    """
    known = ratings.intended_only
    known = known.select(known.seconds > 0)
    if not len(known):
        return None
    people = np.unique(known.participant, return_inverse=True)[1]
    size, hits, seconds = int(people.max()) + 1, known.hits, known.seconds
    logs = np.log(seconds)
    right, wrong = (_means(logs[some], people[some], size) for some in (hits, ~hits))
    return Times(
        n=len(known),
        participants=size,
        right=_quartiles(seconds, people, hits),
        wrong=_quartiles(seconds, people, ~hits),
        ratio=_turned_back(over_people(wrong - right)),
    )


def _means(values: Floats, people: Codes, size: int) -> Floats:
    """Mean of every person, NaN without answers."""
    n = np.bincount(people, minlength=size)
    sums = np.bincount(people, weights=values, minlength=size)
    result: Floats = np.divide(sums, n, out=np.full(size, np.nan), where=n > 0)
    return result


def _turned_back(found: OverPeople) -> OverPeople:
    """From logarithms to a ratio."""
    if found.estimate is None:
        return found
    interval = found.interval and (math.exp(found.interval[0]), math.exp(found.interval[1]))
    return OverPeople(math.exp(found.estimate), interval, found.participants, found.left_out, found.reason)


def _quartiles(seconds: Floats, people: Codes, some: Truths) -> Quartiles:
    """Quartiles by linear interpolation within each person, then averaged."""
    n = int(np.count_nonzero(some))
    if n == 0:
        return Quartiles(0, 0, reason=NO_ANSWERS)
    # By person, and within a person by time (the last key sorts first): all quartiles without a loop over people.
    order = np.lexsort((seconds[some], people[some]))
    ordered, person = seconds[some][order], people[some][order]
    starts = np.flatnonzero(np.diff(person, prepend=-1))
    sizes = np.diff(np.append(starts, n))
    found = []
    for share in (0.25, 0.5, 0.75):
        # NumPy's default ("linear") quantile, in every person's part of the list.
        place = share * (sizes - 1)
        low = np.floor(place).astype(np.int64)
        below, above = ordered[starts + low], ordered[starts + np.minimum(low + 1, sizes - 1)]
        found.append(float((below + (place - low) * (above - below)).mean()))
    lower, median, upper = found
    return Quartiles(n, int(starts.size), lower, median, upper)


def _tables(found: Times) -> list[Table]:
    rows = [
        [name, str(one.n), str(one.participants)]
        + [decimal(value, 1) for value in (one.lower, one.median, one.upper)]
        + [one.reason or ""]
        for name, one in (("Right", found.right), ("Wrong", found.wrong))
    ]
    header = ["Answers", "n", "People", "Lower quartile", "Median", "Upper quartile", "Note"]
    caption = "Seconds to the answer: each person's own quartiles, averaged over people."
    return [Table("times", "Response times", header, rows, caption)]


def _sentences(found: Times) -> list[str]:
    if found.ratio.interval is None:
        return []
    return [
        f"A wrong answer took {decimal(found.ratio.estimate, 2)} times as long as a right one of the same person"
        f" (geometric mean; 95 % {decimals(found.ratio.interval, 2)} for new people hearing these clips;"
        f" {counted(found.ratio.participants, 'person', 'people')}, {found.ratio.left_out} left out)."
    ]


def _compute(asked: Asked) -> Times | None:
    return measure_times(asked.primary)


MEASURE = Measure(
    "times",
    "response times of right and wrong answers",
    Times,
    _compute,
    tables=_tables,
    sentences=_sentences,
    group=Group.SAID_BESIDE,
    place=40,
    needs=(A_CHOICE, SECONDS),
)

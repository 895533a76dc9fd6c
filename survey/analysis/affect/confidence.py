"""Whether people know when they are right: hits by how sure they were."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated

import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.affect.over_people import OverPeople, over_people
from survey.analysis.conditions import presentations_of
from survey.analysis.estimates import Codes, Floats, Interval, Truths, join_reasons
from survey.analysis.measures.measure import Asked, Group, Measure
from survey.analysis.measures.shown import SHARES, Plot, Row, Table
from survey.analysis.ratings.container import Ratings
from survey.analysis.wording import counted, decimal, decimals, presented, share, shares

MOST_LEVELS = 11
"""A scale with more steps is not shown step by step; the measures within people take any."""
TOO_MANY = f"not shown step by step: the scale has more than {MOST_LEVELS} steps"


@dataclass(frozen=True, slots=True)
class ConfidenceStep:
    """The answers with one level of confidence, and how many of them are right."""

    level: Annotated[float, "how sure, as stated"]
    n: Annotated[int, "answers with it"]
    hits: Annotated[int, "those that are the intended emotion"]
    estimate: Annotated[float | None, "hits / n"]
    these_clips: Annotated[Interval | None, "for new people hearing these clips"]
    new_clips: Annotated[Interval | None, "for new people and new clips"]
    reason: Annotated[str | None, "why something is `null`, or how it was replaced"]


@dataclass(frozen=True, slots=True)
class Confidence:
    """Confidence against correctness."""

    n: Annotated[int, "answers with a confidence to clips with an intended emotion"]
    participants: Annotated[int, "people who gave them"]
    steps: Annotated[tuple[ConfidenceStep, ...], "every level that occurs, from the lowest"]
    auroc2: Annotated[
        OverPeople, "how often people are surer of a right answer than of a wrong one, ties half; .5 by chance"
    ]
    gamma: Annotated[OverPeople, "Goodman and Kruskal's γ of confidence and correctness within people; 0 by chance"]
    reason: Annotated[str | None, "why there are no steps"] = None


@dataclass(frozen=True, slots=True)
class ConfidenceOfCells(Confidence):
    """Confidence against correctness in the primary cell, and in every cell by itself; cells are never pooled."""

    cells: Annotated[
        dict[str, Confidence], "each cell of the design in which people were asked; empty where there is one cell"
    ] = field(default_factory=dict)


def measure_confidence(ratings: Ratings) -> Confidence | None:
    """Return how confidence goes with correctness in one cell of the design; None where nobody was asked.

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
    >>> found.auroc2.estimate, found.gamma.estimate, [step.estimate for step in found.steps]
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
    shown = levels.tolist() if levels.size <= MOST_LEVELS else []
    steps = [_step(level, known.hits, people, pieces, step == code, known.k) for code, level in enumerate(shown)]
    return Confidence(
        n=len(known),
        participants=int(people.max()) + 1,
        steps=tuple(steps),
        auroc2=over_people(auroc2, between=(0.0, 1.0)),
        gamma=over_people(gamma, between=(-1.0, 1.0)),
        reason=None if steps else TOO_MANY,
    )


def _step(level: float, hits: Truths, people: Codes, pieces: Codes, at: Truths, k: int) -> ConfidenceStep:
    found = measure_accuracy(hits[at], people[at], pieces[at], k)
    names = ("participants", "participants_stimuli")
    return ConfidenceStep(
        level=level,
        n=found.n,
        hits=found.hits,
        estimate=found.estimate,
        these_clips=found.participants,
        new_clips=found.participants_stimuli,
        reason=join_reasons({name: found.reasons[name] for name in names if name in found.reasons}),
    )


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
    # (person, level) pairs that occur, sorted: the levels of one person stand together, from the least sure.
    keys, place = np.unique(people * width + confidence, return_inverse=True)
    right = np.bincount(place[hits], minlength=keys.size).astype(float)
    wrong = np.bincount(place, minlength=keys.size) - right
    person = keys // width
    # Wrong answers before each pair in the whole list, less those before its person: the person's own less sure ones.
    before = np.cumsum(wrong) - wrong
    start = before[np.searchsorted(person, np.arange(size))][person]
    below = np.bincount(person, weights=right * (before - start), minlength=size)
    tied = np.bincount(person, weights=right * wrong, minlength=size)
    rights, wrongs = (np.bincount(person, weights=part, minlength=size) for part in (right, wrong))
    pairs = rights * wrongs
    # Pairs of a right and a wrong answer, (people,); a person whose pairs are all tied shows nothing.
    shows = pairs - tied > 0
    nothing = np.full(size, np.nan)
    auroc2 = np.divide(below + tied / 2, pairs, out=nothing.copy(), where=shows)
    gamma = np.divide(2 * below + tied - pairs, pairs - tied, out=nothing, where=shows)
    return auroc2, gamma


def _tables(found: ConfidenceOfCells) -> list[Table]:
    steps = [
        [
            f"{step.level:g}",
            str(step.n),
            str(step.hits),
            share(step.estimate),
            shares(step.new_clips),
            shares(step.these_clips),
            step.reason or "",
        ]
        for step in found.steps
    ]
    within_people = [
        [
            name,
            decimal(one.estimate),
            decimals(one.interval),
            str(one.participants),
            str(one.left_out),
            one.reason or "",
        ]
        for name, one in (("AUROC (type 2)", found.auroc2), ("γ", found.gamma))
    ]
    header = ["Confidence", "n", "Right", "Hit rate", "New people, new clips", "New people, these clips", "Note"]
    about = (
        f"{counted(found.n, 'answer')} of {counted(found.participants, 'person', 'people')}, by how sure they said"
        f" they were. Intervals as for the hit"
        " rate, 95 %."
    )
    how = (
        "AUROC: how often a person is surer of a right answer than of a wrong one, ties half; .5 by chance. γ (Goodman"
        " & Kruskal): the same without ties, −1 to 1; 0 by chance. Means over people, 95 % intervals for new people"
        " hearing these clips. Left out: people with right or wrong answers alone, or one level of confidence."
    )
    columns = ["Measure", "Mean", "New people", "People", "Left out", "Note"]
    return [
        Table("confidence", "Confidence and correctness", header, steps, about),
        Table("confidence_within", "Confidence within people", columns, within_people, how),
        _of_cells(found),
    ]


def _of_cells(found: ConfidenceOfCells) -> Table:
    rows = [
        [
            presented(name) or name,
            str(one.n),
            str(one.participants),
            f"{decimal(one.auroc2.estimate)} ({decimals(one.auroc2.interval)})",
            f"{decimal(one.gamma.estimate)} ({decimals(one.gamma.interval)})",
            str(one.auroc2.left_out),
            one.auroc2.reason or "",
        ]
        for name, one in found.cells.items()
    ]
    header = ["Cell", "n", "People", "AUROC (new people)", "γ (new people)", "Left out", "Note"]
    caption = "As within people above, in every cell of the design by itself: cells are never pooled."
    return Table("confidence_cells", "Confidence within people, each cell by itself", header, rows, caption)


def _plots(found: ConfidenceOfCells) -> list[Plot]:
    if not found.steps:
        return []
    rows = [Row(f"{step.level:g}", step.estimate, step.new_clips, step.these_clips, n=step.n) for step in found.steps]
    caption = (
        "Hit rate of the answers with each level of confidence, with 95 % intervals for new people and new clips; thin"
        f" lines below: for new people hearing these clips. {counted(found.n, 'answer')} of"
        f" {counted(found.participants, 'person', 'people')}."
    )
    title, axis = "Hit rate by confidence", "Share of answers that are the intended emotion"
    return [Plot("confidence", title, rows, SHARES, axis, caption, " ".join(_calibration(found)))]


def _calibration(found: Confidence) -> list[str]:
    """How often the least and the most confident answers are right; where all are as confident, how often these are."""
    ends = dict.fromkeys((found.steps[0], found.steps[-1])) if found.steps else {}
    told = (
        f"with confidence {step.level:g} in {share(step.estimate)} (95 % {shares(step.new_clips)}, n = {step.n})"
        for step in ends
    )
    return [f"Answers were right {', '.join(told)}."] if ends else []


def _sentences(found: ConfidenceOfCells) -> list[str]:
    said = _calibration(found)
    if found.auroc2.estimate is not None:
        said.append(
            "Within people a right answer was given with more confidence than a wrong one in"
            f" {share(found.auroc2.estimate)} of comparisons (ties half, 50 % by chance; 95 %"
            f" {shares(found.auroc2.interval)} for new people hearing these clips;"
            f" {counted(found.auroc2.participants, 'person', 'people')},"
            f" {found.auroc2.left_out} left out)."
        )
    return said


def _compute(asked: Asked) -> ConfidenceOfCells | None:
    primary, cells = measure_confidence(asked.primary), presentations_of(asked.every_cell)
    if primary is None:
        return None
    each = {name: measure_confidence(asked.every_cell.select(keep)) for name, keep in cells.items()}
    known = {name: found for name, found in each.items() if found is not None}
    of_primary = {one.name: getattr(primary, one.name) for one in fields(primary)}
    return ConfidenceOfCells(**of_primary, cells=known if len(cells) > 1 else {})


MEASURE = Measure(
    "confidence",
    "whether people know when they are right",
    ConfidenceOfCells,
    _compute,
    tables=_tables,
    plots=_plots,
    plot_names=("confidence",),
    sentences=_sentences,
    group=Group.SAID_BESIDE,
    place=30,
)

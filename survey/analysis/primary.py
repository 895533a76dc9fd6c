"""The primary measure as it was planned: fixed when, of which cell, under which rules; and what is exploratory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
import numpy as np

from survey.analysis.conditions import presentations_of
from survey.analysis.estimates import Interval
from survey.analysis.ratings.container import Ratings
from survey.analysis.sensitivity.rate import rate_of
from survey.analysis.sensitivity.rules import left_out_by_rules
from survey.analysis.wording import counted, new_ones, presented, share, shares

NO_PLAN = (
    "No plan of analysis comes with these answers: everything here is exploratory. It describes what was found,"
    " and a new study has to confirm it."
)
NO_MEASURE = (
    "The plan names no primary measure: everything here is exploratory. The rules and numbers it does name were fixed"
    " before the data came."
)
REST = "Everything that follows is exploratory: the plan does not name it as the primary measure."
IN_WORDS = (
    "The plan names its primary measure in words, “{words}”, and no cell to compute it from; this report does not read"
    " words. Above is the hit rate of the cell that it takes by itself, under the planned rules. Whether that is what"
    " was planned is for the reader to say; whatever else the words do not name is exploratory."
)


YES_OR_NO = (
    "not computed: people said yes or no, so no hit rate is primary; sensitivity (d′) stands below, of everybody"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What was fixed at publication; empty texts and None where the plan says nothing.

    Attributes
    ----------
    fixed_at : str
        When, in words.
    measure : str
        The primary measure in the researcher's words.
    cell : str
        The cell whose hit rate is the primary measure.
    facts : mapping of str to str
        Everything fixed that a reader wants to see first, in words.
    has_rules : bool
        Whether rules of exclusion were fixed.
    planned_n : int or None
        People.
    complete : int or None
        People who are complete, so far or at closing.
    closed : bool
    """

    fixed_at: str
    measure: str = ""
    cell: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    has_rules: bool = False
    planned_n: int | None = None
    complete: int | None = None
    closed: bool = False

    @property
    def names_measure(self) -> bool:
        """Whether anything is primary."""
        return bool(self.measure or self.cell)


@dataclass(frozen=True, slots=True)
class Primary:
    """The primary measure under the planned rules."""

    fixed_at: Annotated[str | None, "when the plan was fixed; `null` without one"]
    plan: Annotated[dict[str, str], "what it says, in words"]
    measure: Annotated[str | None, "the primary measure in the plan's words"]
    cell: Annotated[str | None, "the cell that the result is of; `null` where there is one"]
    planned_cell: Annotated[str | None, "whether the plan names that cell: its name, or `null`"]
    participants: Annotated[int | None, "people in the result"]
    left_out: Annotated[int | None, "people whom the planned rules leave out of it"]
    n: Annotated[int | None, "answers"]
    estimate: Annotated[float | None, "hit rate"]
    chance: Annotated[float | None, "of a guesser"]
    interval: Annotated[Interval | None, "for new people and new clips"]
    these_clips: Annotated[Interval | None, "for new people, these clips"]
    planned_n: Annotated[int | None, "people that the plan wanted"]
    complete: Annotated[int | None, "people who are complete"]
    closed: Annotated[bool, "whether the study is closed"]
    reason: Annotated[str | None, "why there is no result"]

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data


def read_primary(data: dict[str, Any]) -> Primary:
    """Return what `Primary.as_json` wrote."""
    return msgspec.convert(data, Primary)


def measure_primary(every_cell: Ratings, plan: Plan | None) -> Primary:
    """Return the hit rate of the planned cell among the people whom the planned rules keep.

    People whom a researcher set aside by hand stay: the plan does not name them. Without a plan, or without a
    primary measure in it, there is no result of its own; everything is exploratory then.

    Parameters
    ----------
    every_cell : Ratings
        The trials that count, of all cells.
    plan : Plan or None

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"S{s}", "matched", "fear", "fear" if s else "awe", included=p > 0)
    ...                 for p in range(6) for s in range(4)])
    >>> found = measure_primary(data, Plan("2026-01-01", cell="matched", has_rules=True))
    >>> found.participants, found.left_out, found.estimate
    (5, 1, 0.75)
    >>> measure_primary(data, None).reason
    'not defined: no plan was fixed'
    """
    if plan is None:
        return _without(None, "not defined: no plan was fixed")
    if not plan.names_measure:
        return _without(plan, "not defined: the plan names no primary measure")
    if every_cell.says_yes_or_no:
        return _without(plan, YES_OR_NO)
    cells = presentations_of(every_cell)
    if plan.cell and plan.cell not in cells:
        return _without(plan, f"not defined: there are no answers to {presented(plan.cell).lower()}, which was planned")
    cell = plan.cell or next(iter(cells))
    known = every_cell.select(cells[cell] & (every_cell.intended >= 0))
    out = left_out_by_rules(known) if plan.has_rules else np.zeros(len(known), bool)
    rate = rate_of(known.select(~out))
    return Primary(
        **_planned(plan),
        cell=cell or None,
        participants=rate.participants,
        left_out=int(np.unique(known.participant[out]).size),
        n=rate.n,
        estimate=rate.estimate,
        chance=1 / known.k if known.k else None,
        interval=rate.interval,
        these_clips=rate.these_clips,
        reason=None if rate.n else "not defined: there are no answers",
    )


def _planned(plan: Plan | None) -> dict[str, Any]:
    return {
        "fixed_at": plan.fixed_at if plan else None,
        "plan": dict(plan.facts) if plan else {},
        "measure": plan.measure or None if plan else None,
        "planned_cell": plan.cell or None if plan else None,
        "planned_n": plan.planned_n if plan else None,
        "complete": plan.complete if plan else None,
        "closed": plan.closed if plan else False,
    }


def _without(plan: Plan | None, reason: str) -> Primary:
    return Primary(
        **_planned(plan),
        cell=None,
        participants=None,
        left_out=None,
        n=None,
        estimate=None,
        chance=None,
        interval=None,
        these_clips=None,
        reason=reason,
    )


def say_primary(found: Primary) -> list[str]:
    """Return what comes first in every report, sentence by sentence; the plan itself stands beside it.

    Examples
    --------
    >>> from survey.analysis.ratings import collect
    >>> say_primary(measure_primary(collect([]), None))[0][:44]
    'No plan of analysis comes with these answers'
    """
    if found.fixed_at is None:
        return [NO_PLAN]
    if found.measure is None and found.planned_cell is None:
        return [NO_MEASURE, *_numbers(found)]
    rest = REST if found.planned_cell else IN_WORDS.format(words=found.measure)
    return [_result(found), *_numbers(found), rest]


def _result(found: Primary) -> str:
    if found.estimate is None:
        return f"Primary measure: {found.reason}."
    who = f"{found.participants} {'person' if found.participants == 1 else 'people'}"
    out = f"; the planned rules leave out {found.left_out}" if found.left_out else ""
    said = "listeners picked the intended emotion in"
    lead = "Primary measure, as planned" if found.planned_cell else "The report's main measure"
    where = f"{presented(found.cell).lower()}: " if found.cell else ""
    return (
        f"{lead} – {where}{said} {share(found.estimate)} of trials (95 % interval for new people"
        f" and {new_ones(found.cell)} {shares(found.interval)}; for these clips {shares(found.these_clips)}; a guesser"
        f" {share(found.chance)}; {counted(found.n or 0, 'answer')} of {who}{out})."
    )


def _numbers(found: Primary) -> Iterator[str]:
    """Whether as many people took part as were planned."""
    if found.planned_n is None or found.complete is None:
        return
    beyond = found.complete - found.planned_n
    if not found.closed:
        yield f"Planned: {_people(found.planned_n)}; so far {found.complete} are complete."
    elif beyond:
        yield (
            f"The plan named {_people(found.planned_n)}; the study was closed with {found.complete} complete,"
            f" {abs(beyond)} {'more' if beyond > 0 else 'fewer'}."
        )
    else:
        yield f"The study was closed with the {_people(found.planned_n)} that the plan named."


def _people(number: int) -> str:
    return f"{number} {'person' if number == 1 else 'people'}"

"""The primary measure as it was planned: fixed when, of which cell, under which rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import msgspec
import numpy as np

from survey.analysis.conditions import measure_picture_and_music, presentations_of
from survey.analysis.detection.shown import detect
from survey.analysis.estimates import Interval
from survey.analysis.old_and_new import NEITHER, compare_targets, side_codes
from survey.analysis.planned import NEW_TARGETS, is_difference, planned_cells
from survey.analysis.ratings.container import Ratings
from survey.analysis.sensitivity.rate import rate_of
from survey.analysis.sensitivity.rules import left_out_by_rules
from survey.analysis.wording import presented


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
        The cell whose hit rate (d′ or share of yes, where people say yes or no) is the primary measure, or the name of
        a difference (of two cells, or of new and old targets); one of `survey.analysis.planned.PLANNED`.
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
    estimate: Annotated[float | None, "the measure that `kind` names"]
    chance: Annotated[float | None, "of a guesser, where `kind` is `hit_rate` or `preference`"]
    interval: Annotated[Interval | None, "for new people and new clips"]
    these_clips: Annotated[Interval | None, "for new people, these clips"]
    planned_n: Annotated[int | None, "people that the plan wanted"]
    complete: Annotated[int | None, "people who are complete"]
    closed: Annotated[bool, "whether the study is closed"]
    reason: Annotated[str | None, "why there is no result, or no interval or p value beside a preference"]
    kind: Annotated[
        str, "`hit_rate`; `sensitivity` (d′), `yes_share`, `difference` of two cells, `preference` of one"
    ] = "hit_rate"
    share_a: Annotated[
        float | None, "of yes to targets, in the first cell of a difference, or that chose the first"
    ] = None
    share_b: Annotated[float | None, "yes to lures, or the share in the second cell"] = None
    p_value: Annotated[float | None, "of no sensitivity (one-sided), of no difference or preference (two-sided)"] = None
    degrees: Annotated[float | None, "degrees of freedom of a difference"] = None

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data


def without_plan() -> Primary:
    """Return what stands in the place of a primary measure where no plan comes with the answers."""
    return plan_without_result(None, "not defined: no plan was fixed")


def measure_primary(every_cell: Ratings, plan: Plan | None) -> Primary:
    """Return the planned measure among the people whom the planned rules keep.

    The hit rate of the planned cell; where people said yes or no its d′, without lures its share of yes; or the
    difference of two cells, or of clips for new and for old targets.

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
        return without_plan()
    if not plan.names_measure:
        return plan_without_result(plan, "not defined: the plan names no primary measure")
    cells = presentations_of(every_cell)
    for name in planned_cells(plan.cell):
        if name not in cells:
            return plan_without_result(
                plan, f"not defined: there are no answers to {presented(name).lower()}, which was planned"
            )
    if is_difference(plan.cell):
        return _difference(every_cell, plan)
    cell = plan.cell or next(iter(cells))
    known = every_cell.select(cells[cell] & (every_cell.intended >= 0))
    kept, left_out = _kept(known, plan)
    if known.has_lures:
        return replace(_sensitivity(kept, plan), cell=cell or None, left_out=left_out)
    rate = rate_of(kept)
    guessed = None if known.says_yes_or_no or not known.k else 1 / known.k
    return Primary(
        **_planned(plan),
        cell=cell or None,
        participants=rate.participants,
        left_out=left_out,
        n=rate.n,
        estimate=rate.estimate,
        chance=guessed,
        interval=rate.interval,
        these_clips=rate.these_clips,
        reason=None if rate.n else "not defined: there are no answers",
        kind="yes_share" if known.says_yes_or_no else "hit_rate",
    )


def _kept(ratings: Ratings, plan: Plan) -> tuple[Ratings, int]:
    """The answers of people whom the planned rules keep, and the number of the others."""
    out = left_out_by_rules(ratings) if plan.has_rules else np.zeros(len(ratings), bool)
    return ratings.select(~out), int(np.unique(ratings.participant[out]).size)


def _sensitivity(kept: Ratings, plan: Plan) -> Primary:
    """d′ of yes to targets against yes to lures."""
    found = detect(kept).together
    return replace(
        plan_without_result(plan, found.reason if found.d_prime is None else None),
        participants=_people(kept),
        n=found.targets + found.lures,
        estimate=found.d_prime,
        interval=found.participants_stimuli,
        these_clips=found.participants,
        kind="sensitivity",
        share_a=found.hit_rate,
        share_b=found.false_alarm_rate,
        p_value=found.p_value,
    )


def _difference(every_cell: Ratings, plan: Plan) -> Primary:
    """The planned difference; its test is the only planned one, so its p value is not corrected."""
    if every_cell.says_yes_or_no:
        return plan_without_result(plan, "not computed: a difference of hit rates, and people said yes or no")
    if plan.cell == NEW_TARGETS:
        return _new_targets(every_cell, plan)
    cells = presentations_of(every_cell)
    both = every_cell.select(np.any([cells[name] for name in planned_cells(plan.cell)], axis=0))
    kept, left_out = _kept(both, plan)
    found = measure_picture_and_music(kept).get(plan.cell)
    if found is None:
        return plan_without_result(plan, "not defined: the answers do not say what the pictures show")
    return replace(
        plan_without_result(plan, found["reason"] if found["difference"] is None else None),
        participants=_people(kept),
        left_out=left_out,
        n=found["n_a"] + found["n_b"],
        estimate=found["difference"],
        interval=found["interval"] and tuple(found["interval"]),
        kind="difference",
        share_a=found["share_a"],
        share_b=found["share_b"],
        p_value=found["p_value"],
        degrees=found["degrees"] or None,
    )


def _new_targets(every_cell: Ratings, plan: Plan) -> Primary:
    """New − old targets, over the clips whose side publication wrote down."""
    both = every_cell.select((side_codes(every_cell) != NEITHER) & (every_cell.intended >= 0))
    kept, left_out = _kept(both, plan)
    found = compare_targets(kept)
    return replace(
        plan_without_result(plan, found.reason or None if found.difference is None else None),
        participants=_people(kept),
        left_out=left_out,
        n=found.n_a + found.n_b,
        estimate=found.difference,
        interval=found.interval,
        kind="difference",
        share_a=found.share_a,
        share_b=found.share_b,
        p_value=found.p_value,
        degrees=found.degrees or None,
    )


def _people(ratings: Ratings) -> int:
    return int(np.unique(ratings.participant).size)


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


def plan_without_result(plan: Plan | None, reason: str | None) -> Primary:
    """Return what was planned, with why it has no result here."""
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

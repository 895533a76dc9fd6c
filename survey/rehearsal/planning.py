"""From a goal to a plan: searched by formula, corrected and checked by simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import nctdtr, stdtrit

from survey.analysis.estimates import LEVEL
from survey.design.planning import Assumptions, Plan, PlanRefused, Tried, assured_half_width, plan_power, plan_precision
from survey.design.planning.power import error_of_difference
from survey.rehearsal.trying import NO_INTERVAL, draw_widths, try_power, try_precision

ROUNDS = 5
SEARCHED = 500
FEWEST_STUDIES = 100
CHECKS = 4
SLACK = 0.01
"""By so much the share of studies may miss the goal in the check: simulation tells it no better."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a study shall reach; numbers of people or clips that are given stay.

    Attributes
    ----------
    target : str
        ``"half-width"`` or ``"effect"``.
    value : float
        In share.
    often : float
        Share of studies that shall reach it: assurance or power.
    clips, participants : int or None
        Given numbers.
    comparisons : int
        Differences that are tested together.
    """

    target: str
    value: float
    often: float = 0.8
    clips: int | None = None
    participants: int | None = None
    comparisons: int = 1

    def plan(self, assumed: Assumptions, *, clips: int | None = None, correction: float = 1.0) -> Plan:
        """Return the plan by formula; `clips` holds the number an earlier plan chose."""
        given = {"participants": self.participants, "correction": correction}
        clips = clips if self.clips is None else self.clips
        if self.target == "effect":
            return plan_power(
                assumed,
                self.value,
                self.often,
                clips,
                comparisons=self.comparisons,
                **given,  # type: ignore[arg-type]
            )
        return plan_precision(assumed, self.value, clips, assurance=self.often, **given)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Work:
    """How much may be simulated.

    Attributes
    ----------
    studies : int
        For the check; the search takes at most `SEARCHED`.
    size : int
        Most answers and places in tables of people by clips, over all studies of one plan.
    seed : int
    """

    studies: int = 1000
    size: int = 40_000_000
    seed: int = 0

    def studies_of(self, plan: Plan) -> int:
        """Return how many studies of this plan may be simulated; 0 where too few would be.

        >>> from survey.design.planning import plan_precision
        >>> Work(size=200_000).studies_of(plan_precision(Assumptions(), 0.03))
        0
        """
        compared = 2 if plan.target == "effect" else 1
        possible = int(self.size / (plan.participants * (plan.heard + plan.clips) * compared))
        return min(self.studies, possible) if possible >= min(self.studies, FEWEST_STUDIES) else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan with what its simulated studies gave, or why none were simulated."""

    plan: Plan
    tried: Tried | None = None
    reason: str = ""


def make_plan(assumed: Assumptions, goal: Goal, work: Work) -> Outcome:
    """Return the smallest study that reaches the goal, by formula and simulation.

    The formula proposes; simulated studies of the proposal tell by how much it errs; the corrected formula proposes
    again, until the proposal stays and simulated studies reach the goal. Studies with another seed check the result;
    where they reach it too rarely the plan grows. So it is the smallest within the error of the simulation.

    Raises
    ------
    PlanRefused
        Where the goal cannot be reached with what is given.

    Examples
    --------
    >>> found = make_plan(Assumptions(), Goal("half-width", 0.1, clips=24), Work(studies=200, seed=1))
    >>> found.plan.clips, abs(found.tried.reached.estimate - 0.8) < 0.1
    (24, True)
    """
    plan = goal.plan(assumed)
    if work.studies == 0:
        return Outcome(plan, reason="Not simulated, as asked: the numbers are the formula's.")
    if not work.studies_of(plan):
        return Outcome(plan, reason=_too_much(plan, "the numbers are the formula's"))
    plan = _correct(assumed, goal, work, plan)
    for check in range(CHECKS):
        studies = work.studies_of(plan)
        if not studies:
            return Outcome(plan, reason=_too_much(plan, "the numbers are not checked"))
        tried, reached = _check(assumed, goal, plan, studies, work.seed + 2 * check)
        larger = plan if reached >= goal.often - SLACK else _enlarge(assumed, goal, work, plan, 2 * check)
        if (larger.participants, larger.clips) <= (plan.participants, plan.clips) or check == CHECKS - 1:
            break
        plan = larger
    return Outcome(plan, tried)


def _check(assumed: Assumptions, goal: Goal, plan: Plan, studies: int, seed: int) -> tuple[Tried, float]:
    """Simulated studies of a plan, and the share of them that reached the goal."""
    size = (plan.participants, plan.clips)
    if goal.target == "effect":
        power = try_power(assumed, goal.value, *size, comparisons=goal.comparisons, studies=studies, seed=seed)
        return power, power.power.estimate
    width = try_precision(assumed, *size, goal.value, studies=studies, seed=seed)
    return width, width.reached.estimate


def _enlarge(assumed: Assumptions, goal: Goal, work: Work, plan: Plan, after: int) -> Plan:
    """The plan that the check's own studies ask for, where they reached the goal too rarely."""
    correction, _ = _error_of_formula(assumed, goal, work, plan.participants, plan, after)
    return goal.plan(assumed, clips=None if goal.participants else plan.clips, correction=correction)


def _too_much(plan: Plan, so: str) -> str:
    return f"Not simulated: studies of {plan.answers:,} answers would take too long here; {so}."


def _correct(assumed: Assumptions, goal: Goal, work: Work, plan: Plan) -> Plan:
    """The plan whose simulated studies reach the goal; of those tried, the smallest."""
    good: list[Plan] = []
    tried: set[tuple[int, int]] = set()
    for _ in range(ROUNDS):
        people = plan.needed if goal.participants is None else plan.participants
        if (people, plan.clips) in tried:
            break
        tried.add((people, plan.clips))
        correction, reached = _error_of_formula(assumed, goal, work, people, plan)
        if reached >= goal.often:
            good.append(plan)
        plan = goal.plan(assumed, clips=None if goal.participants else plan.clips, correction=correction)
    return min(good, key=lambda found: (found.participants, found.clips, found.needed), default=plan)


def _error_of_formula(
    assumed: Assumptions, goal: Goal, work: Work, people: int, plan: Plan, after: int = 1
) -> tuple[float, float]:
    """The factor by which simulated studies differ from the formula, and the share that reached the goal."""
    studies, seed = min(max(work.studies_of(plan), FEWEST_STUDIES), SEARCHED), work.seed + after
    if goal.target == "effect":
        tried = try_power(
            assumed, goal.value, people, plan.clips, comparisons=goal.comparisons, studies=studies, seed=seed
        )
        return _noncentrality(assumed, goal, people, plan.clips, tried.power.estimate), tried.power.estimate
    widths, _ = draw_widths(assumed, people, plan.clips, studies=studies, seed=seed)
    seen = float(np.quantile(widths, goal.often, method="higher"))
    if not np.isfinite(seen):
        raise PlanRefused(NO_INTERVAL)
    return (
        seen / assured_half_width(assumed, people, plan.clips, goal.often),
        float(np.mean(widths <= goal.value)),
    )


def _noncentrality(assumed: Assumptions, goal: Goal, people: int, clips: int, power: float) -> float:
    """Simulated effect / standard error over the formula's: the noncentrality that has the simulated power."""
    degrees = min(people, 2 * clips) - 1
    critical = float(stdtrit(degrees, 1 - (1 - LEVEL) / 2 / goal.comparisons))
    low, high = 0.0, critical + 40.0
    power = min(max(power, 0.02), 0.98)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - float(nctdtr(degrees, middle, critical)) < power else (low, middle)
    return high * error_of_difference(assumed, people, clips) / abs(goal.value)

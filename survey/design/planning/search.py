"""The smallest study that reaches a target; what is given stays as it is given."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from survey.design.planning.assumptions import MOST_CLIPS, MOST_PEOPLE, Assumptions, PlanRefused
from survey.design.planning.power import answers_if_independent, check_effect, expected_power
from survey.design.planning.precision import (
    assured_half_width,
    expected_half_width,
    narrowest_half_width,
    smallest_sample,
)

CLIP_STEPS = (8, 16, 24, 32, 40, 48, 64, 80, 96, 120, 160, 200, 240, 320, 400, 480, 640, 800)
LEAST_RATINGS = 10
"""Fewest answers per clip and cell that a plan aims at: below it a single clip cannot be judged."""
_Enough = Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """People and clips for one target.

    Attributes
    ----------
    target : str
        ``"half-width"`` or ``"effect"``.
    value : float
        The half-width or the difference, in share.
    goal : float or None
        Share of studies that reach it: the assurance of a half-width (None: it is reached on average), the power
        of a difference.
    participants, recruit : int
        People who must be analysed; `recruit` allows for loss.
    clips : int
        Per cell.
    heard : float
        Main trials of one person in one cell.
    answers : int
        Of the people analysed, in all cells.
    half_width : float
        Expected, of one cell's hit rate.
    needed : int
        People whom the target alone needs; fewer than `participants` where every clip must get `LEAST_RATINGS`.
    independent_answers : int
        As many independent answers would do (of both cells, for a difference).
    design_effect : float
        How many times as many the target takes (`needed` people, without the floor).
    comparisons : int
        Differences that are tested together.
    given : bool
        The number of people was given, not looked for.
    of_targets : bool
        The two "cells" are clips for new and for old targets, which everybody hears in one cell.
    """

    target: str
    value: float
    goal: float | None
    participants: int
    recruit: int
    clips: int
    heard: float
    answers: int
    half_width: float
    needed: int
    independent_answers: int
    design_effect: float
    comparisons: int = 1
    given: bool = False
    of_targets: bool = False

    @property
    def per_clip(self) -> float:
        """Answers to one clip in one cell."""
        return self.participants * self.heard / self.clips


def plan_precision(
    assumed: Assumptions,
    half_width: float,
    clips: int | None = None,
    *,
    participants: int | None = None,
    assurance: float | None = None,
    correction: float = 1.0,
) -> Plan:
    """Return the smallest study whose half-width is at most `half_width`.

    Parameters
    ----------
    assumed : Assumptions
    half_width : float
        Target, in share.
    clips : int, optional
        Clips per cell where they are given; otherwise the number among `CLIP_STEPS` that needs the fewest
        people. Every clip gets at least `LEAST_RATINGS` answers.
    participants : int, optional
        People analysed where they are given; then the fewest clips are looked for.
    assurance : float, optional
        Share of studies that shall reach it; left out, it is reached on average, in about half of them.
    correction : float
        Factor on the formula's half-width, as simulation finds it.

    Raises
    ------
    PlanRefused
        When no number of people (or clips) reaches the target with what is given.

    Examples
    --------
    >>> plan = plan_precision(Assumptions(), 0.05)
    >>> plan.clips, plan.participants, plan.recruit
    (96, 50, 72)
    >>> plan_precision(Assumptions(), 0.05, assurance=0.8).participants
    53
    """
    independent = smallest_sample(half_width, assumed.share)
    if assurance is not None and not 0.5 <= assurance < 1:
        raise PlanRefused("The share of studies that reach the half-width lies between .5 and 1.")

    def width(people: int, of_clips: int) -> float:
        if assurance is None:
            return correction * expected_half_width(assumed, people, of_clips)
        return correction * assured_half_width(assumed, people, of_clips, assurance)

    target = f"a half-width of {half_width:g}" + (f" in {100 * assurance:g} % of studies" if assurance else "")
    found = _search(
        lambda people, of_clips: width(people, of_clips) <= half_width,
        assumed,
        (participants, clips),
        target,
        lambda people, of_clips: f"a half-width of {width(people, of_clips):.3g}",
    )
    return _plan(assumed, "half-width", half_width, assurance, found, independent)


def plan_power(
    assumed: Assumptions,
    effect: float,
    power: float = 0.8,
    clips: int | None = None,
    *,
    participants: int | None = None,
    comparisons: int = 1,
    correction: float = 1.0,
) -> Plan:
    """Return the smallest study that finds a difference of `effect` between two cells with `power`.

    `assumed.share` is the middle of the two cells; the others as in `plan_precision` and `expected_power`.

    Examples
    --------
    >>> plan = plan_power(Assumptions(cells=2), 0.10)
    >>> plan.clips, plan.participants
    (80, 67)
    """
    check_effect(assumed, effect, power)
    if not 1 <= comparisons <= 1000:
        raise PlanRefused("Between 1 and 1000 comparisons are tested together.")

    def reached(people: int, of_clips: int) -> float:
        return expected_power(assumed, abs(effect), people, of_clips, comparisons=comparisons, correction=correction)

    found = _search(
        lambda people, of_clips: reached(people, of_clips) >= power,
        assumed,
        (participants, clips),
        f"a difference of {effect:g} with power {power:g}",
        lambda people, of_clips: f"a power of {reached(people, of_clips):.2g}",
    )
    independent = answers_if_independent(assumed, effect, power, comparisons)
    return _plan(assumed, "effect", effect, power, found, independent, comparisons)


@dataclass(frozen=True, slots=True)
class _Found:
    clips: int
    participants: int
    needed: int
    given: bool = False


def _plan(
    assumed: Assumptions,
    target: str,
    value: float,
    goal: float | None,
    found: _Found,
    independent: int,
    comparisons: int = 1,
) -> Plan:
    heard = assumed.heard(found.clips)
    compared = 2 if target == "effect" else 1
    return Plan(
        target=target,
        value=value,
        goal=goal,
        participants=found.participants,
        recruit=assumed.recruit(found.participants),
        clips=found.clips,
        heard=heard,
        answers=round(found.participants * heard * assumed.cells),
        half_width=expected_half_width(assumed, found.participants, found.clips),
        needed=found.needed,
        independent_answers=independent,
        design_effect=found.needed * heard * compared / independent,
        comparisons=comparisons,
        given=found.given,
    )


def _search(
    enough: _Enough,
    assumed: Assumptions,
    given: tuple[int | None, int | None],
    target: str,
    reached: Callable[[int, int], str],
) -> _Found:
    """The people and clips for a target; a given number of either is never changed."""
    people, clips = given
    if clips is not None and not 2 <= clips <= MOST_CLIPS:
        raise PlanRefused(
            "With fewer than two clips nothing can be said about new clips."
            if clips < 2
            else f"At most {MOST_CLIPS} clips per cell are planned."
        )
    if people is None:
        return _fewest_people(enough, assumed, clips, target)
    if not 2 <= people <= MOST_PEOPLE:
        raise PlanRefused(
            "With fewer than two people nothing can be said about new people."
            if people < 2
            else f"At most {MOST_PEOPLE} people are planned."
        )
    if clips is None:
        most = _fewest(lambda count: enough(people, count), MOST_CLIPS)
        if most is None:
            raise PlanRefused(
                f"No number of clips reaches {target} with {people} people:"
                f" {MOST_CLIPS} clips give {reached(people, MOST_CLIPS)}. Take more people, or a wider target."
            )
        return _Found(most, people, people, given=True)
    if not enough(people, clips):
        raise PlanRefused(
            f"{people} people and {clips} clips do not reach {target}: they give {reached(people, clips)}."
            " Take more of either, or a wider target."
        )
    return _Found(clips, people, _fewest(lambda count: enough(count, clips), people) or people, given=True)


def _fewest_people(enough: _Enough, assumed: Assumptions, clips: int | None, target: str) -> _Found:
    """The number of clips that needs the fewest people, and those people."""
    found = []
    for step in (clips,) if clips else CLIP_STEPS:
        needed = _fewest(lambda count, step=step: enough(count, step), MOST_PEOPLE)  # type: ignore[misc]
        if needed is not None:
            # Answers of one person are spread over the clips: people × heard / clips answers fall on each.
            floor = math.ceil(LEAST_RATINGS * step / assumed.heard(step))
            found.append((max(needed, floor), step, needed))
    if not found:
        raise PlanRefused(_unreachable(assumed, clips or CLIP_STEPS[-1], target))
    people, chosen, needed = min(found)
    return _Found(chosen, people, needed)


def _unreachable(assumed: Assumptions, clips: int, target: str) -> str:
    least = narrowest_half_width(assumed, clips)
    if assumed.spread_clips > 0:
        why = f"clips differ too much (with endless people a half-width of {least:.3g} would remain)"
    else:
        why = f"it would take more than {MOST_PEOPLE:,}"
    return f"No number of people reaches {target} with {clips} clips: {why}. Take more clips, or a wider target."


def _fewest(enough: Callable[[int], bool], most: int) -> int | None:
    """The smallest number from 2 to `most` that is enough; None where `most` is not."""
    if not enough(most):
        return None
    # More people, or clips, never do worse: bisection instead of some hundred thousand evaluations.
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high

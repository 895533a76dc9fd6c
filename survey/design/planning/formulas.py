"""How many people and clips a study needs, by formula and by simulation.

The model is that of the analysis. With σp and σs the spread (standard deviation, in share) of people and of
clips around the hit rate p, P people who each answer T trials, and S clips:

    variance = σp²/P + σs²/S + (p(1 − p) − σp² − σs²)/(P·T)

and the half-width is t(min(P, S) − 1) times its root. More clips help more than more listeners when clips
differ: σs²/S does not shrink with P.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scipy.special import ndtri, stdtr, stdtrit

MOST_PEOPLE = 100_000
CLIP_STEPS = (8, 16, 24, 32, 40, 48, 64, 80, 96, 120, 160, 200, 240, 320, 400, 480, 640, 800)
LEVEL = 0.95
LEAST_RATINGS = 10
"""Fewest answers per clip and cell that a plan allows: below it a single clip cannot be judged."""
_Enough = Callable[[int, int], bool]


class PlanRefused(ValueError):
    """Assumptions that cannot be, or a target that no number of people reaches; the message says which."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan rests on.

    Attributes
    ----------
    share : float
        Expected hit rate p, or the share at which the target must hold.
    spread_participants, spread_clips : float
        Standard deviations of people and clips around p, in share (0.1 = ten points).
    trials : int
        Main trials per person.
    cells : int
        Cells of the design; within participants the trials are divided among them.
    loss : float
        Share of people who are lost or left out, 0 ≤ loss < 1.
    """

    share: float = 0.5
    spread_participants: float = 0.10
    spread_clips: float = 0.15
    trials: int = 24
    cells: int = 1
    loss: float = 0.30

    def __post_init__(self) -> None:
        problems = []
        if not 0 < self.share < 1:
            problems.append("the expected share lies between 0 and 1")
        if min(self.spread_participants, self.spread_clips) < 0:
            problems.append("a spread is not negative")
        elif self.spread_participants**2 + self.spread_clips**2 >= self.share * (1 - self.share):
            problems.append("the spreads are larger than shares around this hit rate can be")
        if self.trials < 1 or self.cells < 1:
            problems.append("there is at least one trial per person and one cell")
        elif self.cells > self.trials:
            problems.append("everyone needs at least one trial per cell")
        if not 0 <= self.loss < 1:
            problems.append("the share of people lost is at least 0 and below 1")
        if problems:
            raise PlanRefused(f"This cannot be planned: {'; '.join(problems)}.")

    @property
    def trials_per_cell(self) -> float:
        """Trials of one person in one cell."""
        return self.trials / self.cells

    @property
    def residual(self) -> float:
        """Variance of an answer beyond person and clip."""
        return self.share * (1 - self.share) - self.spread_participants**2 - self.spread_clips**2


@dataclass(frozen=True, slots=True)
class Plan:
    """People and clips for one target.

    `participants` must be analysed; `recruit` allows for loss. `design_effect` says how many times as many
    answers are needed as if all were independent.
    """

    target: str
    value: float
    participants: int
    recruit: int
    clips: int
    answers: int
    half_width: float
    design_effect: float
    independent_answers: int


def smallest_sample(half_width: float, share: float = 0.5, level: float = LEVEL) -> int:
    """Return the smallest n of *independent* answers whose Wilson interval is at most ± `half_width`.

    Raises
    ------
    PlanRefused
        When `half_width` is not between 0 and 0.5.

    Examples
    --------
    >>> [smallest_sample(h) for h in (0.05, 0.10, 0.15, 0.20)]
    [381, 93, 39, 21]
    """
    if not 0 < half_width < 0.5:
        raise PlanRefused("The half-width lies between 0 and 0.5.")
    z = float(ndtri((1 + level) / 2))
    n = 1
    while _wilson_half(share, n, z) > half_width:
        n += 1 if n < 1000 else max(1, n // 500)
    return n


def _wilson_half(share: float, n: int, z: float) -> float:
    return z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))


def expected_half_width(assumed: Assumptions, participants: int, clips: int, level: float = LEVEL) -> float:
    """Return the expected half-width of one cell's hit rate, for new people and new clips.

    Infinite for fewer than two people or clips.

    Examples
    --------
    >>> round(expected_half_width(Assumptions(), participants=60, clips=48), 4)
    0.0564
    """
    degrees = min(participants, clips) - 1
    if degrees < 1:
        return math.inf
    return float(stdtrit(degrees, (1 + level) / 2)) * math.sqrt(_variance(assumed, participants, clips))


def _variance(assumed: Assumptions, participants: int, clips: int) -> float:
    answers = participants * assumed.trials_per_cell
    return assumed.spread_participants**2 / participants + assumed.spread_clips**2 / clips + assumed.residual / answers


def expected_power(assumed: Assumptions, effect: float, participants: int, clips: int, level: float = LEVEL) -> float:
    """Return the power to find a difference of `effect` between two cells, each with clips of its own.

    Everybody answers both cells, so people's general level cancels out; clips do not.

    Examples
    --------
    >>> round(expected_power(Assumptions(cells=2), 0.15, participants=60, clips=48), 2)
    0.96
    """
    degrees = min(participants, 2 * clips) - 1
    if degrees < 1:
        return 0.0
    answers = participants * assumed.trials_per_cell
    error = math.sqrt(2 * (assumed.spread_clips**2 / clips + assumed.residual / answers))
    critical = float(stdtrit(degrees, (1 + level) / 2))
    return float(stdtr(degrees, effect / error - critical))


def plan_precision(assumed: Assumptions, half_width: float, clips: int | None = None) -> Plan:
    """Return the smallest study whose expected half-width is at most `half_width`.

    Parameters
    ----------
    assumed : Assumptions
    half_width : float
        Target, in share.
    clips : int, optional
        Clips per cell where they are given; otherwise the number among `CLIP_STEPS` that needs the fewest
        people. Every clip gets at least `LEAST_RATINGS` answers.

    Raises
    ------
    PlanRefused
        When no number of people reaches the target with these clips.

    Examples
    --------
    >>> plan = plan_precision(Assumptions(), 0.05)
    >>> plan.clips, plan.participants, plan.recruit
    (96, 50, 72)
    """
    independent = smallest_sample(half_width, assumed.share)

    def enough(participants: int, of_clips: int) -> bool:
        return expected_half_width(assumed, participants, of_clips) <= half_width

    chosen, participants = _search(enough, clips, assumed.trials_per_cell, f"a half-width of {half_width:g}")
    answers = math.ceil(participants * assumed.trials)
    return Plan(
        target="half-width",
        value=half_width,
        participants=participants,
        recruit=math.ceil(participants / (1 - assumed.loss)),
        clips=chosen,
        answers=answers,
        half_width=expected_half_width(assumed, participants, chosen),
        design_effect=max(1.0, participants * assumed.trials_per_cell / independent),
        independent_answers=independent,
    )


def plan_power(assumed: Assumptions, effect: float, power: float = 0.8, clips: int | None = None) -> Plan:
    """Return the smallest study that finds a difference of `effect` between two cells with `power`.

    Examples
    --------
    >>> plan = plan_power(Assumptions(cells=2), 0.10)
    >>> plan.clips, plan.participants
    (80, 67)
    """
    if not 0 < abs(effect) < 1 or not 0.05 < power < 1:
        raise PlanRefused("The effect lies between 0 and 1, the power between .05 and 1.")
    assumed = assumed if assumed.cells > 1 else replace(assumed, cells=2)

    def enough(participants: int, of_clips: int) -> bool:
        return expected_power(assumed, abs(effect), participants, of_clips) >= power

    chosen, participants = _search(
        enough, clips, assumed.trials_per_cell, f"a difference of {effect:g} with power {power:g}"
    )
    independent = 2 * math.ceil(
        2 * assumed.share * (1 - assumed.share) * ((float(ndtri(0.975)) + float(ndtri(power))) / effect) ** 2
    )
    return Plan(
        target="effect",
        value=effect,
        participants=participants,
        recruit=math.ceil(participants / (1 - assumed.loss)),
        clips=chosen,
        answers=participants * assumed.trials,
        half_width=expected_half_width(assumed, participants, chosen),
        design_effect=max(1.0, participants * assumed.trials_per_cell * 2 / independent),
        independent_answers=independent,
    )


def _search(enough: _Enough, clips: int | None, per_person: float, target: str) -> tuple[int, int]:
    """The number of clips that needs the fewest people, and those people."""
    steps = (clips,) if clips else CLIP_STEPS
    found = [(step, _fewest(enough, step)) for step in steps]
    reachable = [
        (max(people, math.ceil(LEAST_RATINGS * step / per_person)), step)
        for step, people in found
        if people is not None
    ]
    if not reachable:
        told = f"{clips} clips" if clips else f"{CLIP_STEPS[-1]} clips"
        raise PlanRefused(
            f"No number of people reaches {target} with {told}: clips differ too much."
            " Take more clips, or a wider target."
        )
    people, chosen = min(reachable)
    return chosen, people


def _fewest(enough: _Enough, clips: int) -> int | None:
    if not enough(MOST_PEOPLE, clips):
        return None
    low, high = 1, MOST_PEOPLE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle, clips) else (middle, high)
    return high


def curve(assumed: Assumptions, clips: Sequence[int], people: Sequence[int]) -> list[list[float]]:
    """Return expected half-widths, one row per number of clips, one column per number of people.

    >>> [round(width, 3) for width in curve(Assumptions(), [48], [20, 60])[0]]
    [0.079, 0.056]
    """
    return [[expected_half_width(assumed, participants, count) for participants in people] for count in clips]

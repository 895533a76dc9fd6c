"""What a plan rests on, and what cannot be planned."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

MOST_PEOPLE = 100_000
MOST_CLIPS = 5_000
MOST_TRIALS = 200
MOST_CELLS = 20
LEVEL = 0.95


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
        if not all(math.isfinite(getattr(self, field.name)) for field in fields(self)):
            problems.append("every number is finite")
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
        if self.trials > MOST_TRIALS or self.cells > MOST_CELLS:
            problems.append(f"at most {MOST_TRIALS} trials per person and {MOST_CELLS} cells are planned")
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

    def heard(self, clips: int) -> float:
        """Return how many clips one person hears in a cell of `clips`: nobody gets a clip twice.

        >>> Assumptions(trials=24).heard(48), Assumptions(trials=24).heard(8)
        (24.0, 8.0)
        """
        return min(self.trials_per_cell, float(clips))

    def recruit(self, participants: int) -> int:
        """Return how many to recruit so that `participants` are expected to remain.

        >>> Assumptions(loss=0.3).recruit(21)
        30
        """
        return math.ceil(round(participants / (1 - self.loss), 6))

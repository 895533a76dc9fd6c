"""What simulated studies of a plan gave."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A share of simulated studies, with its 95 % Monte-Carlo interval."""

    studies: int
    count: int
    low: float
    high: float

    @property
    def estimate(self) -> float:
        """The share itself."""
        return self.count / self.studies


@dataclass(frozen=True, slots=True)
class TriedWidth:
    """Mean half-width, its middle 80 %; how often the target was reached and the interval held the truth."""

    studies: int
    half_width: float
    low: float
    high: float
    reached: Share
    coverage: Share


@dataclass(frozen=True, slots=True)
class TriedPower:
    """How often the difference was found, and how often one of the other sign."""

    studies: int
    power: Share
    other_sign: Share


Tried = TriedWidth | TriedPower

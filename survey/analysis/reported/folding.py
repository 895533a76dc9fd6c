"""Answers folded to fewer classes, and in the plane of valence and arousal."""

from __future__ import annotations

from survey.analysis.estimates import Interval
from survey.analysis.reported.part import NOTHING, Part
from survey.analysis.reported.rates import FoldAccuracyPart, Matrix


class FoldPart(Part, frozen=True):
    """The answers folded to fewer classes, or why they cannot be."""

    classes: list[str] = []
    counts: Matrix = []
    accuracy: FoldAccuracyPart = FoldAccuracyPart()
    reason: str | None = None

    def omitted(self) -> frozenset[str]:
        """Everything but the reason where there is one."""
        return frozenset(("classes", "counts", "accuracy")) if self.reason else NOTHING


class DistancePart(Part, frozen=True):
    """How far the chosen emotion lies from the intended one."""

    estimate: float | None = None
    interval: Interval | None = None
    reason: str | None = None
    chance: float | None = None
    n: int | None = None
    without_coordinates: int | None = None

    def omitted(self) -> frozenset[str]:
        """What was not counted."""
        known = {"chance": self.chance, "n": self.n, "without_coordinates": self.without_coordinates}
        return frozenset(name for name, value in known.items() if value is None)


class PlacePart(Part, frozen=True):
    """Where an emotion lies, and the mean of those chosen for it."""

    intended: str
    n: int
    at: tuple[float, float]
    perceived: tuple[float, float] | None = None


class PlanePart(Part, frozen=True):
    """The plane of valence and arousal."""

    distance: DistancePart = DistancePart()
    map: list[PlacePart] = []

"""Levels of a factor, each by itself and beside another; beside the seed study."""

from __future__ import annotations

from survey.analysis.estimates import Interval
from survey.analysis.reported.agreeing import CoefficientPart
from survey.analysis.reported.part import Part
from survey.analysis.reported.rates import AccuracyPart, EmotionPart, Matrix, SizesPart


class LevelPart(Part, frozen=True):
    """One level of a factor."""

    n: SizesPart
    accuracy: AccuracyPart
    emotions: dict[str, EmotionPart]
    confusion: Matrix
    agreement: dict[str, CoefficientPart]


class DifferencePart(Part, frozen=True):
    """Two groups compared: of levels of a factor, or what the answer follows, which has a label."""

    label: str = ""
    factor: str = ""
    a: str = ""
    b: str = ""
    n_a: int = 0
    n_b: int = 0
    share_a: float | None = None
    share_b: float | None = None
    difference: float | None = None
    error: float | None = None
    degrees: float = 0.0
    p_value: float | None = None
    p_holm: float | None = None
    margin: float = 0.0
    equivalence_p: float | None = None
    power: float | None = None
    interval: Interval | None = None
    reason: str | None = None
    emotions: list[str] = []
    emotions_left_out: list[str] = []

    def omitted(self) -> frozenset[str]:
        """The names of the other kind."""
        return frozenset(("factor", "emotions", "emotions_left_out")) if self.label else frozenset(("label",))


class SeedSharePart(Part, frozen=True):
    """What the seed study found."""

    hits: int = 0
    n: int = 0
    estimate: float | None = None
    wilson: Interval | None = None
    choices: int = 0


class SeedPart(Part, frozen=True):
    """Beside the seed study."""

    seed: SeedSharePart = SeedSharePart()
    ours: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    reason: str | None = None

"""How far people agree: coefficients, and the consensus on each clip."""

from __future__ import annotations

from survey.analysis.estimates import Interval
from survey.analysis.reported.part import NOTHING, Part


class CoefficientPart(Part, frozen=True):
    """A coefficient of agreement."""

    estimate: float | None = None
    interval: Interval | None = None
    interval_for: str | None = None
    interval_participants: Interval | None = None
    interval_stimuli: Interval | None = None
    interval_participants_stimuli: Interval | None = None
    reason: str | None = None
    reasons: dict[str, str] = {}


class ComparedPart(Part, frozen=True):
    """What agreement is measured among."""

    unit: str = ""
    units: int = 0
    answers: int = 0
    pairs: int = 0
    same: int = 0


class ClipPart(Part, frozen=True):
    """The consensus on a clip; only where lures were named there are some."""

    stimulus: str
    intended: str | None = None
    n: int = 0
    hits: int | None = None
    hit_rate: float | None = None
    modes: list[str] = []
    modal_share: float | None = None
    pairwise_agreement: float | None = None
    evenness: float | None = None
    wilson: Interval | None = None
    reason: str | None = None
    reasons: dict[str, str] = {}
    lures: int | None = None
    false_alarms: int | None = None

    def omitted(self) -> frozenset[str]:
        """Lures, where none were named."""
        return frozenset(("lures", "false_alarms")) if self.lures is None else NOTHING

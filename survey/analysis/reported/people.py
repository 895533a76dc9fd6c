"""The people: how reliable they were, and what else they were asked."""

from __future__ import annotations

from survey.analysis.estimates import Interval
from survey.analysis.reported.part import Part


class SharePart(Part, frozen=True):
    """A share over people."""

    estimate: float | None = None
    n: int = 0
    interval: Interval | None = None
    reason: str | None = None


class PeoplePart(Part, frozen=True):
    """How reliable listeners were."""

    included: int = 0
    excluded: int = 0
    gold: SharePart = SharePart()
    repeats: SharePart = SharePart()
    median_seconds: float | None = None
    median_confidence: float | None = None
    reasons: dict[str, str] = {}


class RaterPart(Part, frozen=True):
    """One listener."""

    participant: str
    n: int = 0
    hit_rate: float | None = None
    agreement: float | None = None
    expected: float | None = None
    reason: str | None = None


class OptionPart(Part, frozen=True):
    """What can be answered to a question, or a range of numbers, and how often it was."""

    label: str
    answers: int


class AskedPart(Part, frozen=True):
    """A question beside the main one, its answers counted. `options` is empty for free text."""

    key: str
    question: str
    about_clips: bool
    options: list[OptionPart]
    answers: int
    people: int
    asked: int
    mean: float | None = None
    sd: float | None = None

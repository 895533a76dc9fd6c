"""What an unsure label is good for: the likely emotions, the best guess, and a point of valence and arousal.

Plain functions of what a picture's row holds, so that forms, actions and pages say the same. No Django.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Final

from generation.emotions import EMOTIONS, Emotion

MOST_LIKELY: Final = 3
_HALF: Final = 0.5
DIMENSIONS: Final = ("valence", "arousal", "dominance")


@dataclass(frozen=True, slots=True)
class Likely:
    """An emotion that a picture may carry."""

    emotion: Emotion
    probability: float


@dataclass(frozen=True, slots=True)
class Point:
    """Where a picture lies, each coordinate in −1…1; `intervals` holds (low, high) where the network gave them."""

    valence: float
    arousal: float
    dominance: float
    intervals: Mapping[str, tuple[float, float]]

    def as_target(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in DIMENSIONS}


def likely_emotions(probabilities: Mapping[str, float]) -> list[Likely]:
    """The two most probable emotions, and the third where it is at least half as probable as the first.

    Empty without probabilities.

    Examples
    --------
    >>> [likely.emotion.slug for likely in likely_emotions({"fear": 0.4, "awe": 0.3, "anger": 0.25, "disgust": 0.05})]
    ['fear', 'awe', 'anger']
    >>> [likely.emotion.slug for likely in likely_emotions({"fear": 0.6, "awe": 0.3, "anger": 0.1})]
    ['fear', 'awe']
    """
    found = [Likely(emotion, number(probabilities.get(emotion.slug)) or 0.0) for emotion in EMOTIONS]
    found = sorted((one for one in found if one.probability > 0), key=lambda one: -one.probability)[:MOST_LIKELY]
    if len(found) == MOST_LIKELY and found[-1].probability < _HALF * found[0].probability:
        del found[-1]
    return found


def best_guess(probabilities: Mapping[str, float]) -> str | None:
    """Slug of the most probable emotion; None without probabilities."""
    return next((likely.emotion.slug for likely in likely_emotions(probabilities)), None)


def name_guess(probabilities: Mapping[str, float]) -> str:
    """The likely emotions in words.

    Examples
    --------
    >>> name_guess({"fear": 0.4, "awe": 0.3, "anger": 0.25})
    'fear, awe or anger'
    """
    *first, last = [likely.emotion.label.lower() for likely in likely_emotions(probabilities)] or [""]
    return f"{', '.join(first)} or {last}" if first else last


def find_point(implied: Mapping[str, Any], probabilities: Mapping[str, float]) -> Point | None:
    """The point a label implies; None where it says nothing of valence and arousal.

    Labels without dominance get the mean of the emotions, weighted by their probabilities.
    """
    valence, arousal = number(implied.get("valence")), number(implied.get("arousal"))
    if valence is None or arousal is None:
        return None
    dominance = number(implied.get("dominance"))
    if dominance is None:
        weights = [(number(probabilities.get(emotion.slug)) or 0.0, emotion.dominance) for emotion in EMOTIONS]
        total = sum(weight for weight, _ in weights)
        dominance = sum(weight * value for weight, value in weights) / total if total > 0 else 0.0
    intervals = {}
    for name in DIMENSIONS:
        low, high = number(implied.get(f"{name}_low")), number(implied.get(f"{name}_high"))
        if low is not None and high is not None:
            intervals[name] = (_bound(min(low, high)), _bound(max(low, high)))
    return Point(_bound(valence), _bound(arousal), _bound(round(dominance, 4)), intervals)


def number(value: object) -> float | None:
    """`value` as a finite number; None for everything else that a JSON field may hold."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _bound(value: float) -> float:
    return min(max(value, -1.0), 1.0)


def signed(value: float) -> str:
    """Two decimals with a real minus sign.

    Examples
    --------
    >>> signed(-0.3), signed(0.0)
    ('−0.30', '0.00')
    """
    text = f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and text != "0.00" else text

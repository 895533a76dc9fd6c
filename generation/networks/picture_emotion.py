"""What a network says of a picture, whichever network it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PictureEmotion:
    """What the network reads from a picture.

    Parameters
    ----------
    probabilities : mapping
        Slug → probability, all eight, in the order of `generation.emotions.SLUGS`; they sum to 1.
    valence, arousal, dominance : float
        What the picture implies, on −1…1. Dominance is the emotions' own, weighted by probability; so are
        valence and arousal where the network does not estimate them directly.
    unsure : bool
        The best probability lies below the artifact's threshold: ask a person.
    intervals : mapping
        ``valence``, ``arousal``, ``dominance`` → lower and upper end of an 80 % interval, where the network has one.
    measures : mapping
        Colour and form by name, where the network measured them.
    seen : mapping
        Why, for people: ``things`` (ImageNet classes with probability, valence, arousal), ``words`` (one line) and
        ``map`` (how much each cell of a grid over the picture speaks for the top emotion, −1…1). May be empty. Where
        people's answers recalibrated the network, ``before`` has the probabilities it gave without them.
    """

    probabilities: Mapping[str, float]
    valence: float
    arousal: float
    dominance: float
    unsure: bool
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def emotion(self) -> str:
        """Slug of the most probable emotion."""
        return max(self.probabilities, key=lambda slug: self.probabilities[slug])

    @property
    def implied(self) -> dict[str, float]:
        """Valence, arousal and dominance, and the ends of their intervals where there are any, as composers take it."""
        found = {name: getattr(self, name) for name in ("valence", "arousal", "dominance")}
        for name, (low, high) in self.intervals.items():
            found |= {f"{name}_low": low, f"{name}_high": high}
        return {name: round(float(value), 4) for name, value in found.items()}

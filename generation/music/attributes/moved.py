"""What learned targets moved, in words and units: the attribute, from where to where, and which way that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from generation.music.attributes.schema import KINDS, AttributeKind, Attributes

WAYS: Final[Mapping[str, tuple[str, str]]] = {
    "tempo": ("faster", "slower"),
    "majorness": ("more major", "more minor"),
    "density": ("busier", "sparser"),
    "melody_density": ("a busier melody", "a calmer melody"),
    "accompaniment_density": ("a busier accompaniment", "a calmer accompaniment"),
    "melody_register": ("a higher melody", "a lower melody"),
    "bass_register": ("a higher bass", "a lower bass"),
    "dynamics": ("louder", "softer"),
    "dynamics_spread": ("more uneven in loudness", "more even in loudness"),
    "dynamics_shape": ("growing more", "growing less"),
    "articulation": ("more connected", "more detached"),
    "note_length": ("longer notes", "shorter notes"),
    "chromaticism": ("more chromatic", "less chromatic"),
    "dissonance": ("rougher", "smoother"),
    "regularity": ("a steadier rhythm", "a freer rhythm"),
    "texture": ("fuller chords", "thinner chords"),
    "harmonic_variety": ("more notes of the scale in use", "fewer notes of the scale in use"),
    "repetition": ("more repetition", "less repetition"),
    "pedal": ("more pedal", "less pedal"),
}
"""What more of an attribute is called, and what less."""


@dataclass(frozen=True, slots=True)
class TargetMove:
    """One attribute of one emotion: what was asked of music before and after, as it is printed, and which way."""

    label: str
    unit: str
    before: str
    after: str
    way: str

    def __str__(self) -> str:
        return f"{self.way} ({self.label.lower()} {self.before} → {self.after} {self.unit})"


def tell_moves(before: Attributes, after: Attributes) -> list[TargetMove]:
    """The attributes that moved, furthest first: by half-widths of their bands.

    Numbers are printed to about a fortieth of a band's half-width; what does not show there did not move.

    Examples
    --------
    >>> from generation.music.attributes import neutral
    >>> from dataclasses import replace
    >>> for move in tell_moves(neutral(), replace(neutral(), tempo=78.0, majorness=-0.04)):
    ...     print(move)
    slower (tempo 98.0 → 78.0 beats per minute)
    more minor (major or minor 0.02 → -0.04 correlation difference)
    >>> tell_moves(neutral(), neutral())
    []
    """
    found = [(_measure(kind, before, after), _tell(kind, before, after)) for kind in KINDS]
    shown = [(way, move) for way, move in found if move.before != move.after]
    return [move for _, move in sorted(shown, key=lambda one: -one[0])]


def _measure(kind: AttributeKind, before: Attributes, after: Attributes) -> float:
    way: float = getattr(after, kind.name) - getattr(before, kind.name)
    return abs(way) / kind.width


def _tell(kind: AttributeKind, before: Attributes, after: Attributes) -> TargetMove:
    old, new = getattr(before, kind.name), getattr(after, kind.name)
    digits = 1 if kind.width >= 1.0 else 2 if kind.width > 0.05 else 3
    more, less = WAYS[kind.name]
    return TargetMove(kind.label, kind.unit, f"{old:.{digits}f}", f"{new:.{digits}f}", more if new > old else less)

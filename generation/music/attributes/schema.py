"""What a musical attribute is: name, unit, range; and the vector of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.notes import Mode

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AttributeKind:
    """Name, label, unit, range and meaning of one attribute; `width` is the half-width of its target band."""

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    width: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Attributes:
    """Musical attributes of a clip; `KINDS` gives each one's unit and range.

    Parameters
    ----------
    tempo : float
        Beats per minute.
    majorness : float
        Correlation with the best major key minus that with the best minor key; above 0 is major.
    density, melody_density, accompaniment_density : float
        Notes per second of both hands, of the top line, and of all the rest.
    melody_register, bass_register : float
        Mean MIDI pitch of the top line and of the lowest line.
    dynamics, dynamics_spread, dynamics_shape : float
        Mean MIDI velocity, its standard deviation, and its change from the first third to the last.
    articulation : float
        Median of key-down time over time to the next onset of the same hand; below 1 is detached.
    note_length : float
        Mean key-down time in seconds.
    chromaticism : float
        Share of sounding time outside the scale of the key found.
    dissonance : float
        Mean roughness of intervals sounding together, 0 (unisons, octaves) to 1 (minor seconds).
    regularity : float
        1 for equal time between onsets, 0 for irregular (one minus half the nPVI).
    texture : float
        Notes struck per onset.
    harmonic_variety : float
        Entropy of pitch classes in bits, 0 … 3.58.
    repetition : float
        How much each bar is like the most similar earlier bar, 0 … 1.
    pedal : float
        Share of time with the sustain pedal down.
    """

    tempo: float
    majorness: float
    density: float
    melody_density: float
    accompaniment_density: float
    melody_register: float
    bass_register: float
    dynamics: float
    dynamics_spread: float
    dynamics_shape: float
    articulation: float
    note_length: float
    chromaticism: float
    dissonance: float
    regularity: float
    texture: float
    harmonic_variety: float
    repetition: float
    pedal: float

    def __post_init__(self) -> None:
        for kind in KINDS:
            value = getattr(self, kind.name)
            if not kind.minimum <= value <= kind.maximum:
                raise ValueError(f"{kind.label} of {value:g} {kind.unit} is outside {kind.minimum:g}…{kind.maximum:g}.")

    @property
    def mode(self) -> Mode:
        """``"major"`` where `majorness` is 0 or more."""
        return "major" if self.majorness >= 0 else "minor"

    @property
    def scale(self) -> str:
        """Note material in words: the mode, or that with chromatic notes where over a tenth lie outside."""
        return f"{self.mode} with chromatic notes" if self.chromaticism > 0.1 else self.mode

    def to_dict(self) -> dict[str, float]:
        """Values by name, in the order of `KINDS`."""
        return {name: float(value) for name, value in asdict(self).items()}

    def to_array(self) -> FloatArray:
        """Values in the order of `KINDS`, shape (attributes,)."""
        return np.array([getattr(self, name) for name in NAMES])

    @classmethod
    def clipped(cls, values: Mapping[str, float]) -> Attributes:
        """Build from values by name, each moved into its range.

        Raises
        ------
        KeyError
            When an attribute is missing.
        """
        return cls(**{kind.name: float(min(max(values[kind.name], kind.minimum), kind.maximum)) for kind in KINDS})

    @classmethod
    def from_array(cls, values: FloatArray) -> Attributes:
        """Build from an array in the order of `KINDS`, each value moved into its range."""
        return cls.clipped(dict(zip(NAMES, values.tolist(), strict=True)))


KINDS: Final = (
    AttributeKind("tempo", "Tempo", "beats per minute", 30, 240, 8, "Speed of the beat."),
    AttributeKind(
        "majorness",
        "Major or minor",
        "correlation difference",
        -2,
        2,
        0.15,
        "Above 0 the notes fit a major key better, below 0 a minor key.",
    ),
    AttributeKind("density", "Note density", "notes per second", 0, 40, 1.2, "All notes of both hands."),
    AttributeKind("melody_density", "Melody density", "notes per second", 0, 20, 0.7, "Notes of the top line."),
    AttributeKind(
        "accompaniment_density",
        "Accompaniment density",
        "notes per second",
        0,
        40,
        1.2,
        "All notes below the top line.",
    ),
    AttributeKind("melody_register", "Melody register", "MIDI pitch", 21, 108, 3, "Mean pitch of the top line."),
    AttributeKind("bass_register", "Bass register", "MIDI pitch", 21, 108, 3, "Mean pitch of the lowest line."),
    AttributeKind("dynamics", "Loudness of touch", "MIDI velocity", 1, 127, 5, "Mean velocity."),
    AttributeKind(
        "dynamics_spread", "Spread of loudness", "MIDI velocity", 0, 63, 3, "Standard deviation of velocity."
    ),
    AttributeKind(
        "dynamics_shape",
        "Growth of loudness",
        "MIDI velocity",
        -100,
        100,
        6,
        "Mean velocity of the last third minus that of the first.",
    ),
    AttributeKind(
        "articulation",
        "Articulation",
        "key time ÷ time to next onset",
        0,
        4,
        0.3,
        "Below 1 detached, 1 joined, above 1 overlapping.",
    ),
    AttributeKind("note_length", "Note length", "seconds", 0, 15, 0.25, "Mean time a key is held."),
    AttributeKind("chromaticism", "Chromatic notes", "share of sounding time", 0, 1, 0.05, "Notes outside the scale."),
    AttributeKind("dissonance", "Dissonance", "mean roughness", 0, 1, 0.05, "Roughness of notes sounding together."),
    AttributeKind("regularity", "Regularity of rhythm", "1 − nPVI ÷ 200", 0, 1, 0.08, "1 is perfectly even."),
    AttributeKind("texture", "Thickness", "notes per onset", 0, 20, 0.35, "Notes struck together."),
    AttributeKind("harmonic_variety", "Variety of notes", "bits", 0, 3.59, 0.2, "Entropy of pitch classes."),
    AttributeKind(
        "repetition", "Repetition", "similarity", 0, 1, 0.1, "How much bars are like the most similar earlier bar."
    ),
    AttributeKind("pedal", "Pedal", "share of time", 0, 1, 0.12, "Time with the sustain pedal down."),
)

NAMES: Final = tuple(kind.name for kind in KINDS)

if tuple(field.name for field in fields(Attributes)) != NAMES:
    raise TypeError("KINDS and the fields of Attributes differ.")

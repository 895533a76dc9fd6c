"""What the composer network reads and writes at each step: one note, in five numbers.

What REMI (Huang and Yang 2020) writes as separate tokens is grouped by note (compound words, Hsiao et al. 2021):
how far the bar position advances, the pitch relative to the key, the duration, the velocity, and the
chord it falls in. One step per note instead of four makes training and sampling four times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes.schema import NAMES
from generation.music.chords import CHORD_COUNT, HALF_BAR, NO_CHORD
from generation.music.quantising import LONGEST, PER_BAR

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LONGEST_ADVANCE: Final = 32
ADVANCES: Final = LONGEST_ADVANCE + 1
LOWEST_RELATIVE: Final = 15
PITCHES: Final = 99
DURATIONS: Final = LONGEST
VELOCITY_STEP: Final = 4
VELOCITIES: Final = 32
POSITIONS: Final = PER_BAR
CHORDS: Final = CHORD_COUNT

CONDITION_NAMES: Final = (
    "tempo",
    "majorness",
    "density",
    "melody_density",
    "melody_register",
    "bass_register",
    "dynamics",
    "dynamics_spread",
    "articulation",
    "note_length",
    "chromaticism",
    "dissonance",
    "regularity",
    "texture",
    "harmonic_variety",
)
"""The attributes the network hears at every step; the two registers are counted from the tonic."""
CONDITION_INDEX: Final = np.array([NAMES.index(name) for name in CONDITION_NAMES])
_REGISTERS: Final = np.array([CONDITION_NAMES.index("melody_register"), CONDITION_NAMES.index("bass_register")])


def tonic_shift(tonic: int) -> int:
    """Semitones from C to the nearest `tonic`, −5…6: relative pitch = MIDI pitch − shift.

    >>> tonic_shift(2), tonic_shift(9)
    (2, -3)
    """
    # The nearest C–F♯ way round: pitches stay within half an octave of where they were played.
    return tonic if tonic <= 6 else tonic - 12


def choose_conditions(attributes: FloatArray, tonic: int) -> FloatArray:
    """Pick what the network is conditioned on from attribute arrays; shape (…, conditions)."""
    chosen: FloatArray = np.array(attributes[..., CONDITION_INDEX], dtype=np.float64)
    # Registers move with the transposition to C, as the pitches do.
    chosen[..., _REGISTERS] -= tonic_shift(tonic)
    return chosen


@dataclass(frozen=True, slots=True)
class Events:
    """Notes as the network's numbers, each of shape (notes,); `starts` in sixteenths for reference."""

    starts: IntArray
    advances: IntArray
    pitches: IntArray
    durations: IntArray
    velocities: IntArray
    chords: IntArray
    next_chords: IntArray

    def __len__(self) -> int:
        return len(self.starts)


def to_events(
    starts: IntArray, pitches: IntArray, durations: IntArray, velocities: IntArray, chords: IntArray, tonic: int
) -> Events:
    """Turn quantised notes (sorted by start and pitch) into network numbers.

    Examples
    --------
    >>> events = to_events(np.array([0, 4]), np.array([60, 64]), np.array([4, 4]), np.array([64, 70]),
    ...                    np.array([0]), tonic=0)
    >>> events.advances.tolist(), events.pitches.tolist()
    ([0, 4], [45, 49])
    """
    half = starts // HALF_BAR
    # Notes may begin after the last half bar that was named, and the last one has no chord after it.
    padded = np.concatenate([chords, [chords[-1] if len(chords) else NO_CHORD] * 2])
    return Events(
        starts,
        np.minimum(np.diff(starts, prepend=0), LONGEST_ADVANCE),
        pitches - tonic_shift(tonic) - LOWEST_RELATIVE,
        np.clip(durations, 1, DURATIONS) - 1,
        np.clip(velocities // VELOCITY_STEP, 0, VELOCITIES - 1),
        padded[np.minimum(half, len(padded) - 2)],
        padded[np.minimum(half + 1, len(padded) - 1)],
    )


def velocity_of(bins: IntArray) -> IntArray:
    """MIDI velocity in the middle of each bin."""
    return np.clip(bins * VELOCITY_STEP + VELOCITY_STEP // 2, 1, 127)

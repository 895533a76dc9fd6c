"""What both stages read and write: one note in four numbers, on a grid of twelve ticks per beat.

A note is one step: how far the time advances, the pitch relative to the tonic, the duration, the velocity
(compound words, Hsiao et al. 2021). Twelve ticks per beat hold sixteenths (3) and triplets (4) alike.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generation.music.chords import NO_CHORD, QUALITIES

IntArray = NDArray[np.int64]

TICKS: Final = 12
"""Ticks per beat. In 12/8 and 6/8 a beat is a dotted quarter."""
LONGEST_ADVANCE: Final = 96
END: Final = LONGEST_ADVANCE + 1
"""The advance that says: no note follows in this section."""
ADVANCES: Final = END + 1
LOWEST_RELATIVE: Final = 15
PITCHES: Final = 99
DURATION_TICKS: Final = np.array(
    [1, 2, 3, 4, 6, 8, 9, 12, 15, 16, 18, 21, 24, 27, 30, 33, 36, 42, 48, 60, 72, 84, 96, 120, 144], dtype=np.int64
)
DURATIONS: Final = len(DURATION_TICKS)
VELOCITY_STEP: Final = 4
VELOCITIES: Final = 32

METRES: Final = ("4/4", "3/4", "12/8", "6/8")
BEATS_PER_BAR: Final = (4, 3, 4, 2)
MOST_BARS: Final = 16
MOST_BAR_TICKS: Final = 4 * TICKS

CHORD_QUALITIES: Final = (
    "major",
    "minor",
    "diminished",
    "augmented",
    "suspended4",
    "suspended2",
    "major7",
    "dominant7",
    "minor7",
    "half-diminished7",
    "diminished7",
    "dominant7sus4",
)
CHORD_INTERVALS: Final = (
    (0, 4, 7),
    (0, 3, 7),
    (0, 3, 6),
    (0, 4, 8),
    (0, 5, 7),
    (0, 2, 7),
    (0, 4, 7, 11),
    (0, 4, 7, 10),
    (0, 3, 7, 10),
    (0, 3, 6, 10),
    (0, 3, 6, 9),
    (0, 5, 7, 10),
)
NONE: Final = 12
"""Root, quality and bass where there is no chord."""
SILENT_CHORD: Final = (NONE, NONE, NONE)
SPANS: Final = np.array([1, 2, 3, 4, 6, 8, 9, 12, 15, 18, 24, 30, 36, 48, 72, 96], dtype=np.int64)
"""Lower ends of the classes into which times since and until something are sorted, in ticks."""
SPAN_CODES: Final = len(SPANS) + 2
"""Class 0 is less than a tick; the last one says that there is nothing to wait for."""
NO_SPAN: Final = SPAN_CODES - 1
CHANGE_CODES: Final = 10
"""Beats until the chord changes, 0…8; 9: it does not change any more."""


def bar_ticks(metre: str) -> int:
    """Ticks of one bar.

    >>> [bar_ticks(metre) for metre in METRES]
    [48, 36, 48, 24]
    """
    return BEATS_PER_BAR[METRES.index(metre)] * TICKS


def strong_ticks(metre: str) -> tuple[int, ...]:
    """Ticks of a bar on which its strong beats lie: the first, and the middle where there are four beats.

    >>> [strong_ticks(metre) for metre in METRES]
    [(0, 24), (0,), (0, 24), (0,)]
    """
    bar = bar_ticks(metre)
    return (0, bar // 2) if BEATS_PER_BAR[METRES.index(metre)] == 4 else (0,)


def duration_code(ticks: ArrayLike) -> IntArray:
    """Code of the nearest duration there is; of two equally near the shorter.

    >>> DURATION_TICKS[duration_code([1, 5, 12, 500])].tolist()
    [1, 4, 12, 144]
    """
    middles = (DURATION_TICKS[:-1] + DURATION_TICKS[1:]) / 2
    return np.searchsorted(middles, np.asarray(ticks, dtype=np.float64), side="left").astype(np.int64)


def velocity_code(velocities: ArrayLike) -> IntArray:
    """Code of MIDI velocities: 32 classes of four.

    >>> velocity_code([1, 64, 127]).tolist()
    [0, 16, 31]
    """
    return np.clip(np.asarray(velocities, dtype=np.int64) // VELOCITY_STEP, 0, VELOCITIES - 1)


def velocity_of(codes: ArrayLike) -> IntArray:
    """MIDI velocity in the middle of each class.

    >>> velocity_of([0, 16, 31]).tolist()
    [2, 66, 126]
    """
    return np.asarray(codes, dtype=np.int64) * VELOCITY_STEP + VELOCITY_STEP // 2


def span_code(ticks: ArrayLike) -> IntArray:
    """Class of a time in ticks (0 or more).

    >>> span_code([0, 1, 5, 12, 1000]).tolist()
    [0, 1, 4, 8, 16]
    """
    return np.searchsorted(SPANS, np.asarray(ticks), side="right").astype(np.int64)


def chord_tones(root: int, quality: int) -> frozenset[int]:
    """Pitch classes above the tonic of a chord; none where there is no chord.

    >>> sorted(chord_tones(7, CHORD_QUALITIES.index("dominant7")))
    [2, 5, 7, 11]
    """
    if quality == NONE:
        return frozenset()
    return frozenset((root + step) % 12 for step in CHORD_INTERVALS[quality])


_FROM_PLAN: Final = tuple(
    CHORD_QUALITIES.index("suspended4" if quality == "suspended" else quality) for quality in QUALITIES
)


def from_chord_number(number: int, bass: int | None = None) -> tuple[int, int, int]:
    """Root, quality and bass of a chord numbered as in `generation.music.chords`; the bass is the root if not given.

    >>> from_chord_number(62), from_chord_number(96)
    ((7, 7, 7), (12, 12, 12))
    """
    if number == NO_CHORD:
        return SILENT_CHORD
    root, quality = divmod(number, len(QUALITIES))
    return root, _FROM_PLAN[quality], root if bass is None else bass % 12

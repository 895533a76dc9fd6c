"""From a performance back to a score: notes on a grid of sixteenths, with key and chords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.beats import track_beats
from generation.music.chords import find_chords
from generation.music.keys import Key, find_key, weigh_pitch_classes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PER_BEAT: Final = 4
PER_BAR: Final = 16
LONGEST: Final = 64
"""Longest note in sixteenths: four bars."""


@dataclass(frozen=True, slots=True)
class Quantised:
    """Notes on sixteenths, sorted by start and pitch.

    `starts` count from the first bar line used (never negative), `chords` name each half bar relative
    to the key's tonic, `rest` is the mean distance of the played onsets from the grid in sixteenths
    (0.25 would be chance).
    """

    starts: IntArray
    pitches: IntArray
    durations: IntArray
    velocities: IntArray
    chords: IntArray
    key: Key
    tempo: float
    rest: float


def quantise(table: FloatArray) -> Quantised:
    """Put a performance on the grid its own beat gives.

    Parameters
    ----------
    table : array of float, shape (notes, 4)
        Rows of onset (s), pitch, duration (s), velocity.

    Raises
    ------
    ValueError
        When there is no note.

    Examples
    --------
    >>> rows = np.array([[i * 0.6, 60 + i % 2, 0.6, 64] for i in range(24)])
    >>> quantise(rows).starts[:4].tolist()
    [0, 4, 8, 12]
    """
    if len(table) == 0:
        raise ValueError("There is no note to put on a grid.")
    onset, key_number, seconds, struck = table.T
    pitch, velocity = key_number.astype(np.int64), struck.astype(np.int64)
    grid = track_beats(onset, pitch, velocity)
    place = grid.to_beats(onset) * PER_BEAT
    end = grid.to_beats(onset + seconds) * PER_BEAT
    start = np.round(place).astype(np.int64)
    # Distances from the nearest of points one apart are even over 0 to 0.5 by chance: 0.25 on average.
    rest = float(np.abs(place - start).mean())
    duration = np.clip(np.round(end - place).astype(np.int64), 1, LONGEST)
    # Whole bars only, so that the first bar used keeps its upbeat.
    start -= start.min() // PER_BAR * PER_BAR
    order = np.lexsort((pitch, start))
    start, pitch, duration, velocity = start[order], pitch[order], duration[order], velocity[order]
    # Of one key struck twice in a sixteenth the first stays (sorted by start, then pitch).
    fresh = np.r_[True, (np.diff(start) > 0) | (np.diff(pitch) > 0)]
    start, pitch, duration, velocity = start[fresh], pitch[fresh], duration[fresh], velocity[fresh]
    key = find_key(weigh_pitch_classes(pitch, np.minimum(duration, 8).astype(np.float64)))
    chords = find_chords(start, pitch, duration, key.tonic)
    return Quantised(start, pitch, duration, velocity, chords, key, grid.tempo, rest)

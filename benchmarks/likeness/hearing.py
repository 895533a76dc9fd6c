"""A clip as it is heard: its first seconds, its chords, its lines, its beats.

The beat is found from onsets and from pitches relative to each other, without velocities, so that a clip that is
transposed or played evenly has the same beats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.likeness.clips import Clip
from generation.music.beats import BeatGrid, track_beats
from generation.music.keys import Key, find_key, weigh_pitch_classes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

CLIP_SECONDS: Final = 27.0
"""As much of every clip is heard, so that all are about as long."""
TOGETHER: Final = 0.04
"""Keys struck within this time (s) of the one before are one chord, as in `generation.music.attributes`."""
STILL_ABOVE: Final = 5
"""Semitones by which a note has to lie above another one to keep the melody while it sounds."""
LONGEST_RING: Final = 2.0
"""Seconds after which a piano note counts as faded."""
LEVEL: Final = 60
"""Where the middle of all pitches is moved before beats are looked for."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the features are measured on. Arrays of notes have the shape (notes,), in order of onset, then pitch.

    Parameters
    ----------
    onset, duration : array of float
        Seconds since the first note.
    pitch, velocity : array of int
        MIDI numbers.
    beat, beats : array of float
        Onset and duration in beats.
    chord : array of int
        Which chord, from 0, a note is struck in.
    top, low : array of bool
        Notes of the melody (the skyline) and the lowest note of each chord; a single note may be both.
    pedals : array, shape (pedals, 2)
        Down and up, seconds since the first note.
    """

    onset: FloatArray
    pitch: IntArray
    duration: FloatArray
    velocity: IntArray
    beat: FloatArray
    beats: FloatArray
    chord: IntArray
    top: BoolArray
    low: BoolArray
    grid: BeatGrid
    key: Key
    pedals: FloatArray

    @property
    def seconds(self) -> float:
        """From the first onset until a second after the last, as far as that note rings."""
        return float(self.onset[-1]) + float(np.clip(self.duration[-1], 0.25, 1.0))

    @property
    def melody(self) -> IntArray:
        """Pitches of the melody, in order."""
        return self.pitch[self.top]

    @property
    def degrees(self) -> IntArray:
        """Pitch classes above the key note, 0…11."""
        return (self.pitch - self.key.tonic) % 12

    @property
    def chords(self) -> int:
        """How many chords are struck, single notes among them."""
        return int(self.chord[-1]) + 1


def hear(clip: Clip, seconds: float = CLIP_SECONDS) -> Heard:
    """Prepare the first `seconds` of a clip."""
    start = clip.table[0, 0]
    rows = clip.table[clip.table[:, 0] < start + seconds]
    onset, duration = rows[:, 0] - start, np.maximum(rows[:, 2], 1e-3)
    pitch, velocity = rows[:, 1].astype(np.int64), rows[:, 3].astype(np.int64)
    chord = np.concatenate([[0], np.cumsum(np.diff(onset) > TOGETHER)]).astype(np.int64)
    level = pitch - int(np.median(pitch)) + LEVEL
    grid = track_beats(onset, level, np.full(len(rows), 64))
    beat = grid.to_beats(onset)
    highest_first = np.lexsort((-pitch, chord))
    lowest_first = np.lexsort((pitch, chord))
    first = np.r_[True, chord[1:] != chord[:-1]]
    low = np.zeros(len(rows), dtype=np.bool_)
    low[lowest_first[first]] = True
    return Heard(
        onset,
        pitch,
        duration,
        velocity,
        beat,
        grid.to_beats(onset + duration) - beat,
        chord,
        find_skyline(highest_first[first], onset, pitch, duration),
        low,
        grid,
        find_key(weigh_pitch_classes(pitch, np.minimum(duration, LONGEST_RING))),
        clip.pedals - start,
    )


def find_skyline(highest: IntArray, onset: FloatArray, pitch: IntArray, duration: FloatArray) -> BoolArray:
    """The highest note of each chord, unless a clearly higher one still sounds above it; shape (notes,).

    Parameters
    ----------
    highest : array of int, shape (chords,)
        Index of each chord's highest note, in order of time.
    """
    kept = np.zeros(len(pitch), dtype=np.bool_)
    above, until = 0, -1.0
    for index in highest:
        if pitch[index] < above - STILL_ABOVE and onset[index] < until - TOGETHER:
            continue
        kept[index] = True
        above, until = int(pitch[index]), float(onset[index] + min(duration[index], 1.5))
    return kept


def pair_struck_together(heard: Heard) -> IntArray:
    """Semitones between the two notes of every pair that one chord strikes; shape (pairs,), at least 0."""
    intervals = []
    for step in range(1, int(np.bincount(heard.chord).max())):
        same = heard.chord[step:] == heard.chord[:-step]
        intervals.append(np.abs(heard.pitch[step:] - heard.pitch[:-step])[same])
    return np.concatenate(intervals) if intervals else np.zeros(0, dtype=np.int64)


def find_silences(heard: Heard) -> FloatArray:
    """Lengths in seconds of the times between two onsets in which no key is down and no pedal holds; shape (silences,).

    Shorter ones than a tenth of a second are not heard as silence.
    """
    spans = np.concatenate([np.column_stack([heard.onset, heard.onset + heard.duration]), heard.pedals])
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    spans = spans[spans[:, 0] <= heard.onset[-1]]
    reached = np.maximum.accumulate(spans[:, 1])
    gaps = spans[1:, 0] - reached[:-1]
    return np.asarray(gaps[gaps > 0.1], dtype=np.float64)

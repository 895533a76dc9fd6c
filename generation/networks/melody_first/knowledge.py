"""What a step knows besides the notes before it: place, harmony and, for the accompaniment, the melody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.melody_first.codes import (
    ADVANCES,
    CHANGE_CODES,
    DURATIONS,
    METRES,
    MOST_BAR_TICKS,
    MOST_BARS,
    NO_SPAN,
    NONE,
    PITCHES,
    SPAN_CODES,
    TICKS,
    VELOCITIES,
    bar_ticks,
    span_code,
)

IntArray = NDArray[np.int64]

BEFORE: Final = {
    "advances": ADVANCES + 1,
    "before_pitches": PITCHES + 1,
    "before_durations": DURATIONS + 1,
    "before_velocities": VELOCITIES + 1,
}
"""What is known of the notes: the advance to this note, and the note before. Code 0 stands for "start"."""
PLACE: Final = {
    "positions": MOST_BAR_TICKS,
    "metres": len(METRES),
    "bars": MOST_BARS + 1,
    "bars_left": MOST_BARS + 1,
    "roots": NONE + 1,
    "qualities": NONE + 1,
    "basses": NONE + 1,
    "next_roots": NONE + 1,
    "next_qualities": NONE + 1,
    "next_basses": NONE + 1,
    "changes": CHANGE_CODES,
}
MELODY: Final = {
    "sounding": PITCHES + 1,
    "since": SPAN_CODES,
    "until": SPAN_CODES,
    "coming": PITCHES + 1,
}
"""The melody's pitch that sounds (0: none), time since its onset, time to the next onset, and the next pitch."""
INPUTS: Final = {"melody": {**BEFORE, **PLACE}, "accompaniment": {**BEFORE, **PLACE, **MELODY}}
"""Names of each stage's step inputs and the number of codes each has."""
HEADS: Final = {
    "pitches": (PITCHES, ()),
    "durations": (DURATIONS, ("pitches",)),
    "velocities": (VELOCITIES, ("pitches", "durations")),
    "advances": (ADVANCES, ("pitches", "durations", "velocities")),
}
"""Heads in the order a step is written, and what each knows of its own note. `advances` leads to the next note."""
KNOWN_CODES: Final = {"pitches": PITCHES, "durations": DURATIONS, "velocities": VELOCITIES}

WHOLE: Final = (
    "tempo",
    "majorness",
    "density",
    "melody_density",
    "accompaniment_density",
    "melody_register",
    "bass_register",
    "dynamics",
    "dynamics_spread",
    "dynamics_shape",
    "articulation",
    "note_length",
    "chromaticism",
    "dissonance",
    "regularity",
    "texture",
    "harmonic_variety",
)
"""Attributes of the whole section, both hands (`generation.music.attributes`); registers counted from the tonic."""
LINE: Final = ("line_density", "line_register", "line_length", "line_velocity", "line_steps", "line_span")
"""Of the melody alone: notes per second, mean pitch, mean seconds a key is held, mean velocity, share of moves by one
or two semitones among all moves, and standard deviation of the pitch."""
CONDITIONS: Final = {
    "melody": (*(name for name in WHOLE if name not in ("accompaniment_density", "bass_register", "texture")), *LINE),
    "accompaniment": WHOLE,
}
"""What each stage is conditioned on. Every one of them may be left open."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a section: metre, number of bars (1…16), and root, quality and bass of every beat.

    Time counts in ticks from the bar before the first, which holds the upbeat: the first bar begins at
    `bar`, the section ends at `end`. `chords` has shape (beats, 3), upbeat's bar included.
    """

    metre: str
    bars: int
    chords: IntArray

    @property
    def bar(self) -> int:
        """Ticks of a bar."""
        return bar_ticks(self.metre)

    @property
    def end(self) -> int:
        """Ticks from the upbeat's bar line to the end of the last bar."""
        return (self.bars + 1) * self.bar

    def look(self, times: IntArray) -> dict[str, IntArray]:
        """Place and harmony at `times` (any shape), as codes by the names of `PLACE`."""
        times = np.minimum(times, self.end - 1)
        beat = np.minimum(times // TICKS, len(self.chords) - 1)
        change = find_changes(self.chords)[beat]
        stays = change == len(self.chords)
        following = self.chords[np.minimum(change, len(self.chords) - 1)]
        now = self.chords[beat]
        bars = times // self.bar
        return {
            "positions": times % self.bar,
            "metres": np.full_like(times, METRES.index(self.metre)),
            "bars": bars,
            "bars_left": self.bars - bars,
            "roots": now[..., 0],
            "qualities": now[..., 1],
            "basses": now[..., 2],
            "next_roots": np.where(stays, NONE, following[..., 0]),
            "next_qualities": np.where(stays, NONE, following[..., 1]),
            "next_basses": np.where(stays, NONE, following[..., 2]),
            "changes": np.where(stays, CHANGE_CODES - 1, np.minimum(change - beat, CHANGE_CODES - 2)),
        }


def find_changes(chords: IntArray) -> IntArray:
    """For every beat the first later beat with another chord, or the number of beats.

    >>> find_changes(np.array([[0, 0, 0], [0, 0, 0], [7, 0, 7]])).tolist()
    [2, 2, 3]
    """
    count = len(chords)
    fresh = np.flatnonzero((chords[1:] != chords[:-1]).any(axis=1)) + 1
    place = np.searchsorted(fresh, np.arange(count), side="right")
    return np.concatenate([fresh, [count]])[np.minimum(place, len(fresh))].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Line:
    """A melody: starts (ticks, ascending), pitch codes and durations (ticks), each of shape (notes,)."""

    starts: IntArray
    pitches: IntArray
    durations: IntArray

    def look(self, times: IntArray) -> dict[str, IntArray]:
        """The melody around `times` (any shape), as codes by the names of `MELODY`."""
        if len(self.starts) == 0:
            nothing, open_end = np.zeros_like(times), np.full_like(times, NO_SPAN)
            return {"sounding": nothing, "since": open_end, "until": open_end, "coming": nothing}
        last = len(self.starts) - 1
        index = np.searchsorted(self.starts, times, side="right") - 1
        here, following = np.maximum(index, 0), np.minimum(index + 1, last)
        sounds = (index >= 0) & (times < self.starts[here] + self.durations[here])
        comes = index < last
        return {
            "sounding": np.where(sounds, self.pitches[here] + 1, 0),
            "since": np.where(index >= 0, span_code(np.maximum(times - self.starts[here], 0)), NO_SPAN),
            "until": np.where(comes, span_code(np.maximum(self.starts[following] - times, 0)), NO_SPAN),
            "coming": np.where(comes, self.pitches[following] + 1, 0),
        }

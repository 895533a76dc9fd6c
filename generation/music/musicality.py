"""How well made a piece is, in four measures of 0…1. The weights of their mean are judgement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generation.music.attributes import Attributes
from generation.music.keys import find_key, weigh_pitch_classes
from generation.music.notes import Piece
from generation.music.performance import find_melody


@dataclass(frozen=True, slots=True)
class Musicality:
    """Key clarity, returning bars, bars alive, and a singable melody; each 0…1."""

    clarity: float
    repetition: float
    life: float
    melody: float

    @property
    def total(self) -> float:
        """Weighted mean.

        >>> Musicality(1.0, 1.0, 1.0, 1.0).total
        1.0
        """
        return 0.3 * self.clarity + 0.2 * self.repetition + 0.25 * self.life + 0.25 * self.melody


def judge_musicality(piece: Piece, measured: Attributes) -> Musicality:
    """Judge a piece.

    `clarity` is the key's correlation; `repetition` is full from a bar similarity of .55 up; `life` is
    the share of bars with at least two onsets, the last bar left out; `melody` is the share of melody
    steps of at most a sixth, less the share of notes repeated more than three times.
    """
    notes = piece.notes
    if not notes:
        return Musicality(0.0, 0.0, 0.0, 0.0)
    pitches = np.array([note.pitch for note in notes])
    durations = np.array([min(note.duration, 2.0) for note in notes])
    clarity = find_key(weigh_pitch_classes(pitches, durations)).clarity
    bars = max(int(np.ceil((piece.length - piece.upbeat) / piece.bar)) - 1, 1)
    onsets = {(int((note.start - piece.upbeat) // piece.bar), note.start) for note in notes}
    alive = sum(sum(1 for bar, _ in onsets if bar == index) >= 2 for index in range(bars)) / bars
    line = np.array([n.pitch for n, top in zip(notes, find_melody(notes), strict=True) if top])
    steps = np.abs(np.diff(line))
    smooth = float((steps <= 9).mean()) if len(steps) else 0.0
    stuck = float(np.mean((steps[2:] == 0) & (steps[1:-1] == 0) & (steps[:-2] == 0))) if len(steps) > 2 else 0.0
    return Musicality(
        min(max(clarity, 0.0), 1.0), min(measured.repetition / 0.55, 1.0), alive, max(smooth - stuck, 0.0)
    )

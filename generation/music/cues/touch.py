"""Touch: how hard keys are struck."""

from __future__ import annotations

from dataclasses import replace

from generation.music.cues.matching import Played
from generation.music.score.marking import VELOCITIES, name_dynamic

LEAST, MOST = 1, 127


def shift_touch(given: Played, velocities: int) -> Played:
    """Strike every key `velocities` harder (below 0: softer), within 1…127; dynamic marks move along.

    Examples
    --------
    >>> from generation.music.notes import Note, Piece, play_straight
    >>> piece = Piece((Note(0.0, 60, 1.0, 64, "right"), Note(1.0, 60, 1.0, 120, "right")), 60.0, 0, "major")
    >>> [note.velocity for note in shift_touch(Played(piece, play_straight(piece)), 16).performance.notes]
    [80, 127]
    """
    piece, performance = given

    def strike(velocity: int) -> int:
        return min(max(velocity + velocities, LEAST), MOST)

    dynamics = tuple((start, name_dynamic(VELOCITIES[mark] + velocities)) for start, mark in piece.marks.dynamics)
    return Played(
        replace(
            piece,
            notes=tuple(replace(note, velocity=strike(note.velocity)) for note in piece.notes),
            marks=replace(piece.marks, dynamics=dynamics),
        ),
        replace(performance, notes=tuple(replace(note, velocity=strike(note.velocity)) for note in performance.notes)),
    )

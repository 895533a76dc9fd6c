"""Which written note each played one is, so that score and performance change together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generation.music.hands import part_collisions
from generation.music.notes import HIGHEST_KEY, LOWEST_KEY, Note, Performance, Piece, PlayedNote
from generation.music.performance import hold_keys
from generation.music.score.marking import follow

IntArray = NDArray[np.int64]


class Played(NamedTuple):
    """A score and how it is played."""

    piece: Piece
    performance: Performance


def match_notes(piece: Piece, performance: Performance) -> IntArray:
    """For each played note the place of the written one in `piece.notes`, shape (played notes,).

    The k-th note on a key is the k-th on it in the score. Where a key is played more or less often than written, it
    is the note on that key written nearest in time, and on a key that is not written at all the note nearest in time.

    Examples
    --------
    >>> from generation.music.notes import Note, Piece, play_straight
    >>> piece = Piece((Note(0.0, 60, 1.0, 64, "right"), Note(1.0, 60, 1.0, 64, "right")), 60.0, 0, "major")
    >>> match_notes(piece, play_straight(piece)).tolist()
    [0, 1]
    """
    written: dict[int, list[int]] = {}
    played: dict[int, list[int]] = {}
    for place, note in sorted(enumerate(piece.notes), key=lambda pair: pair[1].start):
        written.setdefault(note.pitch, []).append(place)
    for place, sounding in sorted(enumerate(performance.notes), key=lambda pair: pair[1].onset):
        played.setdefault(sounding.pitch, []).append(place)
    found = np.zeros(len(performance.notes), dtype=np.int64)
    starts = np.array([note.start for note in piece.notes])
    seconds, quarters = follow(piece, performance)
    for pitch, places in played.items():
        same = written.get(pitch, [])
        if len(same) == len(places):
            found[places] = same
            continue
        choices = np.array(same or range(len(piece.notes)))
        for place in places:
            at = float(np.interp(performance.notes[place].onset, seconds, quarters))
            found[place] = choices[np.argmin(np.abs(starts[choices] - at))]
    return found


def move_pitches(given: Played, move: Callable[[int], int]) -> Played:
    """Give each note the pitch that `move` has for its written note, a place in `piece.notes`.

    A pitch off the keyboard is brought onto it by octaves. Where two notes meet on one key, the key is struck once.
    """
    piece, performance = given
    pitches = [fold_onto_keyboard(move(place)) for place in range(len(piece.notes))]
    matched = match_notes(piece, performance).tolist()
    notes: list[Note] = [replace(note, pitch=pitch) for note, pitch in zip(piece.notes, pitches, strict=True)]
    played: list[PlayedNote] = [
        replace(note, pitch=pitches[place]) for note, place in zip(performance.notes, matched, strict=True)
    ]
    moved = replace(performance, notes=tuple(sorted(played)))
    return Played(replace(piece, notes=tuple(part_collisions(notes))), hold_keys(moved, 1.0))


def fold_onto_keyboard(pitch: int) -> int:
    """The pitch itself, or the nearest of its octaves that a piano of 88 keys has.

    >>> fold_onto_keyboard(60), fold_onto_keyboard(17), fold_onto_keyboard(110)
    (60, 29, 98)
    """
    while pitch < LOWEST_KEY:
        pitch += 12
    while pitch > HIGHEST_KEY:
        pitch -= 12
    return pitch

"""Articulation: for how much of its written time a key is held."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from generation.music.cues.matching import Played, match_notes
from generation.music.notes import Marks, Note
from generation.music.performance import LAST_CHORD_SECONDS, SHORTEST_SECONDS, hold_keys
from generation.music.score.marking import DETACHED, fill_gaps, follow, mark_piece

JOINED: Final = 0.95
"""Held for this share of the written time or more, the pedal stays: nothing is detached that it could hide."""


def hold_for(given: Played, ratio: float) -> Played:
    """Hold every key for `ratio` of its written time, in every voice alike; the last chord rings as before.

    The written time of a note is that to the next of its hand where only touch lies between (`fill_gaps`), else its own
    value. Below `JOINED` the pedal is left out until the last chord, and with it slurs; from `DETACHED` down
    the score has dots.

    Parameters
    ----------
    given : Played
    ratio : float
        Above 0, at most 1: 1 joins notes, .4 is staccato.

    Raises
    ------
    ValueError
        For a ratio outside of that.

    Examples
    --------
    >>> from generation.music.notes import Note, Piece, play_straight
    >>> piece = Piece(tuple(Note(float(beat), 60 + beat, 0.8, 64, "right") for beat in range(3)), 60.0, 0, "major")
    >>> [note.duration for note in hold_for(Played(piece, play_straight(piece)), 0.5).performance.notes]
    [0.5, 0.5, 0.8]
    """
    if not 0.0 < ratio <= 1.0:
        raise ValueError(f"A key can be held for more than 0 and at most 1 of its written time, not {ratio}.")
    piece, performance = given
    if not piece.notes or not performance.notes:
        return given
    filled = fill_gaps(piece)
    # `fill_gaps` sorts; a score is sorted already, and longer values may only change the order within one key's onset.
    ends = {(note.hand, note.start, note.pitch): note.end for note in filled.notes}
    seconds, quarters = follow(piece, performance)
    final = max(note.onset for note in performance.notes) - LAST_CHORD_SECONDS
    held = []
    for note, place in zip(performance.notes, match_notes(piece, performance).tolist(), strict=True):
        source = piece.notes[place]
        until = ends[source.hand, source.start, source.pitch]
        written = float(np.diff(np.interp([source.start, until], quarters, seconds))[0])
        is_final = note.onset >= final
        held.append(note if is_final else replace(note, duration=max(written * ratio, SHORTEST_SECONDS)))
    pedals = performance.pedals
    if ratio < JOINED:
        pedals = tuple(pedal for pedal in pedals if pedal.up > final + LAST_CHORD_SECONDS)[-1:]
        pedals = tuple(replace(pedal, down=max(pedal.down, final)) for pedal in pedals)
    played = hold_keys(replace(performance, notes=tuple(sorted(held)), pedals=pedals), 1.0)
    marks = piece.marks or mark_piece(piece, performance)
    return Played(replace(filled, marks=_mark(filled.notes, marks, ratio)), played)


def _mark(notes: tuple[Note, ...], marks: Marks, ratio: float) -> Marks:
    last = max(note.start for note in notes)
    dots = tuple(sorted({(note.start, note.hand) for note in notes if note.start < last}))
    if ratio >= JOINED:
        return replace(marks, staccato=())
    return replace(
        marks,
        slurs=(),
        pedals=tuple(pedal for pedal in marks.pedals if pedal[0] >= last),
        staccato=dots if ratio <= DETACHED else (),
    )

"""Register: both hands by a number of semitones."""

from __future__ import annotations

from dataclasses import replace

from generation.music.cues.matching import Played, move_pitches


def shift_register(given: Played, semitones: int) -> Played:
    """Play every note `semitones` higher (below 0: lower); the key moves along.

    Intervals, rhythm and touch stay. A note that would leave the keyboard is played an octave nearer the middle.

    Examples
    --------
    >>> from generation.music.notes import Note, Piece, play_straight
    >>> piece = Piece((Note(0.0, 24, 1.0, 64, "left"), Note(0.0, 60, 1.0, 64, "right")), 60.0, 0, "major")
    >>> low = shift_register(Played(piece, play_straight(piece)), -6).piece
    >>> [note.pitch for note in low.notes], low.tonic
    ([30, 54], 6)
    """
    piece, _ = given
    if semitones == 0:
        return given
    shifted = move_pitches(given, lambda place: piece.notes[place].pitch + semitones)
    return shifted._replace(piece=replace(shifted.piece, tonic=(piece.tonic + semitones) % 12))

"""Mode: the parallel key, degree by degree."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import Final

from generation.music.cues.matching import Played, move_pitches
from generation.music.notes import Hand, Mode, Note, Piece

TO_MAJOR: Final = {3: 4, 8: 9, 10: 11}
TO_MINOR: Final = {4: 3, 9: 8, 11: 10}
"""Semitones above the tonic: third, sixth and seventh degree of one mode and of the other."""
LEADING, SIXTH, TONIC, DOMINANT = 11, 9, 0, 7


def change_mode(given: Played, mode: Mode) -> Played:
    """Play the piece in the parallel major or minor key; in the mode it has, nothing changes.

    Third, sixth and seventh degree are exchanged, in melody and chords alike; what is chromatic in the piece's own key
    stays. In minor the seventh stays raised where it leads (a dominant or leading-tone chord, or a step up to the
    tonic), and with it a sixth from or to which a line steps: harmonic and melodic minor (Kostka & Payne 2013, ch. 4).
    The way back is not always the same notes: minor has two sevenths, major one.

    Examples
    --------
    >>> from generation.music.notes import Note, Piece, play_straight
    >>> notes = [Note(float(beat), 60 + step, 1.0, 64, "right") for beat, step in enumerate((0, 4, 9, 7, 11, 12))]
    >>> piece = Piece(tuple(notes), 60.0, 0, "major")
    >>> minor = change_mode(Played(piece, play_straight(piece)), "minor").piece
    >>> [note.pitch - 60 for note in minor.notes], minor.mode
    ([0, 3, 8, 7, 11, 12], 'minor')
    """
    piece, _ = given
    if piece.mode == mode:
        return given
    moves = {place: _find_move(piece, place) for place in range(len(piece.notes))}
    if mode == "minor":
        _keep_leading_tones(piece, moves)
    changed = move_pitches(given, lambda place: piece.notes[place].pitch + moves[place])
    return changed._replace(piece=replace(changed.piece, mode=mode))


def _degree(piece: Piece, note: Note) -> int:
    return (note.pitch - piece.tonic) % 12


def _find_move(piece: Piece, place: int) -> int:
    degree = _degree(piece, piece.notes[place])
    return (TO_MINOR if piece.mode == "major" else TO_MAJOR).get(degree, degree) - degree


def _keep_leading_tones(piece: Piece, moves: dict[int, int]) -> None:
    lines: dict[Hand, list[int]] = {
        hand: [place for place, note in enumerate(piece.notes) if note.hand == hand] for hand in ("right", "left")
    }
    starts = {hand: [piece.notes[place].start for place in line] for hand, line in lines.items()}

    def neighbours(place: int, *, later: bool) -> list[int]:
        """Places of what the same hand strikes next (before)."""
        note = piece.notes[place]
        at, line = starts[note.hand], lines[note.hand]
        if later:
            first = bisect_right(at, note.start)
            return line[first : bisect_right(at, at[first])] if first < len(at) else []
        last = bisect_left(at, note.start)
        return line[bisect_left(at, at[last - 1]) : last] if last else []

    kept = set()
    for place, note in enumerate(piece.notes):
        if _degree(piece, note) != LEADING:
            continue
        resolves = any(piece.notes[after].pitch == note.pitch + 1 for after in neighbours(place, later=True))
        if resolves or _is_dominant(piece, note):
            kept.add(place)
            moves[place] = 0
    for place in kept:
        note = piece.notes[place]
        for beside in (*neighbours(place, later=False), *neighbours(place, later=True)):
            if piece.notes[beside].pitch == note.pitch - 2:
                moves[beside] = 0


def _is_dominant(piece: Piece, note: Note) -> bool:
    """Whether the notes that sound with this one make V, V7 or vii°: no tonic, no third of the key among them."""
    sounding = {_degree(piece, other) for other in piece.notes if other.start < note.end and other.end > note.start}
    return (DOMINANT in sounding or {2, 5} <= sounding) and not sounding & {TONIC, 4}

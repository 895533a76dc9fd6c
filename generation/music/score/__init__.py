"""Files of music: MIDI and MusicXML out, MIDI in.

music21 writes scores, mido writes performances and reads what others made. No file made here carries a
title, name or text that could tell a listener which emotion was meant or who composed.
"""

from __future__ import annotations

from generation.music.midi_files import UnreadableMidi, is_midi
from generation.music.notes import Performance, Piece
from generation.music.score.engraving import write_musicxml
from generation.music.score.marking import fill_gaps, mark_piece
from generation.music.score.parsing import MidiFile, open_midi, read_midi, strip_midi
from generation.music.score.performing import write_performance
from generation.music.score.writing import write_score

__all__ = [
    "MidiFile",
    "UnreadableMidi",
    "fill_gaps",
    "is_midi",
    "mark_piece",
    "open_midi",
    "read_midi",
    "strip_midi",
    "write_midi",
    "write_musicxml",
]


def write_midi(piece: Piece, performance: Performance | None = None) -> bytes:
    """Write a Standard MIDI File (type 1) for piano.

    Three tracks: a conductor (tempo, metre, key), the right hand, the left hand; both hands on channel 1, as they
    play one Acoustic Grand Piano (program 0). The same input always gives the same bytes.

    Parameters
    ----------
    piece : Piece
        The score. Alone it is written through music21, exactly as it stands.
    performance : Performance, optional
        How the piece is played. Then its notes are written (onsets in seconds, exact to a tenth of a
        millisecond, at the piece's tempo) with the sustain pedal as controller 64 in the left hand's track.

    Returns
    -------
    bytes
        The file. It ends with its last note or pedal release; no text, name or copyright event.

    Notes
    -----
    A key cannot be held twice: where it is struck again while it sounds, by either hand, the earlier note is
    released there; of two notes struck together on one key the louder and the longer are merged.

    Bar lines, for readers that draw them, lie where the piece has them at its one tempo: an upbeat is a bar of its
    own (a time signature of its length, then the metre). A performance breathes, so its beats lie near them.

    Examples
    --------
    >>> from generation.music.notes import Note
    >>> piece = Piece((Note(1.0, 60, 2.0, 64, "right"),), tempo=120.0, tonic=0, mode="major")
    >>> [note.onset for note in read_midi(write_midi(piece)).notes]
    [0.5]
    """
    if performance is None:
        return write_score(piece)
    return write_performance(performance, piece)

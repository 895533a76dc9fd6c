"""A score as MIDI, through music21.

music21 10.5 has habits that a study cannot use; each is undone here and tested:
dynamics and articulations rescale velocities (none are put in, and `velocityIsRelative` is off), every
track ends a quarter late (trimmed to the last note), part names become text events (removed).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import mido

from generation.music.notes import Hand, Note, Piece
from generation.music.score.keyboard import share_keyboard
from generation.music.score.spelling import count_sharps

if TYPE_CHECKING:
    from music21 import stream

HANDS: tuple[Hand, Hand] = ("right", "left")
PIANO = 0
CHANNEL = 0
"""Of both hands: they share one keyboard and one pedal."""
MAJOR_KEYS = ["Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#"]
MINOR_KEYS = ["Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m"]
SHORTEST_QUARTERS = 1 / 480
"""music21 plays what it rounds to no length at all for a whole quarter, so nothing is shorter than this."""
SMALLEST_UPBEAT_UNIT: Final = 64
"""An upbeat that no 64ths fill has no time signature of its own."""
CLOCKS_PER_QUARTER: Final = 24


def write_score(piece: Piece) -> bytes:
    """Return `piece` as a type 1 MIDI file, exactly as written (see `write_midi`)."""
    # music21 takes half a second to import; who only reads MIDI or plays performances never pays it
    from music21.midi.translate import streamToMidiFile

    notes = share_keyboard(piece.notes)
    raw = mido.MidiFile(file=io.BytesIO(streamToMidiFile(_build_stream(piece, notes)).writestr()))
    tidy = mido.MidiFile(type=1, ticks_per_beat=raw.ticks_per_beat)
    tidy.tracks.append(write_conductor(piece, raw.ticks_per_beat))
    tracks = {track_hand: _find_notes(raw, index) for index, track_hand in enumerate(_hands_of(notes))}
    for hand in HANDS:
        tidy.tracks.append(_tidy_track(tracks.get(hand, [])))
    return save(tidy)


def write_conductor(piece: Piece, ticks_per_quarter: int) -> mido.MidiTrack:
    """Return the track of tempo, metre and key.

    An upbeat is a bar of its own, as notation programs write it: a time signature of its length (1/4, 1/8, 3/16 …),
    and the metre where it ends. One that fills no 64ths (a triplet) stands in a bar of the metre that is cut short.
    """
    keys = MAJOR_KEYS if piece.mode == "major" else MINOR_KEYS
    metre = _write_metre(piece)
    track = mido.MidiTrack(
        [
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(piece.tempo), time=0),
            _write_upbeat(piece.upbeat) or metre,
            mido.MetaMessage("key_signature", key=keys[count_sharps(piece.tonic, piece.mode) + 6], time=0),
        ]
    )
    if piece.upbeat:
        track.append(metre.copy(time=round(piece.upbeat * ticks_per_quarter)))
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _write_metre(piece: Piece) -> mido.MetaMessage:
    """A click of the metronome is a beat: 24 clocks, or 36 in compound metre."""
    numerator, denominator = map(int, piece.metre.split("/"))
    clocks = round(piece.beat * CLOCKS_PER_QUARTER)
    return mido.MetaMessage(
        "time_signature", numerator=numerator, denominator=denominator, clocks_per_click=clocks, time=0
    )


def _write_upbeat(quarters: float) -> mido.MetaMessage | None:
    """A bar as long as the upbeat, in quarters where they fill it, else in the largest part of them that does."""
    whole = Fraction(quarters).limit_denominator(SMALLEST_UPBEAT_UNIT) / 4
    denominator = max(whole.denominator, 4)
    if not whole or SMALLEST_UPBEAT_UNIT % denominator:
        return None
    return mido.MetaMessage("time_signature", numerator=int(whole * denominator), denominator=denominator, time=0)


def save(file: mido.MidiFile) -> bytes:
    """Return the bytes of `file`."""
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _hands_of(notes: Sequence[Note]) -> list[Hand]:
    return [hand for hand in HANDS if any(note.hand == hand for note in notes)]


def _build_stream(piece: Piece, notes: Sequence[Note]) -> stream.Score:
    from music21 import instrument, meter, stream, tempo

    score = stream.Score()
    for hand in _hands_of(notes) or [HANDS[0]]:
        part = stream.Part()
        part.insert(0, instrument.Piano())
        part.insert(0, tempo.MetronomeMark(number=piece.tempo))
        part.insert(0, meter.TimeSignature(piece.metre))
        for written in notes:
            if written.hand == hand:
                part.insert(written.start, _engrave_note(written))
        score.insert(0, part)
    return score


def _engrave_note(written: Note) -> Any:
    from music21 import note

    engraved = note.Note(written.pitch)
    engraved.duration.quarterLength = max(written.duration, SHORTEST_QUARTERS)
    engraved.volume.velocity = written.velocity
    engraved.volume.velocityIsRelative = False
    return engraved


def _find_notes(file: mido.MidiFile, index: int) -> list[tuple[int, mido.Message]]:
    """Return (tick, message) of the notes in the `index`-th track that has any."""
    tracks = []
    for track in file.tracks:
        tick, found = 0, []
        for message in track:
            tick += message.time
            if message.type in ("note_on", "note_off"):
                found.append((tick, message))
        if found:
            tracks.append(found)
    return tracks[index]


def _tidy_track(events: list[tuple[int, mido.Message]]) -> mido.MidiTrack:
    messages: list[tuple[int, int, mido.Message]] = []
    for tick, message in events:
        strikes = message.type == "note_on" and message.velocity > 0
        kind = "note_on" if strikes else "note_off"
        velocity = message.velocity if strikes else 0
        messages.append((tick, strikes, mido.Message(kind, note=message.note, velocity=velocity, channel=CHANNEL)))
    return lay_track(messages)


def lay_track(events: list[tuple[int, int, mido.Message]]) -> mido.MidiTrack:
    """Return a piano track from (tick, order, message); at one tick the lower `order` comes first."""
    track = mido.MidiTrack([mido.Message("program_change", program=PIANO, channel=CHANNEL, time=0)])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: (event[0], event[1], _pitch_of(event[2]))):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _pitch_of(message: mido.Message) -> int:
    return int(message.note) if message.type in ("note_on", "note_off") else -1

"""A score as MIDI, through music21.

music21 10.5 has habits that a study cannot use; each is undone here and tested:
dynamics and articulations rescale velocities (none are put in, and `velocityIsRelative` is off), all
pianos share a channel (each hand gets its own), every track ends a quarter late (trimmed to the last
note), part names become text events (removed).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import mido

from generation.music.notes import Hand, Note, Piece
from generation.music.score.keyboard import release_repeated_keys
from generation.music.score.spelling import count_sharps

if TYPE_CHECKING:
    from music21 import stream

HANDS: tuple[Hand, Hand] = ("right", "left")
PIANO = 0
MAJOR_KEYS = ["Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#"]
MINOR_KEYS = ["Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m"]
SHORTEST_QUARTERS = 1 / 480
"""music21 plays what it rounds to no length at all for a whole quarter, so nothing is shorter than this."""


def write_score(piece: Piece) -> bytes:
    """Return `piece` as a type 1 MIDI file, exactly as written (see `write_midi`)."""
    # music21 takes half a second to import; who only reads MIDI or plays performances never pays it
    from music21.midi.translate import streamToMidiFile

    raw = mido.MidiFile(file=io.BytesIO(streamToMidiFile(_build_stream(piece)).writestr()))
    tidy = mido.MidiFile(type=1, ticks_per_beat=raw.ticks_per_beat)
    tidy.tracks.append(write_conductor(piece))
    tracks = {track_hand: _find_notes(raw, index) for index, track_hand in enumerate(_hands_of(piece))}
    for channel, hand in enumerate(HANDS):
        tidy.tracks.append(_tidy_track(tracks.get(hand, []), channel))
    return save(tidy)


def write_conductor(piece: Piece) -> mido.MidiTrack:
    """Return the track of tempo, metre and key."""
    keys = MAJOR_KEYS if piece.mode == "major" else MINOR_KEYS
    return mido.MidiTrack(
        [
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(piece.tempo), time=0),
            mido.MetaMessage("time_signature", numerator=piece.beats_per_bar, denominator=4, time=0),
            mido.MetaMessage("key_signature", key=keys[count_sharps(piece.tonic, piece.mode) + 6], time=0),
            mido.MetaMessage("end_of_track", time=0),
        ]
    )


def save(file: mido.MidiFile) -> bytes:
    """Return the bytes of `file`."""
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _hands_of(piece: Piece) -> list[Hand]:
    return [hand for hand in HANDS if any(note.hand == hand for note in piece.notes)]


def _build_stream(piece: Piece) -> stream.Score:
    from music21 import instrument, meter, stream, tempo

    score = stream.Score()
    notes = release_repeated_keys(piece.notes)
    for hand in _hands_of(piece) or [HANDS[0]]:
        part = stream.Part()
        part.insert(0, instrument.Piano())
        part.insert(0, tempo.MetronomeMark(number=piece.tempo))
        part.insert(0, meter.TimeSignature(f"{piece.beats_per_bar}/4"))
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


def _tidy_track(events: list[tuple[int, mido.Message]], channel: int) -> mido.MidiTrack:
    messages: list[tuple[int, int, mido.Message]] = []
    for tick, message in events:
        strikes = message.type == "note_on" and message.velocity > 0
        kind = "note_on" if strikes else "note_off"
        velocity = message.velocity if strikes else 0
        messages.append((tick, strikes, mido.Message(kind, note=message.note, velocity=velocity, channel=channel)))
    return lay_track(messages, channel)


def lay_track(events: list[tuple[int, int, mido.Message]], channel: int) -> mido.MidiTrack:
    """Return a piano track from (tick, order, message); at one tick the lower `order` comes first."""
    track = mido.MidiTrack([mido.Message("program_change", program=PIANO, channel=channel, time=0)])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: (event[0], event[1], _pitch_of(event[2]))):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _pitch_of(message: mido.Message) -> int:
    return int(message.note) if message.type in ("note_on", "note_off") else -1

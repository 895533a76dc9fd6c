"""MIDI files of others, as performances: tempo maps, pedal, one track or two."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from statistics import mean

import mido

from generation.music.midi_files import (
    DEFAULT_TEMPO,
    SHORTEST_NOTE_SECONDS,
    Struck,
    UnreadableMidi,
    find_pedals,
    find_strikes,
    read_midi_file,
    walk,
)
from generation.music.notes import Hand, Performance, PlayedNote
from generation.music.score.keyboard import release_repeated_keys

TOGETHER_SECONDS = 1.0
"""Notes that begin within this time of each other are set against each other to guess their hands."""


@dataclass(frozen=True, slots=True)
class MidiFile:
    """What a MIDI file holds: how it is played, and the tempo it states at its start (quarters/minute)."""

    performance: Performance
    tempo: float


def read_midi(data: bytes) -> Performance:
    """Read a piano MIDI file of any maker.

    Tempo changes are followed, a note-on without velocity is a release, a key never released sounds to
    the end. Controller 64 from 64 up is pedal. Drums (channel 10) and keys outside the 88 are left out.
    Where exactly two tracks (or channels) hold notes the higher one is the right hand; else each note
    goes to the hand on its side of the middle of what sounds within a second of it.

    Raises
    ------
    UnreadableMidi
        When `data` is no MIDI file of music, with a sentence that says why.
    """
    return open_midi(data).performance


def open_midi(data: bytes) -> MidiFile:
    """Read a MIDI file and the tempo it states (see `read_midi`)."""
    file = read_midi_file(data)
    struck = find_strikes(file)
    if not struck:
        raise UnreadableMidi("The MIDI file holds no piano notes.")
    tempo, end = _read_conductor(file)
    notes = [
        PlayedNote(note.onset, note.pitch, _duration(note, end), note.velocity, hand)
        for note, hand in zip(struck, _give_hands(struck), strict=True)
    ]
    return MidiFile(Performance(tuple(release_repeated_keys(notes)), tuple(find_pedals(file))), 60e6 / tempo)


def _duration(note: Struck, end: float) -> float:
    """Seconds the key is down; one never released is held to the end of the file."""
    return max((end if note.released is None else note.released) - note.onset, SHORTEST_NOTE_SECONDS)


def _read_conductor(file: mido.MidiFile) -> tuple[int, float]:
    """The first tempo (microseconds a quarter) and the end of the file (seconds)."""
    events = list(walk(file))
    tempo = next((message.tempo for _, _, message in events if message.type == "set_tempo" and message.tempo), 0)
    return tempo or DEFAULT_TEMPO, events[-1][0]


def _give_hands(notes: list[Struck]) -> list[Hand]:
    lines = [[note.track for note in notes], [note.channel for note in notes]]
    for line in lines:
        if len(set(line)) == 2:
            heights = {
                one: mean(n.pitch for n, own in zip(notes, line, strict=True) if own == one) for one in set(line)
            }
            upper = max(sorted(heights), key=lambda one: heights[one])
            return ["right" if own == upper else "left" for own in line]
    return _guess_hands(notes)


def _guess_hands(notes: list[Struck]) -> list[Hand]:
    """Compare each note with the middle of what begins within a second of it (kept within 48…67)."""
    hands: list[Hand] = []
    near: Counter[int] = Counter()  # keys struck within a second of the note, and how often
    first = last = 0
    for note in notes:
        while last < len(notes) and notes[last].onset - note.onset <= TOGETHER_SECONDS:
            near[notes[last].pitch] += 1
            last += 1
        while note.onset - notes[first].onset > TOGETHER_SECONDS:
            near[notes[first].pitch] -= 1
            first += 1
        pitches = +near
        middle = min(max((min(pitches) + max(pitches)) / 2, 48.0), 67.0)
        hands.append("right" if note.pitch >= middle else "left")
    return hands


def strip_midi(data: bytes) -> bytes:
    """Return a MIDI file without its words: names, texts, lyrics, markers and makers' own messages go.

    What comes back is a plain file of type 0 or 1 that every player reads, whatever was wrapped around it.

    Raises
    ------
    UnreadableMidi
        As `read_midi`.
    """
    stream = io.BytesIO()
    read_midi_file(data).save(file=stream)
    return stream.getvalue()

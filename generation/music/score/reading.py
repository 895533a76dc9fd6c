"""MIDI files of others, as performances: tempo maps, pedal, one track or two."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from statistics import mean

import mido

from generation.music.notes import HIGHEST_KEY, LOWEST_KEY, Hand, Pedal, Performance, PlayedNote
from generation.music.score.keyboard import release_repeated_keys

LARGEST_FILE = 8 * 1024 * 1024
LONGEST_SECONDS = 3600.0
DRUM_CHANNEL = 9
SUSTAIN = 64
SHORTEST_SECONDS = 0.001
DEFAULT_TEMPO = 500_000
WORDLESS = frozenset({"set_tempo", "time_signature", "key_signature", "end_of_track"})
"""Events of a file itself that no word can hide in."""
_BROKEN = (EOFError, OSError, ValueError, KeyError, IndexError, TypeError, struct.error)


@dataclass(frozen=True, slots=True)
class MidiFile:
    """What a MIDI file holds: how it is played, and the tempo it states at its start (quarters/minute)."""

    performance: Performance
    tempo: float


@dataclass(frozen=True, slots=True)
class _Sounding:
    onset: float
    offset: float
    pitch: int
    velocity: int
    line: tuple[int, int]


def read_midi(data: bytes) -> Performance:
    """Read a piano MIDI file of any maker.

    Tempo changes are followed, a note-on without velocity is a release, a key never released sounds to
    the end. Controller 64 from 64 up is pedal. Drums (channel 10) and keys outside the 88 are left out.
    Where exactly two tracks (or channels) hold notes the higher one is the right hand; else each note
    goes to the hand on its side of the middle of what sounds within a second of it.

    Raises
    ------
    ValueError
        When `data` is no MIDI file of music, with a sentence that says why.
    """
    return open_midi(data).performance


def open_midi(data: bytes) -> MidiFile:
    """Read a MIDI file and the tempo it states (see `read_midi`)."""
    file = _parse(data)
    sounding, pedals, tempo = _play(file)
    if not sounding:
        raise ValueError("The MIDI file holds no piano notes.")
    notes = [
        PlayedNote(note.onset, note.pitch, max(note.offset - note.onset, SHORTEST_SECONDS), note.velocity, hand)
        for note, hand in zip(sounding, _give_hands(sounding), strict=True)
    ]
    return MidiFile(Performance(tuple(release_repeated_keys(notes)), tuple(pedals)), 60e6 / tempo)


def _parse(data: bytes) -> mido.MidiFile:
    if data[:4] != b"MThd":
        raise ValueError("This is not a MIDI file: it does not begin with a MIDI header.")
    if len(data) > LARGEST_FILE:
        raise ValueError(f"The MIDI file is larger than {LARGEST_FILE // 2**20} MiB.")
    try:
        file = mido.MidiFile(file=io.BytesIO(data))
    except _BROKEN as error:
        reason = str(error) or "it ends early"
        raise ValueError(f"The MIDI file is damaged and cannot be read ({reason}).") from error
    if file.type == 2:
        raise ValueError("A MIDI file of type 2 holds separate patterns; send one of type 0 or 1.")
    if file.ticks_per_beat <= 0 or file.ticks_per_beat >= 0x8000:
        raise ValueError("The MIDI file counts film frames instead of beats; save it with ticks per quarter.")
    return file


def _play(file: mido.MidiFile) -> tuple[list[_Sounding], list[Pedal], int]:
    """Walk through all tracks in time; return notes, pedals and the first tempo."""
    events = []
    for number, track in enumerate(file.tracks):
        tick = 0
        for message in track:
            tick += message.time
            events.append((tick, number, message))
    # a tempo change counts from its own tick on, whichever track holds it
    events.sort(key=lambda event: (event[0], event[2].type != "set_tempo"))
    desk = _Desk()
    tempo, first_tempo, now, last = DEFAULT_TEMPO, 0, 0.0, 0
    for tick, number, message in events:
        now += (tick - last) * tempo / 1e6 / file.ticks_per_beat
        last = tick
        if now > LONGEST_SECONDS:
            raise ValueError("The MIDI file lasts longer than an hour; send a clip.")
        if message.type == "set_tempo":
            tempo = message.tempo
            first_tempo = first_tempo or tempo
        else:
            desk.take(now, number, message)
    return *desk.finish(now), first_tempo or DEFAULT_TEMPO


class _Desk:
    """Keeps which keys and pedals are down."""

    def __init__(self) -> None:
        self.down: dict[tuple[int, int, int], tuple[float, int]] = {}
        self.notes: list[_Sounding] = []
        self.pedals: list[Pedal] = []
        self.pressed: dict[int, float] = {}

    def take(self, now: float, track: int, message: mido.Message) -> None:
        if message.type == "control_change" and message.control == SUSTAIN:
            self._press(now, message.channel, message.value >= 64)
        elif message.type in ("note_on", "note_off") and message.channel != DRUM_CHANNEL:
            key = (track, message.channel, message.note)
            self._release(now, key)
            on_piano = LOWEST_KEY <= message.note <= HIGHEST_KEY
            if message.type == "note_on" and message.velocity > 0 and on_piano:
                self.down[key] = (now, message.velocity)

    def finish(self, now: float) -> tuple[list[_Sounding], list[Pedal]]:
        for key in list(self.down):
            self._release(now, key)
        for channel in list(self.pressed):
            self._press(now, channel, False)
        return sorted(self.notes, key=lambda note: (note.onset, note.pitch)), _unite(self.pedals)

    def _release(self, now: float, key: tuple[int, int, int]) -> None:
        if key in self.down:
            onset, velocity = self.down.pop(key)
            self.notes.append(_Sounding(onset, now, key[2], velocity, key[:2]))

    def _press(self, now: float, channel: int, down: bool) -> None:
        if down:
            self.pressed.setdefault(channel, now)
        elif channel in self.pressed:
            since = self.pressed.pop(channel)
            if now > since:
                self.pedals.append(Pedal(since, now))


def _unite(pedals: list[Pedal]) -> list[Pedal]:
    """Join what overlaps (two channels share one pedal); a pedal changed at one moment stays two."""
    united: list[Pedal] = []
    for pedal in sorted(pedals, key=lambda pedal: (pedal.down, pedal.up)):
        if united and pedal.down < united[-1].up:
            united[-1] = Pedal(united[-1].down, max(united[-1].up, pedal.up))
        else:
            united.append(pedal)
    return united


def _give_hands(notes: list[_Sounding]) -> list[Hand]:
    for part in (0, 1):
        lines = {note.line[part] for note in notes}
        if len(lines) == 2:
            heights = {line: mean(note.pitch for note in notes if note.line[part] == line) for line in lines}
            upper = max(sorted(lines), key=lambda line: heights[line])
            return ["right" if note.line[part] == upper else "left" for note in notes]
    return [_guess_hand(notes, index) for index in range(len(notes))]


def _guess_hand(notes: list[_Sounding], index: int) -> Hand:
    """Compare a note with the middle of what begins within a second of it (kept within 48…67)."""
    note = notes[index]
    first = index
    while first > 0 and note.onset - notes[first - 1].onset <= 1.0:
        first -= 1
    last = index
    while last + 1 < len(notes) and notes[last + 1].onset - note.onset <= 1.0:
        last += 1
    pitches = [near.pitch for near in notes[first : last + 1]]
    middle = min(max((min(pitches) + max(pitches)) / 2, 48.0), 67.0)
    return "right" if note.pitch >= middle else "left"


def strip_midi(data: bytes) -> bytes:
    """Return a MIDI file without its words: names, texts, lyrics, markers and makers' own messages go.

    Raises
    ------
    ValueError
        As `read_midi`.
    """
    file = _parse(data)
    stripped = mido.MidiFile(type=file.type, ticks_per_beat=file.ticks_per_beat)
    for track in file.tracks:
        kept, waited = mido.MidiTrack(), 0
        for message in track:
            waited += message.time
            if (message.is_meta and message.type not in WORDLESS) or message.type == "sysex":
                continue
            kept.append(message.copy(time=waited))
            waited = 0
        stripped.tracks.append(kept)
    stream = io.BytesIO()
    stripped.save(file=stream)
    return stream.getvalue()

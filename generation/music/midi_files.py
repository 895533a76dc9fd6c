"""Standard MIDI Files as all the world writes them, read by the standard's own rules and within bounds.

This is the only place that reads MIDI bytes of others. What the standard tells a reader to skip is skipped (chunks it
does not know, meta events it does not know or that say something impossible, system messages); what is cut off or
damaged is refused; and no file gets past here that would keep a worker busy for long: see `MOST_NOTES` and its
neighbours, whose worst case `benchmarks.intake` measures.

References
----------
MIDI Manufacturers Association (1996). Standard MIDI Files 1.0 (RP-001); RIFF MIDI (RP-029).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import mido
from mido.midifiles.meta import build_meta_message

from generation.music.notes import HIGHEST_KEY, LOWEST_KEY, Pedal

LARGEST_FILE: Final = 8 * 1024 * 1024
"""Bytes of a file that is looked at."""
MOST_TRACKS: Final = 256
MOST_EVENTS: Final = 200_000
"""Events of all tracks together, those that are left out counted."""
MOST_NOTES: Final = 10_000
"""Strikes of all tracks together: 55 in every second of the longest clip."""
MOST_STRIKES_TOGETHER: Final = 100
"""Strikes within `TOGETHER_SECONDS`, those of one key in one moment counted once; two arms on the keys are 30 or so.

Measured with FluidSynth: 10,000 notes in runs of 100 take seconds; runs of 150, a millisecond each, minutes.
"""
TOGETHER_SECONDS: Final = 0.25
MOST_TEMPO_CHANGES: Final = 20_000
LONGEST_SECONDS: Final = 3600.0
SHORTEST_NOTE_SECONDS: Final = 0.001
"""A key that is released in the moment it is struck (a grace note, a place-holder) is down this long."""
DRUM_CHANNEL: Final = 9
SUSTAIN: Final = 64
"""The controller of the sustain pedal."""
PEDAL_DOWN: Final = 64
DEFAULT_TEMPO: Final = 500_000
"""Microseconds a quarter lasts in a file that does not say so."""
_SET_TEMPO, _TIME_SIGNATURE, _KEY_SIGNATURE, _END_OF_TRACK = 0x51, 0x58, 0x59, 0x2F
_SYSTEM_BYTES: Final = {0xF1: 1, 0xF2: 2, 0xF3: 1}
"""Data bytes of the system messages that have some; no file should hold them, some do."""


class UnreadableMidi(ValueError):
    """The bytes are no MIDI file that can be used; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A key of the piano from strike to release, in seconds from the start; `released` is None where nobody lets go."""

    onset: float
    released: float | None
    pitch: int
    velocity: int
    track: int
    channel: int


def is_midi(data: bytes) -> bool:
    """Whether `data` begins as a MIDI file does, alone or wrapped as RIFF MIDI (``.rmi``)."""
    return data[:4] == b"MThd" or (data[:4] == b"RIFF" and data[8:12] == b"RMID")


def read_midi_file(data: bytes) -> mido.MidiFile:
    """Read a MIDI file, type 0 or 1, down to what is music: no word, no system message is left in it.

    Parameters
    ----------
    data : bytes
        The file, alone or wrapped as RIFF MIDI.

    Returns
    -------
    mido.MidiFile
        Channel messages, tempo, metre and key; every track ends with its end of track.

    Raises
    ------
    UnreadableMidi
        When the file is none, damaged, cut off, of a kind that is not read, or beyond a bound.

    Notes
    -----
    A track that is said to be longer than the file is read if it comes to its end of track; a file with fewer tracks
    than it promises was cut off. A key signature outside −7 … 7 or of an unknown mode, a metre or tempo of nothing
    are passed over, as players do.
    """
    if len(data) > LARGEST_FILE:
        raise UnreadableMidi(f"The MIDI file is larger than {LARGEST_FILE // 2**20} MiB; send a clip.")
    chunks = _split_into_chunks(_unwrap(data) if data[:4] == b"RIFF" else data)
    kind, head, _ = next(chunks, (b"", b"", False))
    if kind != b"MThd":
        raise UnreadableMidi("This is not a MIDI file: it does not begin with a MIDI header.")
    promised, ticks = _read_head(head)
    reader = _Reader()
    for kind, content, whole in chunks:
        if kind == b"MThd":
            break
        if kind == b"MTrk":
            reader.take_track(content, whole)
    if len(reader.tracks) < promised:
        raise _damaged(f"it promises {promised} tracks and holds {len(reader.tracks)}")
    return mido.MidiFile(type=min(1, len(reader.tracks) - 1), ticks_per_beat=ticks, tracks=reader.tracks)


def walk(file: mido.MidiFile) -> Iterator[tuple[float, int, mido.Message]]:
    """(seconds, track, message) of every event in order of time, tempo followed; last the end of the file.

    Raises
    ------
    UnreadableMidi
        When the file lasts longer than an hour.
    """
    events, end = [], 0
    for number, track in enumerate(file.tracks):
        tick = 0
        for message in track:
            tick += message.time
            if message.type != "end_of_track":
                events.append((tick, number, message))
        end = max(end, tick)
    # a tempo change counts from its own tick on, whichever track holds it
    events.sort(key=lambda event: (event[0], event[2].type != "set_tempo"))
    events.append((end, 0, mido.MetaMessage("end_of_track")))
    tempo, now, last = DEFAULT_TEMPO, 0.0, 0
    for tick, number, message in events:
        now += mido.tick2second(tick - last, file.ticks_per_beat, tempo)
        last = tick
        if now > LONGEST_SECONDS:
            raise UnreadableMidi("The MIDI file lasts longer than an hour; send a clip.")
        if message.type == "set_tempo":
            tempo = message.tempo
        yield now, number, message


def is_strike(message: mido.Message) -> bool:
    """A note-on without velocity is a release."""
    return bool(message.type == "note_on" and message.velocity > 0)


def find_strikes(file: mido.MidiFile) -> list[Struck]:
    """Every key struck and when it was let go, in order of strike, then pitch.

    Drums (channel 10) and keys outside the 88 are left out. A release belongs to the last strike of that key on its
    own track and channel; a key struck again while it is down is let go at that moment.
    """
    down: dict[tuple[int, int, int], tuple[float, int]] = {}  # (track, channel, pitch) → onset, velocity
    struck: list[Struck] = []

    def let_go(key: tuple[int, int, int], now: float | None) -> None:
        if key in down:
            (onset, velocity), (track, channel, pitch) = down.pop(key), key
            struck.append(Struck(onset, now, pitch, velocity, track, channel))

    for now, track, message in walk(file):
        if message.type not in ("note_on", "note_off") or message.channel == DRUM_CHANNEL:
            continue
        key = (track, message.channel, message.note)
        let_go(key, now)
        if is_strike(message) and LOWEST_KEY <= message.note <= HIGHEST_KEY:
            down[key] = (now, message.velocity)
    for key in list(down):
        let_go(key, None)
    return sorted(struck, key=lambda note: (note.onset, note.pitch))


def find_pedals(file: mido.MidiFile) -> list[Pedal]:
    """When the sustain pedal is down; what overlaps is one (two channels share it), a change at one moment is two."""
    pedals: list[Pedal] = []
    pressed: dict[int, float] = {}
    now = 0.0

    def lift(channel: int) -> None:
        if channel in pressed and now > (since := pressed.pop(channel)):
            pedals.append(Pedal(since, now))

    for now, _, message in walk(file):
        if message.type == "control_change" and message.control == SUSTAIN:
            if message.value >= PEDAL_DOWN:
                pressed.setdefault(message.channel, now)
            else:
                lift(message.channel)
    for channel in list(pressed):
        lift(channel)
    return _unite(pedals)


def _unite(pedals: list[Pedal]) -> list[Pedal]:
    united: list[Pedal] = []
    for pedal in sorted(pedals, key=lambda pedal: (pedal.down, pedal.up)):
        if united and pedal.down < united[-1].up:
            united[-1] = Pedal(united[-1].down, max(united[-1].up, pedal.up))
        else:
            united.append(pedal)
    return united


def _damaged(reason: str) -> UnreadableMidi:
    return UnreadableMidi(
        f"The MIDI file is damaged or was cut off ({reason}); send it again, or save it anew in a music program."
    )


def _unwrap(data: bytes) -> bytes:
    """The MIDI file inside RIFF MIDI; nothing where there is none."""
    if data[8:12] != b"RMID":
        return b""
    place = 12
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"data":
            return data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    return b""


def _split_into_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """(kind, content, whether all of it is there) of every chunk."""
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "big")
        content = data[place + 8 : place + 8 + size]
        yield data[place : place + 4], content, len(content) == size
        place += 8 + size
    if 4 <= len(data) < 8:
        yield data[:4], b"", False


def _read_head(head: bytes) -> tuple[int, int]:
    """(tracks promised, ticks of a quarter)."""
    if len(head) < 6:
        raise _damaged("its header ends early")
    kind, promised, division = (int.from_bytes(head[place : place + 2], "big") for place in (0, 2, 4))
    if kind == 2:
        raise UnreadableMidi("A MIDI file of type 2 holds separate patterns; send one of type 0 or 1.")
    if kind > 2:
        raise UnreadableMidi(f"MIDI files of type {kind} are not known here; send one of type 0 or 1.")
    if division >= 0x8000:
        raise UnreadableMidi("The MIDI file counts film frames instead of beats; save it with ticks per quarter.")
    if division == 0:
        raise UnreadableMidi("The MIDI file gives its quarter notes no length; save it anew in a music program.")
    if promised > MOST_TRACKS:
        raise _too_much("tracks", MOST_TRACKS)
    return max(promised, 1), division


def _too_much(what: str, most: int) -> UnreadableMidi:
    return UnreadableMidi(f"The MIDI file holds more than {most:,} {what}; send a clip of piano music.")


class _Reader:
    """Reads tracks, and counts over all of them."""

    def __init__(self) -> None:
        self.tracks: list[mido.MidiTrack] = []
        self.events = self.notes = self.tempo_changes = 0

    def take_track(self, data: bytes, whole: bool) -> None:
        if len(self.tracks) == MOST_TRACKS:
            raise _too_much("tracks", MOST_TRACKS)
        track, ended = mido.MidiTrack(), False
        place = waited = running = 0
        try:
            while place < len(data) and not ended:
                delta, place = _read_number(data, place)
                waited += delta
                message, place, running, ended = self._read_event(data, place, running)
                if message is not None:
                    track.append(message.copy(time=waited))
                    waited = 0
        except IndexError:
            raise _damaged("a track ends in the middle of an event") from None
        if not (whole or ended):
            raise _damaged("its last track ends early")
        track.append(mido.MetaMessage("end_of_track", time=waited))
        self.tracks.append(track)

    def _read_event(
        self, data: bytes, place: int, running: int
    ) -> tuple[mido.Message | mido.MetaMessage | None, int, int, bool]:
        """(what it says, if that counts; the place behind it; status that goes on; whether it ends the track)."""
        self.events += 1
        if self.events > MOST_EVENTS:
            raise _too_much("events", MOST_EVENTS)
        status = data[place]
        if status == 0xFF:
            kind = data[place + 1]
            content, place = _read_content(data, place + 2)
            return self._read_meta(kind, content), place, running, kind == _END_OF_TRACK
        if status in (0xF0, 0xF7):
            return None, _read_content(data, place + 1)[1], running, False
        if status > 0xF0:
            return None, place + 1 + _SYSTEM_BYTES.get(status, 0), running, False
        if status >= 0x80:
            running, place = status, place + 1
        if not running:
            raise _damaged("an event does not say what it is")
        end = place + (1 if running & 0xE0 == 0xC0 else 2)
        content = data[place:end]
        if len(content) < end - place:
            raise IndexError
        if max(content) > 0x7F:
            raise _damaged("an event holds an impossible value")
        return self._count(mido.Message.from_bytes((running, *content))), end, running, False

    def _count(self, message: mido.Message) -> mido.Message:
        self.notes += is_strike(message)
        if self.notes > MOST_NOTES:
            raise _too_much("notes", MOST_NOTES)
        return message

    def _read_meta(self, kind: int, content: bytes) -> mido.MetaMessage | None:
        """Tempo, metre and key where they are possible; of all else, and of what is not, nothing."""
        if kind == _SET_TEMPO:
            self.tempo_changes += 1
            if self.tempo_changes > MOST_TEMPO_CHANGES:
                raise _too_much("changes of tempo", MOST_TEMPO_CHANGES)
            possible = len(content) == 3 and any(content)
        elif kind == _TIME_SIGNATURE:
            possible = len(content) == 4 and content[0] > 0 and content[1] <= 6
        elif kind == _KEY_SIGNATURE:
            possible = len(content) == 2 and (content[0] <= 7 or content[0] >= 0x100 - 7) and content[1] <= 1
        else:
            possible = False
        return build_meta_message(kind, list(content)) if possible else None


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    """A number of one to four bytes, seven bits in each, and the place behind it."""
    value = 0
    for _ in range(4):
        byte = data[place]
        value, place = value << 7 | byte & 0x7F, place + 1
        if byte < 0x80:
            return value, place
    raise _damaged("a number in it is longer than four bytes")


def _read_content(data: bytes, place: int) -> tuple[bytes, int]:
    """Bytes with their number before them, and the place behind them."""
    size, place = _read_number(data, place)
    if place + size > len(data):
        raise IndexError
    return data[place : place + size], place + size

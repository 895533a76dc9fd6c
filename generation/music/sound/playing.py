"""What a piano needs of a MIDI file: keys and pedals at sample positions, beginning after the lead-in."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import mido

from generation.music.sound.samples import LEAD_IN_SECONDS, SAMPLE_RATE

LONGEST_SECONDS: Final = 600.0
DRUM_CHANNEL: Final = 9
PEDALS: Final = frozenset({64, 66, 67})
"""Controllers of the three piano pedals: sustain, sostenuto, una corda."""
LONGEST_HELD_PEDAL_SECONDS: Final = 4.0
"""A pedal nobody lifts is lifted this long after the last key is released."""
RING_OUT_SECONDS: Final = 4.0


class UnplayableMidi(ValueError):
    """The bytes are no MIDI file that a piano can play; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """Something that happens at the keyboard.

    `frame` counts samples from the start of the sound. `message` is mido's, with a channel of its own.
    """

    frame: int
    rank: int
    message: mido.Message


@dataclass(frozen=True, slots=True)
class Playing:
    """Everything a renderer needs: events in order of time, and how long to render."""

    events: tuple[KeyEvent, ...]
    frames: int


def _read(midi: bytes) -> list[tuple[float, mido.Message]]:
    """Messages with their time in seconds, in the file's order."""
    try:
        file = mido.MidiFile(file=BytesIO(midi))
        timed, now = [], 0.0
        for message in file:
            now += message.time
            timed.append((now, message))
    except (OSError, EOFError, ValueError, LookupError, TypeError, struct.error) as error:
        raise UnplayableMidi("These bytes are not a MIDI file that can be read.") from error
    return timed


def _is_strike(message: mido.Message) -> bool:
    return bool(message.type == "note_on" and message.velocity > 0)


def _concerns_piano(message: mido.Message) -> bool:
    if message.type in ("note_on", "note_off"):
        return bool(message.channel != DRUM_CHANNEL)
    return bool(message.type == "control_change" and message.control in PEDALS and message.channel != DRUM_CHANNEL)


def _rank(message: mido.Message) -> int:
    """Order within one sample: keys up, then pedals, then keys down."""
    if message.type == "control_change":
        return 1
    return 2 if _is_strike(message) else 0


def read_playing(midi: bytes) -> Playing:
    """Read a Standard MIDI File as keys and pedals of one piano.

    Tempo changes are followed. Program changes, drums and every controller but the pedals are left out; rests
    before the first note are cut, so that it is struck `LEAD_IN_SECONDS` after the start.

    Raises
    ------
    UnplayableMidi
        When the bytes are no MIDI file, hold no note, or last longer than ten minutes.
    """
    timed = [(now, message) for now, message in _read(midi) if _concerns_piano(message)]
    strikes = [now for now, message in timed if _is_strike(message)]
    if not strikes:
        raise UnplayableMidi("This MIDI file holds no notes for a piano.")
    first = strikes[0]
    last = max(now for now, message in timed if message.type != "control_change")
    if last - first > LONGEST_SECONDS:
        raise UnplayableMidi(
            f"This piece lasts {last - first:.0f} seconds; the limit is {LONGEST_SECONDS:.0f} seconds."
        )
    end = last + LONGEST_HELD_PEDAL_SECONDS
    events = [
        KeyEvent(_frame_of(now - first), _rank(message), message.copy(time=0)) for now, message in timed if now <= end
    ]
    events.sort(key=lambda event: (event.frame, event.rank))
    close = _frame_of(end - first)
    return Playing((*events, *_lift_everything(timed, close)), close + round(RING_OUT_SECONDS * SAMPLE_RATE))


def _frame_of(seconds_after_first: float) -> int:
    return round((max(seconds_after_first, 0.0) + LEAD_IN_SECONDS) * SAMPLE_RATE)


def _lift_everything(timed: list[tuple[float, mido.Message]], frame: int) -> list[KeyEvent]:
    """Pedals up and keys released at `frame`, for files that forget to."""
    channels = sorted({message.channel for _, message in timed})
    lifted = [
        KeyEvent(frame, 1, mido.Message("control_change", channel=channel, control=pedal, value=0))
        for channel in channels
        for pedal in sorted(PEDALS)
    ]
    held = {(message.channel, message.note) for _, message in timed if message.type in ("note_on", "note_off")}
    released = [
        KeyEvent(frame, 0, mido.Message("note_off", channel=channel, note=note)) for channel, note in sorted(held)
    ]
    return released + lifted

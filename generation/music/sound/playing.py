"""What a piano needs of a MIDI file: keys and pedals at sample positions, beginning after the lead-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mido

from generation.music.length import LEAD_IN_SECONDS
from generation.music.midi_files import (
    DRUM_CHANNEL,
    MOST_STRIKES_TOGETHER,
    SHORTEST_NOTE_SECONDS,
    TOGETHER_SECONDS,
    Struck,
    UnreadableMidi,
    find_strikes,
    read_midi_file,
    walk,
)
from generation.music.sound.samples import SAMPLE_RATE

LONGEST_SECONDS: Final = 600.0
PEDALS: Final = frozenset({64, 66, 67})
"""Controllers of the three piano pedals: sustain, sostenuto, una corda."""
LONGEST_HELD_PEDAL_SECONDS: Final = 4.0
"""A pedal nobody lifts is lifted this long after the last key is released."""
RING_OUT_SECONDS: Final = 4.0
SOFTEST_VELOCITY: Final = 3
"""Softer strokes are played like this one: the grand piano has no sound for velocity 1 and 2, which MIDI has."""


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


def read_playing(midi: bytes) -> Playing:
    """Read a Standard MIDI File as keys and pedals of one piano.

    Tempo changes are followed. Program changes, drums, keys outside the 88 and every controller but the pedals are
    left out; rests before the first note are cut, so that it is struck `LEAD_IN_SECONDS` after the start. A key never
    released is let go with the last pedal; one released in the moment it is struck is down for a millisecond. The
    softest strokes are raised to `SOFTEST_VELOCITY`.

    Raises
    ------
    UnplayableMidi
        When the bytes are no MIDI file, hold no note, last longer than ten minutes, or strike more keys within a
        moment than `MOST_STRIKES_TOGETHER`.
    """
    file, struck = _open(midi)
    pedals = [(now, message) for now, _, message in walk(file) if _is_pedal(message)]
    first, last = struck[0].onset, _end_of_keys(struck)
    if last - first > LONGEST_SECONDS:
        raise UnplayableMidi(
            f"This piece lasts {last - first:.0f} seconds; the limit is {LONGEST_SECONDS:.0f} seconds."
        )
    close = _frame_of(last + LONGEST_HELD_PEDAL_SECONDS - first)
    events = _press_keys(struck, first, close)
    events += [KeyEvent(_frame_of(now - first), 1, message.copy(time=0)) for now, message in pedals]
    events = [event for event in events if event.frame <= close]
    events.sort(key=lambda event: (event.frame, event.rank))
    _check_density(events)
    channels = sorted({event.message.channel for event in events})
    lifted = [
        KeyEvent(close, 1, mido.Message("control_change", channel=channel, control=pedal, value=0))
        for channel in channels
        for pedal in sorted(PEDALS)
    ]
    return Playing((*events, *lifted), close + round(RING_OUT_SECONDS * SAMPLE_RATE))


def measure_playing(midi: bytes) -> float:
    """Seconds from the first strike to the last strike or release, without playing it.

    Raises
    ------
    UnplayableMidi
        When the bytes are no MIDI file, or hold no note.
    """
    _, struck = _open(midi)
    return _end_of_keys(struck) - struck[0].onset


def _open(midi: bytes) -> tuple[mido.MidiFile, list[Struck]]:
    try:
        file = read_midi_file(midi)
        struck = find_strikes(file)
    except UnreadableMidi as error:
        raise UnplayableMidi(str(error)) from error
    if not struck:
        raise UnplayableMidi("This MIDI file holds no notes for a piano.")
    return file, struck


def _end_of_keys(struck: list[Struck]) -> float:
    return max(note.onset if note.released is None else note.released for note in struck)


def _is_pedal(message: mido.Message) -> bool:
    return bool(message.type == "control_change" and message.control in PEDALS and message.channel != DRUM_CHANNEL)


@dataclass(slots=True)
class _Press:
    """A key of one channel held down, from sample to sample."""

    down: int
    up: int
    velocity: int


def _press_keys(struck: list[Struck], first: float, close: int) -> list[KeyEvent]:
    """Keys down and up, no key of a channel down twice: of strikes in one sample the loudest and the longest count.

    Within one sample keys go up (0), then pedals move (1), then keys go down (2). No key is struck more softly than
    `SOFTEST_VELOCITY`.
    """
    shortest = round(SHORTEST_NOTE_SECONDS * SAMPLE_RATE)
    keys: dict[tuple[int, int], list[_Press]] = {}  # (channel, pitch) → presses in order
    for note in struck:
        down = _frame_of(note.onset - first)
        up = close if note.released is None else max(_frame_of(note.released - first), down + shortest)
        line = keys.setdefault((note.channel, note.pitch), [])
        if line and line[-1].down == down:
            line[-1] = _Press(down, max(line[-1].up, up), max(line[-1].velocity, note.velocity))
            continue
        if line:
            line[-1].up = min(line[-1].up, down)
        line.append(_Press(down, up, note.velocity))
    events = []
    for (channel, pitch), line in keys.items():
        for press in line:
            strike = mido.Message(
                "note_on", channel=channel, note=pitch, velocity=max(press.velocity, SOFTEST_VELOCITY)
            )
            events.append(KeyEvent(press.down, 2, strike))
            events.append(KeyEvent(press.up, 0, mido.Message("note_off", channel=channel, note=pitch)))
    return events


def _check_density(events: list[KeyEvent]) -> None:
    """Refuse what no piano could be struck like: synthesisers take minutes for a second of it."""
    strikes = [event.frame for event in events if event.message.type == "note_on"]
    for first, last in zip(strikes, strikes[MOST_STRIKES_TOGETHER:], strict=False):
        if last - first < TOGETHER_SECONDS * SAMPLE_RATE:
            raise UnplayableMidi(
                f"The MIDI file strikes more than {MOST_STRIKES_TOGETHER} keys within {TOGETHER_SECONDS:g} s, from "
                f"second {first / SAMPLE_RATE:.1f} of its music on: thin it out there, or send a recording of it."
            )


def _frame_of(seconds_after_first: float) -> int:
    return round((max(seconds_after_first, 0.0) + LEAD_IN_SECONDS) * SAMPLE_RATE)

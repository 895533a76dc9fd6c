"""MIDI files written note by note, for the tests of sound."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import mido
import numpy as np

from generation.music.sound import SAMPLE_RATE, Sound

Played = tuple[float, float, int, int]
"""onset, release (seconds), pitch, velocity"""


def midi_of(notes: Iterable[Played], *, pedals: Iterable[tuple[float, float]] = (), channel: int = 0) -> bytes:
    """A MIDI file of type 0 in which one second is 960 ticks."""
    events: list[tuple[float, int, mido.Message]] = []
    for onset, release, pitch, velocity in notes:
        events.append((onset, 2, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
        events.append((release, 0, mido.Message("note_off", channel=channel, note=pitch)))
    for down, up in pedals:
        events.append((down, 1, mido.Message("control_change", channel=channel, control=64, value=127)))
        events.append((up, 1, mido.Message("control_change", channel=channel, control=64, value=0)))
    return pack(events)


def pack(events: Iterable[tuple[float, int, mido.Message]]) -> bytes:
    track, now = mido.MidiTrack(), 0
    for seconds, _, message in sorted(events, key=lambda event: event[:2]):
        tick = round(seconds * 960)
        track.append(message.copy(time=tick - now))
        now = tick
    stream = BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(file=stream)
    return stream.getvalue()


def melody(seconds: float = 6.0) -> bytes:
    """Broken C major over a bass, two notes a second."""
    pitches = [60, 64, 67, 72]
    upper = [(i * 0.5, i * 0.5 + 0.45, pitches[i % 4], 70) for i in range(int(seconds * 2))]
    lower = [(i * 2.0, i * 2.0 + 1.9, 36, 60) for i in range(int(seconds // 2))]
    return midi_of(upper + lower)


def tone(decibels: float, seconds: float = 5.0, hertz: float = 997.0) -> Sound:
    """The same sine in both channels, its crest at `decibels` below full scale."""
    wave = 10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    return Sound(np.stack([wave, wave], axis=1).astype(np.float32))


def first_sound_seconds(sound: Sound, threshold: float = 0.001) -> float:
    """When the sound first passes −60 dBFS."""
    return float(np.argmax(np.abs(sound.samples).max(axis=1) > threshold) / sound.sample_rate)

"""The floor: TinySoundFont, which comes with pip, driven event by event and exact to the sample.

Its small SoundFont is dull and nearly mono. Two things mend that: the keyboard is spread from left to right
as a pianist hears it, and the sound is placed in a short room (`room.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import tinysoundfont

from generation.music.sound.fluid import RendererFailed
from generation.music.sound.playing import KeyEvent, Playing
from generation.music.sound.room import place_in_room
from generation.music.sound.samples import SAMPLE_RATE, Samples

MIDDLE_KEY: Final = 64
SEATS: Final = (0, 1, 2, 3, 4, 5, 6, 7)
"""Channels of the synthesiser, one for each part of the keyboard from left to right."""
SPREAD: Final = 0.45
"""How far the outermost keys sit from the middle; 1 would be hard left and right."""
SMALL_SOUNDFONT_BYTES: Final = 20_000_000
"""Smaller fonts hold mono piano samples; larger ones bring their own stereo and are not spread."""


def _seat_of(pitch: int) -> int:
    """Part of the keyboard, 0 (left) to 7 (right), 11 keys each."""
    return int(np.clip((pitch - 21) // 11, 0, len(SEATS) - 1))


def _pan(seat: int, spread: float) -> int:
    position = (seat - (len(SEATS) - 1) / 2) / ((len(SEATS) - 1) / 2)
    return round(64 + 63 * spread * position)


def _open_synth(soundfont: Path, spread: float) -> tinysoundfont.Synth:
    synth = tinysoundfont.Synth(gain=-6.0, samplerate=SAMPLE_RATE)
    try:
        font = synth.sfload(str(soundfont), max_voices=512)
        for seat in SEATS:
            synth.program_select(seat, font, 0, 0)
            synth.control_change(seat, 10, _pan(seat, spread))
    except (RuntimeError, OSError, tinysoundfont.SoundFontException) as error:
        raise RendererFailed(f"TinySoundFont cannot use the SoundFont {soundfont.name}: {error}") from error
    return synth


class _Keyboard:
    """Keys and sustain pedals of one synthesiser; a key under a held pedal sounds on until it is lifted."""

    def __init__(self, synth: tinysoundfont.Synth) -> None:
        self.synth = synth
        self.pedal_down: set[int] = set()
        self.keys: dict[tuple[int, int], bool] = {}  # (channel, pitch) → held by a finger

    def act(self, event: KeyEvent) -> None:
        message = event.message
        if message.type == "control_change":
            if message.control == 64:
                self._move_pedal(message.channel, down=message.value >= 64)
        elif message.type == "note_on" and message.velocity > 0:
            self._strike(message.channel, message.note, message.velocity)
        else:
            self._release(message.channel, message.note)

    def _strike(self, channel: int, pitch: int, velocity: int) -> None:
        # A key that sounds under the pedal is damped by its own new strike.
        if (channel, pitch) in self.keys:
            self.synth.noteoff(_seat_of(pitch), pitch)
        self.keys[channel, pitch] = True
        self.synth.noteon(_seat_of(pitch), pitch, velocity)

    def _release(self, channel: int, pitch: int) -> None:
        if (channel, pitch) not in self.keys:
            return
        if channel in self.pedal_down:
            self.keys[channel, pitch] = False
        else:
            del self.keys[channel, pitch]
            self.synth.noteoff(_seat_of(pitch), pitch)

    def _move_pedal(self, channel: int, *, down: bool) -> None:
        if down:
            self.pedal_down.add(channel)
            return
        self.pedal_down.discard(channel)
        for pitch in [pitch for (of, pitch), held in self.keys.items() if of == channel and not held]:
            del self.keys[channel, pitch]
            self.synth.noteoff(_seat_of(pitch), pitch)


def render_with_tinysoundfont(playing: Playing, soundfont: Path) -> Samples:
    """Play through TinySoundFont, every event at its own sample.

    Returns
    -------
    ndarray of float32, shape (n, 2)

    Raises
    ------
    RendererFailed
        When the SoundFont cannot be read or holds no piano.
    """
    small = soundfont.stat().st_size < SMALL_SOUNDFONT_BYTES
    keyboard = _Keyboard(_open_synth(soundfont, SPREAD if small else 0.0))
    samples = np.zeros((playing.frames, 2), dtype=np.float32)
    now = 0
    for event in playing.events:
        _fill(keyboard.synth, samples, now, event.frame)
        now = max(now, event.frame)
        keyboard.act(event)
    _fill(keyboard.synth, samples, now, playing.frames)
    return place_in_room(samples, brighten=small)


def _fill(synth: tinysoundfont.Synth, samples: Samples, start: int, stop: int) -> None:
    if stop > start:
        samples[start:stop] = np.frombuffer(synth.generate(stop - start), dtype=np.float32).reshape(-1, 2)

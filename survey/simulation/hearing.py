"""Ears of simulated participants: they count the tones of the sound check in the sound itself."""

from __future__ import annotations

import io
import re
import wave

import numpy as np

SOUND = re.compile(r'src="([^"]*/sound/\d+\.wav)"')
FRAME_SECONDS = 0.02
SILENCE = 0.01


def find_check(html: str) -> str:
    """The address of the sound on the page of the sound check."""
    match = SOUND.search(html)
    if match is None:
        raise ValueError("There is no sound on this page.")
    return match.group(1)


def count_tones(sound: bytes) -> int:
    """How often a WAV file of one channel goes from silence to sound.

    >>> from survey.design.headphones import to_wav
    >>> from survey.design.tones import RATE, make_tones
    >>> count_tones(to_wav(make_tones(5, seed=1), RATE))
    5
    """
    with wave.open(io.BytesIO(sound)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
        frame = int(file.getframerate() * FRAME_SECONDS)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    loud = np.sqrt((frames**2).mean(axis=1)) > SILENCE
    return int(loud[0]) + int(np.count_nonzero(loud[1:] & ~loud[:-1]))


def seconds_of(sound: bytes) -> float:
    """How long a WAV file lasts.

    >>> from survey.design.headphones import to_wav
    >>> from survey.design.tones import RATE, make_tones
    >>> seconds_of(to_wav(make_tones(5, seed=1), RATE))
    4.0
    """
    with wave.open(io.BytesIO(sound)) as file:
        return float(file.getnframes() / file.getframerate())

"""Headphones of simulated participants: they find the odd part of a test sound in the sound itself."""

from __future__ import annotations

import io
import re
import wave
from typing import Final

import numpy as np

SOUND: Final = re.compile(r'<audio[^>]*\bsrc="([^"]*/headphones/\d+\.wav)"')
PARTS: Final = 3


def find_sounds(html: str) -> list[str]:
    """The addresses of the sounds on the page of the headphone test, in order."""
    return SOUND.findall(html)


def find_odd_part(sound: bytes) -> int:
    """Which part of a WAV file with two channels is the odd one, from 0.

    In the test with antiphase tones one part is softer. In the test with Huggins pitch one part holds a tone that
    only two ears hear: both sides are equally loud, but there they differ.

    >>> from survey.design.headphones import make_antiphase, make_huggins, to_wav
    >>> [find_odd_part(to_wav(make_huggins(part, seed=7))) for part in range(3)]
    [0, 1, 2]
    >>> [find_odd_part(to_wav(make_antiphase(part))) for part in range(3)]
    [0, 1, 2]
    """
    with wave.open(io.BytesIO(sound)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(float)
    left, right = samples.reshape(-1, 2).T
    third = len(left) // PARTS
    parts = [slice(part * third, (part + 1) * third) for part in range(PARTS)]
    loud = np.array([np.mean(left[part] ** 2) for part in parts])
    differing = np.array([np.mean((left[part] - right[part]) ** 2) for part in parts])
    # Sides that are each other's opposite differ by more than either holds: that is the test with antiphase tones.
    return int(loud.argmin() if differing.max() > loud.max() else differing.argmax())

"""Both ends of a clip: a start without a click, a tail that rings out, a fade into silence."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.music.sound.samples import Sound, amplitude

BLOCK_SECONDS: Final = 0.02
TAIL_FLOOR_DB: Final = -62.0
"""A tail this far below the loudest 20 ms is over."""
FADE_IN_SECONDS: Final = 0.003
FADE_OUT_SECONDS: Final = 0.25


def trim_and_fade(sound: Sound) -> Sound:
    """Cut what lies below the tail's floor and fade both ends to exactly zero.

    The start is not cut: the lead-in belongs to the clip. A silent sound comes back unchanged.

    Examples
    --------
    >>> decaying = np.outer(np.exp(-10 * np.arange(5 * 44_100) / 44_100), [0.5, 0.5]).astype(np.float32)
    >>> round(trim_and_fade(Sound(decaying)).seconds, 1)
    1.0
    """
    block = round(BLOCK_SECONDS * sound.sample_rate)
    whole = len(sound.samples) // block * block
    if whole == 0:
        return sound
    power = (sound.samples[:whole].astype(np.float64) ** 2).reshape(-1, block * 2).mean(axis=1)
    if not power.any():
        return sound
    loud = np.flatnonzero(power >= power.max() * amplitude(TAIL_FLOOR_DB) ** 2)
    fade = round(FADE_OUT_SECONDS * sound.sample_rate)
    end = min(len(sound.samples), (int(loud[-1]) + 1) * block + fade)
    samples = sound.samples[:end].copy()
    fade_in = min(round(FADE_IN_SECONDS * sound.sample_rate), end)
    samples[:fade_in] *= _half_cosine(fade_in)[:, None]
    fade = min(fade, end)
    samples[end - fade :] *= _half_cosine(fade)[::-1][:, None]
    return Sound(samples, sound.sample_rate, sound.origin)


def _half_cosine(length: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """From exactly 0 to exactly 1."""
    rise = (1.0 - np.cos(np.linspace(0.0, np.pi, length))) / 2.0
    return rise.astype(np.float32)

"""Both ends of a clip: a start without a click, a tail that rings out, a fade into silence; one length for all."""

from __future__ import annotations

from typing import Final

import numpy as np

from generation.music.length import CLIP_SECONDS
from generation.music.sound.samples import Sound, amplitude

BLOCK_SECONDS: Final = 0.02
TAIL_FLOOR_DB: Final = -62.0
"""A tail this far below the loudest 20 ms is over."""
FADE_IN_SECONDS: Final = 0.003
FADE_OUT_SECONDS: Final = 0.25
LONG_FADE_SECONDS: Final = 4.0
"""What goes on beyond the common length is faded out over this long before it: heard as an end, not as a cut."""


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
    # Mean square of every 20 ms, both channels together.
    power = (sound.samples[:whole].astype(np.float64) ** 2).reshape(-1, block * 2).mean(axis=1)
    if not power.any():
        return sound
    # A ratio of powers is the square of that of amplitudes.
    loud = np.flatnonzero(power >= power.max() * amplitude(TAIL_FLOOR_DB) ** 2)
    fade = round(FADE_OUT_SECONDS * sound.sample_rate)
    end = min(len(sound.samples), (int(loud[-1]) + 1) * block + fade)
    samples = sound.samples[:end].copy()
    fade_in = min(round(FADE_IN_SECONDS * sound.sample_rate), end)
    samples[:fade_in] *= _half_cosine(fade_in)[:, None]
    fade = min(fade, end)
    samples[end - fade :] *= _half_cosine(fade)[::-1][:, None]
    return Sound(samples, sound.sample_rate, sound.origin)


def bring_to_length(sound: Sound, seconds: float = CLIP_SECONDS) -> Sound:
    """The sound in exactly `seconds`: silence after a shorter one, a long fade to the end of a longer one.

    The fade is twice as long as what is left out, so that a tail that only just reaches over the end still rings.

    Examples
    --------
    >>> short = Sound(np.full((100, 2), 0.1, dtype=np.float32))
    >>> bring_to_length(short, 2.0).seconds, float(bring_to_length(short, 2.0).samples[100:].max())
    (2.0, 0.0)
    """
    frames = round(seconds * sound.sample_rate)
    over = len(sound.samples) - frames
    samples = np.zeros((frames, 2), dtype=np.float32)
    kept = min(frames, len(sound.samples))
    samples[:kept] = sound.samples[:kept]
    if over > 0:
        longest = min(round(LONG_FADE_SECONDS * sound.sample_rate), frames)
        fade = min(max(2 * over, round(FADE_OUT_SECONDS * sound.sample_rate)), longest)
        samples[frames - fade :] *= _half_cosine(fade)[::-1][:, None]
    return Sound(samples, sound.sample_rate, sound.origin)


def _half_cosine(length: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """From exactly 0 to exactly 1."""
    rise = (1.0 - np.cos(np.linspace(0.0, np.pi, length))) / 2.0
    return rise.astype(np.float32)

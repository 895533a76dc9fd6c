"""A short natural room, made from nothing but numbers.

The impulse response is the classic two-part one (Moorer 1979): a handful of early reflections, different for
each ear, then exponentially decaying noise, decorrelated between the ears, whose treble dies sooner than its
bass. The figures of reflections, decay and level are *judgement*: a living room with a piano in it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, oaconvolve, sosfilt

from generation.music.sound.samples import SAMPLE_RATE, Samples

EARLY: Final = (
    ((0.0113, 0.42), (0.0191, 0.33), (0.0277, 0.25), (0.0391, 0.19), (0.0523, 0.14)),
    ((0.0137, 0.40), (0.0173, 0.34), (0.0311, 0.24), (0.0367, 0.20), (0.0571, 0.13)),
)
"""Delay in seconds and gain of the first reflections, left ear and right."""
BANDS: Final = ((None, 400.0, 0.75), (400.0, 3000.0, 0.60), (3000.0, None, 0.32))
"""Lower edge, upper edge in Hz and reverberation time (60 dB) in seconds."""
LATE_START_SECONDS: Final = 0.030
LENGTH_SECONDS: Final = 0.9
WET: Final = 0.16
SHELF_HERTZ: Final = 2500.0
SHELF_GAIN: Final = 0.7
"""Treble above `SHELF_HERTZ` is added once more at this gain (+4.6 dB) where a SoundFont is dull."""


def _band(noise: NDArray[np.float64], low: float | None, high: float | None) -> NDArray[np.float64]:
    if low is None:
        sos = butter(2, high, "lowpass", fs=SAMPLE_RATE, output="sos")
    elif high is None:
        sos = butter(2, low, "highpass", fs=SAMPLE_RATE, output="sos")
    else:
        sos = butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(sos, noise), dtype=np.float64)


@lru_cache(maxsize=1)
def room_response() -> NDArray[np.float64]:
    """Impulse response of the room without the direct sound, shape (n, 2), energy 1 in each ear."""
    length = round(LENGTH_SECONDS * SAMPLE_RATE)
    time = np.arange(length) / SAMPLE_RATE
    response = np.zeros((length, 2))
    generator = np.random.default_rng(1979)
    for ear, reflections in enumerate(EARLY):
        noise = generator.standard_normal(length)
        # 10^(−3 t/T): 60 dB down after the reverberation time T, each band with its own.
        late = sum(_band(noise, low, high) * 10.0 ** (-3.0 * time / seconds) for low, high, seconds in BANDS)
        # The noise fades in over 20 ms: before it the reflections can be told apart.
        onset = np.clip((time - LATE_START_SECONDS) / 0.02, 0.0, 1.0)
        response[:, ear] = late * onset * 0.03
        for delay, gain in reflections:
            response[round(delay * SAMPLE_RATE), ear] += gain
    return np.asarray(response / np.sqrt((response**2).sum(axis=0)))


def place_in_room(samples: Samples, *, brighten: bool = False) -> Samples:
    """Add the room to dry stereo sound; the length stays, so leave space for its tail (0.9 s).

    Parameters
    ----------
    samples : ndarray of float32, shape (n, 2)
    brighten : bool
        Lift the treble first.
    """
    dry = samples.astype(np.float64)
    if brighten:
        treble = butter(1, SHELF_HERTZ, "highpass", fs=SAMPLE_RATE, output="sos")
        dry = dry + SHELF_GAIN * np.asarray(sosfilt(treble, dry, axis=0))
    # Convolution by FFT in overlapping pieces; directly it would take length × 40,000 products.
    wet = np.asarray(oaconvolve(dry, room_response(), axes=0))[: len(dry)]
    return (dry + WET * wet).astype(np.float32)

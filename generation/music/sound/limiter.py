"""A look-ahead limiter: it sees a peak coming, turns down in time, and comes back slowly."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.signal import resample_poly

from generation.music.sound.samples import Samples, amplitude

BLOCK: Final = 32
"""Samples per control step (0.7 ms)."""
LOOK_AHEAD_BLOCKS: Final = 8
"""5.8 ms, both ways: the gain has arrived when the peak has."""
RELEASE_SECONDS: Final = 0.12
_OVERSAMPLING: Final = 4


def limit(samples: Samples, ceiling_dbtp: float, sample_rate: int) -> Samples:
    """Turn down the surroundings of every true peak above the ceiling; leave the rest untouched.

    Both channels share one gain, so the stereo picture stays. A signal below the ceiling stays as it is.

    Parameters
    ----------
    samples : ndarray of float32, shape (n, 2)
    ceiling_dbtp : float
        Largest true peak allowed.
    sample_rate : int

    Examples
    --------
    >>> quiet = np.full((1000, 2), 0.1, dtype=np.float32)
    >>> bool((limit(quiet, -1.0, 44_100) == quiet).all())
    True
    """
    needed = _needed_attenuation(samples, amplitude(ceiling_dbtp))
    if not needed.any():
        return samples
    # A block more on each side than the smoothing is wide: the gain is interpolated between the blocks' centres, and
    # has to be down at both neighbours of a peak.
    ahead = maximum_filter1d(needed, size=2 * LOOK_AHEAD_BLOCKS + 3, mode="nearest")
    released = _release(ahead, decay=np.exp(-BLOCK / (RELEASE_SECONDS * sample_rate)))
    # Without its two zeros: 2 × look-ahead + 1 weights, one for each block that the gain looks at.
    window = np.hanning(2 * LOOK_AHEAD_BLOCKS + 3)[1:-1]
    padded = np.pad(released, LOOK_AHEAD_BLOCKS, mode="edge")
    smooth = np.convolve(padded, window / window.sum(), mode="valid")
    centres = (np.arange(len(smooth)) + 0.5) * BLOCK
    attenuation = np.interp(np.arange(len(samples)), centres, smooth)
    gain = 10.0 ** (-attenuation / 20.0)
    return (samples * gain[:, None]).astype(np.float32)


def _needed_attenuation(samples: Samples, ceiling: float) -> NDArray[np.float64]:
    """Decibels by which each block must come down."""
    # Peaks between the samples count (true peak), so they are looked for at four times the rate; the louder channel
    # rules.
    dense = np.abs(resample_poly(samples.astype(np.float64), _OVERSAMPLING, 1, axis=0)).max(axis=1)
    blocks = -(-len(samples) // BLOCK)
    padded = np.zeros(blocks * BLOCK * _OVERSAMPLING)
    padded[: len(dense)] = dense
    peaks = padded.reshape(blocks, -1).max(axis=1)
    return np.asarray(20.0 * np.log10(np.maximum(peaks / ceiling, 1.0)))


def _release(attenuation: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    """Attenuation that rises at once and falls exponentially."""
    released = attenuation.copy()
    for index in range(1, len(released)):
        # A loop, as every value depends on the one before; there are 1,400 blocks in a second.
        released[index] = max(released[index], released[index - 1] * decay)
    return released

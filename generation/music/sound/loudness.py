"""Equal loudness: ITU-R BS.1770-4 integrated loudness and true peak, and a clip brought to a target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyloudnorm import IIRfilter
from scipy.signal import resample_poly, sosfilt

from generation.music.sound.limiter import limit
from generation.music.sound.samples import Samples, Sound, amplitude, decibels

TARGET_LUFS: Final = -23.0
"""EBU R 128's programme level."""
CEILING_DBTP: Final = -1.0
TOLERANCE_LU: Final = 0.05
SHORTEST_SECONDS: Final = 0.4
"""One gating block of BS.1770; shorter sounds have no integrated loudness."""
SILENCE_LUFS: Final = -70.0
"""BS.1770's absolute gate: below it nothing counts as programme."""
RELATIVE_GATE_LU: Final = -10.0
"""BS.1770's second gate: so far below the mean of what passed the first, nothing counts either."""
HOP_SECONDS: Final = 0.1
HOPS_IN_BLOCK: Final = 4
"""Gating blocks of 400 ms overlap by three quarters."""
LUFS_OF_POWER_1: Final = -0.691
"""So a sine of 997 Hz, which the filter raises by .691 dB, reads what its power is."""
OVERSAMPLING: Final = 4
LEVELLING_ROUNDS: Final = 8
LIMITER_ROUNDS: Final = 4
_BLOCK: Final = 256
_MARGIN: Final = 32


class CannotLevel(ValueError):
    """The sound has no loudness that could be brought to a target; the message says why."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was measured: LUFS, dBTP, and the gain in dB that led there (0 where nothing was changed)."""

    integrated_lufs: float
    true_peak_dbtp: float
    gain_db: float = 0.0


def measure_true_peak(samples: Samples) -> float:
    """True peak in dBTP: the largest value of the four times oversampled signal (BS.1770-4, annex 2).

    Only blocks whose samples come within 3 dB of the largest sample are oversampled. −inf for silence.

    Examples
    --------
    A tone at a quarter of the sample rate, sampled 45° off its crests, hides 3 dB:

    >>> tone = np.sin(np.pi / 2 * np.arange(44_100) + np.pi / 4) * np.hanning(44_100)
    >>> samples = np.stack([tone, tone], axis=1).astype(np.float32)
    >>> round(decibels(float(samples.max())), 1), round(measure_true_peak(samples), 1)
    (-3.0, 0.0)
    """
    # The louder channel at every sample, shape (n,).
    heights = np.maximum(np.abs(samples[:, 0]), np.abs(samples[:, 1]))
    highest = float(heights.max(initial=0.0))
    if highest == 0.0:
        return decibels(0.0)
    blocks = -(-len(samples) // _BLOCK)
    peaks = np.pad(heights, (0, blocks * _BLOCK - len(samples))).reshape(blocks, _BLOCK).max(axis=1)
    loud = np.flatnonzero(peaks >= highest * amplitude(-3.0))
    padded = np.pad(samples, ((_MARGIN, blocks * _BLOCK - len(samples) + _MARGIN), (0, 0)))
    # (loud blocks, samples of a block with its margins): the filter of the oversampling rings at the ends, and what it
    # makes of the margins is thrown away.
    windows = loud[:, None] * _BLOCK + np.arange(_BLOCK + 2 * _MARGIN)
    dense = resample_poly(padded[windows].astype(np.float64), OVERSAMPLING, 1, axis=1)
    inner = dense[:, _MARGIN * OVERSAMPLING : -_MARGIN * OVERSAMPLING]
    return decibels(max(highest, float(np.abs(inner).max())))


@lru_cache(maxsize=4)
def _k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """BS.1770's filter before the power is taken, a head and a high pass: second-order sections, shape (2, 6)."""
    head = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, sample_rate, "high_shelf")
    bass = IIRfilter(0.0, 0.5, 38.0, sample_rate, "high_pass")
    return np.array([[*stage.b, *stage.a] for stage in (head, bass)])


def _weigh_blocks(sound: Sound) -> NDArray[np.float64]:
    """K-weighted power of every gating block, both channels added; shape (blocks,).

    A gain of g dB multiplies all by 10^(g/10), so that a clip is filtered once, whatever gains are tried on it.
    """
    hop = round(HOP_SECONDS * sound.sample_rate)
    heard = sosfilt(_k_weighting(sound.sample_rate), sound.samples.T.astype(np.float64, order="C"), axis=1)
    whole = heard.shape[1] // hop
    hops = heard[:, : whole * hop].reshape(2, whole, hop)
    powers = np.einsum("chs,chs->h", hops, hops)  # channel, hop, sample
    return np.asarray(np.convolve(powers, np.ones(HOPS_IN_BLOCK), mode="valid") / (HOPS_IN_BLOCK * hop))


def _integrate(blocks: NDArray[np.float64], gain_db: float = 0.0) -> float:
    """Integrated loudness in LUFS of gating blocks after a gain: the mean of those that pass both gates; else −inf."""
    powers = blocks * 10.0 ** (gain_db / 10.0)
    heard = powers[powers >= 10.0 ** ((SILENCE_LUFS - LUFS_OF_POWER_1) / 10.0)]
    if len(heard) == 0:
        return float("-inf")
    counted = heard[heard > heard.mean() * 10.0 ** (RELATIVE_GATE_LU / 10.0)]
    return float(LUFS_OF_POWER_1 + 10.0 * np.log10(counted.mean()))


def measure_loudness(sound: Sound) -> Loudness:
    """Integrated loudness and true peak of a sound as it is.

    Raises
    ------
    CannotLevel
        When it is shorter than 0.4 s, or silent (below −70 LUFS).
    """
    return _measure(sound)[0]


def _measure(sound: Sound) -> tuple[Loudness, NDArray[np.float64]]:
    """The loudness, and the gating blocks that it comes from."""
    if sound.seconds < SHORTEST_SECONDS:
        raise CannotLevel(f"A clip of {sound.seconds:.2f} seconds is too short to have a loudness (0.4 at least).")
    if not np.isfinite(sound.samples).all():
        raise CannotLevel("The clip holds values that are not numbers.")
    if not sound.samples.any():
        raise CannotLevel("The clip is silent.")
    blocks = _weigh_blocks(sound)
    lufs = _integrate(blocks)
    if not np.isfinite(lufs):
        raise CannotLevel("The clip is as good as silent (below −70 LUFS).")
    return Loudness(lufs, measure_true_peak(sound.samples)), blocks


def level(sound: Sound, target_lufs: float = TARGET_LUFS, ceiling_dbtp: float = CEILING_DBTP) -> tuple[Sound, Loudness]:
    """Bring a sound to `target_lufs`, its true peak not above `ceiling_dbtp`.

    A plain gain wherever that is enough. Where a sparse clip's attacks would pass the ceiling, a look-ahead
    limiter bends them, and the gain is raised until the target is met again.

    Returns
    -------
    tuple of Sound and Loudness
        The levelled sound, and its loudness and true peak: measured on it where it was limited; else those of the
        original, which a gain moves as it says.

    Raises
    ------
    CannotLevel
        When the sound is too short or silent, or no gain reaches the target under the ceiling.

    Examples
    --------
    >>> tone = 0.01 * np.sin(2 * np.pi * 997 * np.arange(88_200) / 44_100)
    >>> levelled, loudness = level(Sound(np.stack([tone, tone], axis=1).astype(np.float32)))
    >>> round(loudness.integrated_lufs, 1)
    -23.0
    """
    measured, blocks = _measure(sound)
    peak = measured.true_peak_dbtp
    gain = 0.0
    for _ in range(LEVELLING_ROUNDS):
        # Always one gain on the original, never a gain on a gain: limiting twice would be heard.
        gain += target_lufs - measured.integrated_lufs
        limited = _hold_under(_raise(sound, gain), ceiling_dbtp) if peak + gain > ceiling_dbtp else None
        measured = measure_loudness(limited) if limited else Loudness(_integrate(blocks, gain), peak + gain)
        if abs(measured.integrated_lufs - target_lufs) <= TOLERANCE_LU:
            return limited or _raise(sound, gain), Loudness(measured.integrated_lufs, measured.true_peak_dbtp, gain)
    raise CannotLevel(
        f"The clip reaches only {measured.integrated_lufs:.1f} LUFS with peaks of {ceiling_dbtp:.1f} dBTP at most."
    )


def _raise(sound: Sound, gain_db: float) -> Sound:
    samples = sound.samples * np.float32(amplitude(gain_db))
    return Sound(samples.astype(np.float32), sound.sample_rate, sound.origin)


def _hold_under(sound: Sound, ceiling_dbtp: float) -> Sound:
    samples, aim = sound.samples, ceiling_dbtp
    for _ in range(LIMITER_ROUNDS):
        if measure_true_peak(samples) <= ceiling_dbtp:
            break
        samples = limit(samples, aim, sound.sample_rate)
        aim -= 0.1  # interpolated peaks between limited samples may still stand out by hundredths
    return Sound(samples, sound.sample_rate, sound.origin)

"""Which key notes are in, by correlation of pitch-class profiles (Krumhansl's method, Temperley's profiles).

References
----------
Krumhansl, C. L. (1990). *Cognitive Foundations of Musical Pitch*. Oxford University Press.
Temperley, D. (2007). *Music and Probability*. MIT Press, table 6.1 (profiles from the Kostka–Payne corpus).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.notes import Mode

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAJOR_PROFILE: Final = np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400])
MINOR_PROFILE: Final = np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330])
MAJOR_SCALE: Final = (0, 2, 4, 5, 7, 9, 11)
MINOR_SCALE: Final = (0, 2, 3, 5, 7, 8, 10, 11)
"""Natural and harmonic minor together: both sevenths belong."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: `tonic` pitch class, `mode`, its correlation `clarity`, and `majorness`.

    `majorness` is the correlation of the best major key minus that of the best minor key, −2…2.
    """

    tonic: int
    mode: Mode
    clarity: float
    majorness: float

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes of the scale.

        >>> sorted(Key(0, "major", 1.0, 0.2).scale)
        [0, 2, 4, 5, 7, 9, 11]
        """
        steps = MAJOR_SCALE if self.mode == "major" else MINOR_SCALE
        return frozenset((self.tonic + step) % 12 for step in steps)


def weigh_pitch_classes(pitches: IntArray, durations: FloatArray) -> FloatArray:
    """Sum durations (any unit) per pitch class; shape (12,).

    >>> weigh_pitch_classes(np.array([60, 72, 67]), np.array([1.0, 2.0, 0.5]))[[0, 7]]
    array([3. , 0.5])
    """
    return np.bincount(pitches % 12, weights=durations, minlength=12).astype(np.float64)


def _correlate(profile: FloatArray, chroma: FloatArray) -> FloatArray:
    # One row per tonic, shape (12, 12); the rows' Pearson correlations with `chroma`, shape (12,).
    turned = np.stack([np.roll(profile, tonic) for tonic in range(12)])
    turned = turned - turned.mean(axis=1, keepdims=True)
    centred = chroma - chroma.mean()
    scale = np.linalg.norm(turned, axis=1) * np.linalg.norm(centred)
    result: FloatArray = turned @ centred / np.maximum(scale, 1e-9)
    return result


def weigh_leaning(mode: Mode) -> FloatArray:
    """How much each pitch class above the tonic speaks for the major key against its relative minor, −1…1.

    In minor, the major key is the one on its third.

    Examples
    --------
    >>> leaning = weigh_leaning("major")
    >>> bool(leaning[7] > 0 > leaning[8]), np.allclose(weigh_leaning("minor"), np.roll(leaning, 3))
    (True, True)
    """
    # The relative minor's tonic lies 9 semitones above the major's.
    turned = MAJOR_PROFILE / np.linalg.norm(MAJOR_PROFILE) - np.roll(MINOR_PROFILE, 9) / np.linalg.norm(MINOR_PROFILE)
    turned = turned - turned.mean()
    leaning: FloatArray = np.roll(turned / np.abs(turned).max(), 0 if mode == "major" else 3)
    return leaning


def find_key(chroma: FloatArray) -> Key:
    """Find the key whose profile correlates best with `chroma`, weights per pitch class.

    A flat or empty `chroma` gives C major with clarity 0.

    Examples
    --------
    >>> key = find_key(weigh_pitch_classes(np.array([57, 60, 64, 68, 69]), np.ones(5)))
    >>> key.tonic, key.mode
    (9, 'minor')
    """
    major, minor = _correlate(MAJOR_PROFILE, chroma), _correlate(MINOR_PROFILE, chroma)
    majorness = float(major.max() - minor.max())
    if minor.max() > major.max():
        return Key(int(minor.argmax()), "minor", float(minor.max()), majorness)
    return Key(int(major.argmax()), "major", float(max(major.max(), 0.0)), majorness)

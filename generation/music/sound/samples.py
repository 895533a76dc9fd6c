"""The shape of sound: stereo samples, and what made them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE: Final = 44_100

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a sound was made with, for its provenance.

    `renderer_version` is of the program or package that played, such as ``2.3.1``: another version of the same program
    may play the same MIDI file on the same SoundFont otherwise. Empty where nobody asked, as in clips made before it
    was written down.
    """

    renderer: str
    soundfont: str
    soundfont_sha256: str
    renderer_version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Stereo sound.

    Parameters
    ----------
    samples : ndarray of float32, shape (n, 2)
        Left and right, full scale ±1; intermediate steps may exceed it.
    sample_rate : int
        Samples per second.
    origin : Origin, optional
        What made it; None for a sound from elsewhere.

    Examples
    --------
    >>> Sound(np.zeros((44_100, 2), dtype=np.float32)).seconds
    1.0
    """

    samples: Samples
    sample_rate: int = SAMPLE_RATE
    origin: Origin | None = None

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.shape[1] != 2:
            raise ValueError(f"Sound is stereo, shape (n, 2); these samples have shape {self.samples.shape}.")

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate

    @property
    def provenance(self) -> dict[str, str]:
        """The origin as plain data; empty for a sound from elsewhere."""
        return asdict(self.origin) if self.origin else {}


def decibels(ratio: float) -> float:
    """Amplitude ratio in dB; −inf for 0.

    >>> round(decibels(0.5), 2)
    -6.02
    """
    return float(20.0 * np.log10(ratio)) if ratio > 0 else float("-inf")


def amplitude(db: float) -> float:
    """Inverse of `decibels`.

    >>> round(amplitude(-20.0), 3)
    0.1
    """
    return float(10.0 ** (db / 20.0))

"""From seed clips to predicted frames: one frame of 13 MFCC values for each bar that is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import erf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.mfcc_emotion import MfccEmotionNetwork

FloatArray = NDArray[np.float64]

FRAMES: Final = 10
"""Two phrases of up to four bars and a coda of two."""
PREFIX: Final = 4
"""Values taken from the seed clip; the network predicts the other nine."""
FARTHEST: Final = 2.5
"""Standardised values are clipped here, so that an outlying clip bends the music and does not break it."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Predicted frames: `raw` MFCC values and `steps`, the same standardised and clipped; shape (10, 13)."""

    raw: FloatArray
    steps: FloatArray

    def value(self, frame: int, mfcc: int) -> float:
        """Return MFCC number `mfcc` (1…13) of a frame, −2.5…2.5."""
        return float(self.steps[frame % FRAMES, mfcc - 1])

    def share(self, frame: int, mfcc: int) -> float:
        """Return the same as a place in 0…1 by the normal distribution.

        A clip at the training mean is at .5.
        """
        return 0.5 * (1.0 + erf(self.value(frame, mfcc) / sqrt(2.0)))

    def choose(self, frame: int, mfcc: int, count: int) -> int:
        """Return which of `count` equal parts of 0…1 the share falls in."""
        return min(int(self.share(frame, mfcc) * count), count - 1)


def open_random(emotion: str, seed: int, picture: Mapping[str, float]) -> np.random.Generator:
    """Return the random stream of one (emotion, seed, picture); the same on every machine."""
    measured = {name: float(f"{value:.6g}") for name, value in picture.items()}
    text = json.dumps([emotion, seed, measured], sort_keys=True)
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))


def draw_frames(network: MfccEmotionNetwork, label: str, random: np.random.Generator) -> Frames:
    """Draw `FRAMES` seed clips of class `label` and let the network complete each from its first values."""
    seeds = network.seeds_of(label)
    chosen = random.choice(len(seeds), size=FRAMES, replace=len(seeds) < FRAMES)
    raw = network.continue_frame(seeds[chosen, :PREFIX], random)
    steps = (raw - network.weights["mean"]) / network.weights["sd"]
    return Frames(raw, np.clip(steps, -FARTHEST, FARTHEST))

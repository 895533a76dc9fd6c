"""Arms that do not learn from a model: staying with the shipped targets, and searching at random."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.loop.composing import own_targets, settle
from benchmarks.loop.hearing import Clips, Heard, compose
from benchmarks.loop.surrogate import EMOTIONS, Pairs, Surrogate
from benchmarks.loop.truth import Bounds
from generation.music.attributes import NAMES

Floats = NDArray[np.float64]

CLIPS: Final = 96
"""Clips of a wave: everybody of 60 people hears 16, and each is heard by ten."""
TRIED: Final = 4
"""Targets per emotion that random search tries in a wave, the present one among them."""


class Arm(Protocol):
    """One way to learn: what the next wave plays, and what follows from its answers."""

    targets: Floats

    def propose(self, random: np.random.Generator) -> Clips:
        """Compose the clips of the next wave."""

    def learn(self, heard: Heard, random: np.random.Generator) -> None:
        """Change the targets for what was heard."""


@dataclass
class Stay:
    """Prior only: the shipped targets, whatever people say."""

    surrogate: Surrogate
    pairs: Pairs
    bounds: Bounds
    targets: Floats = field(default_factory=own_targets)

    def propose(self, random: np.random.Generator) -> Clips:
        """Clips at the targets."""
        return at_targets(self.surrogate, self.targets, random)

    def learn(self, heard: Heard, random: np.random.Generator) -> None:
        """Learn nothing."""


@dataclass
class RandomSearch(Stay):
    """Try targets at random within reach, and keep of each emotion the one that was recognised most often."""

    tried: Floats = field(default_factory=lambda: np.empty(0))

    def propose(self, random: np.random.Generator) -> Clips:
        """As many clips of every target tried."""
        steps = random.normal(size=(EMOTIONS, TRIED, len(NAMES)))
        widths = np.sqrt(np.diag(self.bounds.spread))
        self.tried = np.empty_like(steps)
        for emotion, tried in np.ndindex(EMOTIONS, TRIED):
            step = widths * steps[emotion, tried] / np.linalg.norm(steps[emotion, tried])
            far = self.bounds.reach * random.uniform() if tried else 0.0
            self.tried[emotion, tried] = settle(self.targets[emotion] + far * step).to_array()
        emotion = np.repeat(np.arange(EMOTIONS), CLIPS // EMOTIONS)
        wanted = self.tried[emotion, np.tile(np.arange(TRIED), CLIPS // TRIED)]
        return compose(self.surrogate, wanted, emotion, random)

    def learn(self, heard: Heard, random: np.random.Generator) -> None:
        """Keep the best."""
        code = heard.clips.emotion * TRIED + np.tile(np.arange(TRIED), CLIPS // TRIED)
        answers = np.bincount(code[heard.clip], minlength=EMOTIONS * TRIED)
        hits = np.bincount(code[heard.clip], heard.hit, minlength=EMOTIONS * TRIED)
        best = (hits / answers).reshape(EMOTIONS, TRIED).argmax(1)
        self.targets = self.tried[np.arange(EMOTIONS), best]


def at_targets(surrogate: Surrogate, targets: Floats, random: np.random.Generator) -> Clips:
    """As many clips of every emotion's target, in order of emotions."""
    emotion = np.repeat(np.arange(EMOTIONS), CLIPS // EMOTIONS)
    return compose(surrogate, targets[emotion], emotion, random)

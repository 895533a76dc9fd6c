"""Another way to learn, written apart from the product's: a yardstick of how much a plain model gets from the answers.

A ridge multinomial logit of scikit-learn on all answers, which knows nothing of the shipped targets; from them each
emotion climbs to where the model expects most recognition, as far as the bounds allow, whether that is sure or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from benchmarks.loop.composing import own_targets, settle
from benchmarks.loop.hearing import Clips, Heard, compose
from benchmarks.loop.listeners import MOST_HEARD
from benchmarks.loop.searching import CLIPS, Stay
from benchmarks.loop.surrogate import EMOTIONS, FREE
from benchmarks.loop.truth import fill
from generation.music.attributes import NAMES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

PENALTY: Final = 0.05
"""Inverse strength of the ridge, as scikit-learn counts it; judgement."""
EXPLORED: Final = 1.0
"""How far clips of a wave lie from the shipped targets, in standard deviations of each attribute; judgement."""


@dataclass
class PlainLogit(Stay):
    """Explore at random, fit, climb."""

    shuffled: bool = False
    waves: list[Heard] = field(default_factory=list)

    def propose(self, random: np.random.Generator) -> Clips:
        """Clips scattered about the present targets."""
        emotion = np.repeat(np.arange(EMOTIONS), CLIPS // EMOTIONS)
        scattered = self.targets[emotion] + EXPLORED * self._widths * random.normal(size=(CLIPS, len(NAMES)))
        wanted = np.stack([settle(row).to_array() for row in scattered])
        return compose(self.surrogate, wanted, emotion, random)

    def learn(self, heard: Heard, random: np.random.Generator) -> None:
        """Fit all answers so far, and climb from the shipped targets."""
        self.waves.append(heard)
        cues = [self.pairs.ear.cues(wave.clips.measured)[wave.clip][:, FREE] for wave in self.waves]
        choices = np.concatenate([wave.choice for wave in self.waves])
        if self.shuffled:
            choices = random.permutation(choices)
        model = LogisticRegression(C=PENALTY, max_iter=500).fit(np.concatenate(cues), choices)
        emotion, wanted, measured = (
            np.concatenate([getattr(wave.clips, name) for wave in self.waves])
            for name in ("emotion", "wanted", "measured")
        )
        slopes = find_slopes(emotion, wanted, measured)
        present = own_targets()
        # What clips would have measured, had the shipped targets been asked for.
        at_present = measured - slopes * (wanted - present[emotion])
        rows = [self._climb(model, at_present[emotion == own], slopes, present[own], own) for own in range(EMOTIONS)]
        self.targets = np.stack(rows)

    @property
    def _widths(self) -> Floats:
        widths: Floats = np.sqrt(np.diag(self.bounds.spread))
        return widths

    def _climb(self, model: Any, clips: Floats, slopes: Floats, present: Floats, emotion: int) -> Floats:
        if emotion not in model.classes_:
            return present
        own = int(np.flatnonzero(model.classes_ == emotion)[0])
        widths, ear = self._widths[FREE], self.pairs.ear
        near = self.bounds.near * np.outer(widths, widths)
        real = self.bounds.real * np.outer(widths, widths)
        middle = (self.bounds.mean - present)[FREE] / widths
        # One step moves an attribute by a width of the target, and clips by that times its slope, in spreads of music.
        pull = (slopes * self._widths / ear.spread)[FREE]

        def missed(steps: Floats) -> tuple[float, Floats]:
            cues = MOST_HEARD * np.tanh(
                ((clips - ear.middle) / ear.spread)[:, FREE] / MOST_HEARD + pull * steps / MOST_HEARD
            )
            chances = model.predict_proba(cues)
            slope = model.coef_[own] - chances @ model.coef_
            steep = chances[:, [own]] * slope * (1.0 - (cues / MOST_HEARD) ** 2) * pull
            return -float(chances[:, own].mean()), -steep.mean(0)

        found = minimize(
            missed,
            np.zeros(len(FREE)),
            jac=True,
            method="SLSQP",
            constraints=[
                {
                    "type": "ineq",
                    "fun": lambda steps: self.bounds.reach**2 - steps @ near @ steps,
                    "jac": lambda steps: -2.0 * near @ steps,
                },
                {
                    "type": "ineq",
                    "fun": lambda steps: (
                        self.bounds.furthest[emotion] ** 2 - (steps - middle) @ real @ (steps - middle)
                    ),
                    "jac": lambda steps: -2.0 * real @ (steps - middle),
                },
            ],
            options={"maxiter": 50, "ftol": 1e-5},
        )
        return settle(fill(present[FREE] + found.x * widths)).to_array()


def find_slopes(emotion: Codes, wanted: Floats, measured: Floats) -> Floats:
    """By how much an attribute moves where one more of it is asked for, within emotions, 0…1; shape (attributes,).

    >>> emotion, wanted = np.zeros(3, int), np.arange(57.0).reshape(3, 19)
    >>> find_slopes(emotion, wanted, 5.0 + wanted / 2)[4].round(3).item()
    0.5
    """
    means = [
        np.stack([part[emotion == own].mean(0) if (emotion == own).any() else part[0] for own in range(EMOTIONS)])
        for part in (wanted, measured)
    ]
    asked, found = wanted - means[0][emotion], measured - means[1][emotion]
    slopes: Floats = ((asked * found).sum(0) / np.maximum((asked**2).sum(0), 1e-12)).clip(0.0, 1.0)
    return slopes

"""The selection critic: does a clip sound like real clips of the wanted quadrant?

A multinomial logistic regression and one Gaussian per quadrant on measured attributes, fitted on part of
the songs of EMOPIA's train split (`generation.training.composer.criticism`), served with NumPy. It selects among
candidates and is never used to judge the composer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes import NAMES, Attributes

FloatArray = NDArray[np.float64]

QUADRANTS: Final = ("Q1", "Q2", "Q3", "Q4")
FEATURES: Final = tuple(name for name in NAMES if name not in ("tempo", "repetition", "pedal"))
"""Attributes the critic hears; those that need the true beat or a pedal are left out."""
FEATURE_INDEX: Final = np.array([NAMES.index(name) for name in FEATURES])


class Critic:
    """The fitted critic.

    Parameters
    ----------
    weights : mapping of str to array
        ``mean`` and ``spread`` (features,), ``coefficients`` (4, features), ``intercepts`` (4,),
        ``centres`` (4, features), ``precisions`` (4, features, features),
        ``typical`` (4,): the median squared distance of real clips from their quadrant's centre.
    """

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._weights = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}

    def _scale(self, attributes: Attributes) -> FloatArray:
        values = attributes.to_array()[FEATURE_INDEX]
        scaled: FloatArray = (values - self._weights["mean"]) / self._weights["spread"]
        return scaled

    def recognise(self, attributes: Attributes) -> dict[str, float]:
        """Probability of each quadrant; they sum to 1."""
        scores = self._weights["coefficients"] @ self._scale(attributes) + self._weights["intercepts"]
        # Shape (4,).
        shares = np.exp(scores - scores.max())
        return dict(zip(QUADRANTS, (shares / shares.sum()).tolist(), strict=True))

    def realism(self, attributes: Attributes, quadrant: str) -> float:
        """1 for clips as near to the quadrant's centre as the median real clip or nearer, falling to 0."""
        index = QUADRANTS.index(quadrant)
        away = self._scale(attributes) - self._weights["centres"][index]
        # Mahalanobis distance squared; `typical` is its median among real clips.
        distance = float(away @ self._weights["precisions"][index] @ away)
        return float(np.exp(-max(distance / self._weights["typical"][index] - 1.0, 0.0)))


def attain(measured: Attributes, wanted: Attributes, spread: FloatArray) -> float:
    """Share of the way to the target, 0…1: the mean of ``exp(−½ z²)`` over the attributes.

    `spread` (in the order of `NAMES`) is what one z is for each attribute.
    """
    z = (measured.to_array() - wanted.to_array()) / spread
    return float(np.exp(-0.5 * z**2).mean())

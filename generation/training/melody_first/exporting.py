"""From trained Keras networks to the arrays that are served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from generation.training.melody_first.arrays import Scaling

if TYPE_CHECKING:
    import keras


def export_weights(network: keras.Model, scaling: Scaling) -> dict[str, NDArray[Any]]:
    """Collect the weights by the names `generation.networks.melody_first.transformer` reads."""
    arrays: dict[str, NDArray[Any]] = {
        "condition_mean": scaling.mean.astype(np.float32),
        "condition_spread": scaling.spread.astype(np.float32),
    }
    for weight, value in zip(network.weights, network.get_weights(), strict=True):
        arrays[weight.path] = value
    return arrays

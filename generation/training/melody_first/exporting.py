"""From trained Keras networks to the arrays that are served."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from generation.training.melody_first.arrays import Scaling

if TYPE_CHECKING:
    import keras


def round_weights(network: keras.Model) -> None:
    """Round every weight to half precision, so that the small exported file holds the same numbers."""
    network.set_weights([w.astype(np.float16).astype(np.float32) for w in network.get_weights()])


def export_weights(network: keras.Model, scaling: Scaling) -> dict[str, NDArray[Any]]:
    """Collect the weights by the names `generation.networks.melody_first.transformer` reads."""
    arrays: dict[str, NDArray[Any]] = {
        "condition_mean": scaling.mean.astype(np.float32),
        "condition_spread": scaling.spread.astype(np.float32),
    }
    for weight, value in zip(network.weights, network.get_weights(), strict=True):
        arrays[weight.path] = value
    return arrays


def pack_weights(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Pack arrays as a compressed npz, in half precision but for the scaling."""
    stream = io.BytesIO()
    packed = {
        name: value if name.startswith("condition_") else value.astype(np.float16) for name, value in arrays.items()
    }
    np.savez_compressed(stream, **packed)
    return stream.getvalue()

"""From the trained Keras network to the arrays that are served."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from generation.training.composer.fitting import Scaling
from generation.training.composer.network import CURRENT, HEADS, PREVIOUS

if TYPE_CHECKING:
    import keras


def round_weights(network: keras.Model) -> None:
    """Round every weight to half precision, so that the small exported file holds the same numbers."""
    network.set_weights([w.astype(np.float16).astype(np.float32) for w in network.get_weights()])


def export_weights(network: keras.Model, scaling: Scaling) -> dict[str, NDArray[Any]]:
    """Collect the weights by the names `generation.networks.composer` reads."""
    arrays: dict[str, NDArray[Any]] = {
        "condition_mean": scaling.mean.astype(np.float32),
        "condition_spread": scaling.spread.astype(np.float32),
    }
    for name in PREVIOUS:
        arrays[f"before_{name}"] = network.get_layer(f"before_{name}").get_weights()[0]
    for name in CURRENT:
        arrays[f"known_{name}"] = network.get_layer(f"known_{name}").get_weights()[0]
    for name in ("first", "second"):
        kernel, recurrent, bias = network.get_layer(name).get_weights()
        arrays |= {f"{name}/kernel": kernel, f"{name}/recurrent_kernel": recurrent, f"{name}/bias": bias}
    dense = ["mood", *HEADS, *(f"{head}_thought" for head in HEADS)]
    for name in dense:
        kernel, bias = network.get_layer(name).get_weights()
        arrays |= {f"{name}/kernel": kernel, f"{name}/bias": bias}
    return arrays


def pack_weights(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Pack arrays as a compressed npz, in half precision but for the scaling."""
    stream = io.BytesIO()
    packed = {
        name: value if name.startswith("condition_") else value.astype(np.float16) for name, value in arrays.items()
    }
    np.savez_compressed(stream, **packed)
    return stream.getvalue()

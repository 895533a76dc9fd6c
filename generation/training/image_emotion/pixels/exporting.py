"""From the trained Keras model to the arrays that workers serve from."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

WEIGHTS_FILE = "weights.npz"
KERAS_FILE = "network.keras"


def export_weights(model: Any) -> bytes:
    """The network's arrays by name as a compressed ``.npz``; see `generation.networks.image_emotion`."""
    arrays: dict[str, Any] = {}
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in {"Conv2D", "Dense"}:
            arrays[f"{layer.name}_kernel"], arrays[f"{layer.name}_bias"] = layer.get_weights()
        elif kind == "BatchNormalization":
            for name, array in zip(("gamma", "beta", "mean", "variance"), layer.get_weights(), strict=True):
                arrays[f"normalisation_{name}"] = array
            arrays["normalisation_epsilon"] = np.float32(layer.epsilon)
        elif kind == "Normalization":
            arrays["measures_mean"] = np.asarray(layer.mean, np.float32).ravel()
            arrays["measures_variance"] = np.asarray(layer.variance, np.float32).ravel()
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def save_keras(model: Any) -> bytes:
    """The model without its optimizer as the bytes of a ``.keras`` file."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / KERAS_FILE
        keras.models.clone_model(model).save(path)  # an uncompiled twin carries no optimizer
        twin = keras.models.load_model(path, compile=False)
        twin.set_weights(model.get_weights())
        twin.save(path)
        return path.read_bytes()

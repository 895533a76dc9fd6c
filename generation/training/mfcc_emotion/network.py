"""The Keras definition of the seed paper's music network, and its export."""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.mfcc_emotion import DENSE_LAYERS, LSTM_LAYERS, NEXT_LAYER
from generation.training.datasets.turkish_music_emotion import CLASSES, MFCC_COUNT

FloatArray = NDArray[np.float64]

LSTM_UNITS: Final = (64, 64, 32)
DENSE_UNITS: Final = (64, 32, 32, 16)
DROPOUT: Final = 0.2
LEARNING_RATE: Final = 1e-3
NEXT_WEIGHT: Final = 0.3
"""Weight of the next-value loss beside the class loss; judgement: the classes come first."""


def build_network(seed: int) -> Any:
    """Return the compiled network: 13 standardised values in, `emotion` (4) and `next_value` (12) out.

    The paper names the layers (dropout, three LSTM, five dense, softmax at the end) and not their sizes;
    the sizes are judgement.
    """
    import keras

    keras.utils.set_random_seed(seed)
    values = keras.Input((MFCC_COUNT, 1), name="mfcc")  # (batch, 13, 1)
    trunk = keras.layers.Dropout(DROPOUT, seed=seed, name="dropout")(values)
    for name, units in zip(LSTM_LAYERS, LSTM_UNITS, strict=True):
        trunk = keras.layers.LSTM(units, return_sequences=True, name=name)(trunk)  # (batch, 13, units)
    last = keras.layers.Cropping1D((MFCC_COUNT - 1, 0), name="last_step")(trunk)
    hidden = keras.layers.Flatten(name="clip")(last)  # (batch, 32)
    for name, units in zip(DENSE_LAYERS[:-1], DENSE_UNITS, strict=True):
        hidden = keras.layers.Dense(units, activation="relu", name=name)(hidden)
    emotion = keras.layers.Dense(len(CLASSES), activation="softmax", name=DENSE_LAYERS[-1])(hidden)
    # after the thirteenth value nothing follows
    steps = keras.layers.Cropping1D((0, 1), name="steps_with_a_next")(trunk)
    following = keras.layers.Dense(1, name=NEXT_LAYER)(steps)  # (batch, 12, 1)
    network = keras.Model(values, {"emotion": emotion, NEXT_LAYER: following})
    network.compile(
        keras.optimizers.Adam(LEARNING_RATE),
        loss={"emotion": "sparse_categorical_crossentropy", NEXT_LAYER: "mse"},
        loss_weights={"emotion": 1.0, NEXT_LAYER: NEXT_WEIGHT},
        jit_compile=False,  # compiling takes longer than the 750 steps of a fit
    )
    return network


def export_weights(network: Any, extra: dict[str, NDArray[Any]]) -> bytes:
    """Return the weights as an uncompressed ``.npz`` by layer name, with `extra` arrays beside them."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in LSTM_LAYERS:
        parts = ("kernel", "recurrent", "bias")
        arrays |= {
            f"{name}/{part}": value for part, value in zip(parts, network.get_layer(name).get_weights(), strict=True)
        }
    for name in (*DENSE_LAYERS, NEXT_LAYER):
        kernel, bias = network.get_layer(name).get_weights()
        arrays |= {f"{name}/kernel": kernel, f"{name}/bias": bias}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays, **extra)
    return buffer.getvalue()

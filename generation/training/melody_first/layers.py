"""The parts of the networks in Keras; written with `keras.ops` alone, so that any backend of Keras trains them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from generation.networks.melody_first.transformer import EPSILON, INDEX_RATES, TIME_RATES


@keras.saving.register_keras_serializable("melodymuse")
class Codes(keras.layers.Layer):
    """Sum of the embeddings of several codes: one-hot vectors side by side, times one table.

    Input shape (batch, steps, codes), output (batch, steps, units).
    """

    def __init__(self, sizes: list[int], units: int, **options: Any) -> None:
        super().__init__(**options)
        self.sizes, self.units = list(sizes), units

    def build(self, _shape: Any) -> None:
        """Make the table, shape (all codes, units)."""
        self.table = self.add_weight(
            name="table", shape=(sum(self.sizes), self.units), initializer=keras.initializers.RandomNormal(stddev=0.1)
        )

    def call(self, codes: Any) -> Any:
        """Look up and add."""
        hot = [ops.one_hot(codes[..., i], size, dtype=self.compute_dtype) for i, size in enumerate(self.sizes)]
        return ops.matmul(ops.concatenate(hot, axis=-1), self.table)

    def get_config(self) -> dict[str, Any]:
        """Settings for saving."""
        return {**super().get_config(), "sizes": self.sizes, "units": self.units}


@keras.saving.register_keras_serializable("melodymuse")
class Block(keras.layers.Layer):
    """One Transformer block: causal attention with rotary angles from time and from the number of the note.

    Inputs: hidden states (batch, steps, units) and times in ticks (batch, steps).
    """

    def __init__(self, heads: int, inner: int, dropout: float, **options: Any) -> None:
        super().__init__(**options)
        self.heads, self.inner, self.rate = heads, inner, dropout
        self.drop = keras.layers.Dropout(dropout)

    def build(self, shape: Any, *_rest: Any) -> None:
        """Make the weights."""
        units = shape[-1]

        def kernel(name: str, rows: int, columns: int) -> Any:
            return self.add_weight(name=name, shape=(rows, columns), initializer="glorot_uniform")

        self.before_attention = self.add_weight(name="before_attention", shape=(units,), initializer="ones")
        self.queries_keys_values = kernel("queries_keys_values", units, 3 * units)
        self.joined = kernel("joined", units, units)
        self.before_inner = self.add_weight(name="before_inner", shape=(units,), initializer="ones")
        self.up = kernel("up", units, self.inner)
        self.up_bias = self.add_weight(name="up_bias", shape=(self.inner,), initializer="zeros")
        self.down = kernel("down", self.inner, units)
        self.down_bias = self.add_weight(name="down_bias", shape=(units,), initializer="zeros")

    def call(self, hidden: Any, times: Any, training: bool | None = None) -> Any:
        """Attend, then think; both added to what came in."""
        hidden = hidden + self.drop(self.attend(normalise(hidden, self.before_attention), times), training=training)
        inner = ops.matmul(normalise(hidden, self.before_inner), self.up) + self.up_bias
        inner = ops.matmul(ops.gelu(inner, approximate=True), self.down) + self.down_bias
        return hidden + self.drop(inner, training=training)

    def attend(self, hidden: Any, times: Any) -> Any:
        """Causal attention of all heads."""
        units, steps = hidden.shape[-1], ops.shape(hidden)[1]
        size = units // self.heads
        parts = ops.reshape(ops.matmul(hidden, self.queries_keys_values), (-1, steps, 3, self.heads, size))
        angles = turn_angles(times, steps)
        query, key = turn(parts[:, :, 0], angles), turn(parts[:, :, 1], angles)
        scores = ops.einsum("bqhd,bkhd->bhqk", query, key) / np.sqrt(size)
        places = ops.arange(steps)
        later = places[None, :] > places[:, None]
        scores = ops.where(later, -1e9, ops.cast(scores, "float32"))
        shares = ops.cast(ops.softmax(scores, axis=-1), self.compute_dtype)
        heard = ops.einsum("bhqk,bkhd->bqhd", shares, parts[:, :, 2])
        return ops.matmul(ops.reshape(heard, (-1, steps, units)), self.joined)

    def compute_output_shape(self, shape: Any, *_rest: Any) -> Any:
        """As what came in."""
        return shape

    def get_config(self) -> dict[str, Any]:
        """Settings for saving."""
        return {**super().get_config(), "heads": self.heads, "inner": self.inner, "dropout": self.rate}


@keras.saving.register_keras_serializable("melodymuse")
class Normalise(keras.layers.Layer):
    """Root mean square normalisation, as a layer of its own."""

    def build(self, shape: Any) -> None:
        """Make the scale."""
        self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")

    def call(self, hidden: Any) -> Any:
        """Normalise the last axis."""
        return normalise(hidden, self.scale)


def normalise(hidden: Any, scale: Any) -> Any:
    """Divide by the root mean square over the last axis, in single precision."""
    wide = ops.cast(hidden, "float32")
    wide = wide * ops.rsqrt(ops.mean(ops.square(wide), axis=-1, keepdims=True) + EPSILON)
    return ops.cast(wide, hidden.dtype) * ops.cast(scale, hidden.dtype)


def turn_angles(times: Any, steps: Any) -> tuple[Any, Any]:
    """Cosine and sine of every step's angles, shape (batch, steps, 1, pairs); in single precision."""
    by_time = ops.cast(times, "float32")[..., None] * TIME_RATES
    by_index = ops.cast(ops.arange(steps), "float32")[:, None] * INDEX_RATES
    by_index = ops.broadcast_to(by_index[None], ops.shape(by_time))
    angles = ops.concatenate([by_time, by_index], axis=-1)[:, :, None, :]
    return ops.cos(angles), ops.sin(angles)


def turn(vectors: Any, angles: tuple[Any, Any]) -> Any:
    """Turn the pairs (i, i + half) of the last axis by the angles."""
    cosine, sine = (ops.cast(part, vectors.dtype) for part in angles)
    half = vectors.shape[-1] // 2
    first, second = vectors[..., :half], vectors[..., half:]
    return ops.concatenate([first * cosine - second * sine, first * sine + second * cosine], axis=-1)

"""The image emotion network in Keras: the seed paper's figure 2, with room for more measures and a second head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.emotions import SLUGS
from generation.networks.image_input import PAPER_FEATURES


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """What the network looks like.

    Parameters
    ----------
    side : int
        Width and height of the pixels it sees.
    filters : tuple of int
        Filters of the convolution layers; each is followed by max-pooling. Without any, the pixels themselves are
        handed on (their mean colour, with average pooling).
    features : tuple of str
        Measures beside the pixels, one input each; the paper has brightness and colourfulness.
    dropout : float
        Share dropped after the concatenation.
    affect : bool
        Whether a second head estimates valence and arousal directly.
    pooling : {"flatten", "average"}
        What is handed on of the last convolution: every place, as in the paper, or each filter's mean.
    """

    side: int = 64
    filters: tuple[int, ...] = (32, 64)
    features: tuple[str, ...] = PAPER_FEATURES
    dropout: float = 0.5
    affect: bool = False
    pooling: str = "flatten"


def build_network(shape: NetworkShape, means: Sequence[float], variances: Sequence[float]) -> Any:
    """Build the uncompiled Keras model.

    Inputs are ``pixels`` (side, side, 3) on 0…1 and one (1,) input per measure. Outputs are ``emotion``, the
    softmax over eight, and with the affect head ``affect``, valence and arousal on −1…1.

    Parameters
    ----------
    shape : NetworkShape
        Its layers.
    means, variances : sequence of float
        Of each measure on the training pictures; they are brought to mean 0 and variance 1 inside the
        network.
    """
    import keras
    from keras import layers

    pixels = keras.Input((shape.side, shape.side, 3), name="pixels")
    measures = [keras.Input((1,), name=name) for name in shape.features]
    x = pixels  # (batch, side, side, 3)
    for number, filters in enumerate(shape.filters, start=1):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"convolution_{number}")(x)
        x = layers.MaxPooling2D(2, name=f"pooling_{number}")(x)
    gather = layers.GlobalAveragePooling2D if shape.pooling == "average" else layers.Flatten
    seen = gather(name=shape.pooling)(x)
    return _finish(shape, pixels, measures, seen, means, variances)


def _finish(
    shape: NetworkShape,
    pixels: Any,
    measures: list[Any],
    seen: Any,
    means: Sequence[float],
    variances: Sequence[float],
) -> Any:
    """Concatenation, dropout, batch normalisation, heads."""
    import keras
    from keras import layers

    joined = measures[0] if len(measures) == 1 else layers.Concatenate(name="measures")(measures)
    scaled = layers.Normalization(
        mean=np.asarray(means, np.float32), variance=np.asarray(variances, np.float32), name="scaled_measures"
    )(joined)
    x = layers.Concatenate(name="concatenation")([seen, scaled])
    x = layers.Dropout(shape.dropout, seed=1, name="dropout")(x)
    x = layers.BatchNormalization(momentum=0.9, name="batch_normalisation")(x)
    outputs = {"emotion": layers.Dense(len(SLUGS), activation="softmax", name="emotion")(x)}
    if shape.affect:
        outputs["affect"] = layers.Dense(2, activation="tanh", name="affect")(x)
    return keras.Model({"pixels": pixels} | dict(zip(shape.features, measures, strict=True)), outputs)


def build_on_backbone(shape: NetworkShape, backbone: Any, means: Sequence[float], variances: Sequence[float]) -> Any:
    """The same heads on a Keras application whose weights stay frozen; pixels come on 0…1."""
    import keras
    from keras import layers

    pixels = keras.Input((shape.side, shape.side, 3), name="pixels")
    measures = [keras.Input((1,), name=name) for name in shape.features]
    backbone.trainable = False
    seen = backbone(layers.Rescaling(255.0, name="bytes")(pixels), training=False)
    return _finish(shape, pixels, measures, seen, means, variances)


def compile_network(model: Any, learning_rate: float = 1e-3) -> None:
    """Adam and categorical cross-entropy, as in the paper; mean squared error for the affect head."""
    import keras

    losses = {"emotion": "categorical_crossentropy"}
    if "affect" in model.output_names:
        losses["affect"] = "mse"
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss=losses)


def inputs_of(
    names: Sequence[str], pixels: NDArray[np.uint8], measures: NDArray[np.float32]
) -> dict[str, NDArray[np.float32]]:
    """The network's inputs by name, for a batch."""
    columns = {name: measures[:, [column]] for column, name in enumerate(names)}
    return {"pixels": pixels.astype(np.float32) / np.float32(255.0), **columns}

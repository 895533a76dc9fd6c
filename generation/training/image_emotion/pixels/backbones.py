"""Pretrained backbones: Keras Applications with ImageNet weights, downloaded by Keras or read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from generation.training.workplace import TrainingRefused

BACKBONES: Final = {
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3_small": "MobileNetV3Small",
    "mobilenet_v3_large": "MobileNetV3Large",
    "efficientnet_v2_b0": "EfficientNetV2B0",
    "resnet50_v2": "ResNet50V2",
}
"""Our names and those of Keras Applications."""
_PLAIN_INPUT: Final = {"mobilenet_v2", "resnet50_v2"}  # these want −1…1, the others scale bytes themselves


def check_backbone(name: str, weights: Path | None) -> None:
    """Refuse what cannot work before hours of preparing pictures."""
    if name not in BACKBONES:
        raise TrainingRefused(
            f"--backbone {name or '(empty)'} is not known; choose from {', '.join(BACKBONES)}, none, or a backbone "
            "that convert_backbone made, such as efficientnet-lite2."
        )
    if weights is not None and not weights.is_file():
        raise TrainingRefused(f"--weights {weights} is not a file.")


def load_backbone(name: str, weights: Path | None, side: int) -> Any:
    """A frozen feature extractor with average pooling that takes bytes 0…255.

    Parameters
    ----------
    name : str
        One of `BACKBONES`.
    weights : Path, optional
        A file of weights for the network without its top; without it Keras downloads ImageNet's.
    side : int
        Width and height of the pictures.

    Raises
    ------
    TrainingRefused
        When the weights cannot be downloaded, or the file is missing or does not fit.
    """
    check_backbone(name, weights)
    import keras

    make = getattr(keras.applications, BACKBONES[name])
    try:
        network = make(
            include_top=False,
            pooling="avg",
            input_shape=(side, side, 3),
            weights="imagenet" if weights is None else None,
        )
        if weights is not None:
            network.load_weights(weights)
    except Exception as error:
        raise TrainingRefused(_explain(name, weights, side, error)) from error
    if name not in _PLAIN_INPUT:
        return network
    inputs = keras.Input((side, side, 3))
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    return keras.Model(inputs, network(scaled, training=False), name=name)


def _explain(name: str, weights: Path | None, side: int, error: Exception) -> str:
    reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    if weights is not None:
        return f"--weights {weights} does not fit {name} at {side} pixels without its top: {reason}"
    return (
        f"The ImageNet weights of {name} could not be had ({reason}). Download them where there is a network, "
        "or give a file you have with --weights FILE."
    )

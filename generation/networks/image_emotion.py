"""Which emotion a picture carries: loading the network that is asked for, and the seed's network served with NumPy.

A network of heads on pretrained backbones (`muse`, the default) is served by `generation.networks.image_affect`.

`generation.training.image_emotion.pixels` trains it with Keras; here the exported arrays are multiplied,
and a test holds both to 1e-5 of each other. A network trained on a Keras backbone has no exported arrays: it
alone is served with Keras, imported on first use: whoever serves one installs what trains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from generation.emotions import EMOTIONS, SLUGS
from generation.networks.artifacts import Artifact, ArtifactRefused, default_artifact, load_artifact
from generation.networks.image_affect import FAMILY, AffectNetwork, load_affect_network
from generation.networks.image_input import prepare_picture
from generation.networks.picture_emotion import PictureEmotion
from generation.networks.recalibration import Recalibration

KIND: Final = "image_emotion"
WEIGHTS_FILE: Final = "weights.npz"
KERAS_FILE: Final = "network.keras"
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ImageEmotionNetwork:
    """A loaded network; reading it from several threads is safe.

    Parameters
    ----------
    artifact : Artifact
        Where it comes from. Its manifest has, beside the common keys, ``input`` (side and measures) and
        ``calibration`` (temperature, bias in output order, threshold).
    arrays : mapping of str to array
        The exported weights; empty for a network on a backbone.
    """

    artifact: Artifact
    arrays: Mapping[str, Floats]

    @property
    def side(self) -> int:
        """Width and height of the pixels it sees."""
        return int(self.artifact.manifest["input"]["side"])

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the measures it is given beside the pixels."""
        return tuple(self.artifact.manifest["input"]["features"])

    def predict(self, picture: bytes, recalibration: Recalibration | None = None) -> PictureEmotion:
        """Read the emotion of a picture file, as people taught it where `recalibration` says so.

        Raises
        ------
        PictureRefused
            When `picture` is no readable picture.
        """
        pixels, measures = prepare_picture(picture, self.side, self.features)
        outputs = self.forward(pixels[None], measures[None])
        affect = outputs["affect"][0] if "affect" in outputs else None
        return self._interpret(outputs["emotion"][0], affect, recalibration)

    def forward(self, pixels: NDArray[np.uint8], measures: Floats) -> dict[str, Floats]:
        """The network's raw outputs for a batch, as Keras computes them.

        Parameters
        ----------
        pixels : array of uint8, shape (batch, side, side, 3)
        measures : array of float32, shape (batch, len(features))

        Returns
        -------
        dict
            ``emotion``: softmax, shape (batch, 8), in the artifact's label order, not yet calibrated; and
            where the network has that head ``affect``: valence and arousal, shape (batch, 2).
        """
        if not self.arrays:
            return self._ask_keras(pixels, measures)
        x = pixels.astype(np.float32) / np.float32(255.0)
        number = 1
        while f"convolution_{number}_kernel" in self.arrays:
            x = _pool(
                _convolve(x, self._array(f"convolution_{number}_kernel"), self._array(f"convolution_{number}_bias"))
            )
            number += 1
        if self.artifact.manifest["input"].get("pooling") == "average":
            x = x.mean(axis=(1, 2))
        # Keras's Normalization layer guards against constant measures in the same way.
        deviation = np.maximum(np.sqrt(self._array("measures_variance")), 1e-7)
        scaled = (measures - self._array("measures_mean")) / deviation
        x = self._normalise(np.concatenate([x.reshape(len(x), -1), scaled], axis=1))
        outputs = {"emotion": _softmax(x @ self._array("emotion_kernel") + self._array("emotion_bias"))}
        if "affect_kernel" in self.arrays:
            outputs["affect"] = np.tanh(x @ self._array("affect_kernel") + self._array("affect_bias"))
        return outputs

    def _array(self, name: str) -> Floats:
        return self.arrays[name]

    def _normalise(self, x: Floats) -> Floats:
        """Batch normalisation with the statistics of training."""
        scale = self._array("normalisation_gamma") / np.sqrt(
            self._array("normalisation_variance") + self._array("normalisation_epsilon")
        )
        normalised: Floats = (x - self._array("normalisation_mean")) * scale + self._array("normalisation_beta")
        return normalised

    @cached_property
    def _keras_model(self) -> Any:
        import keras

        return keras.models.load_model(self.artifact.path(KERAS_FILE), compile=False)

    def _ask_keras(self, pixels: NDArray[np.uint8], measures: Floats) -> dict[str, Floats]:
        columns = {name: measures[:, [column]] for column, name in enumerate(self.features)}
        inputs = {"pixels": pixels.astype(np.float32) / np.float32(255.0), **columns}
        return {name: np.asarray(output) for name, output in self._keras_model.predict_on_batch(inputs).items()}

    def _interpret(
        self, softmax: Floats, affect: Floats | None, recalibration: Recalibration | None = None
    ) -> PictureEmotion:
        calibration = self.artifact.manifest["calibration"]
        # Temperature scaling: logits are known from the softmax up to a constant, which cancels.
        logits = np.log(np.maximum(softmax.astype(np.float64), 1e-12)) / calibration["temperature"]
        found = _softmax((logits + np.asarray(calibration["bias"]))[None])[0]
        by_label = dict(zip(self.artifact.labels, found, strict=True))
        probabilities = {slug: float(by_label[slug]) for slug in SLUGS}
        seen: dict[str, Any] = {}
        if recalibration is not None:
            seen = {"before": {slug: round(p, 6) for slug, p in probabilities.items()}}
            revised = recalibration.revise(np.array(list(probabilities.values())), ())  # it names no things
            probabilities = {slug: float(p) for slug, p in zip(SLUGS, revised, strict=True)}
        plane = np.array([(emotion.valence, emotion.arousal, emotion.dominance) for emotion in EMOTIONS])
        valence, arousal, dominance = np.array(list(probabilities.values())) @ plane
        if affect is not None:
            valence, arousal = affect
        return PictureEmotion(
            probabilities,
            float(valence),
            float(arousal),
            float(dominance),
            max(probabilities.values()) < calibration["threshold"],
            seen=seen,
        )


def load_image_emotion(folder: Path | None = None) -> ImageEmotionNetwork | AffectNetwork:
    """Load a network after checking every hash.

    Parameters
    ----------
    folder : Path, optional
        The artifact's folder; without it the one MelodyMuse ships as default.

    Raises
    ------
    ArtifactRefused
        When the folder holds no intact image emotion network.
    """
    artifact = load_artifact(folder or default_artifact(KIND), kind=KIND)
    manifest = artifact.manifest
    missing = [key for key in ("input", "calibration") if key not in manifest]
    if missing:
        raise ArtifactRefused(f"{artifact.folder}: the manifest lacks {', '.join(missing)}.")
    if set(artifact.labels) != set(SLUGS):
        raise ArtifactRefused(f"{artifact.folder}: the labels are not the eight emotions.")
    if manifest.get("network", {}).get("family") == FAMILY:
        return load_affect_network(artifact)
    if WEIGHTS_FILE not in manifest["files"]:
        artifact.path(KERAS_FILE)
        if find_spec("keras") is None:
            raise ArtifactRefused(
                f"{artifact.folder}: it is served with Keras, which is not installed; `make train` installs it."
            )
        return ImageEmotionNetwork(artifact, {})
    with np.load(artifact.path(WEIGHTS_FILE), allow_pickle=False) as stored:
        return ImageEmotionNetwork(artifact, {name: stored[name].astype(np.float32) for name in stored.files})


def _convolve(x: Floats, kernel: Floats, bias: Floats) -> Floats:
    """3 × 3 convolution with zero padding and ReLU; x is (batch, height, width, channels)."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, (3, 3), axis=(1, 2))  # (batch, height, width, channels, 3, 3)
    # A convolution as one product: the nine neighbours of all channels in the order of Keras's kernel (row, column,
    # in).
    flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*x.shape[:3], -1)
    convolved: Floats = np.maximum(flat @ kernel.reshape(-1, kernel.shape[-1]) + bias, np.float32(0.0))
    return convolved


def _pool(x: Floats) -> Floats:
    """2 × 2 max-pooling; an odd last row or column is dropped, as Keras does."""
    height, width = x.shape[1] // 2, x.shape[2] // 2
    cut = x[:, : 2 * height, : 2 * width]
    pooled: Floats = cut.reshape(len(x), height, 2, width, 2, -1).max(axis=(2, 4))
    return pooled


def _softmax(logits: Any) -> Any:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)

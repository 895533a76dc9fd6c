"""Which affect and emotion a picture carries: linear heads on what ImageNet backbones see, and why.

`generation.training.image_emotion` fits the heads; here they are multiplied with NumPy, the backbones run in ONNX
Runtime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import SLUGS
from generation.images.features import FEATURE_NAMES
from generation.networks.artifacts import Artifact, ArtifactRefused
from generation.networks.backbone import MAPS, load_backbone
from generation.networks.image_views import (
    WORD_FEATURES,
    Look,
    View,
    look_at,
    map_place,
    read_class_affect,
    slices_of_maps,
    word_features,
)
from generation.networks.picture_emotion import PictureEmotion
from generation.networks.recalibration import Recalibration

Table = NDArray[np.float64]

FAMILY: Final = "backbone-heads"
"""What the manifest's ``network.family`` says of such an artifact."""
HEADS_FILE: Final = "heads.npz"
CLASSES_FILE: Final = "class_affect.csv"
AXES: Final = ("valence", "arousal", "dominance")
OUTPUTS: Final = (*AXES, *SLUGS)
MOST_THINGS: Final = 5
LEAST_PROBABLE: Final = 0.05
"""A class below this probability is not named as a thing that was seen."""
CELLS: Final = 7
CLEAR: Final = 0.12
"""Valence or arousal this far from the middle of photographs deserves a reason; judgement."""
LEAST_REASON: Final = 0.015
"""A measure that moved an axis by less is not named; judgement."""

LEAST_SIDE: Final = 16
"""A side of fewer pixels, at the size that is looked at, shows nothing; judgement."""
LEAST_CORRELATION: Final = 0.4
"""Neighbouring pixels of noise do not go together; of 725 photographs of OASIS .4 % lie below this (measured)."""

PHRASES: Final[Mapping[str, tuple[str, str]]] = {
    "brightness": ("dark", "bright"),
    "colourfulness": ("little colour", "colourful"),
    "contrast": ("little contrast", "strong contrast"),
    "edges": ("few edges", "many edges"),
    "blobs": ("few spots", "many spots"),
    "saturation": ("pale", "saturated"),
    "warmth": ("cool colours", "warm colours"),
    "texture_homogeneity": ("rough texture", "smooth"),
    "symmetry": ("unbalanced", "symmetrical"),
    "top_light": ("light from below", "light from above"),
}
"""Plain words for a measure below and above its mean; measures without words are left out of the reasons."""


@dataclass(frozen=True)
class AffectNetwork:
    """A loaded network; reading it from several threads is safe.

    Parameters
    ----------
    artifact : Artifact
        Its manifest has ``network`` (family, views with their backbones' hashes) and ``calibration``.
    arrays : mapping of str to array
        ``mean``, ``factor``, ``weight``, shape (features,); ``kernel``, (features, 11); ``bias``, (11,).
    """

    artifact: Artifact
    arrays: Mapping[str, Table]

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The looks it takes. Raises ArtifactRefused where a backbone is not the one it was trained on."""
        views = []
        for described in self.artifact.manifest["network"]["views"]:
            backbone = load_backbone(described["backbone"]).artifact
            if backbone.sha256 != described["sha256"]:
                raise ArtifactRefused(
                    f"{self.artifact.folder} was trained on another {described['backbone']} than is installed here."
                )
            views.append(View(described["backbone"], described["crop"]))
        return tuple(views)

    @cached_property
    def _places(self) -> list[dict[str, slice]]:
        channels = [load_backbone(view.backbone).artifact.manifest["channels"] for view in self.views]
        return slices_of_maps([[count[name] for name in MAPS] for count in channels])

    @cached_property
    def _classes(self) -> Any:
        return read_class_affect(self.artifact.path(CLASSES_FILE))

    def predict(self, picture: bytes, recalibration: Recalibration | None = None) -> PictureEmotion:
        """Read the emotion of a picture file, and say why; as people taught it where `recalibration` says so.

        Raises
        ------
        PictureRefused
            When `picture` is no readable picture.
        """
        look = look_at(picture, self.views)
        # A batch of one picture: shape (1, features).
        scaled = self.scale(assemble(look.pooled()[None], look.classes[None], _row(look), self._classes))
        answers = self.answer(scaled)[0]
        calibration = self.artifact.manifest["calibration"]
        probabilities = calibrate_scores(answers[None, len(AXES) :], calibration)[0]
        things = self.name_things(look.classes)
        before = {}
        if recalibration is not None:
            before = {"before": {slug: round(float(p), 6) for slug, p in zip(SLUGS, probabilities, strict=True)}}
            probabilities = recalibration.revise(probabilities, things)
        affect = {name: float(np.clip(answers[column], -1.0, 1.0)) for column, name in enumerate(AXES)}
        top = int(probabilities.argmax())
        return PictureEmotion(
            {slug: float(p) for slug, p in zip(SLUGS, probabilities, strict=True)},
            **affect,
            unsure=bool(probabilities[top] < calibration["threshold"]) or is_strange(look),
            intervals={
                name: (max(value - width, -1.0), min(value + width, 1.0))
                for (name, value), width in zip(affect.items(), calibration["half_width"], strict=True)
            },
            measures=dict(look.measures),
            seen={
                "things": things,
                "words": self.explain(look, scaled[0], affect),
                "map": self.draw_map(look, top).round(3).tolist(),
                **before,
            },
        )

    def scale(self, features: Table) -> Table:
        """Standardise, clip and weigh rows of features, as training did."""
        # Clipped at so many standard deviations, before the weight of each kind of feature: a strange picture moves the
        # answer no further than the strangest that was learnt from.
        limit = float(self.artifact.manifest["network"]["limit"]) * self.arrays["weight"]
        return np.clip((features - self.arrays["mean"]) * self.arrays["factor"], -limit, limit)

    def answer(self, scaled: Table) -> Table:
        """Valence, arousal, dominance and eight scores of rows of scaled features, shape (pictures, 11)."""
        return np.asarray(scaled @ self.arrays["kernel"] + self.arrays["bias"])

    def name_things(self, classes: NDArray[Any]) -> list[dict[str, Any]]:
        """The surest classes with what the table says of them."""
        order = np.argsort(-classes, kind="stable")[:MOST_THINGS]
        return [
            {
                "name": self._classes.names[number],
                "probability": round(float(classes[number]), 4),
                "valence": round(float(self._classes.affect[number, 0]), 3),
                "arousal": round(float(self._classes.affect[number, 1]), 3),
            }
            for number in order
            if classes[number] >= LEAST_PROBABLE
        ]

    def explain(self, look: Look, scaled: Table, affect: Mapping[str, float]) -> str:
        """The reasons for a clear valence or arousal: ``volcano: high arousal; dark, little colour: low valence``.

        Named are things whose own affect points the same way, and the measures that moved the answer most.
        Empty where neither axis is clear or nothing can be named.
        """
        middle = self.artifact.manifest["network"]["middle"]
        parts = []
        for column, axis in ((1, "arousal"), (0, "valence")):
            away = affect[axis] - middle[column]
            if abs(away) < CLEAR:
                continue
            things = [
                one["name"]
                for one in self.name_things(look.classes)
                if one["probability"] >= 2 * LEAST_PROBABLE and (one[axis] - middle[column]) * away > 0
            ][:2]
            reasons = things + self._name_measures(scaled, column, away)[: 3 - len(things)]
            if reasons:
                parts.append(f"{', '.join(reasons)}: {'high' if away > 0 else 'low'} {axis}")
        return "; ".join(parts)

    def _name_measures(self, scaled: Table, column: int, away: float) -> list[str]:
        # The measures are the last features of a row (`assemble`).
        start = len(scaled) - len(FEATURE_NAMES)
        shares = {
            name: float(scaled[start + number] * self.arrays["kernel"][start + number, column])
            for number, name in enumerate(FEATURE_NAMES)
            if name in PHRASES
        }
        named = sorted((n for n in shares if shares[n] * away > 0), key=lambda n: -abs(shares[n]))
        return [
            PHRASES[name][int(scaled[start + FEATURE_NAMES.index(name)] > 0)]
            for name in named
            if abs(shares[name]) >= LEAST_REASON
        ]

    def draw_map(self, look: Look, top: int) -> Table:
        """Where the picture speaks for (above 0) and against its top emotion, shape (CELLS, CELLS), −1…1.

        The heads are linear in the means of the feature maps, so each place's share of the answer is exact:
        the gradient times the (centred) activation there. Clipping, words and measures have no place and are left out.
        """
        # The top emotion against the mean of all: what speaks for every emotion alike speaks for none.
        kernel = self.arrays["kernel"][:, len(AXES) + top] - self.arrays["kernel"][:, len(AXES) :].mean(axis=1)
        slope = kernel * self.arrays["factor"]
        total = np.zeros((CELLS, CELLS))
        for view, seen, places in zip(self.views, look.seen, self._places, strict=True):
            for name, place in places.items():
                values = seen.maps[name][0].astype(np.float64) - self.arrays["mean"][place][:, None, None]
                # Channels summed with their slopes: one number per place of this map.
                share = np.einsum("c,chw->hw", slope[place], values)
                if name in ("low", "middle"):  # fine grids: neighbours together; a cell takes the place at its middle
                    share = _shrink(share)
                total += map_place(view, look.size, share, CELLS)
        peak = np.abs(total).max()
        return total / peak if peak > 0 else total


def is_strange(look: Look) -> bool:
    """Whether the picture is of a kind the network never learnt: noise, or a ribbon a few pixels thin."""
    return min(look.size) < LEAST_SIDE or look.measures["texture_correlation"] < LEAST_CORRELATION


def assemble(pooled: NDArray[Any], classes: NDArray[Any], measures: NDArray[Any], table: Any) -> Table:
    """All features of some pictures in one table: pooled maps, words, measures; a row for each picture."""
    return np.concatenate(
        [np.asarray(pooled, np.float64), word_features(classes, table), np.asarray(measures, np.float64)], axis=1
    )


def _row(look: Look) -> Table:
    return np.array([[look.measures[name] for name in FEATURE_NAMES]])


def _shrink(values: Table) -> Table:
    """Mean over 2 × 2 places; an odd last row or column is dropped."""
    height, width = values.shape[0] // 2, values.shape[1] // 2
    return np.asarray(values[: 2 * height, : 2 * width].reshape(height, 2, width, 2).mean(axis=(1, 3)))


def calibrate_scores(scores: Table, calibration: Mapping[str, Any]) -> Table:
    """Probabilities of the eight emotions: ``softmax(scale · score + bias)``.

    Parameters
    ----------
    scores : array, shape (pictures, 8)
    calibration : mapping
        ``scale`` and ``bias``: a number per emotion each, in the order of `SLUGS`.

    Examples
    --------
    >>> calibrate_scores(np.zeros((1, 8)), {"scale": [5.0] * 8, "bias": [0.0] * 8}).tolist()[0][:2]
    [0.125, 0.125]
    """
    logits = np.asarray(calibration["scale"]) * scores + np.asarray(calibration["bias"])
    # Less the largest, which cancels: exp never overflows.
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def load_affect_network(artifact: Artifact) -> AffectNetwork:
    """The network in an artifact of `FAMILY`. Raises ArtifactRefused where its arrays or backbones do not fit."""
    with np.load(artifact.path(HEADS_FILE), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float64) for name in stored.files}
    network = AffectNetwork(artifact, arrays)
    missing = [name for name in ("mean", "factor", "weight", "kernel", "bias") if name not in arrays]
    if missing:
        raise ArtifactRefused(f"{artifact.folder}: {HEADS_FILE} lacks {', '.join(missing)}.")
    features = sum(sum(load_backbone(view.backbone).artifact.manifest["channels"].values()) for view in network.views)
    if arrays["kernel"].shape != (features + WORD_FEATURES + len(FEATURE_NAMES), len(OUTPUTS)):
        raise ArtifactRefused(f"{artifact.folder}: {HEADS_FILE} does not fit its backbones.")
    return network


def describe_views(views: Sequence[View]) -> list[dict[str, str]]:
    """The views for the manifest, with the hash of each backbone."""
    return [
        {"backbone": view.backbone, "crop": view.crop, "sha256": load_backbone(view.backbone).artifact.sha256}
        for view in views
    ]

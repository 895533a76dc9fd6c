"""What a picture's affect is read from: backbone features of several views, words for what is seen, measures.

The same for training and for serving. A *view* is a picture squeezed, or cropped and squeezed, to the square
that a backbone sees.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.emotions import SLUGS
from generation.images.decoding import read_picture
from generation.images.features import FEATURE_NAMES
from generation.networks.backbone import MAPS, Floats, Seen, load_backbone
from generation.networks.image_input import measure_named

CENTRE_SHARE: Final = 0.95
"""Side of the centre view's square as a share of the picture's shorter side."""
READING_SIDE: Final = 520
"""Pictures are decoded to this longest side: twice the largest view, as much as its filter can use."""
FIRST_SHARE: Final = 0.7
"""How a class's word is divided between its most fitting emotion and the runner-up; judgement."""
SOFTER: Final = 0.5
"""Class probabilities are also used to this power, so that what is seen beside the surest thing counts."""


WORD_FEATURES: Final = 2 * (3 + len(SLUGS))
"""How many numbers `word_features` gives for a picture."""


@dataclass(frozen=True, slots=True)
class View:
    """One look at the picture: which backbone, and ``whole`` (squeezed) or ``centre`` (a square of the middle)."""

    backbone: str
    crop: str

    def box(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """Left, upper, right and lower edge in pixels of a picture of `size` (width, height).

        Examples
        --------
        >>> View("efficientnet-lite2", "whole").box((300, 200))
        (0.0, 0.0, 300.0, 200.0)
        >>> View("efficientnet-lite2", "centre").box((300, 200))
        (55.0, 5.0, 245.0, 195.0)
        """
        width, height = size
        if self.crop == "whole":
            return 0.0, 0.0, float(width), float(height)
        side = CENTRE_SHARE * min(size)
        left, upper = (width - side) / 2, (height - side) / 2
        return left, upper, left + side, upper + side

    def cut(self, picture: Image.Image, side: int) -> NDArray[np.uint8]:
        """The view's pixels, shape (side, side, 3)."""
        return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC, box=self.box(picture.size)))


VIEWS: Final = (View("efficientnet-lite2", "centre"), View("efficientnet-lite0", "whole"))
"""Chosen by cross-validation over themes; see the model card."""


@dataclass(frozen=True, slots=True)
class ClassAffect:
    """A reader's judgement of the 1,000 ImageNet classes.

    Parameters
    ----------
    names : tuple of str
        Everyday words, in ImageNet's order.
    affect : array, shape (1000, 3)
        Valence, arousal, dominance on −1…1.
    emotions : array, shape (1000, 8)
        How much of each emotion a photograph of the thing evokes; rows sum to 1.
    """

    names: tuple[str, ...]
    affect: NDArray[np.float64]
    emotions: NDArray[np.float64]


@lru_cache(maxsize=4)
def read_class_affect(path: Path) -> ClassAffect:
    """Read a table of classes: ``class,synset,name,valence,arousal,dominance,first,second``, scales 1…9.

    Raises
    ------
    ValueError
        When the classes are not 0…999 in order, or a cell does not fit; the message names the line.
    """
    names, affect, emotions = [], [], np.zeros((1000, len(SLUGS)))
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            try:
                if int(row["class"]) != number:
                    raise ValueError(f"class {row['class']} stands where {number} is due")
                # 1…9 to −1…1.
                values = [(float(row[name]) - 5.0) / 4.0 for name in ("valence", "arousal", "dominance")]
                if not all(-1.0 <= value <= 1.0 for value in values):
                    raise ValueError("a scale is outside 1…9")
                emotions[number, SLUGS.index(row["first"])] += FIRST_SHARE
                emotions[number, SLUGS.index(row["second"])] += 1.0 - FIRST_SHARE
            except (KeyError, ValueError, IndexError) as error:
                raise ValueError(f"{path.name}, line {number + 2}: {error}.") from None
            names.append(row["name"])
            affect.append(values)
    if len(names) != len(emotions):
        raise ValueError(f"{path.name} has {len(names)} classes; ImageNet has {len(emotions)}.")
    return ClassAffect(tuple(names), np.array(affect), emotions)


@dataclass(frozen=True, slots=True)
class Look:
    """Everything seen of one picture.

    Parameters
    ----------
    size : tuple of int
        Width and height it was read at.
    seen : tuple of Seen
        One per view.
    classes : array, shape (1000,)
        Mean class probabilities of the views.
    measures : mapping
        Colour and form by name; see `generation.images.features`.
    """

    size: tuple[int, int]
    seen: tuple[Seen, ...]
    classes: Floats
    measures: Mapping[str, float]

    def pooled(self) -> Floats:
        """Means of all maps of all views, shape (pooled features,)."""
        return np.concatenate([seen.pool()[0] for seen in self.seen])


def look_at(data: bytes, views: Sequence[View] = VIEWS, weights: Path | None = None) -> Look:
    """Decode a picture and look at it.

    Raises
    ------
    PictureRefused
        When `data` is no readable picture.
    ArtifactRefused
        When a backbone is missing or not intact.
    """
    picture = read_picture(data, longest_side=READING_SIDE)
    found: dict[str, Any] = {} if weights is None else {"weights": weights}
    seen = []
    for view in views:
        backbone = load_backbone(view.backbone, **found)
        seen.append(backbone.look(view.cut(picture, backbone.side)[None]))
    classes = np.mean([one.classes[0] for one in seen], axis=0)
    measures = dict(zip(FEATURE_NAMES, measure_named(picture, FEATURE_NAMES).tolist(), strict=True))
    return Look(picture.size, tuple(seen), classes, measures)


def word_features(classes: NDArray[Any], table: ClassAffect) -> NDArray[np.float64]:
    """Expected affect and emotions of what is seen, plain and softened.

    Parameters
    ----------
    classes : array, shape (pictures, 1000)
        Class probabilities.

    Returns
    -------
    array, shape (pictures, 22)
        Twice (probabilities as they are; to the power `SOFTER`): valence, arousal, dominance, eight emotions.
    """
    plain = np.asarray(classes, np.float64)
    softened = plain**SOFTER
    softened /= softened.sum(axis=1, keepdims=True)
    # (1000, 3 + 8): expectations under the class probabilities are one product.
    known = np.concatenate([table.affect, table.emotions], axis=1)
    return np.concatenate([plain @ known, softened @ known], axis=1)


def map_place(view: View, size: tuple[int, int], values: NDArray[Any], cells: int) -> NDArray[np.float64]:
    """A view's map laid on a grid of cells × cells over the whole picture; 0 where the view saw nothing.

    Parameters
    ----------
    values : array, shape (height, width)
        One number per place of the view's feature map.
    """
    left, upper, right, lower = view.box(size)
    centres = (np.arange(cells) + 0.5) / cells
    # Centres of the cells in shares of the view's box; outside 0…1 the view saw nothing.
    columns = (centres * size[0] - left) / (right - left)
    rows = (centres * size[1] - upper) / (lower - upper)
    height, width = values.shape
    inside_rows, inside_columns = (rows >= 0) & (rows < 1), (columns >= 0) & (columns < 1)
    chosen = values[
        np.clip((rows * height).astype(int), 0, height - 1)[:, None],
        np.clip((columns * width).astype(int), 0, width - 1)[None, :],
    ]
    return np.where(inside_rows[:, None] & inside_columns[None, :], chosen, 0.0)


def slices_of_maps(channels: Sequence[Sequence[int]]) -> list[dict[str, slice]]:
    """Where each view's maps lie in `Look.pooled`, from the channels of the maps.

    Examples
    --------
    >>> slices_of_maps([(2, 3, 4, 5)])[0]["head"]
    slice(9, 14, None)
    """
    found, start = [], 0
    for view in channels:
        places = {}
        for name, count in zip(MAPS, view, strict=True):
            places[name] = slice(start, start + count)
            start += count
        found.append(places)
    return found

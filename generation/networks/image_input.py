"""What the image network is given: the same for training and for serving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.images.colour import measure_brightness, measure_colourfulness
from generation.images.decoding import read_picture
from generation.images.features import FEATURE_NAMES, WORKING_SIDE, measure_image

PAPER_FEATURES: Final = ("brightness", "colourfulness")
"""The two numbers the seed paper gives its network beside the pixels."""


def prepare_picture(
    data: bytes, side: int, features: Sequence[str] = FEATURE_NAMES
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Pixels and measures of a picture.

    Parameters
    ----------
    data : bytes
        A picture file.
    side : int
        Width and height the whole picture is squeezed to.
    features : sequence of str
        Names out of `FEATURE_NAMES`.

    Returns
    -------
    pixels : array of uint8, shape (side, side, 3)
    measures : array of float32, shape (len(features),)

    Raises
    ------
    PictureRefused
        When `data` is no readable picture.
    """
    picture = read_picture(data, longest_side=max(2 * side, WORKING_SIDE))
    squeezed = np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0))
    return squeezed, measure_named(picture, features)


def measure_named(picture: Image.Image, names: Sequence[str]) -> NDArray[np.float32]:
    """The measures called `names`, in that order; colour alone is far quicker than form."""
    if set(names) <= set(PAPER_FEATURES):
        small = picture.copy()
        small.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.LANCZOS)
        pixels = np.asarray(small)
        quick = {"brightness": measure_brightness(pixels), "colourfulness": measure_colourfulness(pixels)}
        return np.array([quick[name] for name in names], np.float32)
    values = dict(zip(FEATURE_NAMES, astuple(measure_image(picture)), strict=True))
    return np.array([values[name] for name in names], np.float32)

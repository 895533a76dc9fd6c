"""What a picture shows, in numbers: the features the networks read and the pages display.

The seed paper uses brightness and colourfulness and wishes for edges and blobs; hue, texture and composition
follow Machajdik & Hanbury (2010).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np
from PIL import Image

from generation.images.colour import Pixels, luma, measure_brightness, measure_colourfulness, measure_hue
from generation.images.decoding import read_picture
from generation.images.form import find_blobs, measure_composition, measure_edges, measure_texture

WORKING_SIDE: Final = 128
"""Pictures are measured at this longest side, so that the numbers do not depend on a camera's resolution."""


@dataclass(frozen=True, slots=True)
class PictureFeatures:
    """Measures of one picture.

    Parameters
    ----------
    brightness : float
        Mean luma, 0…1.
    colourfulness : float
        Hasler & Süsstrunk's M, 0 to about 110 in photographs.
    contrast : float
        Standard deviation of luma, 0…0.5.
    edges : float
        Share of pixels on an edge, 0…1.
    blobs : float
        Bright and dark spots per 1,000 pixels.
    saturation, saturation_deviation, hue_red_cyan, hue_yellow_blue, hue_spread, warmth : float
        See `generation.images.colour.HueStatistics`.
    texture_contrast, texture_homogeneity, texture_energy, texture_correlation : float
        See `generation.images.form.Texture`.
    symmetry, centre_light, top_light, centre_detail : float
        See `generation.images.form.Composition`.
    """

    brightness: float
    colourfulness: float
    contrast: float
    edges: float
    blobs: float
    saturation: float
    saturation_deviation: float
    hue_red_cyan: float
    hue_yellow_blue: float
    hue_spread: float
    warmth: float
    texture_contrast: float
    texture_homogeneity: float
    texture_energy: float
    texture_correlation: float
    symmetry: float
    centre_light: float
    top_light: float
    centre_detail: float

    def as_dict(self) -> dict[str, float]:
        """The features by name, rounded to six decimals, for JSON."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


FEATURE_NAMES: Final = tuple(field.name for field in fields(PictureFeatures))


def measure_picture(data: bytes) -> PictureFeatures:
    """Measure the picture in `data`.

    Parameters
    ----------
    data : bytes
        A picture file of any format that `read_picture` reads.

    Returns
    -------
    PictureFeatures
        Finite for every readable picture, a single pixel included.

    Raises
    ------
    PictureRefused
        When `data` is no readable picture.

    Examples
    --------
    >>> import io
    >>> buffer = io.BytesIO()
    >>> Image.new("RGB", (64, 48), (255, 0, 0)).save(buffer, "PNG")
    >>> features = measure_picture(buffer.getvalue())
    >>> round(features.brightness, 3), round(features.colourfulness, 2), features.edges, features.blobs
    (0.299, 85.53, 0.0, 0.0)
    """
    return measure_pixels(np.asarray(read_picture(data, longest_side=WORKING_SIDE)))


def measure_image(picture: Image.Image) -> PictureFeatures:
    """Measure an RGB picture that is already decoded; it is shrunk to `WORKING_SIDE` first."""
    side = max(picture.size)
    if side > WORKING_SIDE:
        size = tuple(max(1, round(length * WORKING_SIDE / side)) for length in picture.size)
        picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    return measure_pixels(np.asarray(picture))


def measure_pixels(pixels: Pixels) -> PictureFeatures:
    """Measure an array of shape (height, width, 3) and type uint8, at the size it has."""
    plane = luma(pixels)
    hue, texture, composition = measure_hue(pixels), measure_texture(plane), measure_composition(plane)
    return PictureFeatures(
        brightness=measure_brightness(pixels),
        colourfulness=measure_colourfulness(pixels),
        contrast=float(plane.std()),
        edges=measure_edges(plane),
        # Per 1,000 pixels, so that a narrow picture is comparable with a square one.
        blobs=1000.0 * find_blobs(plane) / plane.size,
        **asdict(hue),
        texture_contrast=texture.contrast,
        texture_homogeneity=texture.homogeneity,
        texture_energy=texture.energy,
        texture_correlation=texture.correlation,
        **asdict(composition),
    )

"""Colour measures of an sRGB picture: brightness, colourfulness, saturation and hue.

Every function takes an array of shape (height, width, 3) and type uint8, and works for a single pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float64]

_LUMA = np.array([0.299, 0.587, 0.114])


def luma(pixels: Pixels) -> Plane:
    """Brightness of every pixel on 0…1: ITU-R BT.601 luma of the gamma-encoded values.

    Examples
    --------
    >>> luma(np.array([[[255, 255, 255], [0, 0, 0]]], np.uint8)).round(3).tolist()
    [[1.0, 0.0]]
    """
    plane: Plane = pixels.astype(np.float64) @ _LUMA / 255.0
    return np.clip(plane, 0.0, 1.0)


def measure_brightness(pixels: Pixels) -> float:
    """Mean luma on 0…1: 0 is black, 1 is white.

    Examples
    --------
    >>> round(measure_brightness(np.full((2, 2, 3), 51, np.uint8)), 6)
    0.2
    """
    return float(luma(pixels).mean())


def measure_colourfulness(pixels: Pixels) -> float:
    """Hasler & Süsstrunk's colourfulness M.

    ``M = sqrt(σ²rg + σ²yb) + 0.3·sqrt(μ²rg + μ²yb)`` with ``rg = R − G`` and ``yb = ½(R + G) − B`` on 0…255.
    0 for every grey picture; the authors' words: 15 slightly, 33 moderately, 59 quite, 82 highly, 109
    extremely colourful.

    References
    ----------
    Hasler & Süsstrunk (2003), Measuring colourfulness in natural images, Proc. SPIE 5007.

    Examples
    --------
    >>> red = np.zeros((4, 4, 3), np.uint8); red[..., 0] = 255
    >>> round(measure_colourfulness(red), 2)  # 0.3·sqrt(255² + 127.5²)
    85.53
    """
    # Float first: differences of uint8 would wrap around.
    red, green, blue = np.moveaxis(pixels.astype(np.float64), -1, 0)
    red_green, yellow_blue = red - green, (red + green) / 2.0 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    shift = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(spread + 0.3 * shift)


def hue_saturation(pixels: Pixels) -> tuple[Plane, Plane]:
    """Hue in turns (0…1, red = 0, green = ⅓, blue = ⅔; 0 for grey) and HSV saturation (0…1) of every pixel.

    Examples
    --------
    >>> hue, saturation = hue_saturation(np.array([[[0, 0, 255], [90, 90, 90]]], np.uint8))
    >>> hue.round(4).tolist(), saturation.tolist()
    ([[0.6667, 0.0]], [[1.0, 0.0]])
    """
    values = pixels.astype(np.float64)
    red, green, blue = np.moveaxis(values, -1, 0)
    high, low = values.max(axis=-1), values.min(axis=-1)
    chroma = high - low
    safe = np.where(chroma > 0, chroma, 1.0)
    # Where on the wheel in sixths: the largest channel says which third, the other two how far from its middle.
    sextant = np.select(
        [high == red, high == green],
        [((green - blue) / safe) % 6.0, (blue - red) / safe + 2.0],
        default=(red - green) / safe + 4.0,
    )
    hue = np.where(chroma > 0, sextant / 6.0, 0.0)
    saturation = np.where(high > 0, chroma / np.where(high > 0, high, 1.0), 0.0)
    return hue, saturation


@dataclass(frozen=True, slots=True)
class HueStatistics:
    """Saturation and hue of a picture; hue is weighted by saturation times brightness, so grey has no say.

    `saturation` and `saturation_deviation` are on 0…1; `hue_red_cyan` and `hue_yellow_blue` are the mean
    hue's cosine and sine (−1…1, 0 without colour); `hue_spread` is circular variance (0 one hue, 1 all round
    the wheel or none); `warmth` is the share of colour between purple-red and yellow (0…1).
    """

    saturation: float
    saturation_deviation: float
    hue_red_cyan: float
    hue_yellow_blue: float
    hue_spread: float
    warmth: float


def measure_hue(pixels: Pixels) -> HueStatistics:
    """Saturation and hue statistics after Machajdik & Hanbury (2010), section 3.1, with circular statistics.

    Examples
    --------
    >>> red = np.zeros((4, 4, 3), np.uint8); red[..., 0] = 255
    >>> statistics = measure_hue(red)
    >>> statistics.hue_red_cyan, statistics.hue_spread, statistics.warmth
    (1.0, 0.0, 1.0)
    """
    hue, saturation = hue_saturation(pixels)
    weight = saturation * pixels.max(axis=-1) / 255.0
    total = float(weight.sum())
    cosine = sine = warmth = 0.0
    if total > 0:
        angle = 2.0 * np.pi * hue
        # Hue is an angle: its mean is that of unit vectors, whose length says how far hues agree.
        cosine = float((weight * np.cos(angle)).sum() / total)
        sine = float((weight * np.sin(angle)).sum() / total)
        warmth = float(weight[(hue < 1 / 5) | (hue > 5 / 6)].sum() / total)
    spread = max(0.0, 1.0 - float(np.hypot(cosine, sine)))
    return HueStatistics(float(saturation.mean()), float(saturation.std()), cosine, sine, spread, warmth)

"""Measures of form: edges, blobs, texture and composition.

Every function takes the luma plane on 0…1 (see `generation.images.colour.luma`), and works for a single
pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_laplace
from scipy.spatial import cKDTree
from skimage.feature import canny, graycomatrix, graycoprops, peak_local_max

from generation.images.colour import Plane

_GREY_LEVELS: Final = 32
_BLOB_SIGMAS: Final = np.linspace(1.5, 7.0, 5)


def measure_edges(plane: Plane) -> float:
    """Share of pixels that lie on an edge (Canny, σ = 1.4, thresholds 0.05 and 0.15), on 0…1.

    References
    ----------
    Canny (1986), A computational approach to edge detection, IEEE PAMI 8.

    Examples
    --------
    >>> halves = np.zeros((32, 32)); halves[:, 16:] = 1.0
    >>> measure_edges(halves) > 0, measure_edges(np.ones((32, 32)))
    (True, 0.0)
    """
    if min(plane.shape) < 3:
        return 0.0
    return float(canny(plane, sigma=1.4, low_threshold=0.05, high_threshold=0.15).mean())


def find_blobs(plane: Plane) -> int:
    """Number of blobs: bright or dark spots of 3 to about 20 pixels across (Laplacian of Gaussian).

    References
    ----------
    Lindeberg (1998), Feature detection with automatic scale selection, IJCV 30.

    Examples
    --------
    >>> y, x = np.mgrid[:64, :64]
    >>> spot = np.exp(-((x - 20) ** 2 + (y - 40) ** 2) / 50.0)
    >>> find_blobs(spot), find_blobs(1.0 - spot), find_blobs(np.zeros((64, 64)))
    (1, 1, 0)
    """
    if min(plane.shape) < 8:
        return 0
    padded = np.pad(plane, 8, mode="edge")  # without it every border would be a blob
    scales = _find_scales(padded)
    # the negative's scales: filtering is linear, and a cut-off kernel answers a little even to plain white
    return _count_peaks(scales) + _count_peaks(_find_scales(np.ones((1, 1))) - scales)


def _find_scales(plane: Plane) -> Plane:
    """The Laplacian of Gaussian at each of `_BLOB_SIGMAS`, scale-normalised; axes (row, column, scale)."""
    return np.stack([-gaussian_laplace(plane, sigma) * sigma**2 for sigma in _BLOB_SIGMAS], axis=-1)


def _count_peaks(scales: Plane) -> int:
    """Blobs among the maxima of a scale space: of two that overlap by more than half the smaller one goes.

    The same count as scikit-image's `blob_log`, which filters a picture and its negative one after the other and
    compares every pair in Python: a third of its time.
    """
    peaks = peak_local_max(scales, threshold_abs=0.12, footprint=np.ones((3, 3, 3)), exclude_border=False)
    if len(peaks) == 0:
        return 0
    row, column, scale = peaks.T  # each maximum's place in the axes of `scales`
    places, sigmas = np.stack([row, column], axis=1).astype(np.float64), _BLOB_SIGMAS[scale]
    # Only pairs whose discs (radius √2 σ) can touch at all.
    pairs = np.array(list(cKDTree(places).query_pairs(2 * sigmas.max() * np.sqrt(2))), dtype=np.int64).reshape(-1, 2)
    overlapping = pairs[_overlap(places, sigmas, pairs) > 0.5]
    alive = np.ones(len(peaks), dtype=bool)
    for first, second in overlapping:
        if alive[first] and alive[second]:
            alive[second if sigmas[first] > sigmas[second] else first] = False
    return int(alive.sum())


def _overlap(places: Plane, sigmas: Plane, pairs: NDArray[np.int64]) -> Plane:
    """Area that two discs of radius √2·σ share, as a part of the smaller one's, for each pair."""
    here, there = pairs.T
    one, two = sigmas[here], sigmas[there]
    larger, smaller = np.maximum(one, two), np.minimum(one, two)
    ratio = smaller / larger  # radii are 1 and `ratio` from here on
    apart = np.linalg.norm(places[here] - places[there], axis=1) / (larger * np.sqrt(2))
    # Clipped to where the circles do cross, as the formula holds there alone; the other cases are decided last.
    crossing = np.clip(apart, np.maximum(1.0 - ratio, 1e-9), 1.0 + ratio)
    first = np.arccos(np.clip((crossing**2 + 1.0 - ratio**2) / (2.0 * crossing), -1.0, 1.0))
    second = np.arccos(np.clip((crossing**2 + ratio**2 - 1.0) / (2.0 * crossing * ratio), -1.0, 1.0))
    corners = (1 + ratio - crossing) * (crossing + ratio - 1) * (crossing - ratio + 1) * (crossing + ratio + 1)
    # Two circular segments: sectors of both discs less the kite between centres and crossings (Heron).
    area = first + ratio**2 * second - 0.5 * np.sqrt(np.maximum(corners, 0.0))
    shared = area / (np.pi * ratio**2)
    return np.asarray(np.where(apart > 1.0 + ratio, 0.0, np.where(apart <= 1.0 - ratio, 1.0, shared)))


@dataclass(frozen=True, slots=True)
class Texture:
    """Haralick's measures at a distance of one pixel, mean over four directions, on 32 grey levels.

    `contrast` is divided by its largest value; all are on 0…1, `correlation` on −1…1.
    """

    contrast: float
    homogeneity: float
    energy: float
    correlation: float


def measure_texture(plane: Plane) -> Texture:
    """Texture by the grey-level co-occurrence matrix; a picture without neighbours is perfectly smooth.

    References
    ----------
    Haralick, Shanmugam & Dinstein (1973), Textural features for image classification, IEEE SMC 3;
    Machajdik & Hanbury (2010), Affective image classification using features inspired by psychology and art
    theory, ACM Multimedia, section 3.2.

    Examples
    --------
    >>> measure_texture(np.full((8, 8), 0.5))
    Texture(contrast=0.0, homogeneity=1.0, energy=1.0, correlation=1.0)
    """
    if min(plane.shape) < 2:
        return Texture(0.0, 1.0, 1.0, 1.0)
    # 1.0 would fall into a level of its own.
    levels = np.minimum((plane * _GREY_LEVELS).astype(np.uint8), _GREY_LEVELS - 1)
    angles = [0.0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    matrix = graycomatrix(levels, [1], angles, levels=_GREY_LEVELS, symmetric=True, normed=True)

    def mean(name: str) -> float:
        return float(graycoprops(matrix, name).mean())

    return Texture(mean("contrast") / (_GREY_LEVELS - 1) ** 2, mean("homogeneity"), mean("energy"), mean("correlation"))


@dataclass(frozen=True, slots=True)
class Composition:
    """How light and detail are laid out.

    `symmetry` is the correlation with the mirror image (−1…1, 1 where nothing varies); `centre_light` and
    `top_light` are mean brightness of the inner third, and of the upper half, minus that of the whole (−1…1);
    `centre_detail` is the share of fine detail that lies in the inner third of the picture's width and height
    (0…1, ¹⁄₉ where detail is even), a sign of shallow depth of field.
    """

    symmetry: float
    centre_light: float
    top_light: float
    centre_detail: float


def measure_composition(plane: Plane) -> Composition:
    """Layout after Datta et al. (2006) and Machajdik & Hanbury (2010), section 3.3.

    Examples
    --------
    >>> sky = np.vstack([np.ones((9, 18)), np.zeros((9, 18))])
    >>> composition = measure_composition(sky)
    >>> composition.symmetry, composition.top_light
    (1.0, 0.5)
    """
    height, width = plane.shape
    # The inner third, rounded outwards: a single pixel has one, too.
    inner = (slice(height // 3, -(-2 * height // 3)), slice(width // 3, -(-2 * width // 3)))
    mean = float(plane.mean())
    # Absolute differences to the left and upper neighbour.
    detail = np.zeros_like(plane)
    detail[:, 1:] += np.abs(np.diff(plane, axis=1))
    detail[1:, :] += np.abs(np.diff(plane, axis=0))
    total = float(detail.sum())
    return Composition(
        symmetry=_correlate(plane, plane[:, ::-1]),
        centre_light=float(plane[inner].mean()) - mean,
        top_light=float(plane[: -(-height // 2)].mean()) - mean,
        centre_detail=float(detail[inner].sum()) / total if total > 1e-9 else 1.0 / 9.0,
    )


def _correlate(first: Plane, second: Plane) -> float:
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / scale) if scale > 1e-9 else 1.0

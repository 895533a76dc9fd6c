"""Distance to real music after Yang & Lerch (2020): overlap and divergence of intra- and inter-set distances.

For each feature the distances among real clips and those between made and real clips are smoothed to
densities; made music is close when the two coincide (overlap 1, divergence 0). The yardstick is real
music against other real music.

References
----------
Yang, L.-C. & Lerch, A. (2020). On the evaluation of generative models in music. *Neural Computing and
Applications* 32, 4773–4784.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.second_judge import IOI_EDGES, LENGTH_EDGES, trim

FloatArray = NDArray[np.float64]

GRID_POINTS = 400


def describe(table: FloatArray) -> dict[str, FloatArray]:
    """The features of one clip: numbers and histograms, rates instead of counts."""
    table = trim(table)
    onset, pitch, duration, velocity = table[:, 0], table[:, 1].astype(int), table[:, 2], table[:, 3]
    seconds = onset.max() + 1.0
    gaps = np.diff(onset)
    gaps = gaps[gaps > 0.03]
    classes = np.bincount(pitch % 12, minlength=12) / len(pitch)
    moves = np.zeros((12, 12))
    np.add.at(moves, (pitch[:-1] % 12, pitch[1:] % 12), 1.0)
    strongest = int(classes.argmax())
    return {
        "pitches used": np.array([float(len(set(pitch.tolist())))]),
        "pitch range": np.array([float(np.ptp(pitch))]),
        "mean pitch": np.array([pitch.mean()]),
        "pitch interval": np.array([np.abs(np.diff(pitch)).mean()]),
        "notes per second": np.array([len(pitch) / seconds]),
        "time between onsets": np.array([gaps.mean()]),
        "note length": np.array([duration.mean()]),
        "velocity": np.array([velocity.mean()]),
        "velocity spread": np.array([velocity.std()]),
        "pitch classes (12)": np.roll(classes, -strongest),
        "pitch class moves (144)": np.roll(moves, (-strongest, -strongest), (0, 1)).ravel() / max(moves.sum(), 1),
        "onset gaps (12)": np.histogram(gaps, IOI_EDGES)[0] / max(len(gaps), 1),
        "note lengths (10)": np.histogram(duration, LENGTH_EDGES)[0] / len(duration),
        "velocities (16)": np.histogram(velocity, np.arange(0, 129, 8))[0] / len(velocity),
    }


def stack_features(tables: list[FloatArray]) -> dict[str, FloatArray]:
    """Features of many clips, each of shape (clips, values)."""
    described = [describe(table) for table in tables]
    return {name: np.stack([one[name] for one in described]) for name in described[0]}


def compare(made: FloatArray, real: FloatArray) -> tuple[float, float]:
    """Overlap and KL divergence of made–real distances against real–real distances, for one feature."""
    within = _distances(real, real)[np.triu_indices(len(real), 1)]
    across = _distances(made, real).ravel()
    high = float(max(within.max(), across.max())) * 1.05 + 1e-9
    grid = np.linspace(0.0, high, GRID_POINTS)
    p, q = _density(within, grid), _density(across, grid)
    overlap = float(np.minimum(p, q).sum())
    divergence = float((q * np.log((q + 1e-9) / (p + 1e-9))).sum())
    return overlap, divergence


def _distances(one: FloatArray, other: FloatArray) -> FloatArray:
    square = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=2)
    distances: FloatArray = np.sqrt(square)
    return distances


def _density(values: FloatArray, grid: FloatArray) -> FloatArray:
    """Gaussian kernel density on a grid by smoothing a fine histogram; sums to 1."""
    width = max(1.06 * values.std() * len(values) ** -0.2, grid[1] - grid[0])
    counts = np.histogram(values, np.append(grid, 2 * grid[-1] - grid[-2]))[0].astype(np.float64)
    reach = np.arange(-len(grid) + 1, len(grid)) * (grid[1] - grid[0])
    kernel = np.exp(-0.5 * (reach / width) ** 2)
    smooth = np.convolve(counts, kernel)[len(grid) - 1 : 2 * len(grid) - 1]
    density: FloatArray = smooth / smooth.sum()
    return density

"""Paths for brush and line: arrays of shape (points, 2) in shares of width and height."""

from __future__ import annotations

import numpy as np

from generation.images.demo.canvas import Path, Point


def curve(*points: Point, count: int = 80) -> Path:
    """A smooth path through `points` (Catmull–Rom).

    Examples
    --------
    >>> curve((0, 0), (1, 1), count=3).tolist()
    [[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]]
    """
    knots = np.array(points, dtype=float)
    knots = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    place = np.linspace(0, len(points) - 1, count)
    index = np.minimum(place.astype(int), len(points) - 2)
    t = (place - index)[:, None]
    a, b, c, d = (knots[index + step] for step in range(4))
    path: Path = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return path


def wave(left: float, right: float, height: float, swing: float, turns: float, phase: float, count: int = 160) -> Path:
    """A wavy line from `left` to `right` around `height`."""
    x = np.linspace(left, right, count)
    sway = np.sin(2 * np.pi * turns * x + phase) + 0.4 * np.sin(2 * np.pi * turns * 2.3 * x + 1.7 * phase)
    return np.stack([x, height + swing * sway], axis=1)


def below(ridge: Path) -> Path:
    """The area under a line, down to the bottom of the picture."""
    return np.vstack([ridge, [(1.1, 1.1), (-0.1, 1.1)]])


def zigzag(start: Point, end: Point, swing: float, corners: int, random: np.random.Generator) -> Path:
    """A jagged line from `start` to `end`."""
    share = np.linspace(0, 1, corners)[:, None]
    path: Path = np.array(start) + (np.array(end) - np.array(start)) * share
    path[1:-1] += random.normal(0, swing, (corners - 2, 2))
    return path


def petal(centre: Point, radius: float, wobble: float, lobes: int, random: np.random.Generator) -> Path:
    """A closed, roundish outline; `radius` is a share of the height."""
    angle = np.linspace(0, 2 * np.pi, 140, endpoint=False)
    reach = np.ones_like(angle)
    for lobe in range(2, lobes + 2):
        reach += wobble / lobe * random.normal() * np.cos(lobe * angle + random.uniform(0, 2 * np.pi))
    x = centre[0] + 0.75 * radius * reach * np.cos(angle)
    return np.stack([x, centre[1] + radius * reach * np.sin(angle)], axis=1)


def shift(path: Path, right: float, down: float) -> Path:
    """The same path a little further right and down."""
    moved: Path = path + np.array([right, down])
    return moved

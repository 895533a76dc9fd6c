"""From played onsets to ticks: each beat is divided by four or by three, whichever its notes fit better."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.melody_first.codes import TICKS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EARLY: Final = 1.0 / 16
"""Notes up to this many beats early belong to the beat they anticipate."""
FAVOUR: Final = 0.6
"""Ticks of distance, summed over a beat's notes, by which the song's own division may be worse; judgement."""
TERNARY_SONG: Final = 0.5
"""A song whose notes off the beat fit thirds better than quarters in more than this share of beats is ternary."""


def to_ticks(beats: FloatArray) -> tuple[IntArray, float, bool]:
    """Put onsets (in beats) on the grid.

    Returns
    -------
    ticks : array of int
        Twelve per beat.
    rest : float
        Mean distance from the grid in ticks; 0.75 would be chance for quarters.
    ternary : bool
        Whether beats are mostly divided by three.

    Examples
    --------
    >>> ticks, rest, ternary = to_ticks(np.array([0, 0.26, 0.5, 1.0, 1.34, 1.66]))
    >>> ticks.tolist(), ternary
    ([0, 3, 6, 12, 16, 20], False)
    """
    place = beats * TICKS
    quarters, thirds = np.round(beats * 4) * 3, np.round(beats * 3) * 4
    cell = np.floor(beats + EARLY).astype(np.int64)
    _, index = np.unique(cell, return_inverse=True)
    off = np.zeros((2, int(index.max()) + 1 if len(index) else 0))
    for row, grid in enumerate((quarters, thirds)):
        np.add.at(off[row], index, np.abs(place - grid))
    # Beats with nothing but a note on the beat fit both and say nothing.
    telling = np.abs(off[0] - off[1]) > FAVOUR
    ternary = bool(telling.any() and (off[1] < off[0])[telling].mean() > TERNARY_SONG)
    by_three = off[1] < off[0] + FAVOUR if ternary else off[1] + FAVOUR < off[0]
    ticks = np.where(by_three[index], thirds, quarters)
    rest = float(np.abs(place - ticks).mean()) if len(beats) else 0.0
    return ticks.astype(np.int64), rest, ternary


def to_beats(seconds: FloatArray, times: FloatArray) -> FloatArray:
    """Place times on beats at `times` (s); outside them the tempo at the edge goes on.

    >>> to_beats(np.array([-0.5, 0.75, 2.0]), np.array([0.0, 0.5, 1.0])).tolist()
    [-1.0, 1.5, 4.0]
    """
    last = len(times) - 1
    inside = np.interp(seconds, times, np.arange(len(times), dtype=np.float64))
    before = (seconds - times[0]) / (times[1] - times[0])
    after = last + (seconds - times[-1]) / (times[-1] - times[-2])
    return np.where(seconds < times[0], before, np.where(seconds > times[-1], after, inside))

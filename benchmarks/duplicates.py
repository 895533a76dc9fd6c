"""How alike clips are: near-duplicates among made clips, and runs of notes copied from training clips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.second_judge import trim
from generation.music.copying import FEWEST_PITCHES, top_line

FloatArray = NDArray[np.float64]

ALIKE = 0.8
CELL_SECONDS = 0.25
LONGEST = 48


def roll(table: FloatArray) -> FloatArray:
    """Which pitches begin in which quarter second, transposed so that the mean pitch is 0; flattened."""
    table = trim(table)
    cells = (table[:, 0] / CELL_SECONDS).astype(int)
    pitch = table[:, 1].astype(int) - round(float(table[:, 1].mean())) + 48
    grid = np.zeros((120, 96), dtype=np.float32)
    inside = (pitch >= 0) & (pitch < 96) & (cells < 120)
    grid[cells[inside], pitch[inside]] = 1.0
    return grid.ravel()


def compare_all(tables: list[FloatArray]) -> FloatArray:
    """Jaccard similarity of all pairs of clips' rolls; shape (clips, clips), diagonal 0."""
    rolls = np.stack([roll(table) for table in tables])
    shared = rolls @ rolls.T
    size = rolls.sum(axis=1)
    similarity = shared / (size[:, None] + size[None, :] - shared)
    np.fill_diagonal(similarity, 0.0)
    return np.asarray(similarity, dtype=np.float64)


def lines(table: FloatArray) -> list[NDArray[np.int64]]:
    """Top line, and all notes in order of onset and pitch."""
    starts = (table[:, 0] / 0.04).astype(np.int64)
    pitch = table[:, 1].astype(np.int64)
    order = np.lexsort((pitch, starts))
    return [top_line(starts, pitch), pitch[order]]


class CopySearch:
    """Longest run of notes (any transposition, at least five different pitches) shared with known clips."""

    def __init__(self, known: list[FloatArray]) -> None:
        self._known = [line for table in known for line in lines(table)]
        self._sets: dict[int, set[bytes]] = {}

    def _runs(self, size: int) -> set[bytes]:
        if size not in self._sets:
            self._sets[size] = {run for line in self._known for run in _runs_of(line, size)}
        return self._sets[size]

    def longest(self, table: FloatArray) -> int:
        """Notes of the longest shared run; 7 stands for "fewer than 8"."""
        best = 7
        for line in lines(table):
            while best < LONGEST and any(run in self._runs(best + 1) for run in _runs_of(line, best + 1)):
                best += 1
        return best


def _runs_of(line: NDArray[np.int64], size: int) -> list[bytes]:
    if len(line) < size:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(line, size)
    ordered = np.sort(windows, axis=1)
    tunes = (np.diff(ordered, axis=1) > 0).sum(axis=1) + 1 >= FEWEST_PITCHES
    return [run.tobytes() for run in np.diff(windows[tunes], axis=1).astype(np.int8)]

"""Is a tune copied? Runs of notes compared by their intervals, as hashes.

Two lines are looked at: the top line, and all notes in order of onset and pitch. A run of `RUN` notes is
a tune only if it holds at least `FEWEST_PITCHES` different pitches; scales of two or three notes and
broken triads are common property.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
HashArray = NDArray[np.uint32]

RUN: Final = 12
FEWEST_PITCHES: Final = 5
_PRIME: Final = np.uint64(1_099_511_628_211)
_BASIS: Final = np.uint64(14_695_981_039_346_656_037)


def top_line(starts: IntArray, pitches: IntArray) -> IntArray:
    """Highest pitch of each start, in order of time; `starts` may come in any order.

    >>> top_line(np.array([0, 0, 4]), np.array([48, 60, 55])).tolist()
    [60, 55]
    """
    order = np.lexsort((pitches, starts))
    starts, pitches = starts[order], pitches[order]
    # Sorted by start, then pitch: the last of each start is its highest.
    return pitches[np.r_[starts[1:] != starts[:-1], True]] if len(starts) else pitches


def hash_runs(pitches: IntArray, run: int = RUN) -> HashArray:
    """Hash each run of `run` notes by its intervals (transposition does not matter; FNV-1a, 32 bits).

    Examples
    --------
    >>> scale = np.array([60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81])
    >>> bool((hash_runs(scale) == hash_runs(scale + 5)).all()), len(hash_runs(scale))
    (True, 2)
    """
    if len(pitches) < run:
        return np.zeros(0, dtype=np.uint32)
    # Shape (runs, run), a view: no copy of every run.
    windows = np.lib.stride_tricks.sliding_window_view(pitches, run)
    ordered = np.sort(windows, axis=1)
    tunes = (np.diff(ordered, axis=1) > 0).sum(axis=1) + 1 >= FEWEST_PITCHES
    intervals = np.diff(windows[tunes], axis=1)
    hashes = np.full(len(intervals), _BASIS, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in intervals.T:
            # Intervals are −127 to 127; shifted they are bytes, hashed one column (place in the run) at a time for all
            # runs.
            hashes = (hashes ^ (column + 128).astype(np.uint64)) * _PRIME
    # The upper half: in FNV's product the low bits depend on few of the input's.
    return (hashes >> np.uint64(32)).astype(np.uint32)


def hash_tunes(starts: IntArray, pitches: IntArray) -> HashArray:
    """Hashes of the runs of both lines of a piece."""
    order = np.lexsort((pitches, starts))
    return np.concatenate([hash_runs(top_line(starts, pitches)), hash_runs(pitches[order])])


def collect_hashes(pieces: Iterable[tuple[IntArray, IntArray]]) -> HashArray:
    """Sorted, unique hashes of many pieces, each given as starts and pitches."""
    found = [hash_tunes(starts, pitches) for starts, pitches in pieces]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint32)


def count_copied(starts: IntArray, pitches: IntArray, known: HashArray) -> int:
    """How many runs of `RUN` notes of a piece occur among `known` (sorted) hashes."""
    if len(known) == 0:
        return 0
    hashes = hash_tunes(starts, pitches)
    place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return int((known[place] == hashes).sum())

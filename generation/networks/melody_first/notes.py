"""Notes of one stage, as codes or as MIDI numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes sorted by start, then pitch; each array of shape (notes,). Starts in ticks."""

    starts: IntArray
    pitches: IntArray
    durations: IntArray
    velocities: IntArray

    def __len__(self) -> int:
        return len(self.starts)

    def pick(self, chosen: NDArray[np.bool_] | IntArray) -> Notes:
        """The chosen notes."""
        return Notes(self.starts[chosen], self.pitches[chosen], self.durations[chosen], self.velocities[chosen])


def one_at_a_time(notes: Notes) -> Notes:
    """A melody has one note at a time: of one start the highest stays, and each ends where the next begins.

    Durations in ticks.
    """
    if len(notes) == 0:
        return notes
    notes = notes.pick(np.r_[np.diff(notes.starts) > 0, True])
    gaps = np.diff(notes.starts, append=notes.starts[-1] + 10**6)
    return Notes(notes.starts, notes.pitches, np.minimum(notes.durations, gaps), notes.velocities)

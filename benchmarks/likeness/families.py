"""Families of features, and the table of all features of many clips.

Each feature is either content (what the notes are to each other: a transposed or louder clip has the same)
or physical (register, seconds, touch, timing, the end). Judges hear content alone, and all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.likeness import pitches, times
from benchmarks.likeness.clips import Clip
from benchmarks.likeness.hearing import Heard, hear

FloatArray = NDArray[np.float64]

FAMILIES: Final = {
    "melody": "intervals of the top line",
    "register": "where pitches lie",
    "harmony": "pitch classes, chords, dissonance",
    "rhythm": "lengths and gaps, in beats and in seconds",
    "texture": "notes struck and sounding together",
    "touch": "velocities",
    "timing": "deviations, asynchrony, overlap, pedal",
    "form": "returning bars, rests",
    "end": "how the whole clip ends",
}
"""Name of each family → what it is about."""
BY_DESIGN: Final = "end"
"""All clips end alike on purpose (docs/decisions/one-length.md): this family is shown, and is part of no judgement."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Features of many clips.

    Parameters
    ----------
    values : array, shape (clips, features)
    names : tuple of str, shape (features,)
        ``"<family>: <feature>"``.
    content : array of bool, shape (features,)
        Which features are content.
    """

    values: FloatArray
    names: tuple[str, ...]
    content: NDArray[np.bool_]

    def columns_of(self, family: str) -> NDArray[np.int64]:
        """The columns of a family."""
        return np.flatnonzero([name.partition(":")[0] == family for name in self.names])

    def pick(self, rows: NDArray[np.int64]) -> FeatureTable:
        """The features of some clips."""
        return FeatureTable(self.values[rows], self.names, self.content)

    def judged(self) -> FeatureTable:
        """All families but the one that is the same by design."""
        kept = np.setdiff1d(np.arange(len(self.names)), self.columns_of(BY_DESIGN))
        return FeatureTable(self.values[:, kept], tuple(self.names[column] for column in kept), self.content[kept])


def measure_all(clips: Sequence[Clip]) -> FeatureTable:
    """Measure every feature of every clip."""
    measured = [measure_clip(clip) for clip in clips]
    names = tuple(measured[0])
    values = np.array([[features[name][0] for name in names] for features in measured])
    return FeatureTable(values, names, np.array([measured[0][name][1] for name in names]))


def measure_clip(clip: Clip) -> dict[str, tuple[float, bool]]:
    """Each feature's value, and whether it is content."""
    heard = hear(clip)
    return {
        f"{family}: {name}": (value, content)
        for family, content, features in _measure_families(clip, heard)
        for name, value in features.items()
    }


def _measure_families(clip: Clip, heard: Heard) -> list[tuple[str, bool, dict[str, float]]]:
    return [
        ("melody", True, pitches.measure_melody(heard)),
        ("register", False, pitches.measure_height(heard)),
        ("register", True, pitches.measure_spread(heard)),
        ("harmony", True, pitches.measure_harmony(heard)),
        ("rhythm", True, times.measure_beats(heard)),
        ("rhythm", False, times.measure_speed(heard)),
        ("texture", True, pitches.measure_texture(heard)),
        ("touch", False, times.measure_touch(heard)),
        ("timing", False, times.measure_timing(heard)),
        ("form", True, times.measure_form(heard)),
        ("end", False, times.measure_end(clip)),
    ]

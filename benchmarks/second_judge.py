"""A judge of clips that selection never sees: other features, other algorithm, other songs than the critic.

It hears a clip as histograms (of time between onsets, note lengths, velocities, registers, melodic and
harmonic intervals, chord colours per second), not as the named attributes the critic uses, and decides
with extremely randomised trees, not by a linear rule. Its songs are those of EMOPIA's train split which
the critic did not hear; its reference are the songs of EMOPIA's val split, which neither heard.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.training.composer.criticism import is_critics_song
from generation.training.datasets.emopia import PianoClip

FloatArray = NDArray[np.float64]

QUADRANTS = ("Q1", "Q2", "Q3", "Q4")
IOI_EDGES = np.array([0.02, 0.06, 0.1, 0.15, 0.2, 0.27, 0.36, 0.5, 0.7, 1.0, 1.5, 3.0, 60.0])
LENGTH_EDGES = np.array([0.0, 0.08, 0.15, 0.25, 0.4, 0.6, 0.9, 1.4, 2.2, 3.5, 120.0])
CLIP_SECONDS = 27.0


def trim(table: FloatArray, seconds: float = CLIP_SECONDS) -> FloatArray:
    """The first seconds of a clip, starting at its first note, so that all clips are about as long."""
    table = table[np.argsort(table[:, 0], kind="stable")]
    table = table - np.array([table[0, 0], 0, 0, 0])
    return table[table[:, 0] < seconds]


def hear(table: FloatArray) -> FloatArray:
    """The judge's features of one clip, from rows of onset, pitch, duration, velocity."""
    table = trim(table)
    onset, pitch, duration, velocity = table[:, 0], table[:, 1].astype(int), table[:, 2], table[:, 3]
    seconds = max(onset.max() + 1.0, 1.0)
    gaps = np.diff(onset)
    per_second = np.bincount(onset.astype(int), minlength=int(seconds))
    chroma = np.bincount(pitch % 12, np.minimum(duration, 2.0), 12)
    return np.concatenate(
        [
            np.histogram(gaps[gaps > 0.02], IOI_EDGES)[0] / seconds,
            np.histogram(duration, LENGTH_EDGES)[0] / len(table),
            np.percentile(velocity, [5, 25, 50, 75, 95]),
            np.percentile(pitch, [5, 25, 50, 75, 95]),
            [len(table) / seconds, per_second.mean(), per_second.std(), per_second.max()],
            np.abs(np.fft.rfft(chroma / chroma.sum()))[1:],
            hear_colours(onset, pitch, duration),
            np.bincount(np.minimum(np.abs(np.diff(pitch)), 24), minlength=25) / len(table),
        ]
    )


def hear_colours(onset: FloatArray, pitch: NDArray[Any], duration: FloatArray) -> FloatArray:
    """Mean strength of major, minor, diminished and augmented triads per second, and their contrast."""
    count = int(onset.max()) + 1
    chroma = np.zeros((count, 12))
    for start, key, length in zip(onset, pitch, duration, strict=True):
        for second in range(int(start), min(int(start + min(length, 2.0)), count - 1) + 1):
            chroma[second, key % 12] += min(start + length, second + 1.0) - max(start, second)
    chroma /= np.linalg.norm(chroma, axis=1, keepdims=True) + 1e-9
    best = []
    for triad in ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8)):
        shape = np.zeros(12)
        shape[list(triad)] = 1 / np.sqrt(3)
        best.append(np.max([chroma @ np.roll(shape, root) for root in range(12)], axis=0))
    strength = np.stack(best)
    whole = chroma.mean(axis=0)
    thirds = [
        max(
            whole @ np.roll(np.bincount([0, 2, 4, 5, 7, 9, 11], minlength=12), root)
            + whole[root % 12]
            + 0.5 * whole[(root + third) % 12]
            for root in range(12)
        )
        for third in (4, 3)
    ]
    return np.concatenate([strength.mean(axis=1), [(strength[0] > strength[1]).mean(), thirds[0] - thirds[1]]])


class SecondJudge:
    """Extremely randomised trees on `hear`, fitted on the train songs the critic did not hear."""

    def __init__(self, clips: list[PianoClip], seed: int = 5) -> None:
        from sklearn.ensemble import ExtraTreesClassifier

        heard = [c for c in clips if c.split == "train" and c.quadrant and not is_critics_song(c.song)]
        self.songs = {clip.song for clip in heard}
        self.clips = len(heard)
        self._trees = ExtraTreesClassifier(
            800, min_samples_leaf=2, max_features=0.3, class_weight="balanced", random_state=seed, n_jobs=1
        ).fit(np.stack([hear(clip.table) for clip in heard]), [clip.quadrant for clip in heard])

    def recognise(self, tables: list[FloatArray]) -> list[str]:
        """The quadrant the judge hears in each clip."""
        return [str(found) for found in self._trees.predict(np.stack([hear(table) for table in tables]))]

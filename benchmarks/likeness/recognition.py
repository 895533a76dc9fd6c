"""Three judges of real music name the quadrant of a clip; they share neither features, nor algorithm, nor all songs.

Each leaves out another third of the songs that judges learn from. One counts histograms and decides with trees, one
hears the families of features and decides by a linear rule, one hears windows of three seconds and how they change, and
decides by likeness to clips it knows (a support vector machine with a radial kernel).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks import second_judge
from benchmarks.intervals import Measured
from benchmarks.likeness.clips import Clip
from benchmarks.likeness.families import measure_all
from generation.music.keys import find_key, weigh_pitch_classes
from generation.training.datasets.songs import share_of_song
from survey.analysis.proportions import wilson

FloatArray = NDArray[np.float64]

WINDOW_SECONDS: Final = 3.0
THIRDS: Final = 3


def count_histograms(clips: Sequence[Clip]) -> FloatArray:
    """Histograms of `benchmarks.second_judge`; shape (clips, features)."""
    return np.stack([second_judge.hear(clip.table) for clip in clips])


def hear_families(clips: Sequence[Clip]) -> FloatArray:
    """The features of all families but the end's; shape (clips, features)."""
    return measure_all(clips).judged().values


def hear_windows(clips: Sequence[Clip]) -> FloatArray:
    """Mean and spread, over windows of three seconds, of twelve numbers each; shape (clips, 24)."""
    heard = []
    for clip in clips:
        table = second_judge.trim(clip.table)
        window = (table[:, 0] // WINDOW_SECONDS).astype(int)
        numbers = np.stack([_describe_window(table[window == one]) for one in np.unique(window)])
        heard.append(np.concatenate([numbers.mean(axis=0), numbers.std(axis=0)]))
    return np.stack(heard)


def _describe_window(table: FloatArray) -> FloatArray:
    onset, pitch, duration, velocity = table[:, 0], table[:, 1].astype(np.int64), table[:, 2], table[:, 3]
    chroma = weigh_pitch_classes(pitch, np.minimum(duration, 2.0))
    key = find_key(chroma)
    return np.array(
        [
            np.sqrt(len(table)),
            len(np.unique(np.round(onset, 1))),
            velocity.mean(),
            velocity.max(),
            pitch.mean(),
            pitch.min(),
            pitch.max(),
            np.log(duration.mean()),
            np.log(duration.max()),
            key.majorness,
            key.clarity,
            float((chroma > 0.05 * chroma.sum()).sum()),
        ]
    )


@dataclass(frozen=True, slots=True)
class JudgeKind:
    """How one judge hears and how it decides."""

    name: str
    hear: Callable[[Sequence[Clip]], FloatArray]
    decide: Callable[[], Any]


JUDGES: Final = (
    JudgeKind(
        "histograms, trees",
        count_histograms,
        lambda: ExtraTreesClassifier(400, min_samples_leaf=5, class_weight="balanced", random_state=0),
    ),
    JudgeKind(
        "families, linear",
        hear_families,
        lambda: LogisticRegression(C=0.01, class_weight="balanced", max_iter=2000),
    ),
    JudgeKind("windows, kernel", hear_windows, lambda: SVC(C=1.0, class_weight="balanced", random_state=0)),
)


class Panel:
    """The three judges, fitted on real clips."""

    def __init__(self, lessons: Sequence[Clip]) -> None:
        self.songs: dict[str, frozenset[str]] = {}
        self._judges: dict[str, tuple[JudgeKind, Any]] = {}
        for number, kind in enumerate(JUDGES):
            heard = [clip for clip in lessons if third_of(clip.song) != number]
            self.songs[kind.name] = frozenset(clip.song for clip in heard)
            judge = make_pipeline(StandardScaler(), kind.decide())
            self._judges[kind.name] = (kind, judge.fit(kind.hear(heard), [clip.quadrant for clip in heard]))

    def recognise(self, clips: Sequence[Clip]) -> dict[str, list[str]]:
        """The quadrant that each judge hears in each clip."""
        return {
            name: [str(quadrant) for quadrant in judge.predict(kind.hear(clips))]
            for name, (kind, judge) in self._judges.items()
        }


def third_of(song: str) -> int:
    """Which third of the songs, 0…2, a song belongs to: drawn by its name and not by what splits the data already."""
    return min(int(share_of_song(f"third of {song}") * THIRDS), THIRDS - 1)


@dataclass(frozen=True, slots=True)
class Recognised:
    """How many of how many clips were heard as meant, with the share and Wilson's 95 % interval."""

    hits: int
    clips: int
    share: Measured


def recognise(clips: Sequence[Clip], panel: Panel) -> dict[str, dict[str, Recognised]]:
    """How often each judge hears the quadrant: of all clips, of each quadrant and of each emotion."""
    groups: dict[str, list[int]] = {"all": list(range(len(clips)))}
    for row, clip in enumerate(clips):
        groups.setdefault(clip.quadrant, []).append(row)
        if clip.emotion is not None:
            groups.setdefault(clip.emotion, []).append(row)
    return {
        name: {group: count_hits([heard[row] == clips[row].quadrant for row in rows]) for group, rows in groups.items()}
        for name, heard in panel.recognise(clips).items()
    }


def count_hits(hits: Sequence[bool]) -> Recognised:
    """Share of hits among at least one clip.

    >>> count_hits([True, True, False]).hits
    2
    """
    low, high = wilson(sum(hits), len(hits)) or (0.0, 1.0)
    return Recognised(sum(hits), len(hits), Measured(sum(hits) / len(hits), low, high))

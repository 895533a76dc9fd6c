"""All judges at once: what they say of a set of made clips, and of real clips in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import closeness, two_samples
from benchmarks.intervals import wilson
from benchmarks.likeness.clips import QUADRANTS, Clip, read_real
from benchmarks.likeness.counting import mean_counts
from benchmarks.likeness.distances import Distances, Measured, halve_songs, measure_distances, standardise
from benchmarks.likeness.families import FeatureTable, measure_all
from benchmarks.likeness.intentions import Intentions, judge_intentions
from benchmarks.likeness.recognition import Panel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recognised:
    """How many of how many clips a judge heard as meant, with the share and its interval."""

    hits: int
    clips: int

    @property
    def share(self) -> Measured:
        """Share and Wilson's 95 % interval."""
        return Measured(self.hits / self.clips, *wilson(self.hits, self.clips))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judges say of one set of clips; a part is None where it cannot be asked.

    Parameters
    ----------
    clips : int
        How many clips were judged.
    content_areas, all_areas : dict
        Classifier → area under its curve against real clips: .5 is alike.
    distances : Distances
        Per family, two halves of real clips being 1 apart.
    overlap, divergence : float
        Means over the features of Yang and Lerch (2020).
    density, coverage, twins, diversity : float
        As in `benchmarks.two_samples`, on the standardised features of all families.
    distances_by_emotion : dict
        Emotion → distances of its clips from real clips of its quadrant.
    recognised : dict
        Judge → group (``"all"``, a quadrant, an emotion) → how often it was heard.
    intentions : Intentions
        Which of the emotions a judge of other seeds hears.
    counts : dict
        Group → musicians' counts.
    """

    clips: int
    content_areas: dict[str, Measured] | None = None
    all_areas: dict[str, Measured] | None = None
    distances: Distances | None = None
    overlap: float | None = None
    divergence: float | None = None
    density: float | None = None
    coverage: float | None = None
    twins: float | None = None
    diversity: float | None = None
    distances_by_emotion: dict[str, Distances] | None = None
    recognised: dict[str, dict[str, Recognised]] | None = None
    intentions: Intentions | None = None
    counts: dict[str, dict[str, float]] | None = None


class Reference:
    """Real clips, measured once, and the panel of judges; made once, used for every set of clips."""

    def __init__(self, yardstick: Sequence[Clip], lessons: Sequence[Clip]) -> None:
        self.clips = list(yardstick)
        self.features = measure_all(self.clips)
        self.panel = Panel(lessons)

    @classmethod
    def read(
        cls, data: Path, *, final: bool = False, progress: Callable[[Iterable[Path]], Iterable[Path]] = iter
    ) -> Reference:
        """Read EMOPIA's clips; the sets are those of `read_real`, whose errors it raises."""
        real = read_real(data, final=final, progress=progress)
        return cls(real.yardstick, real.lessons)

    def pick(self, rows: IntArray) -> RealSet:
        """Some of the clips with their features."""
        return RealSet([self.clips[row] for row in rows], pick_rows(self.features, rows))


@dataclass(frozen=True, slots=True)
class RealSet:
    """Real clips that made ones are compared with."""

    clips: list[Clip]
    features: FeatureTable

    @property
    def songs(self) -> list[str]:
        """Each clip's song."""
        return [clip.song for clip in self.clips]


def judge(made: Sequence[Clip], reference: Reference) -> Judgement:
    """Let all judges hear a set of made clips.

    Real clips are compared with in the proportions of quadrants that the made clips have.

    Raises
    ------
    ValueError
        When there are fewer than ten clips, or one without an intended emotion.
    """
    if len(made) < 10 or any(clip.emotion is None for clip in made):
        raise ValueError("Give at least ten clips to be judged, each with its intended emotion.")
    features = measure_all(made)
    emotions = [str(clip.emotion) for clip in made]
    real = reference.pick(match_quadrants(reference.clips, made))
    return Judgement(
        len(made),
        **compare_sets(made, features, real),
        distances_by_emotion={
            emotion: _compare_emotion(made, features, emotion, reference) for emotion in dict.fromkeys(emotions)
        },
        recognised=recognise(made, reference.panel),
        intentions=judge_intentions(features.values, emotions, [clip.song for clip in made]),
        counts={
            "all": mean_counts(made),
            **{one: mean_counts([c for c in made if c.emotion == one]) for one in dict.fromkeys(emotions)},
        },
    )


def judge_real(reference: Reference) -> Judgement:
    """What the judges say of the real clips themselves: recognition, counts, and how near their neighbours are."""
    clips = reference.clips
    values = standardise(reference.features.values, reference.features.values)
    return Judgement(
        len(clips),
        twins=two_samples.near_twins(values, values),
        diversity=two_samples.diversity(values, values),
        recognised=recognise(clips, reference.panel),
        counts={
            "all": mean_counts(clips),
            **{one: mean_counts([clip for clip in clips if clip.quadrant == one]) for one in QUADRANTS},
        },
    )


def judge_halves(reference: Reference, made: Sequence[Clip]) -> Judgement:
    """One half of the real songs compared with the other as made clips are, in the same proportions of quadrants."""
    real = reference.pick(match_quadrants(reference.clips, made))
    one, other = halve_songs(real.songs, np.random.default_rng(1))
    half = [real.clips[row] for row in one]
    rest = RealSet([real.clips[row] for row in other], pick_rows(real.features, other))
    return Judgement(len(half), **compare_sets(half, pick_rows(real.features, one), rest))


def compare_sets(clips: Sequence[Clip], features: FeatureTable, real: RealSet) -> dict[str, object]:
    """Every comparison of a set of clips with real ones, by the names of `Judgement`'s parts."""
    ours = standardise(features.values, real.features.values)
    theirs = standardise(real.features.values, real.features.values)
    songs = [clip.song for clip in clips]
    content = features.content
    density, coverage = two_samples.density_and_coverage(ours, theirs)
    overlap, divergence = compare_densities(clips, real.clips)
    return {
        "content_areas": tell_apart(ours[:, content], theirs[:, content], songs, real.songs),
        "all_areas": tell_apart(ours, theirs, songs, real.songs),
        "distances": measure_distances(features, real.features, real.songs),
        "overlap": overlap,
        "divergence": divergence,
        "density": density,
        "coverage": coverage,
        "twins": two_samples.near_twins(ours, theirs),
        "diversity": two_samples.diversity(ours, theirs),
    }


def tell_apart(made: FloatArray, real: FloatArray, made_songs: list[str], real_songs: list[str]) -> dict[str, Measured]:
    """Area under the curve of each classifier that tells made from real, with its interval."""
    return {
        name: Measured(
            *two_samples.area_with_interval(scores[: len(made)], scores[len(made) :], made_songs, real_songs)
        )
        for name, scores in two_samples.tell_apart(made, real, made_songs, real_songs).items()
    }


def compare_densities(made: Sequence[Clip], real: Sequence[Clip]) -> tuple[float, float]:
    """Mean overlap and divergence over the features of `benchmarks.closeness`."""
    ours = closeness.stack_features([clip.table for clip in made])
    theirs = closeness.stack_features([clip.table for clip in real])
    overlap, divergence = np.mean([closeness.compare(ours[name], theirs[name]) for name in theirs], axis=0)
    return float(overlap), float(divergence)


def _compare_emotion(made: Sequence[Clip], features: FeatureTable, emotion: str, reference: Reference) -> Distances:
    rows = np.flatnonzero([clip.emotion == emotion for clip in made])
    quadrant = made[rows[0]].quadrant
    real = reference.pick(np.flatnonzero([clip.quadrant == quadrant for clip in reference.clips]))
    return measure_distances(pick_rows(features, rows), real.features, real.songs)


def pick_rows(features: FeatureTable, rows: IntArray) -> FeatureTable:
    """The features of some clips."""
    return FeatureTable(features.values[rows], features.names, features.content)


def match_quadrants(real: Sequence[Clip], made: Sequence[Clip]) -> IntArray:
    """Rows of as many real clips as there can be in the proportions of quadrants that the made clips have."""
    quadrants = np.array([clip.quadrant for clip in real])
    wanted = {one: sum(clip.quadrant == one for clip in made) / len(made) for one in QUADRANTS}
    size = min((quadrants == one).sum() / part for one, part in wanted.items() if part)
    random = np.random.default_rng(3)
    kept = [random.permutation(np.flatnonzero(quadrants == one))[: round(size * part)] for one, part in wanted.items()]
    return np.sort(np.concatenate(kept))


def recognise(clips: Sequence[Clip], panel: Panel) -> dict[str, dict[str, Recognised]]:
    """How often each judge hears the quadrant: of all clips, of each quadrant and of each emotion."""
    groups: dict[str, list[int]] = {"all": list(range(len(clips)))}
    for row, clip in enumerate(clips):
        groups.setdefault(clip.quadrant, []).append(row)
        if clip.emotion is not None:
            groups.setdefault(clip.emotion, []).append(row)
    return {
        name: {
            group: Recognised(sum(heard[row] == clips[row].quadrant for row in rows), len(rows))
            for group, rows in groups.items()
        }
        for name, heard in panel.recognise(clips).items()
    }

"""All judges at once: what they say of a set of made clips, and of real clips in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import closeness, two_samples
from benchmarks.intervals import Measured
from benchmarks.likeness.clips import QUADRANTS, Clip, read_real
from benchmarks.likeness.counting import mean_counts
from benchmarks.likeness.distances import FEWEST_MADE, Distances, halve_songs, measure_distances, standardise
from benchmarks.likeness.families import BY_DESIGN, FeatureTable, measure_all
from benchmarks.likeness.giveaways import Giveaway, find_giveaways
from benchmarks.likeness.intentions import Intentions, judge_intentions
from benchmarks.likeness.recognition import Panel, Recognised, recognise

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HALVINGS: Final = 4
FEWEST_CLIPS: Final = 10
"""Below this there are not two clips for each part of the cross-validation."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judges say of one set of clips; a part is None where it cannot be asked.

    Parameters
    ----------
    clips : int
        How many clips were judged.
    content_areas, all_areas : dict
        Classifier → area under its curve against real clips, by the features that are content or by all but the end's:
        .5 is alike.
    distances : Distances
        Per family, two halves of real clips being 1 apart.
    overlap, divergence : float
        Means over the features of Yang and Lerch (2020).
    density, coverage, twins, diversity : float
        As in `benchmarks.two_samples`, on the standardised features of all families.
    giveaways : list of Giveaway
        The features that alone tell the clips from real ones best.
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
    giveaways: list[Giveaway] | None = None
    distances_by_emotion: dict[str, Distances] | None = None
    recognised: dict[str, dict[str, Recognised]] | None = None
    intentions: Intentions | None = None
    counts: dict[str, dict[str, float]] | None = None


@dataclass(frozen=True, slots=True)
class ClipSet:
    """Clips with their features."""

    clips: list[Clip]
    features: FeatureTable

    @property
    def songs(self) -> list[str]:
        """Each clip's song."""
        return [clip.song for clip in self.clips]

    def pick(self, rows: IntArray) -> ClipSet:
        """Some of the clips."""
        return ClipSet([self.clips[row] for row in rows], self.features.pick(rows))


class Reference:
    """Real clips, measured once, and the panel of judges; made once, used for every set of clips."""

    def __init__(self, yardstick: Sequence[Clip], lessons: Sequence[Clip]) -> None:
        self.real = ClipSet(list(yardstick), measure_all(yardstick))
        self.panel = Panel(lessons)

    @classmethod
    def read(
        cls, data: Path, *, final: bool = False, progress: Callable[[Iterable[Path]], Iterable[Path]] = iter
    ) -> Reference:
        """Read EMOPIA's clips; the sets are those of `read_real`, whose errors it raises."""
        real = read_real(data, final=final, progress=progress)
        return cls(real.yardstick, real.lessons)


def judge(made: Sequence[Clip], reference: Reference) -> Judgement:
    """Let all judges hear a set of made clips.

    Real clips are compared with in the proportions of quadrants that the made clips have.

    Raises
    ------
    ValueError
        When there are fewer than ten clips, or one without an intended emotion.
    """
    if len(made) < FEWEST_CLIPS or any(clip.emotion is None for clip in made):
        raise ValueError(f"Give at least {FEWEST_CLIPS} clips to be judged, each with its intended emotion.")
    clips = ClipSet(list(made), measure_all(made))
    emotions = [str(clip.emotion) for clip in made]
    real = reference.real.pick(match_quadrants(reference.real.clips, made))
    return Judgement(
        len(made),
        **compare_sets(clips, real),
        giveaways=find_giveaways(clips.features.judged(), real.features.judged()),
        distances_by_emotion={
            emotion: _compare_emotion(clips, emotion, reference.real)
            for emotion, number in Counter(emotions).items()
            if number >= FEWEST_MADE
        },
        recognised=recognise(made, reference.panel),
        intentions=judge_intentions(clips.features.judged().values, emotions, [clip.song for clip in made]),
        counts={
            "all": mean_counts(made),
            **{one: mean_counts([c for c in made if c.emotion == one]) for one in dict.fromkeys(emotions)},
        },
    )


def judge_real(reference: Reference) -> Judgement:
    """What the judges say of the real clips themselves: recognition, counts, and how near their neighbours are."""
    clips = reference.real.clips
    heard = reference.real.features.judged().values
    values = standardise(heard, heard)
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
    """One half of the real songs compared with the other as made clips are, in the same proportions of quadrants.

    Any two halves differ by the songs that happen to be in them: every figure is the mean over `HALVINGS` of them.
    """
    real = reference.real.pick(match_quadrants(reference.real.clips, made))
    random = np.random.default_rng(1)
    compared = []
    for _ in range(HALVINGS):
        one, other = (real.pick(rows) for rows in halve_within_quadrants(real.clips, random))
        compared.append(compare_sets(one, other))
    return Judgement(len(real.clips) // 2, **average(compared))


def halve_within_quadrants(clips: Sequence[Clip], random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Rows of two halves of the songs, each with about half of the songs of every quadrant.

    A song with clips of several quadrants goes with its first clip's.
    """
    quadrant_of = {clip.song: clip.quadrant for clip in reversed(clips)}
    halves: tuple[list[int], list[int]] = ([], [])
    for quadrant in QUADRANTS:
        rows = [row for row, clip in enumerate(clips) if quadrant_of[clip.song] == quadrant]
        if rows:
            for half, part in zip(halves, halve_songs([clips[row].song for row in rows], random), strict=True):
                half += [rows[place] for place in part]
    return np.sort(halves[0]), np.sort(halves[1])


def average(compared: Sequence[Any]) -> Any:
    """The mean of comparisons, figure by figure, ends of intervals too; the worst family is that of the means."""
    first = compared[0]
    if isinstance(first, Mapping):
        return {name: average([one[name] for one in compared]) for name in first}
    if isinstance(first, Measured):
        return Measured(*(float(np.mean([getattr(one, end) for one in compared])) for end in ("value", "low", "high")))
    if isinstance(first, Distances):
        families = average([one.families for one in compared])
        worst = max(families.keys() - {BY_DESIGN}, key=lambda name: families[name].value)
        size = min(one.set_size for one in compared)
        return Distances(families, average([one.mean for one in compared]), worst, size)
    return float(np.mean(compared))


def compare_sets(made: ClipSet, real: ClipSet) -> dict[str, Any]:
    """Every comparison of a set of clips with real ones, by the names of `Judgement`'s parts."""
    heard = real.features.judged()
    ours = standardise(made.features.judged().values, heard.values)
    theirs = standardise(heard.values, heard.values)
    content = heard.content
    density, coverage = two_samples.density_and_coverage(ours, theirs)
    overlap, divergence = compare_densities(made.clips, real.clips)
    return {
        "content_areas": tell_apart(ours[:, content], theirs[:, content], made.songs, real.songs),
        "all_areas": tell_apart(ours, theirs, made.songs, real.songs),
        "distances": measure_distances(made.features, real.features, real.songs),
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
        name: two_samples.area_with_interval(scores[: len(made)], scores[len(made) :], made_songs, real_songs)
        for name, scores in two_samples.tell_apart(made, real, made_songs, real_songs).items()
    }


def compare_densities(made: Sequence[Clip], real: Sequence[Clip]) -> tuple[float, float]:
    """Mean overlap and divergence over the features of `benchmarks.closeness`."""
    ours = closeness.stack_features([clip.table for clip in made])
    theirs = closeness.stack_features([clip.table for clip in real])
    overlap, divergence = np.mean([closeness.compare(ours[name], theirs[name]) for name in theirs], axis=0)
    return float(overlap), float(divergence)


def _compare_emotion(made: ClipSet, emotion: str, real: ClipSet) -> Distances:
    meant = made.pick(np.flatnonzero([clip.emotion == emotion for clip in made.clips]))
    alike = real.pick(np.flatnonzero([clip.quadrant == meant.clips[0].quadrant for clip in real.clips]))
    return measure_distances(meant.features, alike.features, alike.songs)


def match_quadrants(real: Sequence[Clip], made: Sequence[Clip]) -> IntArray:
    """Rows of as many real clips as there can be in the proportions of quadrants that the made clips have."""
    quadrants = np.array([clip.quadrant for clip in real])
    wanted = {one: sum(clip.quadrant == one for clip in made) / len(made) for one in QUADRANTS}
    size = min((quadrants == one).sum() / part for one, part in wanted.items() if part)
    random = np.random.default_rng(3)
    kept = [random.permutation(np.flatnonzero(quadrants == one))[: round(size * part)] for one, part in wanted.items()]
    return np.sort(np.concatenate(kept))

"""How far two sets of clips lie apart, from a table of features each; every row a clip, every column a feature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.intervals import Measured, from_draws

FloatArray = NDArray[np.float64]

FOLDS = 5
NEIGHBOURS = 5


def tell_apart(
    made: FloatArray, real: FloatArray, made_songs: list[str], real_songs: list[str]
) -> dict[str, FloatArray]:
    """What three classifiers think of each clip, made ones first: the probability that it is made; shape (clips,).

    `made_songs` and `real_songs` name each clip's song: clips of one song stay on one side of the cross-validation,
    so that a clip is judged by classifiers that heard none of its song.
    """
    clips = np.vstack([made, real])
    is_made = np.repeat([1, 0], [len(made), len(real)])
    songs = np.array([*(f"made {song}" for song in made_songs), *(f"real {song}" for song in real_songs)])
    classifiers = {
        "logistic regression": LogisticRegression(max_iter=2000),
        "extra trees": ExtraTreesClassifier(200, min_samples_leaf=2, random_state=0),
        "nearest neighbours": KNeighborsClassifier(NEIGHBOURS),
    }
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    return {
        name: cross_val_predict(
            make_pipeline(StandardScaler(), classifier), clips, is_made, groups=songs, cv=folds, method="predict_proba"
        )[:, 1]
        for name, classifier in classifiers.items()
    }


def discrimination(
    made: FloatArray, real: FloatArray, made_songs: list[str], real_songs: list[str]
) -> dict[str, float]:
    """Area under the curve of three classifiers that tell made from real: .5 is alike, 1 is told apart always.

    The songs are those of `tell_apart`.
    """
    is_made = np.repeat([1, 0], [len(made), len(real)])
    return {
        name: float(roc_auc_score(is_made, chance))
        for name, chance in tell_apart(made, real, made_songs, real_songs).items()
    }


def area_with_interval(
    made: FloatArray, real: FloatArray, made_songs: list[str], real_songs: list[str], draws: int = 1000
) -> Measured:
    """Area under the curve of two sets of scores, and its 95 % interval by drawing whole songs anew.

    Parameters
    ----------
    made, real : array, shape (clips,)
        How much each clip sounds made.

    Examples
    --------
    >>> area_with_interval(np.array([2.0, 3.0]), np.array([1.0, 2.0]), ["a", "b"], ["c", "c"]).value
    0.875
    """
    above = (made[:, None] > real[None, :]) + 0.5 * (made[:, None] == real[None, :])
    random = np.random.default_rng(0)
    times_made = draw_songs(made_songs, draws, random)
    times_real = draw_songs(real_songs, draws, random)
    areas = ((times_made @ above) * times_real).sum(axis=1) / times_made.sum(axis=1) / times_real.sum(axis=1)
    return from_draws(above.mean(), areas)


def draw_songs(songs: list[str], draws: int, random: np.random.Generator) -> FloatArray:
    """How often each clip comes when songs are drawn with replacement; shape (draws, clips)."""
    _, song = np.unique(songs, return_inverse=True)
    count = int(song.max()) + 1
    drawn = random.multinomial(count, np.full(count, 1.0 / count), size=draws)
    return np.asarray(drawn[:, song], dtype=np.float64)


def energy_distance(made: FloatArray, real: FloatArray) -> float:
    """Székely and Rizzo's (2013) squared energy distance, 2 E|X-Y| - E|X-X'| - E|Y-Y'|; 0 for equal sets."""
    between = 2.0 * cdist(made, real).mean()
    return float(between - cdist(made, made).mean() - cdist(real, real).mean())


def density_and_coverage(made: FloatArray, real: FloatArray, neighbours: int = NEIGHBOURS) -> tuple[float, float]:
    """Naeem et al. (2020): real clips' balls around a made clip, and the share of real clips' balls that hold one.

    A ball reaches from a real clip to its k-th nearest real neighbour.
    """
    radius = np.sort(cdist(real, real), axis=1)[:, neighbours]
    held = cdist(real, made) <= radius[:, None]
    return float(held.sum() / (neighbours * len(made))), float(held.any(axis=1).mean())


def nearest(clips: FloatArray) -> FloatArray:
    """Each clip's distance to its nearest neighbour in the same set."""
    return np.asarray(np.sort(cdist(clips, clips), axis=1)[:, 1], dtype=np.float64)


def near_twins(made: FloatArray, real: FloatArray, percent: float = 10.0) -> float:
    """Share of made clips with a nearer neighbour than this percentile of the real clips' nearest neighbours."""
    return float((nearest(made) < np.percentile(nearest(real), percent)).mean())


def diversity(made: FloatArray, real: FloatArray) -> float:
    """Mean distance of two made clips over that of two real clips."""
    return float(pdist(made).mean() / pdist(real).mean())

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

FloatArray = NDArray[np.float64]

FOLDS = 5
NEIGHBOURS = 5


def discrimination(
    made: FloatArray, real: FloatArray, made_songs: list[str], real_songs: list[str]
) -> dict[str, float]:
    """Area under the curve of three classifiers that tell made from real: .5 is alike, 1 is told apart always.

    `made_songs` and `real_songs` name each clip's song: clips of one song stay on one side of the cross-validation.
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
    areas = {}
    for name, classifier in classifiers.items():
        judge = make_pipeline(StandardScaler(), classifier)
        chance = cross_val_predict(judge, clips, is_made, groups=songs, cv=folds, method="predict_proba")[:, 1]
        areas[name] = float(roc_auc_score(is_made, chance))
    return areas


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

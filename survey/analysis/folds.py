"""The eight emotions folded to quadrants, valence and arousal; distances in valence–arousal space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from generation.emotions import SLUGS, get_emotion
from survey.analysis.accuracy import measure_accuracy
from survey.analysis.clustering import share_influence, spread_of_influence
from survey.analysis.confusion import count_confusions
from survey.analysis.estimates import NO_ANSWERS, Codes, Estimate, Floats, as_list, divide
from survey.analysis.ratings.container import Ratings

FOLDS: Final = {
    "quadrant": {"Q1": "Q1", "Q2": "Q2", "Q3": "Q3", "Q4": "Q4"},
    "valence": {"Q1": "positive", "Q4": "positive", "Q2": "negative", "Q3": "negative"},
    "arousal": {"Q1": "high", "Q2": "high", "Q3": "low", "Q4": "low"},
}
"""Fold → quadrant → class; awe, whose arousal is 0, is low by its quadrant."""


def fold_ratings(ratings: Ratings, name: str) -> dict[str, Any]:
    """Return the confusion matrix and accuracy after folding, or the reason why there is none.

    A guesser hits a class as often as its share of the options offered; `chance` is the mean of that over
    the answers. "None of these" belongs to no class and is an error.

    Parameters
    ----------
    ratings : Ratings
    name : {"quadrant", "valence", "arousal"}

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "", "fear", "anger"), Rating("P2", "S1", "", "fear", "sadness")])
    >>> folded = fold_ratings(data, "arousal")
    >>> folded["accuracy"]["estimate"], folded["accuracy"]["chance"]
    (0.5, 0.625)
    """
    unknown = [emotion for emotion in ratings.emotions if emotion not in SLUGS]
    if unknown:
        return {"reason": f"not defined: {', '.join(unknown)} has no place among the eight emotions"}
    fold = FOLDS[name]
    classes = tuple(dict.fromkeys(fold.values()))
    of_choice = np.array([classes.index(fold[get_emotion(e).quadrant]) for e in ratings.emotions], np.int64)
    known = ratings.intended >= 0
    intended = of_choice[ratings.intended[known]] if ratings.emotions else ratings.intended[known]
    column = np.append(of_choice, [len(classes)])
    chosen = column[np.minimum(ratings.chosen[known], len(of_choice))]
    accuracy = measure_accuracy(
        intended == chosen, ratings.participant[known], ratings.pieces()[known], ratings.k
    ).as_json()
    per_class = np.bincount(of_choice, minlength=len(classes)) / ratings.k
    accuracy["chance"] = float(per_class[intended].mean()) if intended.size else None
    for key in ("p_value", "p_value_two_sided", "p_value_alternative", "proportion_index", "bootstrap"):
        del accuracy[key]
    width = len(classes) + (ratings.none is not None)
    matrix = count_confusions(intended, chosen, len(classes), width)
    return {"classes": list(classes), "counts": matrix.tolist(), "accuracy": accuracy, "reason": None}


def coordinates(emotions: Sequence[str]) -> Floats:
    """Return valence and arousal of each emotion, shape (n, 2).

    >>> coordinates(["sadness"]).tolist()
    [[-0.7, -0.55]]
    """
    found = [get_emotion(slug) for slug in emotions]
    return np.array([[emotion.valence, emotion.arousal] for emotion in found]).reshape(-1, 2)


def distance_to_intention(ratings: Ratings) -> dict[str, Any]:
    """Return the mean distance from the intended to the chosen emotion in valence–arousal space.

    "None of these" has no coordinates: such answers are left out and counted. The interval is two-way
    clustered. `chance` is the mean distance of a guesser among the emotions offered.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "", "sadness", "sadness"), Rating("P1", "S2", "", "anger", "fear")])
    >>> round(distance_to_intention(data)["estimate"], 4)
    0.0791
    """
    if any(emotion not in SLUGS for emotion in ratings.emotions):
        return {**Estimate(None, reason="not defined: only the eight emotions have coordinates").as_json()}
    keep = (ratings.chosen != ratings.none_code) & (ratings.intended >= 0)
    without = int((ratings.chosen == ratings.none_code).sum())
    if not keep.any():
        return {**Estimate(None, reason=NO_ANSWERS).as_json(), "n": 0, "without_coordinates": without}
    places = coordinates(ratings.emotions)
    # Distances of every two emotions, shape (emotions, emotions).
    table = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    distances = table[ratings.intended[keep], ratings.chosen[keep]]
    interval, reason = _interval_of_mean(distances, ratings.participant[keep], ratings.pieces()[keep])
    return {
        "estimate": float(distances.mean()),
        "interval": interval,
        "reason": reason,
        "chance": float(table[ratings.intended[keep]].mean()),
        "n": int(keep.sum()),
        "without_coordinates": without,
    }


def _interval_of_mean(values: Floats, participants: Codes, pieces: Codes) -> tuple[list[float] | None, str | None]:
    mean = float(values.mean())
    half = spread_of_influence(share_influence(values), participants, pieces).half_width_both()
    if half is None:
        return None, "interval not defined: it needs at least two participants and two clips"
    if half == 0:
        return None, "interval not defined: all distances are the same"
    return as_list((max(0.0, mean - half), mean + half)), None


def mean_perceived(ratings: Ratings) -> list[dict[str, Any]]:
    """Return for each intended emotion where its answers lie on average, for the map of arrows.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating("P1", "S1", "", "sadness", "fear")])
    >>> mean_perceived(data)[-1]["perceived"]
    [-0.7, 0.6]
    """
    if any(emotion not in SLUGS for emotion in ratings.emotions):
        return []
    places = coordinates(ratings.emotions)
    matrix = count_confusions(ratings.intended, ratings.chosen, len(ratings.emotions), ratings.k)
    # Without the column of "none of these", which lies nowhere.
    named = matrix[:, : len(ratings.emotions)]
    sums = named @ places
    return [
        {
            "intended": emotion,
            "n": int(row.sum()),
            "at": places[i].tolist(),
            "perceived": None if row.sum() == 0 else [divide(value, row.sum()) for value in sums[i].tolist()],
        }
        for i, (emotion, row) in enumerate(zip(ratings.emotions, named, strict=True))
    ]

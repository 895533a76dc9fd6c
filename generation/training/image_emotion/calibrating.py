"""From scores to probabilities that mean what they say, when to speak, and how wide an interval is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from generation.networks.image_affect import calibrate_scores

Table = NDArray[np.float64]

WANTED: Final = 2 / 3
"""Where the network speaks, its top emotion is to be right two times in three."""
COVERAGE: Final = 0.8
"""Share of pictures whose rated affect lies inside its interval."""
CERTAINTY: Final = 1.2816
"""z of the one-sided 90 % bound that has to reach `WANTED`: a threshold met by luck does not hold elsewhere."""


def fit_scores(scores: Table, labels: Table) -> dict[str, Any]:
    """Scale and bias of `calibrate_scores` with the lowest cross-entropy against soft labels (Guo et al. 2017).

    Ridge regression shrinks the scores of rare emotions most, and they would never be named. So every score is first
    brought to the same spread; one common scale and a bias per emotion are fitted then.

    Returns
    -------
    dict
        ``scale`` and ``bias``: a list of a number per emotion each.
    """
    spread = np.maximum(scores.std(axis=0), 1e-6)
    spread = spread / spread.mean()

    def scale(values: Table) -> Table:
        return np.asarray(np.exp(values[0]) / spread)

    def loss(values: Table) -> float:
        found = calibrate_scores(scores, {"scale": scale(values), "bias": values[1:]})
        return float(-(labels * np.log(np.clip(found, 1e-12, 1.0))).sum(axis=1).mean() + 1e-3 * (values[1:] ** 2).sum())

    best = minimize(loss, np.r_[np.log(6.0), np.zeros(labels.shape[1])], method="L-BFGS-B").x
    bias = best[1:] - best[1:].mean()
    return {"scale": scale(best).round(6).tolist(), "bias": bias.round(6).tolist()}


def agreement(probabilities: Table, named: NDArray[np.int64]) -> Table:
    """Share of readers who named the top emotion, shape (pictures,).

    Examples
    --------
    >>> agreement(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0, 0], [0, 1]])).tolist()
    [1.0, 0.5]
    """
    return np.asarray((probabilities.argmax(axis=1)[:, None] == named).mean(axis=1))


def among_two(probabilities: Table, named: NDArray[np.int64]) -> Table:
    """Share of readers whose emotion is among the two most probable, shape (pictures,)."""
    two = np.argsort(-probabilities, axis=1)[:, :2]
    return np.asarray((two[:, :, None] == named[:, None, :]).any(axis=1).mean(axis=1))


def choose_threshold(confidence: Table, right: Table, wanted: float = WANTED) -> float:
    """The lowest confidence from which on the top emotion is surely right in `wanted`; 1 where there is none.

    Surely: the lower end of Wilson's one-sided 90 % interval reaches `wanted`.

    Examples
    --------
    >>> confidence = np.linspace(1.0, 0.0, 101)
    >>> round(choose_threshold(confidence, (confidence >= 0.5).astype(float)), 2)
    0.33
    >>> choose_threshold(np.array([0.9, 0.8]), np.array([0.0, 0.0]))
    1.0
    """
    order = np.argsort(-confidence, kind="stable")
    counts = np.arange(1, len(order) + 1)
    share = np.cumsum(right[order]) / counts
    z = CERTAINTY
    middle = share + z * z / (2 * counts)
    reach = z * np.sqrt(share * (1 - share) / counts + z * z / (4 * counts**2))
    good = np.flatnonzero((middle - reach) / (1 + z * z / counts) >= wanted)
    return float(confidence[order[good[-1]]]) if len(good) else 1.0


def half_widths(answers: Table, known: Table) -> list[float]:
    """Half the width of the interval that holds `COVERAGE` of unseen pictures (split conformal), per column.

    Examples
    --------
    >>> half_widths(np.zeros((9, 1)), np.linspace(0.1, 0.9, 9)[:, None])
    [0.8]
    """
    away = np.sort(np.abs(answers - known), axis=0)
    rank = min(int(np.ceil(COVERAGE * (len(away) + 1))), len(away)) - 1
    return [round(float(value), 4) for value in away[rank]]

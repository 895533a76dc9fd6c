"""Making the network's probabilities mean what they say: temperature, prior correction, and when to be unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is done to the softmax: ``softmax(log p / temperature + bias)``; below `threshold` it is unsure."""

    temperature: float
    bias: tuple[float, ...]
    threshold: float


def apply_calibration(probabilities: Table, temperature: float, bias: Table | tuple[float, ...]) -> Table:
    """Temper and shift rows of probabilities.

    Examples
    --------
    >>> apply_calibration(np.array([[0.8, 0.2]]), 1.0, (0.0, np.log(4.0))).round(6).tolist()
    [[0.5, 0.5]]
    """
    logits = np.log(np.clip(probabilities, 1e-12, 1.0)) / temperature + np.asarray(bias)
    logits -= logits.max(axis=1, keepdims=True)
    odds = np.exp(logits)
    scaled: Table = odds / odds.sum(axis=1, keepdims=True)
    return scaled


def fit_temperature(probabilities: Table, labels: Table) -> float:
    """The temperature with the lowest cross-entropy against (soft) labels (Guo et al. 2017), within 0.2…10.

    Examples
    --------
    >>> sure = np.array([[0.99, 0.01], [0.99, 0.01]])  # right only half the time
    >>> fit_temperature(sure, np.array([[1.0, 0.0], [0.0, 1.0]])) > 5
    True
    """
    none = np.zeros(probabilities.shape[1])

    def loss(log_temperature: float) -> float:
        found = apply_calibration(probabilities, float(np.exp(log_temperature)), none)
        return float(-(labels * np.log(np.clip(found, 1e-12, 1.0))).sum(axis=1).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(10.0)), method="bounded").x))


def fit_bias(probabilities: Table, temperature: float, target: Table, rounds: int = 200) -> Table:
    """The shift of logits after which the mean probabilities equal `target` (Saerens et al. 2002).

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.6, 0.4]])
    >>> bias = fit_bias(p, 1.0, np.array([0.5, 0.5]))
    >>> apply_calibration(p, 1.0, bias).mean(axis=0).round(4).tolist()
    [0.5, 0.5]
    """
    bias = np.zeros(probabilities.shape[1])
    for _ in range(rounds):
        mean = apply_calibration(probabilities, temperature, bias).mean(axis=0)
        bias += 0.5 * np.log(target / np.maximum(mean, 1e-9))
    return bias - bias.mean()


@dataclass(frozen=True, slots=True)
class Reliability:
    """Confidence against agreement in bins of equal size; `error` is the expected calibration error."""

    confidence: Table
    agreement: Table
    error: float


def measure_reliability(probabilities: Table, labels: Table, bins: int = 8) -> Reliability:
    """How often the top emotion is right (its share of the soft label) where the network is how sure."""
    top = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    agreement = labels[np.arange(len(labels)), top]
    parts = [part for part in np.array_split(np.argsort(confidence), bins) if len(part)]
    sure = np.array([confidence[part].mean() for part in parts])
    right = np.array([agreement[part].mean() for part in parts])
    sizes = np.array([len(part) for part in parts])
    return Reliability(sure, right, float((np.abs(sure - right) * sizes).sum() / sizes.sum()))


def choose_threshold(probabilities: Table, labels: Table, wanted: float) -> float:
    """The lowest confidence above which the top emotion has at least `wanted` of the label on average.

    Where not even the surest tenth reaches it, the threshold is 1: confidence says nothing about being right, and
    the honest network is unsure of every picture.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]])
    >>> right_only_when_sure = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> choose_threshold(p, right_only_when_sure, wanted=0.9)
    0.8
    >>> choose_threshold(p, 1.0 - right_only_when_sure, wanted=0.9)
    1.0
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence)
    agreement = labels[order, probabilities[order].argmax(axis=1)]
    running = np.cumsum(agreement) / np.arange(1, len(order) + 1)
    least = max(1, len(order) // 10)
    good = np.flatnonzero(running[least - 1 :] >= wanted)
    return float(confidence[order[good[-1] + least - 1]]) if len(good) else 1.0


def calibrate(unseen: Sequence[Table], labels: Sequence[Table], watched: Table, wanted: float) -> Calibration:
    """Temperature, a bias towards equal shares, and the confidence below which the network is unsure.

    Equal shares, because nothing is known of the pictures people will send: the shares of the training pictures would
    come back as a bias towards the frequent emotions.

    Parameters
    ----------
    unseen, labels : sequence of array
        Answers of one or several networks for pictures none of them saw, and the labels: temperature and threshold
        come from these. Each network has biases of its own, so each is corrected by itself.
    watched : array
        Answers of the network that will be served; its bias comes from these. No labels are used.
    wanted : float
        Agreement above which the network may say what it thinks; see `choose_threshold`.
    """
    truth = np.concatenate(labels)
    temperature = fit_temperature(np.concatenate(unseen), truth)
    equal = np.full(watched.shape[1], 1 / watched.shape[1])
    served = [apply_calibration(part, temperature, fit_bias(part, temperature, equal)) for part in unseen]
    threshold = choose_threshold(np.concatenate(served), truth, wanted)
    bias = fit_bias(watched, temperature, equal)
    return Calibration(round(temperature, 6), tuple(round(float(b), 6) for b in bias), round(threshold, 6))

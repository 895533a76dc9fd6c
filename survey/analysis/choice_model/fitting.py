"""Quasi-symmetry of a square table, the parameters of the similarity-choice model, and their slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Floats

ADDED = 0.5
"""Added to every cell, so that an answer nobody gave has a bias and a similarity: it draws both towards 1."""
MOST_ROUNDS = 20_000
TOLERANCE = 1e-13


def fit_quasi_symmetry(table: Floats) -> Floats:
    """Return the maximum-likelihood expected counts under quasi-symmetry, by iterative proportional fitting.

    Rows, columns and the sums n_ij + n_ji are fitted in turn until none changes.

    Parameters
    ----------
    table : array of float, shape (k, k)
        Counts above 0.

    References
    ----------
    Stuart (1953), Biometrika 40, 105–110 (unaided vision of 7,477 women), where G² = 7.27 with 3 degrees of freedom
    (Agresti 2013, Categorical Data Analysis, chapter 11).

    Examples
    --------
    >>> vision = np.array([[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492.0]])
    >>> fit_quasi_symmetry(vision)[0].round(1).tolist()
    [1520.0, 263.4, 133.6, 59.0]
    """
    rows, columns, pairs = table.sum(axis=1, keepdims=True), table.sum(axis=0), table + table.T
    fitted = np.ones_like(table)
    for _ in range(MOST_ROUNDS):
        before = fitted
        fitted = fitted * (rows / fitted.sum(axis=1, keepdims=True))
        fitted = fitted * (columns / fitted.sum(axis=0))
        fitted = fitted * (pairs / (fitted + fitted.T))
        if float(np.abs(fitted / before - 1).max()) < TOLERANCE:
            break
    return fitted


def goodness_of_fit(table: Floats) -> tuple[float, int]:
    """Return G² against quasi-symmetry and its degrees of freedom, (k − 1)(k − 2)/2.

    It takes answers as independent; those of one person and to one piece are not, and inflate it.

    >>> vision = np.array([[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492.0]])
    >>> g2, degrees = goodness_of_fit(vision)
    >>> round(g2, 2), degrees
    (7.27, 3)
    """
    k = table.shape[0]
    return max(0.0, 2 * float((table * np.log(table / fit_quasi_symmetry(table))).sum())), (k - 1) * (k - 2) // 2


@dataclass(frozen=True, slots=True)
class Fitted:
    """Numbers of the model of one table, shape (R,), and how each changes with every cell, shape (k, q, R)."""

    values: Floats
    slopes: Floats


def fit_parameters(table: Floats) -> tuple[Fitted, Fitted]:
    """Return ln b of every answer, and ln s of every pair of emotions i < j.

    Parameters
    ----------
    table : array of float, shape (k, q)
        Counts above 0. Rows the emotions that were played; columns the same emotions, then answers that no clip was
        made for ("none of these").

    Notes
    -----
    The emotions' b have a geometric mean of 1. Of an answer without clips only b s_i is known, for every emotion
    played; its similarity is taken as 1 on average, so that b says how often it is given beside the right answer.

    Examples
    --------
    Three emotions, each confused half as often as recognised, and the second answer liked twice as much:

    >>> table = 100 * (0.5 + 0.5 * np.eye(3)) * np.array([1, 2, 1])
    >>> biases, pairs = fit_parameters(table)
    >>> np.exp(biases.values).round(2).tolist(), np.exp(pairs.values).round(2).tolist()
    ([0.79, 1.59, 0.79], [0.5, 0.5, 0.5])
    """
    k, q = table.shape
    expected = fit_quasi_symmetry(table[:, :k])
    log, slopes = np.log(expected), _slopes_of_logs(expected)
    own, turned = np.diagonal(log), log.T
    own_slopes, turned_slopes = np.diagonal(slopes, axis1=2, axis2=3), np.swapaxes(slopes, 2, 3)
    relative = (log - turned - own[:, None] + own[None, :]) / 2
    relative_slopes = (slopes - turned_slopes - own_slopes[..., :, None] + own_slopes[..., None, :]) / 2
    similarity = (log + turned - own[:, None] - own[None, :]) / 2
    similarity_slopes = (slopes + turned_slopes - own_slopes[..., :, None] - own_slopes[..., None, :]) / 2
    of_bias = np.zeros((k, q, q))
    of_bias[:, :k, :k] = relative_slopes.mean(axis=2)
    for answer in range(k, q):
        of_bias[:, answer, answer] = 1 / (k * table[:, answer])
        of_bias[:, :k, answer] = -own_slopes.mean(axis=2)
    rest = (np.log(table[:, k:]) - own[:, None]).mean(axis=0)
    first, second = np.triu_indices(k, 1)
    of_pairs = np.zeros((k, q, first.size))
    of_pairs[:, :k] = similarity_slopes[..., first, second]
    biases = Fitted(np.concatenate([relative.mean(axis=0), rest]), of_bias)
    return biases, Fitted(similarity[first, second], of_pairs)


def fit_asymmetries(table: Floats) -> tuple[Fitted, Floats]:
    """Return n_ij less its expectation under quasi-symmetry for every pair i < j, and what is expected, shape (k, q).

    n_ji is as much below its expectation as n_ij is above. The slopes are those where quasi-symmetry holds.

    >>> over, _ = fit_asymmetries(np.array([[90, 10, 4], [10, 90, 4], [4, 4, 92.0]]))
    >>> abs(over.values).round(6).tolist()
    [0.0, 0.0, 0.0]
    """
    k, q = table.shape
    expected = table.copy()
    expected[:, :k] = fit_quasi_symmetry(table[:, :k])
    square = expected[:, :k]
    slopes = np.zeros((k, q, k, k))
    slopes[:, :k] = np.eye(k * k).reshape(k, k, k, k) - square * _slopes_of_logs(square)
    first, second = np.triu_indices(k, 1)
    return Fitted((table - expected)[first, second], slopes[..., first, second]), expected


def _slopes_of_logs(expected: Floats) -> Floats:
    """How the logarithm of each expected count changes with each count, shape (k, k, k, k), counts first.

    Of a log-linear model ln m = X β the slopes are X (Xᵀ diag(m) X)⁻¹ Xᵀ; X has rows, columns and pairs.
    """
    k = expected.shape[0]
    row, column = np.divmod(np.arange(k * k), k)
    _, pair = np.unique(np.minimum(row, column) * k + np.maximum(row, column), return_inverse=True)
    design = np.concatenate([np.eye(k)[row], np.eye(k)[column], np.eye(pair.max() + 1)[pair]], axis=1)
    information = design.T @ (expected.ravel()[:, None] * design)
    slopes: Floats = design @ np.linalg.pinv(information, hermitian=True) @ design.T
    return slopes.reshape(k, k, k, k)

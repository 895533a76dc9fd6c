"""Quasi-symmetry of a square table, the parameters of the similarity-choice model, and their slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Floats

ADDED = 0.5
"""Added to every cell, so that an answer nobody gave has a bias and a similarity: it draws both towards 1."""
MOST_ROUNDS = 50
"""Of Newton's method, which takes about ten."""
MOST_HALVINGS = 40
TOLERANCE = 1e-10
"""The search ends where no logarithm of an expected count moves by more; the next step would be its square."""


class NotConvergedError(ArithmeticError):
    """The likelihood's maximum was not found."""


def fit_quasi_symmetry(table: Floats) -> Floats:
    """Return the maximum-likelihood expected counts under quasi-symmetry, by Newton's method.

    Rows, columns and the sums n_ij + n_ji of what is expected are those of the table.

    Parameters
    ----------
    table : array of float, shape (k, k)
        Counts above 0.

    Raises
    ------
    NotConvergedError
        Where `MOST_ROUNDS` steps do not end in a maximum.

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
    counts, design = table.ravel(), _design(table.shape[0])
    # A symmetric table is quasi-symmetric: a start inside the model.
    log: Floats = np.log((table + table.T) / 2).ravel()
    for _ in range(MOST_ROUNDS):
        expected = np.exp(log)
        # Poisson scoring in ln m = Xβ: (X' diag(m) X)⁻¹ X'(n − m), as a step of the k² logarithms themselves.
        step: Floats = design @ _solve(design.T @ (expected[:, None] * design), design.T @ (counts - expected))
        size = _size_of_step(counts, log, step)
        log = log + size * step
        if size == 1.0 and float(np.abs(step).max()) < TOLERANCE:
            return np.exp(log).reshape(table.shape)
    raise NotConvergedError(f"no maximum of the likelihood after {MOST_ROUNDS} steps")


def _solve(information: Floats, score: Floats) -> Floats:
    try:
        return np.linalg.solve(information, score).astype(float)
    except np.linalg.LinAlgError as error:
        raise NotConvergedError(str(error)) from error


def _size_of_step(counts: Floats, log: Floats, step: Floats) -> float:
    """How much of Newton's step does not lower the likelihood: all of it, half of it, …"""
    size, before = 1.0, float(counts @ log - np.exp(log).sum())
    for _ in range(MOST_HALVINGS):
        with np.errstate(over="ignore"):
            after = float(counts @ (log + size * step) - np.exp(log + size * step).sum())
        if after >= before - 1e-12 * abs(before):
            return size
        size /= 2
    raise NotConvergedError("no step raises the likelihood")


def _design(k: int) -> Floats:
    """Columns and pairs of a k × k table, shape (k², p), of full rank: with the pairs, columns make up the rows."""
    # Cell i of the flattened table is (row, column); {row, column} without order is the pair that symmetry shares.
    row, column = np.divmod(np.arange(k * k), k)
    _, pair = np.unique(np.minimum(row, column) * k + np.maximum(row, column), return_inverse=True)
    return np.concatenate([np.eye(k)[column][:, 1:], np.eye(pair.max() + 1)[pair]], axis=1)


def degrees_of_freedom(k: int) -> int:
    """Return what quasi-symmetry leaves free in a k × k table, (k − 1)(k − 2)/2.

    >>> degrees_of_freedom(4), degrees_of_freedom(2)
    (3, 0)
    """
    return (k - 1) * (k - 2) // 2


def goodness_of_fit(table: Floats, expected: Floats) -> float:
    """Return G² against quasi-symmetry, with `degrees_of_freedom`.

    It takes answers as independent; those of one person and to one piece are not, and inflate it.

    Parameters
    ----------
    table, expected : array of float, shape (k, k)
        The counts, and what `fit_quasi_symmetry` expects of them.

    Examples
    --------
    >>> vision = np.array([[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492.0]])
    >>> round(goodness_of_fit(vision, fit_quasi_symmetry(vision)), 2)
    7.27
    """
    return max(0.0, 2 * float((table * np.log(table / expected)).sum()))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Numbers of the model of one table, shape (R,), and how each changes with every cell, shape (k, q, R)."""

    values: Floats
    slopes: Floats


def fit_parameters(table: Floats, expected: Floats) -> tuple[Fitted, Fitted]:
    """Return ln b of every answer, and ln s of every pair of emotions i < j.

    Parameters
    ----------
    table : array of float, shape (k, q)
        Counts above 0. Rows the emotions that were played; columns the same emotions, then answers that no clip was
        made for ("none of these").
    expected : array of float, shape (k, k)
        What `fit_quasi_symmetry` expects of the first k columns.

    Notes
    -----
    The emotions' b have a geometric mean of 1. Of an answer without clips only b s_i is known, for every emotion
    played; its similarity is taken as 1 on average, so that b says how often it is given beside the right answer.

    Examples
    --------
    Three emotions, each confused half as often as recognised, and the second answer liked twice as much:

    >>> table = 100 * (0.5 + 0.5 * np.eye(3)) * np.array([1, 2, 1])
    >>> biases, pairs = fit_parameters(table, fit_quasi_symmetry(table))
    >>> np.exp(biases.values).round(2).tolist(), np.exp(pairs.values).round(2).tolist()
    ([0.79, 1.59, 0.79], [0.5, 0.5, 0.5])
    """
    k, q = table.shape
    log, slopes = np.log(expected), _slopes_of_logs(expected)
    # ln m_ij = λ + row_i + ln b_j + ln s_ij with s_ii = 1 and s_ij = s_ji (expected counts, quasi-symmetric), so ln b_j
    # − ln b_i = (ln m_ij − ln m_ji − ln m_ii + ln m_jj)/2 and ln s_ij = (ln m_ij + ln m_ji − ln m_ii − ln m_jj)/2.
    own, turned = np.diagonal(log), log.T
    own_slopes, turned_slopes = np.diagonal(slopes, axis1=2, axis2=3), np.swapaxes(slopes, 2, 3)
    relative = (log - turned - own[:, None] + own[None, :]) / 2
    relative_slopes = (slopes - turned_slopes - own_slopes[..., :, None] + own_slopes[..., None, :]) / 2
    similarity = (log + turned - own[:, None] - own[None, :]) / 2
    similarity_slopes = (slopes + turned_slopes - own_slopes[..., :, None] - own_slopes[..., None, :]) / 2
    # The biases' geometric mean is 1: ln b_j is the mean over i of ln b_j − ln b_i.
    of_bias = np.zeros((k, q, q))
    of_bias[:, :k, :k] = relative_slopes.mean(axis=2)
    # Answers that no clip was made for have no row and no pair: their column alone tells their bias.
    for answer in range(k, q):
        of_bias[:, answer, answer] = 1 / (k * table[:, answer])
        of_bias[:, :k, answer] = -own_slopes.mean(axis=2)
    rest = (np.log(table[:, k:]) - own[:, None]).mean(axis=0)
    first, second = np.triu_indices(k, 1)
    of_pairs = np.zeros((k, q, first.size))
    of_pairs[:, :k] = similarity_slopes[..., first, second]
    biases = Fitted(np.concatenate([relative.mean(axis=0), rest]), of_bias)
    return biases, Fitted(similarity[first, second], of_pairs)


def fit_asymmetries(table: Floats, square: Floats) -> tuple[Fitted, Floats]:
    """Return n_ij less its expectation under quasi-symmetry for every pair i < j, and what is expected, shape (k, q).

    n_ji is as much below its expectation as n_ij is above. The slopes are those where quasi-symmetry holds. Parameters
    as in `fit_parameters`.

    >>> table = np.array([[90, 10, 4], [10, 90, 4], [4, 4, 92.0]])
    >>> over, _ = fit_asymmetries(table, fit_quasi_symmetry(table))
    >>> abs(over.values).round(6).tolist()
    [0.0, 0.0, 0.0]
    """
    k, q = table.shape
    expected = table.copy()
    expected[:, :k] = square
    slopes = np.zeros((k, q, k, k))
    # d(n − m)/dn = 1 − m d ln m/dn.
    slopes[:, :k] = np.eye(k * k).reshape(k, k, k, k) - square * _slopes_of_logs(square)
    first, second = np.triu_indices(k, 1)
    return Fitted((table - expected)[first, second], slopes[..., first, second]), expected


def _slopes_of_logs(expected: Floats) -> Floats:
    """How the logarithm of each expected count changes with each count, shape (k, k, k, k), counts first.

    Of a log-linear model ln m = X β the slopes are X (Xᵀ diag(m) X)⁻¹ Xᵀ.
    """
    k = expected.shape[0]
    design = _design(k)
    slopes: Floats = design @ _solve(design.T @ (expected.ravel()[:, None] * design), design.T)
    return slopes.reshape(k, k, k, k)

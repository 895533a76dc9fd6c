"""Types of arrays, and a covariance made fit to be inverted."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Truths = NDArray[np.bool_]

SHRINKAGE: Final = 0.3
"""Share of the diagonal in a covariance before it is inverted; judgement: it lowers the condition number of the 19
attributes' correlations from infinity (density is the sum of two others) to 10, and moves no variance."""


def as_floats(values: ArrayLike) -> Floats:
    """Return the values as an array of float64."""
    return np.asarray(values, dtype=np.float64)


def steady(covariance: Floats) -> Floats:
    """Return the covariance with correlations `SHRINKAGE` nearer to 0; variances of 0 become 1.

    Parameters
    ----------
    covariance : array of float, shape (A, A)

    References
    ----------
    Schäfer & Strimmer (2005), Statistical Applications in Genetics and Molecular Biology 4, 32 (target D: correlations
    shrunk towards 0, variances kept).

    Examples
    --------
    >>> steady(np.array([[4.0, 2.0], [2.0, 1.0]])).tolist()
    [[4.0, 1.4], [1.4, 1.0]]
    """
    variances = np.diagonal(covariance)
    shrunk: Floats = (1.0 - SHRINKAGE) * covariance
    np.fill_diagonal(shrunk, np.where(variances > 0, variances, 1.0))
    return shrunk


def half_of(covariance: Floats) -> Floats:
    """Return L with L Lᵀ = covariance, also where it is singular.

    >>> half_of(np.array([[4.0, 0.0], [0.0, 0.0]])).tolist()
    [[0.0, 2.0], [0.0, 0.0]]
    """
    values, vectors = np.linalg.eigh(covariance)
    half: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return half


def softmax(scores: Floats) -> Floats:
    """Return shares along the last axis.

    >>> softmax(np.array([0.0, np.log(3.0)])).round(2).tolist()
    [0.25, 0.75]
    """
    shares: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares

"""Standardised weights of cues by ridge regression, the same on both sides of the lens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Floats
from survey.analysis.lens.moments import TINY, Moments

PENALTIES = tuple(float(penalty) for penalty in np.geomspace(1e-3, 1.0, 31))
"""Per clip and on the scale of correlations; the least is small beside 1 and still tells copies of a cue apart."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Standardised weights, each of shape (B, E, A): cue validities and cue utilisations."""

    validity: Floats
    utilisation: Floats


def with_cues(moments: Moments) -> Weights:
    """Return simple correlations of criterion and judgement with every cue, each of shape (B, E, A).

    Where everybody judged all clips alike the correlations are 0.
    """
    spread = moments.spread[:, None, :]
    # Without the one clip that differs a variance is 0, and by rounding may lie below.
    variances = moments.variance_criterion, moments.variance_judgement
    made, said = (np.sqrt(np.maximum(part, 0.0))[:, :, None] for part in variances)
    return Weights(_divide(moments.criterion, made * spread), _divide(moments.judgement, said * spread))


def ridge_weights(moments: Moments, penalty: float) -> Weights:
    """Return the standardised weights of ridge regression: (R + penalty · I)⁻¹ r.

    Parameters
    ----------
    moments : Moments
        No cue is constant.
    penalty : float
        Per clip, on the scale of correlations; above 0. With 0 they would be standardised weights of least squares.

    References
    ----------
    Hoerl & Kennard (1970), Technometrics 12, 55–67.

    Examples
    --------
    A cue and its copy share what one of them has alone, r / (2 + penalty) each:

    >>> from survey.analysis.lens.moments import moments_of
    >>> cue = np.array([0.0, 1.0, 2.0, 3.0])
    >>> made, said = np.array([[0.0, 0.0, 1.0, 1.0]]).T, np.array([[0.1, 0.3, 0.5, 0.7]]).T
    >>> found = ridge_weights(moments_of(np.stack([cue, cue], axis=1), made, said), 0.5)
    >>> found.utilisation.round(3).tolist(), found.validity.round(3).tolist()
    ([[[0.4, 0.4]]], [[[0.358, 0.358]]])
    """
    simple = with_cues(moments)
    damped = moments.correlations + penalty * np.eye(moments.cues.shape[1])
    emotions = simple.validity.shape[1]
    # Both sides of every emotion are solved for at once; the last axis of the right sides is the equation's.
    sides = np.concatenate([simple.validity, simple.utilisation], axis=1).transpose(0, 2, 1)
    solved = np.linalg.solve(damped, sides).transpose(0, 2, 1)
    return Weights(solved[:, :emotions], solved[:, emotions:])


def choose_penalty(moments: Moments, different: int | None = None) -> float:
    """Return the penalty with the least generalised cross-validation, summed over both sides of every emotion.

    One penalty for all: the cues are the same everywhere, and a side with a larger one would have smaller weights for
    no reason of its own. A criterion or judgement that does not vary counts nowhere.

    Parameters
    ----------
    moments : Moments
    different : int or None
        How many clips differ in their cues; None: all. Copies of each other would let weights fit each by itself.

    References
    ----------
    Golub, Heath & Wahba (1979), Technometrics 21, 215–223.

    Examples
    --------
    A judgement that follows one of two unrelated cues exactly needs none, so the least is taken:

    >>> from survey.analysis.lens.moments import moments_of
    >>> cues = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    >>> choose_penalty(moments_of(cues, cues[:, :1], cues[:, :1])) == PENALTIES[0]
    True
    """
    simple = with_cues(moments)
    sides = np.concatenate([simple.validity[0], simple.utilisation[0]])
    varies = np.concatenate([moments.variance_criterion[0], moments.variance_judgement[0]]) > TINY
    sides = sides[varies]
    values, vectors = np.linalg.eigh(moments.correlations[0])
    values = np.maximum(values, 0.0)
    along = (sides @ vectors) ** 2
    known = values > TINY
    # Along every axis of the cues the fit keeps d / (d + penalty) of what least squares would explain, along² / d.
    explained = np.divide(along, values, out=np.zeros_like(along), where=known)
    best = (np.inf, PENALTIES[-1])
    for penalty in PENALTIES:
        kept = values / (values + penalty)
        left = 1.0 - (explained * (1.0 - (1.0 - kept) ** 2)).sum(axis=1)
        free = 1.0 - (1.0 + kept.sum()) / (different or moments.clips)
        if free > 0:
            best = min(best, (float(left.sum()) / free**2, penalty))
    return best[1]


def _divide(part: Floats, whole: Floats) -> Floats:
    result: Floats = np.divide(part, whole, out=np.zeros_like(part), where=whole > TINY)
    return result

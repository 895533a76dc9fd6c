"""The lens model equation: achievement as matching, the consistency of both sides, and what the cues leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.analysis.estimates import Floats
from survey.analysis.lens.moments import TINY, Moments, moments_of

RANK = 1e-10
"""Directions of the cues with less than this share of the largest variance are none."""


@dataclass(frozen=True, slots=True)
class Equation:
    """Terms of the lens model equation, each of shape (B, E); NaN where one is not defined.

    r_a = G R_e R_s + C √(1 − R_e²) √(1 − R_s²)

    Attributes
    ----------
    achievement : array of float
        r_a, correlation of criterion and judgement.
    matching : array of float
        G, correlation of what the cues predict of both.
    sender, listener : array of float
        R_e and R_s, multiple correlations of criterion and judgement with the cues.
    unmodelled : array of float
        C, correlation of what the cues leave of both.
    """

    achievement: Floats
    matching: Floats
    sender: Floats
    listener: Floats
    unmodelled: Floats


def lens_model_equation(cues: Floats, criterion: Floats, judgement: Floats) -> Equation:
    """Return the terms of the lens model equation by ordinary least squares.

    Parameters
    ----------
    cues : array of float, shape (S, A)
        Attributes of S clips; copies of each other count once.
    criterion, judgement : array of float, shape (S, E)
        What a clip is, and what it is taken for; one column per emotion.

    Returns
    -------
    Equation
        With B = 1. r_a is NaN where criterion or judgement does not vary, G where either is unrelated to the cues, C
        where the cues explain either completely.

    References
    ----------
    Hursch, Hammond & Hursch (1964), Psychological Review 71, 42–60; Tucker (1964), Psychological Review 71, 528–530;
    Cooksey (1996), Judgment Analysis: Theory, Methods, and Applications.

    Examples
    --------
    >>> cue = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> made, said = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([[0.0], [0.2], [0.4], [1.0]])
    >>> found = lens_model_equation(cue, made, said)
    >>> [round(part.item(), 3) for part in (found.achievement, found.matching, found.sender, found.listener)]
    [0.802, 1.0, 0.894, 0.956]
    >>> round(found.unmodelled.item(), 3)
    -0.408
    >>> explained = found.matching * found.sender * found.listener
    >>> left = found.unmodelled * np.sqrt((1 - found.sender**2) * (1 - found.listener**2))
    >>> bool(abs(found.achievement - explained - left) < 1e-12)
    True
    """
    return equation_of(moments_of(cues, criterion, judgement))


def equation_of(moments: Moments) -> Equation:
    """Return the terms of the equation of some moments; see `lens_model_equation`."""
    return _terms(moments, *_explained(moments))


def adjusted_consistencies(moments: Moments) -> tuple[Floats, Floats]:
    """Return R_e and R_s as they would be expected of unlimited clips, each of shape (B, E); 0 where nothing is left.

    R² = 1 − (1 − R²) (S − 1) / (S − A − 1), of A cues (copies count once) and S pieces: least squares explains some of
    what is chance, and clips of one piece are one chance. Pieces are more than cues by two or more.

    References
    ----------
    Ezekiel (1930), Methods of Correlation Analysis.

    Examples
    --------
    R² = .8 with four clips and one cue is 1 − .2 · 3 / 2 = .7:

    >>> cue, made = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> round(adjusted_consistencies(moments_of(cue, made, made))[0].item() ** 2, 12)
    0.7
    """
    found = equation_of(moments)
    grown = (moments.pieces - 1) / (moments.pieces - _rank(moments)[:, None] - 1)
    sender, listener = (np.sqrt(np.maximum(1 - grown * (1 - one**2), 0.0)) for one in (found.sender, found.listener))
    return sender, listener


def rank_of(moments: Moments) -> int:
    """Return how many cues say something that the others do not."""
    return int(_rank(moments)[0])


def _rank(moments: Moments) -> Floats:
    values = np.linalg.eigvalsh(moments.correlations)
    result: Floats = (values > RANK * values[:, -1:]).sum(axis=1).astype(float)
    return result


def _explained(moments: Moments) -> tuple[Floats, Floats, Floats]:
    """What the cues predict: covariance of both predictions, and the variance of each; shape (B, E)."""
    inverse = np.linalg.pinv(moments.correlations, rcond=RANK, hermitian=True)
    made, said = (part / moments.spread[:, None, :] for part in (moments.criterion, moments.judgement))
    turned = said @ inverse
    return (made * turned).sum(axis=2), (made @ inverse * made).sum(axis=2), (said * turned).sum(axis=2)


def _terms(moments: Moments, predicted: Floats, made: Floats, said: Floats) -> Equation:
    whole_made, whole_said = moments.variance_criterion, moments.variance_judgement
    left_made, left_said = whole_made - made, whole_said - said
    return Equation(
        _correlate(moments.both, whole_made, whole_said, TINY),
        _correlate(predicted, made, said, TINY * np.maximum(whole_made * whole_said, TINY)),
        np.sqrt(np.clip(_share(made, whole_made), 0.0, 1.0)),
        np.sqrt(np.clip(_share(said, whole_said), 0.0, 1.0)),
        _correlate(moments.both - predicted, left_made, left_said, TINY * np.maximum(whole_made * whole_said, TINY)),
    )


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > TINY)


def _correlate(both: Floats, one: Floats, other: Floats, least: Floats | float) -> Floats:
    product = one * other
    defined = (product > least) & (one > 0) & (other > 0)
    return np.divide(both, np.sqrt(np.abs(product)), out=np.full_like(both, np.nan), where=defined)

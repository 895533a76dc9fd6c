"""Main effects by least squares within pieces, with variances over people and pieces."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from survey.analysis.clustering import spread_of_influence
from survey.analysis.estimates import Codes, Floats

RANK = 1e-9
"""A cue whose levels the others and the pieces explain to this share has no effect of its own."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Main effects of A cues on T things said, shape (T, A); of a cue that cannot be told apart all is NaN.

    Attributes
    ----------
    effects, errors : array of float, shape (T, A)
        By how much a step of the cue moves what was said, and the standard error for new people and new pieces.
    degrees : array of float, shape (A,)
        Degrees of freedom of the t distribution, the fewer of people's and pieces' that heard the cue vary; below 1
        there is no interval.
    """

    effects: Floats
    errors: Floats
    degrees: Floats


def fit_effects(said: Floats, steps: Floats, people: Codes, pieces: Codes) -> Fit:
    """Return the main effects of cues on what was said, every piece compared with itself.

    Parameters
    ----------
    said : array of float, shape (N, T)
        What was said in each answer: 1 where an option was chosen, else 0; or a rating.
    steps : array of float, shape (N, A)
        The level of each cue that was played, counted in steps; the origin does not matter.
    people, pieces : array of int, shape (N,)
        Codes ≥ 0 of who answered, and of the base piece.

    Returns
    -------
    Fit

    Notes
    -----
    Ordinary least squares with a mean for every piece: what a piece does at all levels alike cancels. Standard errors
    are robust and clustered two ways, people + pieces − their cells, never below the larger, each with G/(G − 1)
    (`clustering.spread_of_influence`): how much the effect itself differs between pieces and between people is in
    them. The t distribution has the degrees of freedom of the fewer of the two.

    Examples
    --------
    Two people, two pieces at two levels; the first person hears the second level as sad, the second hears nothing:

    >>> said = np.array([[0.0], [1], [0], [1], [0], [0], [0], [0]])
    >>> steps = np.array([[0.0], [1], [0], [1], [0], [1], [0], [1]])
    >>> found = fit_effects(said, steps, np.repeat([0, 1], 4), np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    >>> found.effects.tolist(), found.errors.round(3).tolist(), found.degrees.tolist()
    ([[0.5]], [[0.5]], [1.0])
    """
    answers, things = said.shape
    cues = steps.shape[1]
    own = _within(steps, pieces)
    effects, errors = np.full((things, cues), np.nan), np.full((things, cues), np.nan)
    told = _told_apart(own)
    if not told.any() or not answers:
        return Fit(effects, errors, np.zeros(cues))
    used = own[:, told]
    inverse = np.linalg.inv(used.T @ used)
    y = _within(said, pieces)
    found = inverse @ used.T @ y  # shape (cues told apart, T)
    left = y - used @ found
    effects[:, told] = found.T
    places, degrees = np.flatnonzero(told), np.zeros(cues)
    # By how much each answer moves each effect, shape (N, cues told apart), before what was said comes in.
    pull = used @ inverse
    for column, place in enumerate(places):
        # Pieces in which the cue stood still tell nothing of it, and must not count as if they did.
        moves = np.bincount(pieces, weights=np.abs(pull[:, column]))[pieces] > RANK * np.abs(pull[:, column]).max()
        degrees[place] = math.inf
        for thing in range(things):
            influence = pull[moves, column] * left[moves, thing]
            spread = spread_of_influence(influence, people[moves], pieces[moves])
            errors[thing, place] = math.sqrt(spread.variance_both)
            degrees[place] = min(degrees[place], spread.degrees)
    return Fit(effects, errors, degrees)


def _within(values: Floats, pieces: Codes) -> Floats:
    """Values less the mean of their piece, shape as given."""
    _, places = np.unique(pieces, return_inverse=True)
    counts = np.bincount(places)
    means = np.stack([np.bincount(places, weights=column) / counts for column in values.T], axis=1)
    result: Floats = values - means[places]
    return result


def _told_apart(own: Floats) -> np.ndarray:
    """Which cues have variation left that neither pieces nor the other cues explain, shape (A,)."""
    told = np.zeros(own.shape[1], bool)
    for cue in range(own.shape[1]):
        column, others = own[:, cue], np.delete(own, cue, axis=1)
        whole = float(column @ column)
        if whole <= 0:
            continue
        left = column - others @ np.linalg.lstsq(others, column, rcond=None)[0] if others.shape[1] else column
        told[cue] = float(left @ left) > RANK * whole
    return told


def standardise(said: Floats, steps: Floats, stimuli: Codes) -> Floats:
    """Return standardised weights of cues on the mean answers to variants, shape (T, A), as Eerola and colleagues do.

    Every variant counts once, whatever its piece: a regression of its mean on all cues and their piece-free levels, in
    standard deviations of both. NaN for a cue or a thing said that does not vary.

    Parameters
    ----------
    said : array of float
        As for `fit_effects`.
    steps : array of float
        Likewise, NaN where the variant's piece was not varied in the cue: it stands in the middle, and tells nothing.
    stimuli : array of int, shape (N,)
        Codes ≥ 0 of the variants.

    Examples
    --------
    >>> said, steps = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    >>> standardise(said, steps, np.arange(4)).round(2).tolist()
    [[0.97, 0.24]]
    """
    _, first, places = np.unique(stimuli, return_index=True, return_inverse=True)
    counts = np.bincount(places)
    means = np.stack([np.bincount(places, weights=column) / counts for column in said.T], axis=1)
    varies = np.isfinite(steps[first])
    middle = np.where(varies, steps[first], 0.0).sum(axis=0) / np.maximum(varies.sum(axis=0), 1)
    levels = np.where(varies, steps[first] - middle, 0.0)
    spread_x, spread_y = levels.std(axis=0), means.std(axis=0)
    varied = spread_x > 0
    weights = np.full((said.shape[1], steps.shape[1]), np.nan)
    if varied.any():
        slopes = np.linalg.lstsq(levels[:, varied], means - means.mean(axis=0), rcond=None)[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            weights[:, varied] = np.where(
                spread_y[:, None] > 0, slopes.T * spread_x[varied] / spread_y[:, None], np.nan
            )
    return weights

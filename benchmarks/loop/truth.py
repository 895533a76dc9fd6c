"""What is true of a population: how often clips of some targets are recognised, and how often the best could be.

The best targets are searched on the truth itself, under the constraints that learning has: not further from the shipped
targets than `reach`, hardly further from real music than those, in the range of every attribute.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.loop.composing import own_targets
from benchmarks.loop.listeners import Population, draw_people, draw_unexplained
from benchmarks.loop.surrogate import (
    DENSITY,
    DERIVED,
    EMOTIONS,
    FREE,
    HIGHEST,
    LOWEST,
    MELODY,
    Pairs,
    Surrogate,
    spread_of_clips,
)
from generation.music.attributes import NAMES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

DRAWS: Final = 600
"""Pairs of a clip and a listener per emotion, the same for all targets."""
REACH: Final = 3.0
"""How far targets may move, in standard deviations of clips of one emotion (Mahalanobis distance)."""
SLACK: Final = 0.05
"""By which share targets may lie further from the middle of real music than the shipped ones. With .15 the clips of
the plain logit came to lie .11 to .13 further from it, with 0 .04 to .06."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where targets may lie.

    At most `reach` (Mahalanobis, by `spread`, attributes × attributes) from the shipped ones, and at most `furthest`
    from the `mean` of real music by its `covariance`; `furthest` differs among emotions, shape (emotions,).
    """

    spread: Floats
    reach: float
    mean: Floats
    covariance: Floats
    furthest: Floats

    @property
    def near(self) -> Floats:
        """Inverse of `spread` among the free attributes."""
        inverse: Floats = np.linalg.inv(self.spread[np.ix_(FREE, FREE)])
        return inverse

    @property
    def real(self) -> Floats:
        """Inverse of the covariance of real music among the free attributes."""
        inverse: Floats = np.linalg.inv(self.covariance[np.ix_(FREE, FREE)])
        return inverse

    def distance(self, points: Floats) -> Floats:
        """Mahalanobis distance from the middle of real music, shape (points,), of points (points, attributes)."""
        away = (points - self.mean)[:, FREE]
        distances: Floats = np.sqrt(np.einsum("ka,ab,kb->k", away, self.real, away))
        return distances


def bound(pairs: Pairs, surrogate: Surrogate, reach: float = REACH, slack: float = SLACK) -> Bounds:
    """The bounds about the shipped targets."""
    unbound = Bounds(spread_of_clips(pairs, surrogate), reach, pairs.mean, pairs.covariance, np.full(EMOTIONS, np.inf))
    allowed = np.minimum((1.0 + slack) * unbound.distance(own_targets()), pairs.furthest)
    return replace(unbound, furthest=allowed)


class Truth:
    """A population and a composer, known completely.

    Parameters
    ----------
    population : Population
        Who listens.
    pairs : Pairs
        For the scale of real music.
    surrogate : Surrogate
        Who composes.
    draws : int
        Pairs of clips and listeners per emotion that expectations are taken over.
    """

    def __init__(
        self, population: Population, pairs: Pairs, surrogate: Surrogate, *, draws: int = DRAWS, seed: int = 0
    ) -> None:
        random = np.random.default_rng(seed)
        self._surrogate, self._ear = surrogate, pairs.ear
        self._people = draw_people(population, draws, random)
        self._beyond = draw_unexplained(population, draws, random)
        self._left = [left[random.integers(len(left), size=draws)] for left in surrogate.residuals]

    def recognised(self, targets: Floats) -> Floats:
        """How often clips of each emotion's target are recognised, shape (emotions,)."""
        return np.array([self.recognised_one(targets[emotion], emotion) for emotion in range(EMOTIONS)])

    def recognised_one(self, target: Floats, emotion: int) -> float:
        """How often clips of a target, shape (attributes,), are taken for the emotion."""
        wanted, code = target[None], np.array([emotion])
        share = float(self._surrogate.chance_of_major(wanted, code)[0])
        heard = []
        for mean, left in zip(self._surrogate.expect(wanted, code), self._left, strict=True):
            cues = self._ear.cues(np.clip(mean + left, LOWEST, HIGHEST))
            chances = self._people.hear(np.column_stack([self._beyond, cues]), np.arange(len(left)))
            heard.append(float(chances[:, emotion].mean()))
        return (1.0 - share) * heard[0] + share * heard[1]

    def recognised_clips(self, measured: Floats, emotion: Codes) -> Floats:
        """How often each of some clips with measured attributes (clips, attributes) is taken for its emotion."""
        cues = self._ear.cues(measured)
        everybody = np.arange(len(self._people))
        chances = [
            self._people.hear(np.column_stack([self._beyond, np.tile(row, (len(everybody), 1))]), everybody)
            for row in cues
        ]
        return np.array([heard[:, own].mean() for heard, own in zip(chances, emotion, strict=True)])

    def best(self, bounds: Bounds, start: Floats | None = None) -> Floats:
        """The targets that are recognised most often within the bounds, shape (emotions, attributes)."""
        present = own_targets()
        rows = [
            self._best_one(present[emotion], emotion, bounds, None if start is None else start[emotion])
            for emotion in range(EMOTIONS)
        ]
        return np.stack(rows)

    def _best_one(self, present: Floats, emotion: int, bounds: Bounds, start: Floats | None) -> Floats:
        width = np.sqrt(np.diag(bounds.spread))[FREE]
        near = bounds.near * np.outer(width, width)
        real = bounds.real * np.outer(width, width)
        middle = (bounds.mean - present)[FREE] / width

        def place(steps: Floats) -> Floats:
            return fill(present[FREE] + steps * width)

        found = minimize(
            lambda steps: -self.recognised_one(place(steps), emotion),
            np.zeros(len(FREE)) if start is None else (start - present)[FREE] / width,
            method="SLSQP",
            bounds=list(zip((LOWEST - present)[FREE] / width, (HIGHEST - present)[FREE] / width, strict=True)),
            constraints=[
                {
                    "type": "ineq",
                    "fun": lambda steps: bounds.reach**2 - steps @ near @ steps,
                    "jac": lambda steps: -2.0 * near @ steps,
                },
                {
                    "type": "ineq",
                    "fun": lambda steps: bounds.furthest[emotion] ** 2 - (steps - middle) @ real @ (steps - middle),
                    "jac": lambda steps: -2.0 * real @ (steps - middle),
                },
                {"type": "ineq", "fun": lambda steps: place(steps)[DERIVED]},
            ],
            options={"maxiter": 60, "ftol": 1e-5, "eps": 1e-3},
        )
        return place(found.x)


def fill(free: Floats) -> Floats:
    """All attributes from the free ones, shape (attributes,).

    >>> full = own_targets()[3]
    >>> bool(np.allclose(fill(full[FREE]), full))
    True
    """
    full = np.empty(len(NAMES))
    full[FREE] = free
    full[DERIVED] = full[DENSITY] - full[MELODY]
    return full

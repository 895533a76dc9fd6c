"""What the present table of targets says of listeners, before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from survey.teaching.arrays import Floats, as_floats, steady
from survey.teaching.scale import Scale

SURENESS: Final = 0.3
"""How sharply listeners are expected to hear the table's differences; 1 is an ideal observer who knows the table. With
the shipped table .3 expects .45 of clips to be recognised among eight emotions; judgement."""


@dataclass(frozen=True, slots=True)
class Prior:
    """The present table as a listener: the linear discriminant between emotions that sound as it asks.

    Parameters
    ----------
    targets : array of float, shape (E, A)
        What the table asks of each emotion, in natural units.
    spread : array of float, shape (A, A)
        Covariance of clips of one emotion about its target.
    sureness : float
        Expected multiple of that discriminant in listeners' answers, above 0; its standard deviation is as large, so
        that answers decide.

    Raises
    ------
    ValueError
        When the shapes differ, a number is not finite, or `sureness` is 0 or less.
    """

    targets: Floats
    spread: Floats
    sureness: float = SURENESS

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", as_floats(self.targets))
        object.__setattr__(self, "spread", as_floats(self.spread))
        if self.targets.ndim != 2 or self.spread.shape != (self.targets.shape[1],) * 2:
            raise ValueError(f"Targets {self.targets.shape} and spread {self.spread.shape} do not fit together.")
        if not (np.isfinite(self.targets).all() and np.isfinite(self.spread).all() and self.sureness > 0):
            raise ValueError("Targets and spread must be finite, and sureness above 0.")

    def discriminate(self, scale: Scale, choices: int) -> tuple[Floats, Floats]:
        """Return intercepts, shape (C,), and weights per width of each attribute, shape (C, A), of the ideal observer.

        Clips of emotion e are normal about its target t with covariance S, all as frequent: the logarithm of its chance
        is w·(x − m) − ½ w·(t − m) + constant, w = S⁻¹(t − m), m the mean target. Choices after the emotions ("none of
        these") have 0 everywhere, so that they win where no emotion's target is near.

        References
        ----------
        Fisher (1936), Annals of Eugenics 7, 179–188; Hastie, Tibshirani & Friedman (2009), section 4.3.

        Examples
        --------
        Two emotions that differ by one standard deviation of tempo:

        >>> prior = Prior(np.array([[110.0], [90.0]]), np.array([[400.0]]))
        >>> intercepts, weights = prior.discriminate(Scale(("tempo",), [100.0], [20.0]), 3)
        >>> intercepts.tolist(), weights.ravel().tolist()
        ([-0.125, -0.125, 0.0], [0.5, -0.5, 0.0])
        """
        emotions, attributes = self.targets.shape
        if not emotions <= choices <= emotions + 1:
            raise ValueError(f"{choices} choices do not fit {emotions} emotions.")
        mean = self.targets.mean(axis=0)
        away = self.targets - mean  # (E, A)
        own = np.linalg.solve(steady(self.spread), away.T).T  # S⁻¹(t − m), one row per emotion
        weights, intercepts = np.zeros((choices, attributes)), np.zeros(choices)
        weights[:emotions] = own * scale.width
        # x − m = width · z + middle − m.
        intercepts[:emotions] = own @ (scale.middle - mean) - 0.5 * np.einsum("ea,ea->e", own, away)
        return intercepts, weights

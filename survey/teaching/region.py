"""Where real music lies among the attributes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.teaching.arrays import Floats, as_floats, steady


@dataclass(frozen=True, slots=True)
class Region:
    """Points whose Mahalanobis distance from real clips is at most `furthest`.

    Parameters
    ----------
    mean : array of float, shape (A,)
    covariance : array of float, shape (A, A)
        Of real clips, in natural units; its correlations are shrunk (`steady`) before it is inverted.
    furthest : float
        Largest distance, above 0; infinity binds nothing.

    Raises
    ------
    ValueError
        When shapes differ or `furthest` is 0 or less.

    Examples
    --------
    >>> region = Region(np.array([100.0, 0.0]), np.diag([400.0, 0.04]), 2.5)
    >>> region.distance(np.array([[100.0, 0.0], [140.0, -0.2]])).round(3).tolist()
    [0.0, 2.236]
    """

    mean: Floats
    covariance: Floats
    furthest: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", as_floats(self.mean))
        object.__setattr__(self, "covariance", as_floats(self.covariance))
        if self.mean.ndim != 1 or self.covariance.shape != self.mean.shape * 2:
            raise ValueError(f"Mean {self.mean.shape} and covariance {self.covariance.shape} do not fit together.")
        if not self.furthest > 0:
            raise ValueError(f"The furthest distance must be above 0, not {self.furthest}.")

    @classmethod
    def of(cls, clips: Floats, share: float = 0.95) -> Region:
        """Return the region that holds `share` of real clips, shape (n, A), n ≥ 2."""
        mean, covariance = as_floats(clips.mean(axis=0)), as_floats(np.atleast_2d(np.cov(clips.T)))
        everywhere = cls(mean, covariance, np.inf)
        return cls(mean, covariance, float(np.quantile(everywhere.distance(clips), share)))

    @property
    def precision(self) -> Floats:
        """Inverse of the shrunk covariance, shape (A, A)."""
        inverse: Floats = as_floats(np.linalg.inv(steady(self.covariance)))
        return inverse

    def distance(self, points: Floats) -> Floats:
        """Return each point's distance, shape (n,), of points (n, A)."""
        away = points - self.mean
        squares = np.einsum("na,ab,nb->n", away, self.precision, away)
        return np.asarray(np.sqrt(squares), dtype=np.float64)

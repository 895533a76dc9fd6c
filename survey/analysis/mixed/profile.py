"""Profile intervals of the standard deviations of people and pieces, from the restricted likelihood."""

from __future__ import annotations

import math

import numpy as np

from survey.analysis.estimates import Floats, Interval
from survey.analysis.mixed.laplace import Likelihood, NotConverged
from survey.analysis.mixed.minimum import minimise

CUT = 3.841458820694124
"""95 % quantile of χ² with one degree of freedom."""
LARGEST = 30.0
"""No standard deviation is sought beyond it, on the logit scale: odds of e³⁰."""
CLOSE = 0.01
"""An end is found where the deviance is that close to the cut: .1 % of the interval's width."""
DIFFERENCE = 0.02
MOST_STEPS = 12


def profile_intervals(likelihood: Likelihood, best: Floats, deviance: float) -> list[Interval | None]:
    """Return where the restricted deviance is within `CUT` of the least, for people and for pieces.

    The other standard deviation and the fixed effects are at their best everywhere. An interval begins at 0 where 0 is
    within. None where the profile could not be followed.
    """
    profile = _Profile(likelihood, best, deviance)
    return [profile.interval(which) for which in (0, 1)]


class _Profile:
    """The restricted likelihood along one standard deviation, the other at its best."""

    def __init__(self, likelihood: Likelihood, best: Floats, deviance: float) -> None:
        self.likelihood, self.best, self.deviance = likelihood, best, deviance
        self.hessian = self._curvature() if bool((best > 0).all()) else None

    def _curvature(self) -> Floats | None:
        """The Hessian of the deviance at its least, by differences; None where it is not that of a minimum."""
        rows = []
        for which in (0, 1):
            step = np.zeros(2)
            step[which] = DIFFERENCE * self.best[which]
            slopes = [self.likelihood.restricted(self.best + side * step).by_spread for side in (1, -1)]
            rows.append((slopes[0] - slopes[1]) / (2 * step[which]))
        hessian: Floats = (np.array(rows) + np.array(rows).T) / 2
        return hessian if bool((np.linalg.eigvalsh(hessian) > 0).all()) else None

    def interval(self, which: int) -> Interval | None:
        """Return where the deviance is within `CUT` of the least; from 0 where 0 is within."""
        try:
            low, high = (self._end_by_newton(which, side) for side in (-1, 1))
            return (
                self._end(which, -1) if low is None else low,
                self._end(which, 1) if high is None else high,
            )
        except (NotConverged, np.linalg.LinAlgError):
            return None

    def _end_by_newton(self, which: int, side: int) -> float | None:
        """Solve deviance = least + cut and slope by the other = 0 together; None where that does not arrive.

        Venzon & Moolgavkar (1988), Applied Statistics 37, 87–94; in logarithms, in which the deviance is rounder.
        """
        if self.hessian is None:
            return None
        scaled = self.hessian * np.outer(self.best, self.best)
        covariance = np.linalg.inv(scaled)
        logs = side * math.sqrt(CUT) * covariance[which] / math.sqrt(covariance[which, which])
        slope_row = scaled[1 - which].copy()
        last = None
        for _ in range(MOST_STEPS):
            if float(np.abs(logs).max()) > 3:
                return None
            spreads = self.best * np.exp(logs)
            point = self.likelihood.restricted(spreads)
            slopes = point.by_spread * spreads
            miss = np.array([point.deviance - self.deviance - CUT, slopes[1 - which]])
            if abs(miss[0]) < CLOSE and miss[1] ** 2 < CLOSE * abs(slope_row[1 - which]):
                return float(spreads[which]) if side * logs[which] > 0 else None
            if last is not None:  # Broyden's update of the row whose derivatives are not computed
                moved = logs - last[0]
                slope_row = slope_row + (miss[1] - last[1] - slope_row @ moved) / float(moved @ moved) * moved
            last = (logs, miss[1])
            jacobian = np.stack([slopes, slope_row])
            step = np.linalg.solve(jacobian, -miss)
            logs = logs + step * min(1.0, 0.7 / float(np.abs(step).max()))
        return None

    def excess(self, which: int, value: float, other: float) -> tuple[float, float]:
        """Return the deviance above the least and beyond the cut, and the other standard deviation there."""
        spreads = np.empty(2)
        spreads[which] = value

        def along(x: Floats) -> tuple[float, Floats]:
            spreads[1 - which] = x[0]
            point = self.likelihood.restricted(spreads)
            return point.deviance, point.by_spread[1 - which : 2 - which]

        size = self.likelihood.data.sizes[1 - which]
        found = minimise(along, np.array([max(other, 0.05)]), np.array([[max(other, 0.2) ** 2 / (2 * size)]]))
        return along(found)[0] - self.deviance - CUT, abs(float(found[0]))

    def _end(self, which: int, side: int) -> float:
        """Bracket the end, then close in on it by the signed root, which is nearly straight."""
        centre, other = float(self.best[which]), float(self.best[1 - which])
        size = self.likelihood.data.sizes[which]
        step = side * 2 * max(centre, 0.3) / math.sqrt(2 * size)
        inside, root_inside = centre, 0.0
        while True:
            outside = inside + step
            if outside <= 0:
                outside = 0.0
            value, other = self.excess(which, outside, other)
            if value > 0:
                break
            if outside == 0.0:
                return 0.0
            if outside > LARGEST:
                raise NotConverged("the profile has no end")
            inside, root_inside, step = outside, math.sqrt(max(value + CUT, 0.0)), 1.5 * step
        aim = math.sqrt(CUT)
        root_outside = math.sqrt(value + CUT)
        for _ in range(20):
            guess = inside + (outside - inside) * (aim - root_inside) / (root_outside - root_inside)
            guess = min(max(guess, min(inside, outside)), max(inside, outside))
            value, other = self.excess(which, guess, other)
            if abs(value) < CLOSE:
                return guess
            if value > 0:
                outside, root_outside = guess, math.sqrt(value + CUT)
            else:
                inside, root_inside = guess, math.sqrt(max(value + CUT, 0.0))
        return guess

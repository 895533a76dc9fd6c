"""The Laplace approximation of a crossed logistic mixed model's likelihood, with its gradient.

η = Xβ + σ₁u₁[person] + σ₂u₂[piece], u standard normal, hits binomial with probability 1/(1 + e^−η). The mode of u
is found by Newton's method (penalised iteratively reweighted least squares); around it the integral over u is a
normal one, as in ``lme4::glmer(nAGQ = 1)``. With β integrated out in the same way, under a flat prior, the
likelihood is *restricted*: its variances do not shrink for the fixed effects that were estimated.

References
----------
Breslow & Clayton (1993), JASA 88, 9–25. Bates, Mächler, Bolker & Walker (2015), Journal of Statistical Software 67(1).
Kristensen et al. (2016), Journal of Statistical Software 70(5): gradient through the mode.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from survey.analysis.estimates import Floats
from survey.analysis.mixed.crossing import Crossed, NormalEquations

MOST_STEPS, MOST_HALVINGS = 60, 30
TOLERANCE = 1e-16
"""Newton's method ends where another step would lower the penalised deviance by less than this."""
ROUNDING = 1e-13
"""Of a deviance, as a share of it."""


class NotConverged(ArithmeticError):
    """The mode of the random effects was not found."""


@dataclass(slots=True)
class State:
    """Where the next search for the mode starts: intercepts of people and of pieces (in σ), fixed effects."""

    effects: list[Floats]
    fixed: Floats


@dataclass(frozen=True, slots=True)
class Point:
    """The deviance at one choice of parameters.

    Attributes
    ----------
    deviance : float
        −2 log likelihood, without the binomial coefficients.
    by_spread : array of float, shape (2,)
        Its derivatives by the two standard deviations.
    by_fixed : array of float, shape (p,)
        Its derivatives by the fixed effects; zeros where they were integrated out.
    fixed : array of float, shape (p,)
        The fixed effects, given or at the mode.
    covariance : array of float, shape (p, p)
        Of the fixed effects at these standard deviations.
    parts : array of float, shape (3, p, p)
        What people, pieces and single answers contribute to it; they sum to it.
    """

    deviance: float
    by_spread: Floats
    by_fixed: Floats
    fixed: Floats
    covariance: Floats
    parts: Floats


class Likelihood:
    """Evaluates the approximation; keeps the last mode to start from."""

    def __init__(self, data: Crossed) -> None:
        self.data = data
        self.reset()

    def reset(self) -> None:
        """Start the next search for the mode at 0."""
        data = self.data
        self.state = State([np.zeros(size) for size in data.sizes], np.zeros(data.rows.shape[1]))

    def maximum(self, spreads: Floats, fixed: Floats) -> Point:
        """Return the deviance with the random intercepts integrated out, at given fixed effects."""
        self.state.fixed = fixed
        return self._point(spreads, restricted=False)

    def restricted(self, spreads: Floats) -> Point:
        """Return the deviance with random intercepts and fixed effects integrated out."""
        return self._point(spreads, restricted=True)

    def _predictor(self, spreads: Floats, effects: list[Floats], fixed: Floats) -> Floats:
        data = self.data
        result: Floats = (
            (data.rows @ fixed)[data.row]
            + (spreads[0] * effects[0])[data.people]
            + (spreads[1] * effects[1])[data.pieces]
        )
        return result

    def _penalised(self, eta: Floats, effects: list[Floats]) -> float:
        data = self.data
        # −2 log of the joint density of answers and u; logaddexp(0, η) = ln(1 + e^η) without overflow.
        fit = float(data.hits @ eta - data.trials @ np.logaddexp(0.0, eta))
        return -2 * fit + float(effects[0] @ effects[0] + effects[1] @ effects[1])

    def _gather(self, spreads: Floats, values: Floats) -> list[Floats]:
        # Λ'Z' times one value per cell: sums per person and per piece, each times its standard deviation.
        return [spreads[which] * self.data.total(values, which) for which in (0, 1)]

    def _find_mode(self, spreads: Floats, restricted: bool) -> tuple[Floats, NormalEquations]:
        """Move the state to the mode; return the linear predictor and the normal equations there."""
        state, data = self.state, self.data
        eta = self._predictor(spreads, state.effects, state.fixed)
        value = self._penalised(eta, state.effects)
        for _ in range(MOST_STEPS):
            share = expit(eta)
            residual = data.hits - data.trials * share
            equations = NormalEquations(data, spreads, data.trials * share * (1 - share))
            weights = data.trials * share * (1 - share)
            # The gradient by u, ΛZ'(y − n p) − u, and Newton's step H⁻¹ times it.
            right = [one - u for one, u in zip(self._gather(spreads, residual), state.effects, strict=True)]
            step, step_fixed = equations.solve(right), np.zeros_like(state.fixed)
            # Newton's decrement, gradient' H⁻¹ gradient: what a whole step would lower the penalised deviance by.
            decrease = sum(float(a @ b) for a, b in zip(step, right, strict=True))
            if restricted:
                # β is moved with u: block elimination, the intercepts first.
                inner = _Fixed(self, spreads, equations, weights)
                step_fixed = inner.covariance @ (data.total_rows(residual) - inner.back(right))
                step = [one - t @ step_fixed for one, t in zip(step, inner.along, strict=True)]
                decrease = sum(float(a @ b) for a, b in zip(step, right, strict=True))
                decrease += float(step_fixed @ (data.total_rows(residual)))
            if decrease < TOLERANCE:
                return eta, equations
            eta, value = self._step(spreads, step, step_fixed, value)
        raise NotConverged("the mode of the random effects was not found")

    def _step(self, spreads: Floats, step: list[Floats], step_fixed: Floats, value: float) -> tuple[Floats, float]:
        state, size = self.state, 1.0
        for _ in range(MOST_HALVINGS):
            effects = [u + size * one for u, one in zip(state.effects, step, strict=True)]
            fixed = state.fixed + size * step_fixed
            eta = self._predictor(spreads, effects, fixed)
            tried = self._penalised(eta, effects)
            # Far from the mode a whole Newton step of a logistic likelihood can overshoot: halve it until it descends.
            if tried <= value + ROUNDING * max(1.0, abs(value)):
                state.effects, state.fixed = effects, fixed
                return eta, tried
            size /= 2
        raise NotConverged("no step lowers the penalised deviance")

    def _point(self, spreads: Floats, restricted: bool) -> Point:
        eta, equations = self._find_mode(spreads, restricted)
        data, state = self.data, self.state
        share = expit(eta)
        weights = data.trials * share * (1 - share)
        residual = data.hits - data.trials * share
        inner = _Fixed(self, spreads, equations, weights)
        leverage, near = self._leverage(spreads, equations)
        # Laplace: −2 log ∫ ≈ the penalised deviance at the mode + log |H|; the 2π of prior and integral cancel.
        deviance = self._penalised(eta, state.effects) + equations.log_determinant
        if restricted:
            deviance += inner.log_determinant - data.rows.shape[1] * math.log(2 * math.pi)
            more, less = inner.leverage()
            leverage = leverage + more
            near = [one - other for one, other in zip(near, less, strict=True)]
        # The slope of log |H| by η of each cell: its leverage times dw/dη = n p (1 − p)(1 − 2p).
        bend = leverage * weights * (1 - 2 * share)
        # The mode moves with the parameters (implicit differentiation): `pulled` is H⁻¹ applied once for all of them.
        pulled = equations.solve(self._gather(spreads, bend))
        along_fixed = data.total_rows(bend) - inner.across(pulled)
        by_fixed = np.zeros_like(state.fixed)
        pulled_fixed = np.zeros_like(state.fixed)
        if restricted:
            pulled_fixed = inner.covariance @ along_fixed
            pulled = [one - t @ pulled_fixed for one, t in zip(pulled, inner.along, strict=True)]
        else:
            # At the mode the slope by u is 0, so of the penalised deviance only the direct part −2X'(y − n p) stays.
            by_fixed = along_fixed - 2 * (data.total_rows(residual))
        by_spread = np.empty(2)
        for which in (0, 1):
            # dη/dσ at a fixed mode is the cell's own u.
            own = state.effects[which][data.groups[which]]
            moved = self._gather(spreads, weights * own)
            by_spread[which] = (
                # through η of the deviance and of log |H|, then through Λ in H itself, then as the mode moves
                float((bend - 2 * residual) @ own)
                + 2 * float(weights @ near[which])
                + float(pulled[which] @ data.total(residual, which))
                - sum(float(a @ b) for a, b in zip(pulled, moved, strict=True))
                - float(pulled_fixed @ (data.total_rows(weights * own)))
            )
        return Point(deviance, by_spread, by_fixed, state.fixed, inner.covariance, inner.parts())

    def _leverage(self, spreads: Floats, equations: NormalEquations) -> tuple[Floats, list[Floats]]:
        """a'H⁻¹a of every cell, and the entries of H⁻¹a at its own person and piece."""
        data = self.data
        # The column a of a cell has two entries, σ₁ at its person and σ₂ at its piece.
        diagonal, crossing = equations.inverse_parts()
        between = crossing[data.pairs.of_cell]
        own = [part[codes] for part, codes in zip(diagonal, data.groups, strict=True)]
        near = [spreads[0] * own[0] + spreads[1] * between, spreads[0] * between + spreads[1] * own[1]]
        return spreads[0] * near[0] + spreads[1] * near[1], near


class _Fixed:
    """The fixed effects after the random intercepts were eliminated from the normal equations."""

    def __init__(self, of: Likelihood, spreads: Floats, equations: NormalEquations, weights: Floats) -> None:
        data = of.data
        self.data, self.spreads = data, spreads
        # `right` is Λ'Z'WX, (groups, p) of people and pieces; `along` T = H⁻¹Λ'Z'WX, what intercepts explain of X.
        self.right = [spreads[which] * data.total_products(weights, which) for which in (0, 1)]
        self.along = equations.solve(self.right)
        per_row = np.bincount(data.row, weights=weights, minlength=len(data.rows))
        information = data.rows.T @ (data.rows * per_row[:, None]) - self.across(self.along)
        information = (information + information.T) / 2  # symmetric up to rounding; exactly so for the inverse
        sign, log_determinant = np.linalg.slogdet(information)
        self.log_determinant = float(log_determinant)
        if sign <= 0:
            raise NotConverged("the fixed effects have no finite estimate")
        self.covariance: Floats = np.linalg.inv(information).astype(float)

    def back(self, right: list[Floats]) -> Floats:
        """X'WA H⁻¹ times a right-hand side."""
        result: Floats = self.along[0].T @ right[0] + self.along[1].T @ right[1]
        return result

    def across(self, solved: list[Floats]) -> Floats:
        """X'WA times a solution."""
        result: Floats = self.right[0].T @ solved[0] + self.right[1].T @ solved[1]
        return result

    def leverage(self) -> tuple[Floats, list[Floats]]:
        """What the fixed effects add to every cell's leverage, and take from its entries at its person and piece.

        With r = x − T'a (the row without what the intercepts explain) they are r'Vr and T[group]'Vr; r is the
        difference of a vector of the piece and row and a vector of the person, so products of pairs suffice.
        """
        data, covariance = self.data, self.covariance
        place, pieces, rows = data.piece_rows
        of_piece = data.rows[rows] - self.spreads[1] * self.along[1][pieces]
        of_person = self.spreads[0] * self.along[0]
        own_piece = np.einsum("ij,ij->i", of_piece @ covariance, of_piece)
        own_person = np.einsum("ij,ij->i", of_person @ covariance, of_person)
        both = ((of_piece @ covariance) @ of_person.T)[place, data.people]
        here = np.einsum("ij,ij->i", self.along[1][pieces] @ covariance, of_piece)
        there = ((self.along[1] @ covariance) @ of_person.T)[data.pieces, data.people]
        at_person = ((of_piece @ covariance) @ self.along[0].T)[place, data.people]
        at_person -= np.einsum("ij,ij->i", self.along[0] @ covariance, of_person)[data.people]
        return own_piece[place] - 2 * both + own_person[data.people], [at_person, here[place] - there]

    def parts(self) -> Floats:
        """What people, pieces and answers contribute to the covariance of the fixed effects; shape (3, p, p)."""
        # V T'T V of each grouping: how far people's (pieces') own intercepts move the fixed effects.
        grouped = [(one @ self.covariance).T @ (one @ self.covariance) for one in self.along]
        return np.stack([*grouped, self.covariance - grouped[0] - grouped[1]])

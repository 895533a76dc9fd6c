"""Better targets: where an emotion's clips are expected to be recognised most, within reach and within real music."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from survey.teaching.arrays import Floats, Truths, half_of, steady
from survey.teaching.heard import Draws, Heard
from survey.teaching.region import Region

REACH: Final = 3.0
"""Mahalanobis distance that targets may move in one lesson, by what clips of one emotion differ; judgement: answers
tell of music like the music that was heard."""
SLACK: Final = 0.05
"""By which share a target may come to lie further from the middle of real music than it does. Without this bound clips
of simulated lessons lay a fifth further from it (`benchmarks.loop`)."""
CAUTION: Final = 0.5
"""So many standard deviations of what is expected are taken off it while looking: uncertain ground is no gain."""
FEWEST_GAINED: Final = 0.01
"""A gain of less than a point is none."""
CREDIBLE: Final = 0.05
"""A target moves where the chance of a loss is at most this."""
CLIPS_DRAWN: Final = 48
LISTENERS_DRAWN: Final = 32
LISTENERS_JUDGING: Final = 400
DISCREPANCY: Final = 0.09
"""Standard deviation of the model's own error, as a share of a gain. People and clips differ in more than it knows, so
that what nobody has heard yet is recognised less often than it expects. In simulated lessons (eight emotions, 19
attributes, 960 answers, people and clips that differ) a gain of 38 expected points was one of 35; intervals without
this held the gain in .48 to .78 of lessons, with it in .93 to 1."""
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Expected:
    """A share, or a difference of shares, with its interval over what is known of listeners."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: Floats) -> Expected:
        low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return cls(float(draws.mean()), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Improved:
    """Targets after a lesson.

    Attributes
    ----------
    targets, shifts : array of float, shape (E, A)
        In natural units; shifts are from the targets given.
    moved : array of bool, shape (E,)
    reasons : tuple of str
        Why an emotion stays; empty where it moves.
    before, after, gain : tuple of Expected
        Recognition expected of fresh clips, by emotion; what is gained with the model's own error (`DISCREPANCY`).
    overall_gain : Expected
        Mean over emotions.
    """

    targets: Floats
    shifts: Floats
    moved: Truths
    reasons: tuple[str, ...]
    before: tuple[Expected, ...]
    after: tuple[Expected, ...]
    gain: tuple[Expected, ...]
    overall_gain: Expected


@dataclass(frozen=True, slots=True)
class _Ground:
    """Everything in units of widths (z), for one emotion; a shift is of the targets, `steering` what clips do of it."""

    emotion: int
    attained: Floats
    steering: Floats
    scatter: Floats
    precision: Floats
    reach: float
    region: Region
    real: Floats
    width: Floats
    here: Floats
    low: Floats
    high: Floats
    ties: Floats
    away: float

    def clips(self, shift: Floats) -> Floats:
        """Clips of the emotion after a shift, shape (k, A)."""
        return self.attained + self.steering @ shift + self.scatter

    def reach_left(self, shift: Floats) -> float:
        """Squared distance that a shift leaves of the reach; below 0 beyond it."""
        return self.reach**2 - float(shift @ self.precision @ shift)

    def reach_slope(self, shift: Floats) -> Floats:
        """Derivative of `reach_left`."""
        return -2.0 * self.precision @ shift

    @property
    def furthest(self) -> float:
        """How far from the middle of real music the target may come to lie."""
        edge = self.region.furthest
        return edge if np.isinf(edge) else min(max(edge, self.away), max((1 + SLACK) * self.away, edge / 2))

    def music_left(self, shift: Floats) -> float:
        """Squared distance that a shift leaves to where real music ends; below 0 beyond it."""
        away = self._from_middle(shift)
        return self.furthest**2 - float(away @ self.real @ away)

    def music_slope(self, shift: Floats) -> Floats:
        """Derivative of `music_left`."""
        slope: Floats = -2.0 * self.width * (self.real @ self._from_middle(shift))
        return slope

    def _from_middle(self, shift: Floats) -> Floats:
        return self.here + self.width * shift - self.region.mean


def improve(
    heard: Heard,
    targets: Floats,
    *,
    region: Region,
    spread: Floats,
    strength: float = 1.0,
    reach: float = REACH,
    limits: tuple[Floats, Floats] | None = None,
    ties: Floats | None = None,
    fixed: Truths | None = None,
    steering: Floats | None = None,
    attained: Floats | None = None,
    attained_error: Floats | None = None,
    seed: int = 0,
) -> Improved:
    """Return targets whose clips are expected to be recognised more often.

    Every emotion's shift is sought by itself: what its clips are taken for is in the model, and other emotions' clips
    stay what they are. Sought is the greatest expected recognition of clips that scatter about the target, over what is
    known of listeners, less `CAUTION` standard deviations of it. A shift stays within `reach` of the present target (in
    standard deviations of clips of one emotion) and the target within `region`, and hardly further from its middle than
    it is (`SLACK`), unless that is less than half of the way to the edge; what lies outside comes no further out. An
    emotion moves only where a loss is improbable (`CREDIBLE`) and a point is gained; where the answers tell nothing of
    attributes, none does. How clips scatter is not changed: variety stays.

    Parameters
    ----------
    heard : Heard
    targets : array of float, shape (E, A)
        Present ones, in natural units.
    region : Region
        Where real music lies.
    spread : array of float, shape (A, A)
        Covariance of clips of one emotion about what they were to be.
    strength : float
        Part of the way that is gone, above 0 and at most 1.
    reach : float
        Above 0.
    limits : pair of arrays of float, shape (A,), optional
        Lowest and highest value of every attribute.
    ties : array of float, shape (T, A), optional
        ``ties @ shift`` stays 0: density is that of the melody and of the rest.
    fixed : array of bool, shape (A,), optional
        Attributes that may not move.
    steering : array of float, shape (A,) or (A, A), optional
        What a shift of a target does to clips; all of it unless given.
    attained : array of float, shape (E, A), optional
        Where clips of the present targets lie; at the targets unless given.
    attained_error : array of float, shape (E, A), optional
        Standard errors of that, which the intervals then hold as well; known for sure unless given.
    seed : int

    Raises
    ------
    ValueError
        Where shapes differ, or `strength` or `reach` is out of range.

    References
    ----------
    Kennedy & O'Hagan (2001), Journal of the Royal Statistical Society B 63, 425–464 (a model's own error beside the
    uncertainty of its parameters).
    """
    targets = np.asarray(targets, float)
    emotions, attributes = targets.shape
    if attributes != len(heard.scale.names) or not emotions <= heard.choices <= emotions + 1:
        raise ValueError(f"Targets of shape {targets.shape} do not fit a listener of {heard.mean.shape}.")
    if not 0.0 < strength <= 1.0 or not reach > 0.0:
        raise ValueError("Strength must be above 0 and at most 1, and reach above 0.")
    rng = np.random.default_rng(seed)
    with threadpool_limits(1, user_api="blas"):  # small matrices: more threads take far longer
        seeking, judging = heard.draw(LISTENERS_DRAWN, rng), heard.draw(LISTENERS_JUDGING, rng)
        scatter = half_of(spread) @ _stratified(attributes, CLIPS_DRAWN, rng)  # (A, clips)
        grounds = [
            _ground(heard, targets, code, scatter.T, region, spread, reach, limits, ties, fixed, steering, attained)
            for code in range(emotions)
        ]
        shifts = np.zeros((emotions, attributes))
        if heard.tells:
            for code, ground in enumerate(grounds):
                shifts[code] = strength * _seek(ground, seeking)
        error = np.zeros(targets.shape) if attained_error is None else np.asarray(attained_error, float)
        away = rng.standard_normal((LISTENERS_JUDGING, attributes)) / heard.scale.width
        listeners = [_elsewhere(judging, away * own) for own in error]
        # One error of the model for all emotions of a drawn listener: it does not cancel out between them.
        wrong = 1.0 + DISCREPANCY * rng.standard_normal(LISTENERS_JUDGING)
        return _judge(heard, targets, shifts, grounds, listeners, wrong)


def _elsewhere(draws: Draws, away: Floats) -> Draws:
    """What every draw hears of clips that lie `away`, shape (n, A) in widths, from where they are taken to lie."""
    return Draws(draws.intercepts + np.einsum("nca,na->nc", draws.weights, away), draws.weights)


def _stratified(attributes: int, clips: int, rng: np.random.Generator) -> Floats:
    """Standard normal deviates in pairs of opposite sign, scaled to variance 1, shape (attributes, clips)."""
    half = rng.standard_normal((attributes, clips // 2))
    both = np.concatenate([half, -half], axis=1)
    spread: Floats = both / np.maximum(both.std(axis=1, keepdims=True), 1e-9)
    return spread


def _ground(
    heard: Heard,
    targets: Floats,
    code: int,
    scatter: Floats,
    region: Region,
    spread: Floats,
    reach: float,
    limits: tuple[Floats, Floats] | None,
    ties: Floats | None,
    fixed: Truths | None,
    steering: Floats | None,
    attained: Floats | None,
) -> _Ground:
    width, attributes = heard.scale.width, len(heard.scale.width)
    own = np.ones(attributes) if steering is None else np.asarray(steering, float)
    matrix = np.diag(own) if own.ndim == 1 else own
    here = targets[code]
    lowest, highest = limits if limits is not None else (np.full(attributes, -np.inf), np.full(attributes, np.inf))
    held = np.zeros(attributes, bool) if fixed is None else np.asarray(fixed, bool)
    free = ~held
    deviation = np.sqrt(np.maximum(np.diagonal(steady(spread)), 1e-12))
    # No attribute alone goes further than the whole may; from beyond a limit it may only come back.
    low = np.where(free, np.maximum(-reach * deviation, np.minimum(lowest - here, 0.0)), 0.0) / width
    high = np.where(free, np.minimum(reach * deviation, np.maximum(highest - here, 0.0)), 0.0) / width
    z_precision = np.linalg.inv(steady(spread)) * np.outer(width, width)
    lies = here if attained is None else np.asarray(attained, float)[code]
    return _Ground(
        emotion=code,
        attained=heard.scale.to_z(lies),
        steering=matrix * width[None, :] / width[:, None],
        scatter=scatter / width,
        precision=z_precision,
        reach=reach,
        region=region,
        real=region.precision,
        width=width,
        here=here,
        low=low,
        high=high,
        ties=np.zeros((0, attributes)) if ties is None else np.asarray(ties, float) * width,
        away=float(region.distance(here[None])[0]),
    )


def _seek(ground: _Ground, draws: Draws) -> Floats:
    """The best shift, in natural units."""

    def loss(shift: Floats) -> tuple[float, Floats]:
        z = ground.clips(shift)
        shares = draws.probabilities(z)  # (n, k, C)
        own = shares[:, :, ground.emotion]
        # ∂p_e/∂z = p_e (w_e − Σ_c p_c w_c), for every draw and clip.
        pulled = draws.weights[:, None, ground.emotion, :] - shares @ draws.weights
        slopes = (own[:, None, :] @ pulled)[:, 0] / z.shape[0]
        recognised = own.mean(axis=1)  # by draw
        mean, deviation = recognised.mean(), recognised.std()
        slope = slopes.mean(axis=0)
        if deviation > 1e-9:
            slope = slope - CAUTION * ((recognised - mean)[:, None] * slopes).mean(axis=0) / deviation
        return -(mean - CAUTION * deviation), -(ground.steering.T @ slope)

    inside = [(ground.reach_left, ground.reach_slope)]
    if np.isfinite(ground.furthest):
        inside.append((ground.music_left, ground.music_slope))
    constraints: list[dict[str, Any]] = [{"type": "ineq", "fun": left, "jac": slope} for left, slope in inside]
    if len(ground.ties):
        constraints.append({"type": "eq", "fun": lambda shift: ground.ties @ shift, "jac": lambda shift: ground.ties})
    found = minimize(
        loss,
        np.zeros(len(ground.width)),
        jac=True,
        method="SLSQP",
        bounds=np.stack([ground.low, ground.high], axis=1),
        constraints=constraints,
        options={"maxiter": 80, "ftol": 1e-5},
    )
    shift: Floats = found.x
    if not np.isfinite(shift).all() or loss(shift)[0] >= loss(0.0 * shift)[0]:
        return 0.0 * shift
    # Where it ends a little outside: back along the way, on which every constraint holds sooner or later.
    parts = (part * shift for part in np.linspace(1.0, 0.0, 101))
    shift = next((part for part in parts if all(left(part) >= 0.0 for left, _ in inside)), 0.0 * shift)
    return shift * ground.width


def _judge(
    heard: Heard,
    targets: Floats,
    shifts: Floats,
    grounds: list[_Ground],
    judging: Sequence[Draws],
    wrong: Floats,
) -> Improved:
    """What the shifts are worth; `judging` are listeners of each emotion, `wrong` multiplies what they gain."""
    before, after, reasons = [], [], []
    moved = np.zeros(len(targets), bool)
    for code, (ground, draws) in enumerate(zip(grounds, judging, strict=True)):
        here = draws.probabilities(ground.clips(0.0 * ground.width))[:, :, code].mean(axis=1)
        there = draws.probabilities(ground.clips(shifts[code] / ground.width))[:, :, code].mean(axis=1)
        gained = there - here
        if not heard.tells:
            reasons.append("The answers tell nothing of attributes.")
        elif not np.abs(shifts[code]).max() > 0.0 or gained.mean() < FEWEST_GAINED:
            reasons.append("No target within reach is expected to be recognised more often by a point.")
        elif (gained <= 0.0).mean() > CREDIBLE:
            reasons.append(f"A gain is not sure enough: a loss has a chance of {(gained <= 0.0).mean():.0%}.")
        else:
            reasons.append("")
            moved[code] = True
        before.append(here)
        after.append(here + wrong * gained if moved[code] else here)
    kept = np.where(moved[:, None], shifts, 0.0)
    gains = [new - old for new, old in zip(after, before, strict=True)]
    return Improved(
        targets=targets + kept,
        shifts=kept,
        moved=moved,
        reasons=tuple(reasons),
        before=tuple(map(Expected.of, before)),
        after=tuple(map(Expected.of, after)),
        gain=tuple(map(Expected.of, gains)),
        overall_gain=Expected.of(np.mean(gains, axis=0)),
    )

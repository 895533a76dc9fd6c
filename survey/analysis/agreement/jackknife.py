"""Jackknife intervals of agreement: over clips, over listeners, and over both.

A bootstrap over listeners would let a listener agree with their own copy (α too high by up to .09), and
a percentile bootstrap over few clips is biased down; leaving units out has neither fault.

Everything is done on Fisher's scale of an intraclass correlation, z = ½ ln((θ − floor) / (1 − θ)): a
coefficient of few clips is skewed, and its spread grows with it. Its floor is what m answers of one clip that
differ as much as they can would give, −1/(m − 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from survey.analysis.distributions import satterthwaite, t_half_width
from survey.analysis.estimates import LEVEL, Floats, Interval, within

SAME = 1e-12
TOO_FEW = "interval not defined: it needs at least two {unit}s"
NOTHING_LEFT = "interval not defined: without one {unit} nothing is left to compare"
TWO_CLIPS = (
    "interval not defined: it needs at least three clips with several answers; without one of two a single clip is"
    " left, of which κ and α are the same whatever was answered"
)
NO_CHANGE = "interval not defined: the coefficient is the same whichever {unit} is left out"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A coefficient without each unit in turn.

    Attributes
    ----------
    unit : str
        What is left out, for the reason: ``"clip"``, ``"participant"`` or ``"answer"``.
    values : array of float, shape (G,)
        NaN where the coefficient is not defined then.
    times : array of float, shape (G,), optional
        How many units each value stands for; one where there is none.
    says_nothing : str
        Why the values say nothing about the spread, where that is known beforehand.
    """

    unit: str
    values: Floats
    times: Floats | None = None
    says_nothing: str = ""

    @property
    def size(self) -> int:
        """Number of units."""
        return self.values.size if self.times is None else int(self.times.sum())

    @property
    def why_not(self) -> str:
        """Why there is no interval over these units; ``""`` where there is one."""
        if self.size < 2:
            return TOO_FEW.format(unit=self.unit)
        if self.says_nothing:
            return self.says_nothing
        if np.isnan(self.values).any():
            return NOTHING_LEFT.format(unit=self.unit)
        return NO_CHANGE.format(unit=self.unit) if np.ptp(self.values) < SAME else ""

    def on(self, scale: Callable[[Floats], Floats]) -> tuple[float, float]:
        """Return the mean and the jackknife variance (G − 1)/G · Σ(z₋ᵢ − mean z₋)² on a scale."""
        # `times` stands for repeated values: single answers to one cell are all worth the same, and are computed once.
        z = scale(self.values)
        times = np.ones(z.size) if self.times is None else self.times
        mean = float(times @ z) / self.size
        return mean, (self.size - 1) / self.size * float(times @ (z - mean) ** 2)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a coefficient can lie: from `floor` (not reached) to 1, and `least` as the lowest end of an interval."""

    floor: float
    least: float

    @classmethod
    def of(cls, name: str, answers: float, choices: int, estimate: float) -> Scale:
        """Return the scale of a coefficient of clips with so many answers each, at least 2.

        Percent agreement is chance by declared choices, 1/q, where Brennan and Prediger's coefficient is 0.

        >>> Scale.of("krippendorff_alpha", 5, 8, 0.2), Scale.of("percent", 5, 2, 0.7)
        (Scale(floor=-0.25, least=-1.0), Scale(floor=0.375, least=0.0))
        """
        # The least that an intraclass correlation of `answers` values can be (Fisher).
        floor = -1 / (answers - 1)
        if name == "percent":
            return cls(1 / choices + (1 - 1 / choices) * floor, 0.0)
        return cls(floor, min(-1.0, estimate))

    def holds(self, values: Floats) -> bool:
        """Whether all values lie between the ends."""
        return bool((values > self.floor + SAME).all() and (values < 1 - SAME).all())

    def to_z(self, values: Floats) -> Floats:
        """Return ½ ln((θ − floor) / (1 − θ))."""
        result: Floats = 0.5 * np.log((values - self.floor) / (1 - values))
        return result

    def from_z(self, z: float) -> float:
        """Return the coefficient of a z."""
        # exp overflows a float from 709.8 on; long before that the coefficient is 1 up to rounding.
        odds = math.exp(min(2 * z, 700.0))
        return (self.floor + odds) / (1 + odds)


def jackknife_interval(
    estimate: float, left_out: LeftOut, scale: Scale, level: float = LEVEL
) -> tuple[Interval | None, str]:
    """Return the jackknife t interval over one kind of unit, or None and the reason.

    On the scale z: the jackknife's own estimate G z − (G − 1) mean z₋, which takes the bias of few units off,
    ± t(G − 1) · √variance. Where the coefficient reaches an end of the scale without some unit, the same on the
    coefficient itself. The interval always holds the estimate.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 11; Arvesen (1969), Annals of
    Mathematical Statistics 40, 2076–2100 (transformed, and of U statistics); Fisher (1925), Statistical Methods
    for Research Workers, § 39 (z of an intraclass correlation).

    Examples
    --------
    >>> clips = LeftOut("clip", np.array([0.45, 0.5, 0.55]))
    >>> interval, _ = jackknife_interval(0.5, clips, Scale.of("percent", 5, 8, 0.5))
    >>> [round(end, 4) for end in interval]
    [0.2576, 0.7243]
    >>> jackknife_interval(1.0, LeftOut("clip", np.array([1.0, 1.0])), Scale(-0.25, -1.0))[1]
    'interval not defined: the coefficient is the same whichever clip is left out'
    """
    if left_out.why_not:
        return None, left_out.why_not
    to_z, from_z = _scale_for(estimate, [left_out], scale)
    mean, variance = left_out.on(to_z)
    z = float(to_z(np.array(estimate)))
    # = G z − (G − 1) mean z₋, in which a bias of order 1/G cancels.
    centre = z + (left_out.size - 1) * (z - mean)
    half = t_half_width(math.sqrt(variance), left_out.size - 1, level)
    return _holding(estimate, from_z(centre - half), from_z(centre + half), scale), ""


def interval_for_both(
    estimate: float, people: LeftOut, clips: LeftOut, answers: LeftOut, scale: Scale, level: float = LEVEL
) -> tuple[Interval | None, str]:
    """Return the interval for new people and new clips, or None and the reason.

    Variance people + clips − answers, never below the larger of people and clips; t with Satterthwaite's degrees of
    freedom. The centre is that of the clips' jackknife: only few clips bias a coefficient.

    Parameters
    ----------
    people, clips, answers : LeftOut
        Without each person, without each clip, without each single answer.

    References
    ----------
    Cameron, Gelbach & Miller (2011), Journal of Business & Economic Statistics 29, 238–249.

    Examples
    --------
    >>> people, clips = LeftOut("participant", np.array([0.4, 0.45, 0.5])), LeftOut("clip", np.array([0.3, 0.45, 0.6]))
    >>> answers = LeftOut("answer", np.array([0.44, 0.46]), np.array([4.0, 5.0]))
    >>> interval, _ = interval_for_both(0.45, people, clips, answers, Scale.of("fleiss_kappa", 3, 8, 0.45))
    >>> [round(end, 2) for end in interval]
    [-0.22, 0.89]
    """
    units = (people, clips)
    for unit in units:
        if unit.size < 2 or unit.says_nothing or np.isnan(unit.values).any() or np.isnan(answers.values).any():
            return None, unit.why_not or NOTHING_LEFT.format(unit="answer")
    if all(unit.why_not for unit in units):
        return None, people.why_not
    to_z, from_z = _scale_for(estimate, [people, clips, answers], scale)
    of_people, of_answers = people.on(to_z)[1], answers.on(to_z)[1]
    mean, of_clips = clips.on(to_z)
    variance = max(of_people + of_clips - of_answers, of_people, of_clips)
    # What is subtracted (single answers are in both sums) is taken as known, as it rests on far more units.
    known = variance - of_people - of_clips, math.inf
    degrees = satterthwaite([(of_people, people.size - 1), (of_clips, clips.size - 1), known]) or 1.0
    z = float(to_z(np.array(estimate)))
    centre = z + (clips.size - 1) * (z - mean)
    half = t_half_width(math.sqrt(variance), degrees, level)
    return _holding(estimate, from_z(centre - half), from_z(centre + half), scale), ""


def _scale_for(
    estimate: float, parts: list[LeftOut], scale: Scale
) -> tuple[Callable[[Floats], Floats], Callable[[float], float]]:
    """The scale z and back; the coefficient's own where a value lies at an end or beyond."""
    if scale.holds(np.concatenate([[estimate], *(part.values for part in parts)])):
        return scale.to_z, scale.from_z
    # At an end z is infinite: the interval is then made on the coefficient itself.
    return (lambda values: values), (lambda value: value)


def _holding(estimate: float, low: float, high: float, scale: Scale) -> Interval:
    return within(min(low, estimate), max(high, estimate), scale.least, 1.0)

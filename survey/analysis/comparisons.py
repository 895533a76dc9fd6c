"""Differences between groups of answers: composers, versions, conditions, studies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from survey.analysis.clustering import spread_of_influence
from survey.analysis.distributions import noncentral_t_below, t_quantile, t_upper_tail
from survey.analysis.estimates import LEVEL, Codes, Floats, Interval, Truths, as_list, within
from survey.analysis.multiplicity import holm
from survey.analysis.proportions import combine_intervals, proportion_index, wilson
from survey.analysis.ratings.container import Ratings

TINY = 1e-12
MARGIN = 0.10
"""Equivalence margin where the analysis plan names none: ten points of share."""
SEED_STUDY = (11, 18)
"""The seed study: 11 of 18 people said yes to "does this music match sad?"."""
SEED_CHOICES = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two shares, a − b.

    Attributes
    ----------
    a, b : str
    share_a, share_b, difference : float or None
    interval : Interval or None
        95 %, two-way clustered over people and clips.
    error : float or None
        Standard error; with `degrees` degrees of freedom.
    p_value, p_holm : float or None
        Two-sided; `p_holm` over the family compared together.
    equivalence_p : float or None
        Two one-sided tests (TOST) within ± `margin`.
    power : float or None
        Chance to find a true difference of `margin` with this standard error at α = .05.
    reason : str
    """

    a: str
    b: str
    n_a: int = 0
    n_b: int = 0
    share_a: float | None = None
    share_b: float | None = None
    difference: float | None = None
    interval: Interval | None = None
    error: float | None = None
    degrees: int = 0
    p_value: float | None = None
    p_holm: float | None = None
    margin: float = MARGIN
    equivalence_p: float | None = None
    power: float | None = None
    reason: str = ""

    def with_margin(self, margin: float) -> Difference:
        """Return the same difference with equivalence and power for another margin."""
        plain = replace(self, margin=abs(margin))
        return plain if self.error is None else add_tests(plain, self.error, self.degrees)

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        fields = ("a", "b", "n_a", "n_b", "share_a", "share_b", "difference", "error", "degrees")
        more = ("p_value", "p_holm", "margin", "equivalence_p", "power")
        return {
            **{name: getattr(self, name) for name in (*fields, *more)},
            "interval": as_list(self.interval),
            "reason": self.reason or None,
        }


def compare_shares(
    hits: Truths | Floats,
    in_a: Truths,
    in_b: Truths,
    participants: Codes,
    stimuli: Codes,
    *,
    a: str = "a",
    b: str = "b",
    margin: float = MARGIN,
) -> Difference:
    """Return the difference of two groups' shares, a − b, with a two-way clustered interval.

    People or clips that occur in both groups count once: their answers' influences add up before they are
    squared, so a within-participants design gains what it should.

    Parameters
    ----------
    hits : array of bool or float, shape (N,)
    in_a, in_b : array of bool, shape (N,)
        Disjoint groups.
    participants, stimuli : array of int, shape (N,)
    margin : float
        For equivalence and power; fixed in the plan.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657–680 (TOST).

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(20), 10), np.tile(np.arange(10), 20)
    >>> hits = (people * clips + people) % 7 < np.where(clips < 5, 4, 2)
    >>> found = compare_shares(hits, clips < 5, clips >= 5, people, clips)
    >>> found.degrees, [round(value, 3) for value in (found.difference, *found.interval)]
    (9, [0.15, -0.156, 0.456])
    """
    y = hits.astype(float)
    margin = abs(margin)
    n_a, n_b = int(in_a.sum()), int(in_b.sum())
    if n_a == 0 or n_b == 0:
        empty = a if n_a == 0 else b
        return Difference(a, b, n_a, n_b, margin=margin, reason=f"not defined: {empty} has no answers")
    mean_a, mean_b = float(y[in_a].mean()), float(y[in_b].mean())
    influence = np.where(in_a, (y - mean_a) / n_a, 0.0) - np.where(in_b, (y - mean_b) / n_b, 0.0)
    used = in_a | in_b
    plain = Difference(a, b, n_a, n_b, mean_a, mean_b, mean_a - mean_b, margin=margin)
    for name, group in ((a, in_a), (b, in_b)):
        if np.unique(stimuli[group]).size < 2:
            return replace(plain, reason=f"interval not defined: {name} has one clip, nothing about new clips")
    return _with_tests(plain, influence[used], participants[used], stimuli[used])


def _with_tests(plain: Difference, influence: Floats, participants: Codes, stimuli: Codes) -> Difference:
    spread = spread_of_influence(influence, participants, stimuli)
    error = math.sqrt(spread.variance_both)
    if spread.degrees < 1:
        return replace(plain, reason="interval not defined: it needs at least two participants and two clips")
    if error < TINY:
        return replace(plain, reason="interval not defined: the answers show no spread")
    return add_tests(plain, error, spread.degrees)


def add_tests(plain: Difference, error: float, degrees: int, level: float = LEVEL) -> Difference:
    """Return the difference with interval, p value, equivalence and power from its standard error.

    >>> found = add_tests(Difference("a", "b", difference=0.1), 0.05, 20)
    >>> round(found.p_value, 4), [round(end, 4) for end in found.interval]
    (0.0593, [-0.0043, 0.2043])
    """
    difference = plain.difference or 0.0
    half = t_quantile((1 + level) / 2, degrees) * error
    upper = t_upper_tail((difference + plain.margin) / error, degrees)
    lower = t_upper_tail((plain.margin - difference) / error, degrees)
    return replace(
        plain,
        interval=within(difference - half, difference + half, -1.0, 1.0),
        error=error,
        degrees=degrees,
        p_value=2 * t_upper_tail(abs(difference) / error, degrees),
        equivalence_p=max(upper, lower),
        power=power_of_t(plain.margin / error, degrees),
    )


def power_of_t(noncentrality: float, degrees: int, alpha: float = 0.05) -> float:
    """Return the power of a two-sided t test.

    >>> round(power_of_t(2.8, 1000), 2)
    0.8
    """
    critical = t_quantile(1 - alpha / 2, degrees)
    above = 1 - noncentral_t_below(critical, degrees, noncentrality)
    value = above + noncentral_t_below(-critical, degrees, noncentrality)
    return min(1.0, max(alpha, value)) if math.isfinite(value) else 1.0


def adjust_family(differences: Sequence[Difference]) -> list[Difference]:
    """Return the family with Holm's p values.

    >>> [found.p_holm for found in adjust_family([Difference("a", "b", p_value=0.02), Difference("a", "c")])]
    [0.02, None]
    """
    adjusted = holm([found.p_value for found in differences])
    return [replace(found, p_holm=p) for found, p in zip(differences, adjusted, strict=True)]


def compare_levels(ratings: Ratings, factor: str, margin: float = MARGIN) -> list[Difference]:
    """Return every pairwise difference in hit rate between the levels of a factor, Holm over the family.

    Parameters
    ----------
    ratings : Ratings
    factor : str
        For example ``"condition"`` or ``"composer"``.

    Examples
    --------
    >>> from survey.analysis.ratings import Rating, collect
    >>> data = collect([Rating(f"P{p}", f"{c}{s}", c, "fear", "fear" if (p + s) % 3 or c == "x" else "awe")
    ...                 for p in range(6) for s in range(4) for c in "xy"])
    >>> [(found.a, found.b, round(found.difference, 3)) for found in compare_levels(data, "condition")]
    [('x', 'y', 0.333)]
    """
    column = ratings.factors[factor]
    levels = ratings.levels(factor)
    found = [
        compare_shares(
            ratings.hits,
            column.codes == column.levels.index(a),
            column.codes == column.levels.index(b),
            ratings.participant,
            ratings.stimulus,
            a=a,
            b=b,
            margin=margin,
        )
        for a, b in combinations(levels, 2)
    ]
    return adjust_family(found)


def compare_with_seed_study(accuracy: dict[str, Any], k: int) -> dict[str, Any]:
    """Return our hit rate beside the seed study's 11 of 18, as proportion indices.

    The seed asked yes or no, so only π compares: its π is its share, .611. The difference's interval joins
    our two-way interval (as π) and the seed's Wilson interval (MOVER).

    Parameters
    ----------
    accuracy : dict
        The report's accuracy.
    k : int
        Options we offered.

    Examples
    --------
    >>> compared = compare_with_seed_study({"estimate": 0.5, "participants_stimuli": [0.4, 0.6]}, 8)
    >>> round(compared["seed"]["estimate"], 3), [round(end, 3) for end in compared["seed"]["wilson"]]
    (0.611, [0.386, 0.797])
    >>> round(compared["difference"], 4), [round(end, 4) for end in compared["interval"]]
    (0.2639, [0.0711, 0.492])
    """
    hits, n = SEED_STUDY
    seed_interval = wilson(hits, n)
    share = accuracy["estimate"]
    result: dict[str, Any] = {
        "seed": {"hits": hits, "n": n, "estimate": hits / n, "wilson": as_list(seed_interval), "choices": SEED_CHOICES},
        "ours": None if share is None else proportion_index(share, k),
        "difference": None,
        "interval": None,
        "reason": None,
    }
    interval = accuracy["participants_stimuli"]
    if result["ours"] is None or interval is None or seed_interval is None:
        result["reason"] = "not defined: our study has no hit rate with an interval yet"
        return result
    ends = proportion_index(interval[0], k) or 0.0, proportion_index(interval[1], k) or 0.0
    result["difference"] = result["ours"] - hits / n
    result["interval"] = as_list(combine_intervals(result["ours"], ends, hits / n, seed_interval))
    return result

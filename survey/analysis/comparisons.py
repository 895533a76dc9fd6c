"""Differences between groups of answers: composers, versions, conditions, studies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from survey.analysis.between_people import FEWEST_PEOPLE
from survey.analysis.contrasts import Contrast
from survey.analysis.distributions import noncentral_t_below, t_half_width, t_quantile, t_two_sided, t_upper_tail
from survey.analysis.estimates import ALPHA, LEVEL, Codes, Floats, Interval, Truths, as_list, within
from survey.analysis.multiplicity import holm
from survey.analysis.proportions import combine_intervals, proportion_index, wilson
from survey.analysis.ratings.container import Ratings

TINY = 1e-12
FEWEST_CLIPS = 4
"""A group with fewer clips than these has no test: their spread cannot be told from so few."""
FEW_CLIPS = "interval not defined: {name} has {clips}; it needs at least 4 to say how much clips differ"
FEW_PEOPLE = "interval not defined: {name} has {people}; it needs at least 5 to say how much people differ"
MARGIN = 0.10
"""Equivalence margin where the analysis plan names none: ten points of share."""
SEED_STUDY = (11, 18)
"""The seed study: 11 of 18 people said yes to "does this music match sad?"."""
SEED_CHOICES = 2
WITH_LURES = "not compared: its trials always named the intended emotion, and half of ours another one"


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
        Chance to find a true difference of `margin` with this standard error at level `ALPHA`.
    reason : str
    shared, left_out : tuple of int
        Codes of the strata (emotions) that the means are over, and of those that one group has no answers to.
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
    degrees: float = 0.0
    p_value: float | None = None
    p_holm: float | None = None
    margin: float = MARGIN
    equivalence_p: float | None = None
    power: float | None = None
    reason: str = ""
    shared: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()

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
    strata: Codes | None = None,
    others: Codes | None = None,
    a: str = "a",
    b: str = "b",
    margin: float = MARGIN,
) -> Difference:
    """Return the difference of two groups' shares, a − b, emotion by emotion and then averaged.

    Emotions differ in how well they are recognised, so a group with more of the easy ones would look better:
    only emotions with answers in both groups are compared, each with the same weight. Each group's clips have a
    variance of their own, pooled over its emotions, with its own number of clips; people who answered in both
    groups count once. Where nobody did, each group's people have a variance of their own, too. Degrees of freedom
    are Satterthwaite's. With fewer than `FEWEST_CLIPS` clips in a group, or fewer than `FEWEST_PEOPLE` people in one
    of two groups of different people, there is a difference and no test.

    Parameters
    ----------
    hits : array of bool or float, shape (N,)
    in_a, in_b : array of bool, shape (N,)
        Disjoint groups.
    participants, stimuli : array of int, shape (N,)
        Codes ≥ 0; answers to one piece of music have one code.
    strata : array of int, shape (N,), optional
        Codes ≥ 0 of the intended emotion; without it all answers are one stratum.
    others : array of int, shape (N,), optional
        Codes ≥ 0 of a second kind of piece that would be new, too: the music, where `stimuli` are pictures.
    margin : float
        For equivalence and power; fixed in the plan.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110–114; Schuirmann (1987), Journal of Pharmacokinetics and
    Biopharmaceutics 15, 657–680 (TOST).

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(20), 10), np.tile(np.arange(10), 20)
    >>> hits = (people * clips + people) % 7 < np.where(clips < 5, 4, 2)
    >>> found = compare_shares(hits, clips < 5, clips >= 5, people, clips)
    >>> round(found.degrees, 1), [round(value, 3) for value in (found.difference, *found.interval)]
    (4.1, [0.15, -0.246, 0.546])

    One group has the easy emotion, the other the hard one: there is nothing to compare.

    >>> compare_shares(hits, clips < 5, clips >= 5, people, clips, strata=(clips >= 5).astype(int)).reason
    'not defined: a and b have no emotion in common'
    """
    margin = abs(margin)
    strata = np.zeros(in_a.size, np.int64) if strata is None else strata
    for name, group in ((a, in_a), (b, in_b)):
        if not group.any():
            sizes = int(in_a.sum()), int(in_b.sum())
            return Difference(a, b, *sizes, margin=margin, reason=f"not defined: {name} has no answers")
    number = int(strata.max()) + 1
    occurring = [np.bincount(strata[group], minlength=number) > 0 for group in (in_a, in_b)]
    common = occurring[0] & occurring[1]
    if not common.any():
        return Difference(a, b, margin=margin, reason=f"not defined: {a} and {b} have no emotion in common")
    in_a, in_b = in_a & common[strata], in_b & common[strata]
    used = in_a | in_b
    groups = in_a[used], participants[used], stimuli[used], strata[used]
    contrast = Contrast.of(hits[used].astype(float), *groups, None if others is None else others[used])
    shared, left_out = (
        tuple(np.flatnonzero(codes).tolist()) for codes in (common, (occurring[0] | occurring[1]) & ~common)
    )
    sizes, shares = (int(in_a.sum()), int(in_b.sum())), contrast.shares
    plain = Difference(a, b, *sizes, *shares, shares[0] - shares[1], margin=margin, shared=shared, left_out=left_out)
    fewest = [(clips, name) for clips, name in zip(contrast.clips, (a, b), strict=True) if clips < FEWEST_CLIPS]
    if fewest:
        return replace(plain, reason=FEW_CLIPS.format(name=fewest[0][1], clips=_count(fewest[0][0], "clip", "clips")))
    if np.unique(participants[used]).size < 2:
        return replace(plain, reason="interval not defined: it needs at least two participants")
    for people, name in zip(contrast.people or (), (a, b), strict=False):
        if people < FEWEST_PEOPLE:
            return replace(plain, reason=FEW_PEOPLE.format(name=name, people=_count(people, "person", "people")))
    variance, degrees = contrast.variance()
    if variance < TINY:
        return replace(plain, reason="interval not defined: the answers show no spread")
    return add_tests(plain, math.sqrt(variance), degrees)


def _count(number: int, one: str, several: str) -> str:
    return f"one {one}" if number == 1 else f"{number} {several}"


def add_tests(plain: Difference, error: float, degrees: float, level: float = LEVEL) -> Difference:
    """Return the difference with interval, p value, equivalence and power from its standard error.

    >>> found = add_tests(Difference("a", "b", difference=0.1), 0.05, 20)
    >>> round(found.p_value, 4), [round(end, 4) for end in found.interval]
    (0.0593, [-0.0043, 0.2043])
    """
    difference = plain.difference or 0.0
    half = t_half_width(error, degrees, level)
    # Two one-sided tests (TOST): above −margin and below +margin; equivalent where both are shown, so the larger p.
    upper = t_upper_tail((difference + plain.margin) / error, degrees)
    lower = t_upper_tail((plain.margin - difference) / error, degrees)
    return replace(
        plain,
        interval=within(difference - half, difference + half, -1.0, 1.0),
        error=error,
        degrees=degrees,
        p_value=t_two_sided(difference / error, degrees),
        equivalence_p=max(upper, lower),
        power=power_of_t(plain.margin / error, degrees),
    )


def power_of_t(noncentrality: float, degrees: float, alpha: float = ALPHA) -> float:
    """Return the power of a two-sided t test.

    >>> round(power_of_t(2.8, 1000), 2)
    0.8
    """
    critical = t_quantile(1 - alpha / 2, degrees)
    above = 1 - noncentral_t_below(critical, degrees, noncentrality)
    # Far out nctdtr gives NaN, where the power is 1.
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

    Emotion by emotion (`compare_shares`); answers to clips without an intended emotion are neither hits nor misses.

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
    ratings = ratings.intended_only
    column, pieces = ratings.factors[factor], ratings.pieces()
    found = [
        compare_shares(
            ratings.hits,
            column.codes == column.levels.index(a),
            column.codes == column.levels.index(b),
            ratings.participant,
            pieces,
            strata=ratings.intended,
            a=a,
            b=b,
            margin=margin,
        )
        for a, b in combinations(ratings.levels(factor), 2)
    ]
    return adjust_family(found)


def compare_with_seed_study(accuracy: dict[str, Any], k: int, *, lures: bool = False) -> dict[str, Any]:
    """Return our hit rate beside the seed study's 11 of 18, as proportion indices.

    The seed asked yes or no, so only π compares: its π is its share, .611. The difference's interval joins
    our two-way interval (as π) and the seed's Wilson interval (MOVER).

    Parameters
    ----------
    accuracy : dict
        The report's accuracy.
    k : int
        Options we offered.
    lures : bool
        Whether half of our trials named another emotion: then there is nothing to compare, as the seed's never did.

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
    share = None if lures else accuracy["estimate"]
    result: dict[str, Any] = {
        "seed": {"hits": hits, "n": n, "estimate": hits / n, "wilson": as_list(seed_interval), "choices": SEED_CHOICES},
        "ours": None if share is None else proportion_index(share, k),
        "difference": None,
        "interval": None,
        "reason": None,
    }
    interval = accuracy["participants_stimuli"]
    if lures:
        result["reason"] = WITH_LURES
        return result
    if result["ours"] is None or interval is None or seed_interval is None:
        result["reason"] = "not defined: our study has no hit rate with an interval yet"
        return result
    ends = proportion_index(interval[0], k) or 0.0, proportion_index(interval[1], k) or 0.0
    result["difference"] = result["ours"] - hits / n
    result["interval"] = as_list(combine_intervals(result["ours"], ends, hits / n, seed_interval))
    return result

"""The unbiased hit rate tested against each listener's own chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.analysis.distributions import t_upper_tail
from survey.analysis.estimates import Codes, Floats
from survey.analysis.multiplicity import holm


@dataclass(frozen=True, slots=True)
class UnbiasedTest:
    """Hu over listeners: mean (not the pooled Hu), paired t on arcsine roots, Holm over emotions."""

    mean_hu: float | None
    mean_chance: float | None
    participants: int
    t: float | None
    p_value: float | None
    p_holm: float | None
    reason: str = ""


def rates_by_participant(participants: Codes, intended: Codes, chosen: Codes, k: int) -> tuple[Floats, Floats]:
    """Return each listener's Hu and own-marginal chance Hp per emotion, shape (P, k).

    NaN where the listener heard no clip of the emotion; Hu is 0 where it was heard and never chosen.

    >>> hu, hp = rates_by_participant(np.zeros(4, int), np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    >>> hu.round(4).tolist(), hp.tolist()
    ([[0.5, 0.6667]], [[0.125, 0.375]])
    """
    n_people = int(participants.max()) + 1 if participants.size else 0
    size = n_people * k
    hit = intended == chosen
    named = chosen < k
    hits = np.bincount((participants * k + intended)[hit], minlength=size).reshape(n_people, k)
    rows = np.bincount(participants * k + intended, minlength=size).reshape(n_people, k)
    columns = np.bincount((participants * k + chosen)[named], minlength=size).reshape(n_people, k)
    totals = np.bincount(participants, minlength=n_people)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        hu = np.where(rows == 0, np.nan, np.where(columns == 0, 0.0, hits * hits / (rows * columns)))
        chance = np.where(rows == 0, np.nan, rows * columns / (totals * totals))
    return hu, chance


def compare_with_chance(
    participants: Codes, intended: Codes, chosen: Codes, names: Sequence[str]
) -> dict[str, UnbiasedTest]:
    """Test for each emotion whether listeners' Hu exceeds the chance of their own answers.

    A two-sided paired t test of asin √Hu against asin √Hp over the listeners who heard the emotion; Holm
    over the emotions with a defined p value.

    Parameters
    ----------
    participants, intended, chosen : array of int, shape (N,)
        Codes; `intended` −1 is left out; `chosen` ≥ len(names) is "none of these".
    names : sequence of str

    References
    ----------
    Wagner (1993), Journal of Nonverbal Behavior 17, 3–28.

    Examples
    --------
    >>> people = np.repeat(np.arange(6), 4)
    >>> intended = np.tile([0, 0, 1, 1], 6)
    >>> chosen = intended.copy()
    >>> chosen[[0, 6, 9, 11]] = [1, 0, 1, 0]
    >>> round(compare_with_chance(people, intended, chosen, "ab")["a"].p_value, 4)
    0.0191
    """
    known = intended >= 0
    hu, chance = rates_by_participant(participants[known], intended[known], chosen[known], len(names))
    results = [_test(hu[:, i], chance[:, i], name) for i, name in enumerate(names)]
    adjusted = holm([result.p_value for result in results])
    return {
        name: UnbiasedTest(
            result.mean_hu, result.mean_chance, result.participants, result.t, result.p_value, p, result.reason
        )
        for name, result, p in zip(names, results, adjusted, strict=True)
    }


def _test(hu: Floats, chance: Floats, name: str) -> UnbiasedTest:
    heard = ~np.isnan(hu)
    hu, chance = hu[heard], chance[heard]
    n = int(hu.size)
    if n == 0:
        return UnbiasedTest(None, None, 0, None, None, None, f"not defined: nobody heard a clip of {name}")
    means = float(hu.mean()), float(chance.mean())
    a, b = np.arcsin(np.sqrt(hu)), np.arcsin(np.sqrt(chance))
    if n < 2:
        return UnbiasedTest(*means, n, None, None, None, "not defined: one participant has no spread")
    if np.ptp(a - b) < 1e-12:
        return UnbiasedTest(*means, n, None, None, None, "not defined: all participants differ from chance alike")
    t = float((a - b).mean() / ((a - b).std(ddof=1) / np.sqrt(n)))
    return UnbiasedTest(*means, n, t, 2 * t_upper_tail(abs(t), n - 1), None)

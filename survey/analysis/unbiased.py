"""The unbiased hit rate of each listener beside the chance of their own answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from survey.analysis.estimates import Codes, Floats


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
        # Wagner's Hu: hits² over row total × column total; the chance of one's own marginals, row × column / total².
        hu = np.where(rows == 0, np.nan, np.where(columns == 0, 0.0, hits * hits / (rows * columns)))
        chance = np.where(rows == 0, np.nan, rows * columns / (totals * totals))
    return hu, chance


def describe_unbiased(
    participants: Codes, intended: Codes, chosen: Codes, names: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return for each emotion the mean over listeners of Hu and of the chance of their own answers.

    A description without a test: with one or two clips of an emotion per listener Hu's expectation under
    guessing is not Hp (both have the hits' own answers in their product), and a paired t test takes listeners
    for independent although they hear the same clips. Whether an emotion is recognised is asked of the clips
    (`survey.analysis.recognition`).

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
    >>> people, intended = np.zeros(4, int), np.array([0, 0, 1, 1])
    >>> described = describe_unbiased(people, intended, np.array([0, 1, 1, 1]), "ab")["a"]
    >>> described["mean"], described["chance"], described["participants"]
    (0.5, 0.125, 1)
    """
    known = intended >= 0
    hu, chance = rates_by_participant(participants[known], intended[known], chosen[known], len(names))
    found = {}
    for place, name in enumerate(names):
        heard = ~np.isnan(hu[:, place])
        n = int(heard.sum())
        found[name] = {
            "mean": float(hu[heard, place].mean()) if n else None,
            "chance": float(chance[heard, place].mean()) if n else None,
            "participants": n,
        }
    return found

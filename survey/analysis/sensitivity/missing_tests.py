"""Whether missing answers lie on some cells, emotions or clips more than chance would put there, within people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from survey.analysis.distributions import chi_square_above
from survey.analysis.estimates import Codes, Floats, Truths

FEWEST_EACH = 2
"""Fewer missing answers per level, of people who could have left others, do not carry a χ² test."""
TOO_FEW = (
    "not tested: {n} missing answers of people who also met another {what}; {levels} of them need at least {least}"
)
ONE_LEVEL = "not defined: there is one {what}"


@dataclass(frozen=True, slots=True)
class MissingTest:
    """Whether missing answers lie more on some levels than on others, within people."""

    statistic: Annotated[float | None, "generalised Cochran–Mantel–Haenszel χ², people as strata"]
    degrees: Annotated[int | None, "degrees of freedom"]
    p_value: Annotated[float | None, "of χ²"]
    p_holm: Annotated[float | None, "corrected over cells and emotions"]
    reason: Annotated[str | None, "why something is `null`"]


def as_many_or_more(chances: Floats, number: int) -> float:
    """Return the probability of at least `number` events that happen independently with these chances.

    >>> round(as_many_or_more(np.array([0.5, 0.5, 0.25]), 3), 6)
    0.0625
    """
    # The distribution of a sum of independent events (Poisson binomial), one event at a time: entry i is P(sum = i).
    distribution = np.array([1.0])
    for chance in chances:
        distribution = np.convolve(distribution, [1 - chance, chance])
    return float(min(1.0, distribution[number:].sum()))


def compare_missing(participants: Codes, codes: Codes, gone: Truths, *, what: str = "level") -> MissingTest:
    """Test within people whether missing answers lie on some levels more than on others.

    The generalised Cochran–Mantel–Haenszel statistic with people as strata: observed missing answers of every
    level less those expected if each person's missing ones were drawn from all of their trials, in the metric of
    their hypergeometric covariance. People who miss nothing, miss everything, or met one level, add nothing.

    Parameters
    ----------
    participants, codes : array of int, shape (M,)
        Person and level of every trial given; a level of −1 is left out.
    gone : array of bool, shape (M,)
    what : str
        What the levels are, for the reason.

    References
    ----------
    Landis, Heyman & Koch (1978), International Statistical Review 46, 237–254 (general association).

    Examples
    --------
    >>> people, level = np.repeat(np.arange(10), 4), np.tile([0, 0, 1, 1], 10)
    >>> gone = np.tile([False, False, False, True], 10)
    >>> found = compare_missing(people, level, gone)
    >>> round(found.statistic, 6), found.degrees
    (10.0, 1)
    """
    known = codes >= 0
    participants, codes, gone = participants[known], codes[known], gone[known]
    levels, level = np.unique(codes, return_inverse=True)
    if levels.size < 2:
        return MissingTest(None, None, None, None, ONE_LEVEL.format(what=what))
    people = np.unique(participants, return_inverse=True)[1]
    # Trials given, and below those missing, of every person at every level, shape (people, levels).
    table = np.zeros((int(people.max()) + 1, levels.size))
    lacking = table.copy()
    np.add.at(table, (people, level), 1)
    np.add.at(lacking, (people[gone], level[gone]), 1)
    n, m = table.sum(axis=1), lacking.sum(axis=1)
    free = (m > 0) & (m < n) & ((table > 0).sum(axis=1) > 1)
    events, least = int(m[free].sum()), FEWEST_EACH * levels.size
    if events < least:
        reason = TOO_FEW.format(n=events, what=what, levels=levels.size, least=least)
        return MissingTest(None, None, None, None, reason)
    parts, m, n = table[free] / n[free, None], m[free], n[free]
    beyond = (lacking[free] - m[:, None] * parts).sum(axis=0)
    # The covariance of a person's counts when m of n are drawn without replacement (multivariate hypergeometric),
    # summed.
    weight = m * (n - m) / (n - 1)
    covariance = np.diag(weight @ parts) - (parts * weight[:, None]).T @ parts
    # The counts of a person add up to m, so that the covariance has no inverse; its rank is the degrees of freedom.
    inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
    degrees = int(np.linalg.matrix_rank(covariance, tol=1e-10 * float(np.trace(covariance)), hermitian=True))
    statistic = float(beyond @ inverse @ beyond)
    return MissingTest(statistic, degrees, chi_square_above(statistic, degrees), None, None)

"""Are hits more frequent than if the intended emotions had been dealt to the clips at random?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.analysis.estimates import NO_ANSWERS, Codes, Counts


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Share of hits expected when intentions are shuffled between clips, and the p value."""

    expected: float | None
    p_value: float | None
    replicates: int
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "expected": self.expected,
            "p_value": self.p_value,
            "replicates": self.replicates,
            "reason": self.reason or None,
        }


def permute_intentions(counts: Counts, intended: Codes, *, replicates: int = 2000, seed: int = 0) -> PermutationTest:
    """Test hits against intended emotions permuted between the clips.

    Unlike the binomial test it keeps the answers of each clip together and respects that some answers are
    chosen more often than others.

    Parameters
    ----------
    counts : array of int, shape (S, k)
        Answers per clip and choice.
    intended : array of int, shape (S,)
        Column of the intended emotion; −1 where a clip has none (left out).
    replicates, seed : int

    Returns
    -------
    PermutationTest
        p = (1 + permutations with at least as many hits) / (1 + replicates), one-sided.

    References
    ----------
    Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39.

    Examples
    --------
    >>> test = permute_intentions(np.diag([5] * 8), np.arange(8), replicates=999)
    >>> test.expected, test.p_value
    (0.125, 0.001)
    >>> permute_intentions(np.diag([5, 5]), np.array([1, 1])).reason
    'not defined: all clips have the same intended emotion'
    """
    heard = (intended >= 0) & (counts.sum(axis=1) > 0)
    counts, intended = counts[heard], intended[heard]
    if intended.size == 0:
        return PermutationTest(None, None, 0, NO_ANSWERS)
    if np.unique(intended).size == 1:
        return PermutationTest(None, None, 0, "not defined: all clips have the same intended emotion")
    if replicates < 1:
        return PermutationTest(None, None, 0, "not asked for")
    clips = np.arange(intended.size)
    observed = int(counts[clips, intended].sum())
    shares = np.bincount(intended, minlength=counts.shape[1]) / intended.size
    expected = float(counts.sum(axis=0) @ shares / counts.sum())
    generator = np.random.default_rng(seed)
    at_least = sum(int(counts[clips, generator.permutation(intended)].sum()) >= observed for _ in range(replicates))
    return PermutationTest(expected, (1 + at_least) / (1 + replicates), replicates)

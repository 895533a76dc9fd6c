"""Are hits more frequent than if the intended emotions had been dealt to the clips at random? In all, and of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from survey.analysis.estimates import NO_ANSWERS, Codes, Counts, Floats, Truths

MOST_EXACT = 10_000
"""Up to so many ways to choose an emotion's clips all are gone through; beyond, replicates are drawn."""
TINY = 1e-12


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
    # counts has shape (clips, choices): the hits are each clip's entry in the column of its own intention.
    observed = int(counts[clips, intended].sum())
    shares = np.bincount(intended, minlength=counts.shape[1]) / intended.size
    # The mean over all permutations in closed form: a clip meets each intention as often as that intention occurs.
    expected = float(counts.sum(axis=0) @ shares / counts.sum())
    generator = np.random.default_rng(seed)
    # The order observed counts as one replicate, hence 1 + in both: p is never 0 (Phipson & Smyth 2010).
    at_least = sum(int(counts[clips, generator.permutation(intended)].sum()) >= observed for _ in range(replicates))
    return PermutationTest(expected, (1 + at_least) / (1 + replicates), replicates)


def permute_each_emotion(
    participants: Codes,
    clips: Codes,
    intended: Codes,
    chosen: Codes,
    emotions: int,
    *,
    replicates: int = 2000,
    seed: int = 0,
) -> tuple[list[float | None], list[float | None]]:
    """Return the one-sided p value of every emotion, and the smallest that its number of clips allows.

    The statistic is the mean, over the answers to the emotion's clips, of 1(chosen = e) less the listener's own
    share of answers e. Every way to choose as many clips is gone through where there are up to `MOST_EXACT`;
    otherwise intentions are permuted `replicates` times.

    Parameters
    ----------
    participants, clips, intended, chosen : array of int, shape (N,)
        Codes ≥ 0; one intended emotion per clip.
    emotions : int
    replicates, seed : int
        0 replicates leave the test out.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(5), 6), np.tile(np.arange(6), 5)
    >>> p, smallest = permute_each_emotion(people, clips, clips // 3, clips // 3, 2)
    >>> p, smallest
    ([0.05, 0.05], [0.05, 0.05])
    """
    names, first, place = np.unique(clips, return_index=True, return_inverse=True)
    # One intention per clip, in the order of `names`.
    made_for = intended[first]
    per_emotion = np.bincount(made_for, minlength=emotions)
    ways = [math.comb(names.size, int(count)) for count in per_emotion]
    if replicates < 1:
        return [None] * emotions, [None] * emotions
    residuals = _residuals(participants, place, chosen, emotions)
    answers = np.bincount(place).astype(float)
    # One run of random deals serves every emotion that has too many ways.
    shuffled = _deal_at_random(residuals, answers, made_for, replicates, seed) if max(ways) > MOST_EXACT else None
    p_values: list[float | None] = []
    smallest: list[float | None] = []
    for emotion, number in enumerate(ways):
        # One way to choose the clips (all of them): nothing to compare with.
        if number == 1:
            p_values.append(None)
            smallest.append(None)
        elif number <= MOST_EXACT:
            p_values.append(_deal_every_way(residuals[:, emotion], answers, made_for == emotion))
            smallest.append(1 / number)
        else:
            assert shuffled is not None
            p_values.append(float(shuffled[emotion]))
            smallest.append(1 / (1 + replicates))
    return p_values, smallest


def _deal_every_way(residuals: Floats, answers: Floats, made_for_it: Truths) -> float:
    """Exact p value: over every choice of as many clips as were made for the emotion."""
    count = int(made_for_it.sum())
    # Rows are the ways, columns the clips chosen, shape (ways, count).
    chosen = np.array(list(combinations(range(made_for_it.size), count)), np.int64)
    statistics = residuals[chosen].sum(axis=1) / answers[chosen].sum(axis=1)
    observed = residuals[made_for_it].sum() / answers[made_for_it].sum()
    return float((statistics >= observed - TINY).mean())


def _deal_at_random(residuals: Floats, answers: Floats, made_for: Codes, replicates: int, seed: int) -> Floats:
    """p value of every emotion from random permutations of the intentions, shape (emotions,)."""
    emotions = residuals.shape[1]
    generator = np.random.default_rng(seed)
    observed = _statistic(residuals, answers, made_for, emotions)
    at_least = np.zeros(emotions, np.int64)
    for _ in range(replicates):
        shuffled = _statistic(residuals, answers, generator.permutation(made_for), emotions)
        at_least += shuffled >= observed - TINY
    result: Floats = (1 + at_least) / (1 + replicates)
    return result


def _residuals(participants: Codes, clips: Codes, chosen: Codes, emotions: int) -> Floats:
    """Answers e to each clip beyond its listeners' own share of answers e, shape (S, emotions)."""
    own = np.bincount(participants)
    columns = []
    for emotion in range(emotions):
        said = chosen == emotion
        # Each listener's own share of answers e: somebody who always says "happy" adds nothing to happy clips.
        usual = np.bincount(participants[said], minlength=own.size) / np.maximum(own, 1)
        columns.append(np.bincount(clips, weights=said - usual[participants]))
    return np.stack(columns, axis=1)


def _statistic(residuals: Floats, answers: Floats, made_for: Codes, emotions: int) -> Floats:
    """Mean residual of every emotion's own answer over the answers to its clips, shape (emotions,)."""
    clips = np.arange(made_for.size)
    sums = np.bincount(made_for, weights=residuals[clips, made_for], minlength=emotions)
    sizes = np.bincount(made_for, weights=answers, minlength=emotions)
    result: Floats = sums / np.maximum(sizes, 1)
    return result

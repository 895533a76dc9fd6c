"""The two-way bootstrap: people and clips drawn independently, weights multiplied."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from survey.analysis.estimates import LEVEL, Codes, Floats, Interval, Truths

BLOCK = 4_000_000
"""Weights held in memory at once."""


def bootstrap_share(
    hits: Truths, participants: Codes, stimuli: Codes, *, replicates: int = 2000, seed: int = 0
) -> Floats:
    """Return replicates of a pooled share under the people × clips bootstrap.

    In every replicate P people and S clips are drawn with replacement, independently of each other; a
    rating weighs (times its person was drawn) × (times its clip was drawn). The sums come from matrix
    products over a sparse people × clips table, so a million ratings take seconds. Slightly wide
    (conservative), never narrow.

    Parameters
    ----------
    hits : array of bool, shape (N,)
    participants, stimuli : array of int, shape (N,)
        Codes ≥ 0.
    replicates : int
    seed : int

    Returns
    -------
    array of float, at most `replicates` long
        Replicates in which no rating was drawn are left out.

    References
    ----------
    Owen (2007), Annals of Applied Statistics 1, 386–411.

    Examples
    --------
    >>> people, clips = np.repeat(np.arange(10), 10), np.tile(np.arange(10), 10)
    >>> shares = bootstrap_share((people + clips) % 2 == 0, people, clips, replicates=500, seed=1)
    >>> abs(float(shares.mean()) - 0.5) < 0.02
    True
    """
    if hits.size == 0 or replicates < 1:
        return np.empty(0)
    people, n_people = _compact(participants)
    clips, n_clips = _compact(stimuli)
    # The larger grouping multiplies the sparse table, the smaller is summed densely: the product does not depend on
    # which is which, and the intermediate matrix (smaller grouping × replicates) is the small one.
    if n_people < n_clips:
        people, n_people, clips, n_clips = clips, n_clips, people, n_people
    # Answers and hits per (clip, person), shape (clips, people); answers of one person to one clip add up.
    n_table = _table(clips, people, (n_clips, n_people), np.ones(hits.size, np.float32))
    hit_table = _table(clips[hits], people[hits], (n_clips, n_people), np.ones(int(hits.sum()), np.float32))
    generator = np.random.default_rng(seed)
    # All replicates at once would need people × replicates weights.
    step = max(1, min(replicates, BLOCK // n_people))
    shares = []
    for start in range(0, replicates, step):
        width = min(step, replicates - start)
        # Columns are replicates. Weights are products, so Σ w_clip w_person n = w_clip' (N w_person), column by column.
        many = _draws(generator, n_people, width)
        few = _draws(generator, n_clips, width)
        n = np.einsum("ij,ij->j", n_table @ many, few, dtype=np.float64)
        k = np.einsum("ij,ij->j", hit_table @ many, few, dtype=np.float64)
        shares.append(k[n > 0] / n[n > 0])
    return np.concatenate(shares)


def _compact(codes: Codes) -> tuple[Codes, int]:
    """Codes without gaps: people who gave no answer cannot be drawn."""
    occurring = np.bincount(codes) > 0
    places = np.cumsum(occurring) - 1
    return places[codes], int(occurring.sum())


def _table(rows: Codes, columns: Codes, shape: tuple[int, int], values: Floats) -> csr_array:
    return csr_array((values, (rows, columns)), shape=shape)


def _draws(generator: np.random.Generator, size: int, replicates: int) -> Floats:
    """How often each of `size` units is drawn, one column per replicate."""
    # float32 holds whole numbers up to 2²⁴ without rounding, in half the memory.
    counts = np.empty((size, replicates), np.float32)
    for replicate in range(replicates):
        counts[:, replicate] = np.bincount(generator.integers(0, size, size), minlength=size)
    return counts  # type: ignore[return-value]


def percentile_interval(replicates: Floats, level: float = LEVEL) -> Interval | None:
    """Return the percentile interval, None without replicates.

    >>> [round(end, 3) for end in percentile_interval(np.linspace(0, 1, 1001))]
    [0.025, 0.975]
    """
    if replicates.size == 0:
        return None
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

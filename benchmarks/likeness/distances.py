"""How far made clips lie from real ones, family by family, where two sets of real clips are 1 apart.

The distance is the root of the energy distance (Székely and Rizzo 2013) of the standardised features of a family.
A distance of finite sets is never 0, and is the larger the smaller they are; so both what is measured and the
yardstick are means over many draws of sets of one size: made clips against half of the real songs, and the
other half against that same half. The draws without replacement also give the interval (a delete-half
jackknife; Shao and Wu 1989).

References
----------
Shao, J. & Wu, C. F. J. (1989). A general theory for jackknife variance estimation. *Annals of Statistics* 17,
1176–1197.
Székely, G. J. & Rizzo, M. L. (2013). Energy statistics: a class of statistics based on distances. *Journal of
Statistical Planning and Inference* 143, 1249–1272.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from benchmarks.intervals import Measured, from_draws
from benchmarks.likeness.families import BY_DESIGN, FAMILIES, FeatureTable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SET_SIZE: Final = 48
"""Clips of each set that is drawn, or half of the made clips where there are fewer than 96."""
DRAWS: Final = 200
FEWEST_MADE: Final = 4
FARTHEST: Final = 5.0
"""Standard deviations at which a feature is cut off, so that one odd clip does not make a set odd."""


@dataclass(frozen=True, slots=True)
class Distances:
    """Distance per family; the mean, and the farthest, of all but the one that is the same by design."""

    families: dict[str, Measured]
    mean: Measured
    worst: str
    set_size: int


def standardise(values: FloatArray, real: FloatArray) -> FloatArray:
    """Values in standard deviations of the real clips, cut off at `FARTHEST`; without spread, 0 or cut."""
    spread = np.maximum(real.std(axis=0), 1e-9)
    return np.asarray(np.clip((values - real.mean(axis=0)) / spread, -FARTHEST, FARTHEST), dtype=np.float64)


def measure_distances(made: FeatureTable, real: FeatureTable, real_songs: list[str]) -> Distances:
    """Distances of all families, two halves of the real songs being 1 apart.

    Raises
    ------
    ValueError
        When there are fewer than `FEWEST_MADE` made clips, or fewer than two real songs.
    """
    if len(made.values) < FEWEST_MADE or len(set(real_songs)) < 2:
        raise ValueError(f"A distance needs at least {FEWEST_MADE} made clips, and real clips of at least 2 songs.")
    draws = draw_sets(len(made.values), real_songs)
    ratios = {}
    for family in FAMILIES:
        columns = real.columns_of(family)
        theirs = standardise(real.values[:, columns], real.values[:, columns])
        ours = standardise(made.values[:, columns], real.values[:, columns])
        ratios[family] = _compare(ours, theirs, draws)
    judged = {family: row for family, row in ratios.items() if family != BY_DESIGN}
    # Shape (families, draws).
    table = np.stack(list(judged.values()))
    return Distances(
        {family: from_draws(row.mean(), row) for family, row in ratios.items()},
        from_draws(table.mean(), table.mean(axis=0)),
        list(judged)[int(table.mean(axis=1).argmax())],
        len(draws[0][0]),
    )


def draw_sets(made: int, real_songs: list[str]) -> list[tuple[IntArray, IntArray, IntArray]]:
    """Rows of made clips, of real clips of half of the songs, and of the other half: equally many, `DRAWS` times."""
    random = np.random.default_rng(0)
    halves = [halve_songs(real_songs, random) for _ in range(DRAWS)]
    smallest = min(min(len(one), len(other)) for one, other in halves)
    size = max(min(SET_SIZE, made // 2, smallest), 1)
    return [
        (
            random.permutation(made)[:size],
            random.permutation(one)[:size],
            random.permutation(other)[:size],
        )
        for one, other in halves
    ]


def halve_songs(songs: list[str], random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Rows of the clips of one half of the songs and of the other, with about as many clips in each."""
    names, song, clips = np.unique(songs, return_inverse=True, return_counts=True)
    order = random.permutation(len(names))
    before = np.cumsum(clips[order]) - clips[order] / 2
    first = np.zeros(len(names), dtype=np.bool_)
    first[order[before < len(songs) / 2]] = True
    return np.flatnonzero(first[song]), np.flatnonzero(~first[song])


def _compare(made: FloatArray, real: FloatArray, draws: list[tuple[IntArray, IntArray, IntArray]]) -> FloatArray:
    """Distance of the made clips in each draw over the mean distance of two real sets; shape (draws,)."""
    across, among, within = cdist(made, real), cdist(made, made), cdist(real, real)
    ours, yardstick = [], []
    for ones, half, other in draws:
        spread = within[np.ix_(half, half)].mean()
        ours.append(2 * across[np.ix_(ones, half)].mean() - among[np.ix_(ones, ones)].mean() - spread)
        yardstick.append(2 * within[np.ix_(other, half)].mean() - within[np.ix_(other, other)].mean() - spread)
    roots = np.sqrt(np.maximum(ours, 0.0))
    return np.asarray(roots / np.sqrt(np.maximum(yardstick, 0.0)).mean(), dtype=np.float64)

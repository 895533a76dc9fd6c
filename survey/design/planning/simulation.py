"""Plans tried out: simulated studies, analysed as the real one will be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from survey.design.planning.formulas import LEVEL, Assumptions


@dataclass(frozen=True, slots=True)
class Simulated:
    """What simulated studies of a plan gave: mean half-width, its middle 80 %, coverage of the truth."""

    studies: int
    half_width: float
    low: float
    high: float
    coverage: float


def simulate_plan(
    assumed: Assumptions, participants: int, clips: int, *, studies: int = 400, seed: int = 0
) -> Simulated:
    """Draw studies under the assumptions and analyse each by the two-way clustered interval.

    Everybody hears `trials_per_cell` clips (at most all), dealt so that all clips are heard equally often. People's
    and clips' effects are uniform with the assumed spread; shares are cut at 0 and 1.

    Examples
    --------
    >>> from survey.design.planning import expected_half_width
    >>> found = simulate_plan(Assumptions(), 40, 32, studies=50, seed=1)
    >>> abs(found.half_width / expected_half_width(Assumptions(), 40, 32) - 1) < 0.1
    True
    """
    generator = np.random.default_rng(seed)
    each = min(clips, max(1, round(assumed.trials_per_cell)))
    people = np.repeat(np.arange(participants), each)
    quantile = float(stdtrit(min(participants, clips) - 1, (1 + LEVEL) / 2))
    widths, covered = [], 0
    for _ in range(studies):
        heard = _deal(generator, participants, clips, each)
        share = (
            assumed.share
            + _spread(generator, assumed.spread_participants, participants)[people]
            + _spread(generator, assumed.spread_clips, clips)[heard]
        )
        hits = (generator.random(people.size) < share).astype(float)
        half = quantile * _two_way_error(hits, people, heard)
        widths.append(half)
        covered += abs(float(hits.mean()) - assumed.share) <= half
    low, high = np.quantile(widths, [0.1, 0.9])
    return Simulated(studies, float(np.mean(widths)), float(low), float(high), covered / studies)


def _spread(generator: np.random.Generator, deviation: float, size: int) -> NDArray[np.float64]:
    return generator.uniform(-1, 1, size) * deviation * math.sqrt(3)


def _deal(generator: np.random.Generator, participants: int, clips: int, each: int) -> NDArray[np.int64]:
    """Clips for everybody in turn from shuffled decks, so that clips are heard equally often."""
    start = generator.permutation(clips)
    order = (np.arange(participants)[:, None] * each + np.arange(each)[None, :]) % clips
    turns = generator.permutation(participants)
    dealt: NDArray[np.int64] = start[order[turns]].ravel()
    return dealt


def _two_way_error(hits: NDArray[np.float64], people: NDArray[np.int64], clips: NDArray[np.int64]) -> float:
    """The analysis' standard error, written once more: design and analysis do not import each other."""
    rest = (hits - hits.mean()) / hits.size
    parts = []
    for groups in (people, clips):
        sums = np.bincount(groups, weights=rest)
        count = int(np.count_nonzero(np.bincount(groups)))
        parts.append(float(sums @ sums) * count / (count - 1))
    cells = float(rest @ rest) * hits.size / (hits.size - 1)
    return math.sqrt(max(parts[0] + parts[1] - cells, *parts))

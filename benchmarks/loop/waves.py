"""One simulated study: three waves that teach, then a test with fresh clips and new people."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.loop.arms import ARMS
from benchmarks.loop.comparing import Difference, compare
from benchmarks.loop.composing import own_targets
from benchmarks.loop.hearing import Clips, compose, listen
from benchmarks.loop.listeners import Population
from benchmarks.loop.surrogate import EMOTIONS, Pairs, Surrogate, shipped_surrogate
from benchmarks.loop.truth import Bounds, Truth, bound

Floats = NDArray[np.float64]

WAVES: Final = 3
PEOPLE: Final = 60
TRIALS: Final = 16
TESTERS_PER_CLIP: Final = 10
"""People of the test for each fresh clip of an emotion for the old targets, and for the new ones; everybody hears one
of each, so that a clip is heard by as many."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run.

    `reached` is the recognition that is true of the targets before the first wave and after every wave; `tested` is
    what the test found; `away` is the mean Mahalanobis distance of the test's old and new clips from the middle of real
    music.
    """

    reached: tuple[float, ...]
    tested: Difference
    away: tuple[float, float]


@lru_cache(maxsize=1)
def shipped_bounds() -> Bounds:
    """The bounds of all arms, and of the best."""
    return bound(*shipped_surrogate())


@lru_cache(maxsize=8)
def truth_of(population: Population) -> Truth:
    """What is true of a population with the shipped composer."""
    return Truth(population, *shipped_surrogate())


@lru_cache(maxsize=8)
def best_possible(population: Population) -> float:
    """Mean recognition of the best targets within the bounds; searched and judged with different draws."""
    searched = Truth(population, *shipped_surrogate(), draws=300, seed=1)
    return float(truth_of(population).recognised(searched.best(shipped_bounds())).mean())


def run_once(population: Population, arm: str, number: int) -> Run:
    """Run number `number` of an arm; the same numbers give the same run."""
    random = np.random.default_rng((number, zlib.crc32(population.name.encode()), zlib.crc32(arm.encode())))
    pairs, surrogate = shipped_surrogate()
    bounds, truth = shipped_bounds(), truth_of(population)
    targets = teach(population, arm, random)
    reached = tuple(float(truth.recognised(table).mean()) for table in targets)
    clips = population.testers // TESTERS_PER_CLIP
    old, new = (_compose_fresh(surrogate, table, clips, random) for table in (own_targets(), targets[-1]))
    away = (float(bounds.distance(old.measured).mean()), float(bounds.distance(new.measured).mean()))
    return Run(reached, hear_both(old, new, population, pairs, random), away)


def teach(population: Population, arm: str, random: np.random.Generator) -> list[Floats]:
    """The targets before the first wave and after every wave, each of shape (emotions, attributes)."""
    pairs, surrogate = shipped_surrogate()
    learner = ARMS[arm](surrogate, pairs, shipped_bounds())
    targets = [learner.targets]
    for _ in range(WAVES):
        clips = learner.propose(random)
        learner.learn(listen(clips, population, pairs, PEOPLE, TRIALS, random), random)
        targets.append(learner.targets)
    return targets


def hear_both(
    old: Clips, new: Clips, population: Population, pairs: Pairs, random: np.random.Generator, people: int | None = None
) -> Difference:
    """Play both sets to the same new people, blind, one clip of every emotion of each set to everybody."""
    both = Clips(*(np.concatenate(parts) for parts in zip(_parts(old), _parts(new), strict=True)))
    heard = listen(both, population, pairs, people or population.testers, 2 * EMOTIONS, random)
    return compare(heard.hit, heard.clip >= len(old), both.emotion[heard.clip], heard.person, heard.clip)


def _compose_fresh(surrogate: Surrogate, targets: Floats, clips: int, random: np.random.Generator) -> Clips:
    emotion = np.repeat(np.arange(EMOTIONS), clips)
    return compose(surrogate, targets[emotion], emotion, random)


def _parts(clips: Clips) -> tuple[NDArray[np.int64], Floats, Floats]:
    return clips.emotion, clips.wanted, clips.measured

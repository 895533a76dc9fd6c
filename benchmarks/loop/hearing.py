"""Who hears which clip, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.loop.listeners import Population, draw_people, draw_unexplained
from benchmarks.loop.surrogate import Pairs, Surrogate

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clips:
    """Clips as made: for which emotion (clips,), what was asked for and what was measured (clips, attributes)."""

    emotion: Codes
    wanted: Floats
    measured: Floats

    def __len__(self) -> int:
        return len(self.emotion)

    def take(self, rows: Codes) -> Clips:
        """Some of the clips."""
        return Clips(self.emotion[rows], self.wanted[rows], self.measured[rows])


@dataclass(frozen=True, slots=True)
class Heard:
    """Clips, and every answer to them: who, which clip, which emotion was chosen; each of shape (answers,)."""

    clips: Clips
    person: Codes
    clip: Codes
    choice: Codes

    @property
    def hit(self) -> Floats:
        """1 where the intended emotion was chosen, else 0."""
        return (self.clips.emotion[self.clip] == self.choice).astype(np.float64)


def compose(surrogate: Surrogate, wanted: Floats, emotion: Codes, random: np.random.Generator) -> Clips:
    """One clip per row of `wanted`, shape (clips, attributes)."""
    return Clips(emotion, wanted, surrogate.draw(wanted, emotion, random))


def deal(clips: int, people: int, each: int, random: np.random.Generator) -> tuple[Codes, Codes]:
    """Who hears which clip, as person and clip of every trial.

    Clips stand in `each` layers of equal size, such as emotions; everybody hears one clip of every layer, and all clips
    are heard equally often, as far as whole people allow.

    >>> person, clip = deal(96, 60, 16, np.random.default_rng(0))
    >>> set(np.bincount(clip).tolist()), sorted(clip[person == 7] // 6) == list(range(16))
    ({10}, True)
    """
    deep = clips // each
    if deep * each != clips:
        raise ValueError(f"{clips} clips do not stand in {each} layers of equal size.")
    rounds = -(-people // deep)
    # Shape (layers, people): every round deals each layer once.
    dealt = [np.concatenate([random.permutation(deep) for _ in range(rounds)])[:people] + deep * i for i in range(each)]
    return np.repeat(np.arange(people), each), np.stack(dealt, axis=1).ravel()


def listen(
    clips: Clips, population: Population, pairs: Pairs, people: int, each: int, random: np.random.Generator
) -> Heard:
    """Play the clips to new people of a population, `each` to everybody."""
    person, clip = deal(len(clips), people, each, random)
    cues = np.column_stack([draw_unexplained(population, len(clips), random), pairs.ear.cues(clips.measured)])
    choice = draw_people(population, people, random).answer(cues[clip], person, random)
    return Heard(clips, person, clip, choice)

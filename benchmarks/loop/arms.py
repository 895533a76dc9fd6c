"""Ways to come from answers to targets: what is learned, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.loop.composing import own_targets, settle
from benchmarks.loop.hearing import Clips, Heard, compose
from benchmarks.loop.plain import PlainLogit
from benchmarks.loop.searching import CLIPS, Arm, RandomSearch, Stay, at_targets
from benchmarks.loop.surrogate import DENSITY, DERIVED, EMOTIONS, HIGHEST, LOWEST, MELODY, Pairs, Surrogate
from benchmarks.loop.truth import Bounds
from generation.music.attributes import NAMES
from survey.teaching import Answers, Prior, Region, Scale, choose_to_learn, fit, fit_steering, improve, shuffle

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

POOL: Final = 480
"""Clips that are composed for a wave to choose from."""
EXPLORED: Final = 1.5
"""How far clips of the pool are asked to lie from the targets, in standard deviations of each attribute; judgement."""


@dataclass
class Learned(Stay):
    """Learn as the product does: clips chosen to tell most, a model of all answers, targets it expects most of."""

    explores: bool = True
    shuffled: bool = False
    waves: list[Heard] = field(default_factory=list)

    def propose(self, random: np.random.Generator) -> Clips:
        """Of clips about the targets those from whose answers most is to be learned."""
        if not self.explores:
            return at_targets(self.surrogate, self.targets, random)
        emotion = np.arange(POOL) % EMOTIONS
        widths = np.sqrt(np.diag(self.bounds.spread))
        moved = self.targets[emotion] + EXPLORED * widths * random.normal(size=(POOL, len(NAMES)))
        wanted = np.stack([settle(row).to_array() for row in moved])
        pool = compose(self.surrogate, wanted, emotion, random)
        model = fit(self.answers(random), self.prior, self.scale)
        chosen = choose_to_learn(model, pool.measured, CLIPS, rng=random)
        return pool.take(np.sort(chosen))

    def learn(self, heard: Heard, random: np.random.Generator) -> None:
        """Fit the model to all answers, and improve the shipped targets."""
        self.waves.append(heard)
        model = fit(self.answers(random), self.prior, self.scale)
        wanted = np.concatenate([wave.clips.wanted for wave in self.waves])
        measured = np.concatenate([wave.clips.measured for wave in self.waves])
        steering = fit_steering(wanted, measured)
        ties = np.zeros((1, len(NAMES)))
        ties[0, [DENSITY, MELODY, DERIVED]] = 1.0, -1.0, -1.0
        improved = improve(
            model,
            own_targets(),
            region=Region(self.bounds.mean, self.bounds.covariance, float(self.bounds.furthest.max())),
            spread=self.bounds.spread,
            reach=self.bounds.reach,
            limits=(LOWEST, HIGHEST),
            ties=ties,
            steering=steering.slopes,
            seed=int(random.integers(2**31)),
        )
        self.targets = improved.targets

    def answers(self, random: np.random.Generator) -> Answers:
        """All answers so far; each wave is a study of its own, with people of its own."""
        if not self.waves:
            return Answers.of(np.empty((0, len(NAMES))), [], [], [], EMOTIONS)
        people = np.cumsum([0, *(wave.person.max() + 1 for wave in self.waves)])
        clips = np.cumsum([0, *(len(wave.clips) for wave in self.waves)])
        given = Answers.of(
            np.concatenate([wave.clips.measured for wave in self.waves]),
            np.concatenate([wave.person + first for wave, first in zip(self.waves, people, strict=False)]),
            np.concatenate([wave.clip + first for wave, first in zip(self.waves, clips, strict=False)]),
            np.concatenate([wave.choice for wave in self.waves]),
            EMOTIONS,
            np.repeat(np.arange(len(self.waves)), np.diff(clips)),
        )
        return shuffle(given, random) if self.shuffled else given

    @property
    def prior(self) -> Prior:
        """What the shipped table says of listeners."""
        return Prior(own_targets(), self.bounds.spread)

    @property
    def scale(self) -> Scale:
        """Standard deviations of real music."""
        return Scale(NAMES, self.pairs.ear.middle, self.pairs.ear.spread)


def _learned(**how: bool) -> Callable[[Surrogate, Pairs, Bounds], Arm]:
    return lambda surrogate, pairs, bounds: Learned(surrogate, pairs, bounds, **how)


ARMS: Final[Mapping[str, Callable[[Surrogate, Pairs, Bounds], Arm]]] = {
    "learned": _learned(),
    "greedy": _learned(explores=False),
    "plain logit": PlainLogit,
    "random search": RandomSearch,
    "prior only": Stay,
    "shuffled": _learned(shuffled=True),
    "plain shuffled": lambda surrogate, pairs, bounds: PlainLogit(surrogate, pairs, bounds, shuffled=True),
}
"""Names in tables → how an arm begins. Greedy plays clips at its targets alone; the plain logit is a second way
to learn, without the product's code; shuffled learns from answers that lost their clips."""

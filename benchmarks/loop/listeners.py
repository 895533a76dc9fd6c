"""Simulated listeners whose cues are known: five populations with weights that the table of targets does not have.

A listener gives every emotion a value: the cues heard, times the listener's own weights, plus a liking for the word.
The answer is drawn by the logistic choice rule (Luce 1959), or at random in a lapse. The weights are those of
``cue_weights.csv``, most of them of Eerola, Friberg & Bresin (2013).

References
----------
Balkwill, L.-L. & Thompson, W. F. (1999). A cross-cultural investigation of the perception of emotion in music.
*Music Perception* 17, 43–64.

Eerola, T., Friberg, A. & Bresin, R. (2013). Emotional expression in music: contribution, linearity, and additivity of
primary musical cues. *Frontiers in Psychology* 4, 487.

Fritz, T., et al. (2009). Universal recognition of three basic emotions in music. *Current Biology* 19, 573–576.

Juslin, P. N. & Laukka, P. (2004). Expression, perception, and induction of musical emotions. *Journal of New Music
Research* 33, 217–238.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import SLUGS
from generation.music.attributes import NAMES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

TABLE: Final = Path(__file__).with_name("cue_weights.csv")
MOST_HEARD: Final = 2.5
"""Beyond so many standard deviations of real music a cue says hardly more (it is heard through a tanh); judgement."""
OTHER_CULTURE: Final = {
    "majorness": 0.4,
    "chromaticism": 0.5,
    "dissonance": 0.5,
    "tempo": 1.3,
    "density": 1.5,
    "articulation": 1.6,
    "dynamics_spread": 1.5,
}
"""Factors on the standard weights. Balkwill & Thompson 1999: listeners to music of another culture go by tempo,
complexity and timbre; Fritz et al. 2009: mode and tempo tell the Mafa less surely than Western listeners. The sizes are
judgement."""


@dataclass(frozen=True, slots=True)
class Population:
    """How the people of a simulation hear.

    Parameters
    ----------
    name : str
        What the tables call it.
    sensitivity : float
        Factor on all weights: 0 is no ear for music at all. Judgement: with 1.5 the shipped targets are recognised
        by four of ten.
    factors : mapping of str to float
        Factors on the weights of single attributes.
    varied : float
        Standard deviation among people of the logarithm of each of their weights.
    lapsing : float
        Mean share of answers that are given at random; it differs among people (a beta distribution).
    biased : float
        Standard deviation among people of their liking for each word.
    unexplained : float
        Standard deviation among clips of what they say beyond the attributes, to everybody alike.
    testers : int
        People of the test: 120, two waves' worth, find a gain of 10 points nine times of ten, 240 one of 7.
    """

    name: str
    sensitivity: float = 1.5
    factors: Mapping[str, float] = field(default_factory=dict, hash=False)
    varied: float = 0.3
    lapsing: float = 0.05
    biased: float = 0.4
    unexplained: float = 0.5
    testers: int = 120

    def weights(self) -> Floats:
        """Mean weights per standard deviation of real music, shape (emotions, attributes)."""
        factors = np.array([self.factors.get(name, 1.0) for name in NAMES])
        return self.sensitivity * factors * read_weights()


STANDARD: Final = Population("standard")
CULTURE: Final = Population("another culture", factors=OTHER_CULTURE)
NOISY: Final = Population("noisy", varied=0.6, lapsing=0.25, biased=0.8, testers=240)
"""Twice as different and as partial to words as others, and every fourth answer at random; the same ears."""
FAINT: Final = Population("noisy, weak ears", sensitivity=0.7, varied=0.6, lapsing=0.25, biased=0.8, testers=240)
"""Noisy people who hear less than half of each cue: even the best targets gain them few points."""
RANDOM: Final = Population("at random", sensitivity=0.0, lapsing=0.05, biased=0.8, unexplained=0.0)
POPULATIONS: Final = (STANDARD, CULTURE, NOISY, FAINT, RANDOM)


@lru_cache(maxsize=1)
def read_weights(path: Path = TABLE) -> Floats:
    """The standard weights, shape (emotions, attributes); attributes that are not in the table weigh nothing."""
    weights = np.zeros((len(SLUGS), len(NAMES)))
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            weights[:, NAMES.index(row["attribute"])] = [float(row[slug]) for slug in SLUGS]
    return weights


@dataclass(frozen=True, slots=True)
class People:
    """Some people of a population.

    `weights` have shape (people, emotions, attributes), `liking` (people, emotions), `lapses` (people,).
    """

    weights: Floats
    liking: Floats
    lapses: Floats

    def __len__(self) -> int:
        return len(self.lapses)

    def hear(self, cues: Floats, person: Codes) -> Floats:
        """Probabilities of the choices, shape (answers, emotions).

        Parameters
        ----------
        cues : array, shape (answers, emotions + attributes)
            What each clip says beyond its attributes, and its cues (see `Ear.cues`).
        person : array of int, shape (answers,)
            Who answers.
        """
        beyond, heard = np.split(cues, [self.liking.shape[1]], axis=1)
        values = np.einsum("nea,na->ne", self.weights[person], heard) + self.liking[person] + beyond
        shares = np.exp(values - values.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        lapse = self.lapses[person, None]
        mixed: Floats = (1.0 - lapse) * shares + lapse / shares.shape[1]
        return mixed

    def answer(self, cues: Floats, person: Codes, random: np.random.Generator) -> Codes:
        """Draw the answers, shape (answers,)."""
        chances = self.hear(cues, person).cumsum(1)
        return (random.random((len(person), 1)) > chances).sum(1).clip(max=chances.shape[1] - 1)


@dataclass(frozen=True, slots=True)
class Ear:
    """How attributes become cues: middle and spread of real music, each of shape (attributes,)."""

    middle: Floats
    spread: Floats

    def cues(self, attributes: Floats) -> Floats:
        """Cues of clips, shape (clips, attributes): standard deviations from real music's middle, bounded.

        >>> Ear(np.zeros(2), np.ones(2)).cues(np.array([[0.1, 100.0]])).round(2).tolist()
        [[0.1, 2.5]]
        """
        heard: Floats = MOST_HEARD * np.tanh((attributes - self.middle) / self.spread / MOST_HEARD)
        return heard


def draw_people(population: Population, count: int, random: np.random.Generator) -> People:
    """New people of a population."""
    mean = population.weights()
    factors = np.exp(random.normal(0.0, population.varied, (count, *mean.shape)) - population.varied**2 / 2)
    lapses = random.beta(20 * population.lapsing, 20 * (1 - population.lapsing), count)
    return People(mean * factors, random.normal(0.0, population.biased, (count, len(mean))), lapses)


def draw_unexplained(population: Population, clips: int, random: np.random.Generator) -> Floats:
    """What clips say beyond their attributes, shape (clips, emotions)."""
    return random.normal(0.0, population.unexplained, (clips, len(SLUGS)))

"""Studies drawn by chance: people and clips differ on the logit scale by as much as the plan assumes in shares."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, least_squares
from scipy.special import expit, logit

from survey.design.planning import Assumptions, PlanRefused

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Truths = NDArray[np.bool_]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
STEEPEST = 40.0
TOLERANCE = 0.002


@dataclass(frozen=True, slots=True)
class Population:
    """People and clips: log odds of a hit = centre + people · normal + clips · normal."""

    centre: float
    people: float
    clips: float

    def shifted(self, share: float) -> Population:
        """Return the same spreads on the logit scale around another mean share."""

        def beyond(centre: float) -> float:
            return _moments(centre, self.people, self.clips)[0] - share

        return Population(float(brentq(beyond, -STEEPEST, STEEPEST)), self.people, self.clips)


def _moments(centre: float, people: float, clips: float) -> tuple[float, float, float]:
    """Mean share, and the standard deviations of the shares of people and of clips."""
    shares = expit(centre + people * _NODES[:, None] + clips * _NODES[None, :])
    of_people, of_clips = shares @ _WEIGHTS, _WEIGHTS @ shares
    mean = float(_WEIGHTS @ of_people)
    spreads = (math.sqrt(max(0.0, float(_WEIGHTS @ part**2) - mean * mean)) for part in (of_people, of_clips))
    return mean, *spreads  # type: ignore[return-value]


def populate(assumed: Assumptions) -> Population:
    """Return the population with the assumed hit rate and spreads.

    Raises
    ------
    PlanRefused
        Where no people and clips differ by so much around such a hit rate.

    Examples
    --------
    >>> found = populate(Assumptions(share=0.5, spread_participants=0.10, spread_clips=0.15))
    >>> round(found.people, 2), round(found.clips, 2)
    (0.46, 0.69)
    """
    wanted = np.array([assumed.share, assumed.spread_participants, assumed.spread_clips])
    single = assumed.share * (1 - assumed.share)
    start = [float(logit(assumed.share)), *np.minimum(wanted[1:] / single, STEEPEST / 2)]
    bounds = ([-STEEPEST, 0.0, 0.0], [STEEPEST, STEEPEST, STEEPEST])
    found = least_squares(lambda at: np.array(_moments(*at)) - wanted, start, bounds=bounds)
    if np.abs(found.fun).max() > TOLERANCE:
        raise PlanRefused(
            "Such spreads around such a hit rate cannot be simulated: people and clips would leave nothing to chance."
            " Take smaller spreads."
        )
    return Population(*map(float, found.x))


def deal(generator: np.random.Generator, clips: int, each: Codes) -> Codes:
    """Return the clips of everybody in turn from shuffled decks: heard equally often, nobody gets one twice.

    Parameters
    ----------
    generator : numpy.random.Generator
    clips : int
    each : array of int, shape (P,)
        How many each person hears, at most all.

    Examples
    --------
    >>> dealt = deal(np.random.default_rng(0), 4, np.array([3, 3, 2]))
    >>> np.bincount(dealt).tolist(), len(set(dealt[3:6]))
    ([2, 2, 2, 2], 3)
    """
    ends = np.cumsum(each)
    decks: list[Codes] = []
    dealt, tail = 0, np.empty(0, np.int64)
    while dealt < ends[-1]:
        deck = generator.permutation(clips)
        if tail.size:
            again = np.isin(deck, tail)
            deck = np.concatenate([deck[~again], deck[again]])
        decks.append(deck)
        dealt += clips
        whole = int(np.searchsorted(ends, dealt, side="right"))
        begun = dealt - (int(ends[whole - 1]) if whole else 0)
        tail = deck[clips - begun :] if begun else np.empty(0, np.int64)
    return np.concatenate(decks)[: ends[-1]]


def numbers_heard(generator: np.random.Generator, participants: int, heard: float) -> Codes:
    """Return how many clips each person hears; where the mean is no whole number, some hear one more.

    >>> sorted(numbers_heard(np.random.default_rng(0), 4, 2.5).tolist())
    [2, 2, 3, 3]
    """
    less = math.floor(heard)
    numbers = np.full(participants, max(1, less), np.int64)
    numbers[generator.permutation(participants)[: round((heard - less) * participants)]] = less + 1
    return numbers


def draw_cell(
    generator: np.random.Generator, population: Population, clips: int, each: Codes, skill: Floats
) -> tuple[Truths, Codes, Codes]:
    """Return hits, people and clips of one cell with clips of its own; `skill` is standard normal, one per person.

    >>> hits, people, clips = draw_cell(np.random.default_rng(0), Population(0, 1, 1), 4, np.array([3, 3]), np.zeros(2))
    >>> hits.size, people.tolist()
    (6, [0, 0, 0, 1, 1, 1])
    """
    people = np.repeat(np.arange(each.size), each)
    heard = deal(generator, clips, each)
    odds = population.centre + population.people * skill[people]
    odds += population.clips * generator.standard_normal(clips)[heard]
    return generator.random(people.size) < expit(odds), people, heard

"""Listeners whose ears are known, for tests: written without a look at how they are fitted."""

from __future__ import annotations

import numpy as np

from survey.teaching import Answers, Prior, Region, Scale

EMOTIONS, ATTRIBUTES = 4, 6
NAMES = tuple(f"attribute {number}" for number in range(ATTRIBUTES))
WIDTHS = np.array([20.0, 0.3, 2.0, 3.0, 12.0, 0.05])
MIDDLES = np.array([98.0, 0.0, 7.0, 71.0, 66.0, 0.1])
SCALE = Scale(NAMES, MIDDLES, WIDTHS)
SPREAD = np.diag(WIDTHS**2) * 0.6


def table(seed: int = 0) -> np.ndarray:
    """Targets in natural units."""
    return MIDDLES + WIDTHS * np.random.default_rng(seed).normal(0, 0.8, (EMOTIONS, ATTRIBUTES))


def ears(seed: int = 1, strength: float = 1.2) -> np.ndarray:
    """True weights per width, shape (emotions, attributes)."""
    return strength * np.random.default_rng(seed).normal(0, 1, (EMOTIONS, ATTRIBUTES))


def clips_of(targets: np.ndarray, n: int, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """n clips in natural units, emotions in turn, and what each was meant for."""
    meant = np.arange(n) % EMOTIONS
    scattered = targets[meant] + dice.multivariate_normal(np.zeros(ATTRIBUTES), SPREAD, n)
    return scattered, meant


def chances(clips: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """P(choice) of the average listener."""
    scores = ((clips - MIDDLES) / WIDTHS) @ weights.T
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    return shares / shares.sum(axis=1, keepdims=True)


def listen(
    clips: np.ndarray,
    weights: np.ndarray,
    dice: np.random.Generator,
    *,
    people: int = 40,
    trials: int = 16,
    people_differ: float = 0.0,
    clips_differ: float = 0.0,
    guessing: float = 0.0,
) -> Answers:
    """People hear some of the clips each, once, and choose."""
    person = np.repeat(np.arange(people), trials)
    clip = np.concatenate([dice.choice(len(clips), trials, replace=False) for _ in range(people)])
    scores = np.log(chances(clips, weights))[clip]
    scores = scores + people_differ * dice.normal(size=(people, EMOTIONS))[person]
    scores = scores + clips_differ * dice.normal(size=(len(clips), EMOTIONS))[clip]
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares = (1 - guessing) * shares + guessing / EMOTIONS
    choice = (shares.cumsum(axis=1) > dice.random((person.size, 1))).argmax(axis=1)
    return Answers.of(clips, person, clip, choice, EMOTIONS)


def prior(targets: np.ndarray | None = None) -> Prior:
    return Prior(table() if targets is None else targets, SPREAD)


def everywhere() -> Region:
    return Region(MIDDLES, np.diag(WIDTHS**2), np.inf)

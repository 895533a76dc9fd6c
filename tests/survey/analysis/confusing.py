"""Listeners who confuse emotions by a known rule: the table of chances is exact for new people and new pieces.

A piece's chances are drawn around its emotion's (Dirichlet), and answers of one person lean the same way
(a Gaussian copula), so that answers hang together by both while their expectation stays the table itself.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

EMOTIONS = 8
PIECES_ALIKE = 12.0
"""Concentration: two answers to one piece are alike by 1 / 13 more than their chances say."""
PERSON_LEANING = 0.1


def draw_truth(seed=12):
    """Chances (emotions × answers), biases and similarities of a world in which no confusion goes one way."""
    generator = np.random.default_rng(seed)
    bias = np.exp(generator.normal(0, 0.4, EMOTIONS))
    bias /= np.exp(np.log(bias).mean())
    place = generator.normal(0, 1, (EMOTIONS, 2))
    away = np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=-1))
    similarity = np.where(np.eye(EMOTIONS) == 1, 1.0, np.exp(-0.6 - 0.9 * away))
    chances = similarity * bias
    return chances / chances.sum(axis=1, keepdims=True), bias, similarity


def one_way(chances, a, b, part):
    """The same world, where that part of the right answers to `a` goes to `b`."""
    changed = chances.copy()
    changed[a, b] += part * changed[a, a]
    changed[a, a] *= 1 - part
    return changed


def draw_confusions(generator, people, pieces, chances):
    """Person, piece, intended and chosen of every answer; everybody hears every piece."""
    emotion = np.arange(pieces) % EMOTIONS
    own = np.array([generator.dirichlet(PIECES_ALIKE * chances[code]) for code in emotion])
    leaning = generator.normal(size=(people, 1))
    mixed = np.sqrt(PERSON_LEANING) * leaning + np.sqrt(1 - PERSON_LEANING) * generator.normal(size=(people, pieces))
    chosen = (norm.cdf(mixed)[:, :, None] > own.cumsum(axis=1)[None]).sum(axis=-1).clip(0, EMOTIONS - 1)
    person, piece = np.repeat(np.arange(people), pieces), np.tile(np.arange(pieces), people)
    return person, piece, emotion[piece], chosen.ravel()

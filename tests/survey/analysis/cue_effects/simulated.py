"""Cue experiments with a known truth: people choose by their own weights of cues, pieces by theirs.

Nothing of the analysis is imported. The truth is the effect over all people and pieces there could be, by many draws.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

EMOTIONS = ("joy", "sadness", "fear", "calm")
WEIGHTS = np.array([[1.2, 1.4], [-1.3, -1.0], [0.6, -1.2], [-0.5, 0.8]])
"""Of tempo and mode in the utility of each emotion."""
OF_PEOPLE, OF_PIECES = 0.5, 0.6
"""Standard deviations of weights and of likings between people, and between pieces."""


@dataclass(frozen=True)
class Population:
    """Weights of cues, shape (emotions, cues), and how much people and pieces differ in all they do."""

    weights: np.ndarray
    of_people: float = OF_PEOPLE
    of_pieces: float = OF_PIECES


HEARING = Population(WEIGHTS)
DEAF = Population(np.zeros_like(WEIGHTS))
"""People and pieces differ in weights, whose means are 0: no cue does anything over all of them."""


def shares(population, own, levels):
    """Probabilities of the emotions, shape (…, emotions); `own` are deviations, (…, emotions, 1 + cues)."""
    utility = own[..., 0] + ((population.weights + own[..., 1:]) * levels[..., None, :]).sum(axis=-1)
    powers = np.exp(utility - utility.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def deviations(population, generator, people, pieces):
    size = (len(EMOTIONS), 1 + population.weights.shape[1])
    return (
        generator.normal(0, population.of_people, (people, *size)),
        generator.normal(0, population.of_pieces, (pieces, *size)),
    )


def truth(population, draws=100_000, seed=99):
    """What a step of each cue does to each share, (emotions, cues), the other cues at each of their levels alike."""
    generator = np.random.default_rng(seed)
    of_people, of_pieces = deviations(population, generator, draws, draws)
    own, cues = of_people + of_pieces, population.weights.shape[1]
    found = np.zeros((len(EMOTIONS), cues))
    for levels in product((-0.5, 0.5), repeat=cues):
        mean = shares(population, own, np.broadcast_to(levels, (draws, cues))).mean(axis=0)
        for cue, level in enumerate(levels):
            found[:, cue] += np.sign(level) * mean / 2 ** (cues - 1)
    return found


@dataclass(frozen=True)
class Study:
    """Answers: codes of people, pieces, what was chosen; levels 0 or 1, shape (answers, cues)."""

    person: np.ndarray
    piece: np.ndarray
    levels: np.ndarray
    chosen: np.ndarray


def deal(generator, people, pieces, variants, each):
    """(piece, variant) of every person: `each` pieces heard least, their variants as evenly as of many deals.

    Whoever left has heard fewer: one in six hears half.
    """
    heard, dealt = np.zeros((pieces, variants), int), []
    for _ in range(people):
        which = np.argsort(heard.sum(axis=1) + generator.random(pieces))[:each]
        slots = np.resize(generator.permutation(variants), each)
        deals = [generator.permutation(slots) for _ in range(40)]
        best = min(deals, key=lambda deal: heard[which, deal].sum())
        stays = each if generator.random() > 1 / 6 else each // 2
        heard[which[:stays], best[:stays]] += 1
        dealt.append(list(zip(which[:stays], best[:stays], strict=True)))
    return dealt


def draw(population, generator, people, pieces, *, square):
    """`square`: everybody hears each piece once, in another variant; else all variants of each piece.

    ``"dealt"``: a square as people really get it, who hear six of eight pieces, and some of whom leave.
    """
    cues = population.weights.shape[1]
    variants = np.array(list(product((0, 1), repeat=cues)))
    of_people, of_pieces = deviations(population, generator, people, pieces)
    who, what, which = [], [], []
    dealt = deal(generator, people, pieces, len(variants), pieces * 3 // 4) if square == "dealt" else None
    for person in range(people):
        for piece in range(pieces):
            heard = [(person + piece) % len(variants)] if square else range(len(variants))
            if dealt is not None:
                heard = [variant for one, variant in dealt[person] if one == piece]
            for variant in heard:
                who.append(person)
                what.append(piece)
                which.append(variant)
    who, what, levels = np.array(who), np.array(what), variants[which]
    chances = shares(population, of_people[who] + of_pieces[what], levels - 0.5)
    chosen = (chances.cumsum(axis=1) < generator.random(len(who))[:, None]).sum(axis=1)
    return Study(who, what, levels.astype(float), np.minimum(chosen, len(EMOTIONS) - 1))

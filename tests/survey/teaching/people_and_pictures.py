"""Made-up people who look at pictures: what a network says of these is wrong in a known way."""

from __future__ import annotations

import numpy as np

from survey.teaching import PictureAnswers

E = 8
BIAS = np.array([0.8, -0.5, 0.6, 0.0, -0.6, -0.3, 0.2, -0.2])


def look(
    seed: int,
    *,
    pictures: int = 40,
    people: int = 20,
    each: int = 16,
    temperature: float = 1.0,
    bias: np.ndarray | None = None,
    disagreement: float = 0.0,
    taste: float | None = None,
    words: np.ndarray | None = None,
    odds: np.ndarray | None = None,
    none: float = 0.0,
) -> PictureAnswers:
    """Answers of people who see each a random part of the pictures; drawn by Gumbel's trick, not by shares.

    `disagreement` is the standard deviation, in nats, of what is special to every picture and to every person; of the
    latter it is `taste`, where that is given.
    """
    rng = np.random.default_rng(seed)
    scores = rng.normal(0.0, 1.5, (pictures, E))
    said = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    own = rng.normal(0.0, disagreement, (pictures, E))
    of_person = rng.normal(0.0, disagreement if taste is None else taste, (people, E))
    person = np.repeat(np.arange(people), each)
    picture = np.concatenate([rng.permutation(pictures)[:each] for _ in range(people)])
    felt = said[picture] / temperature + own[picture] + of_person[person] + (0.0 if bias is None else bias)
    if words is not None and odds is not None:
        felt = felt + words[picture] @ odds
    choice = (felt + rng.gumbel(size=felt.shape)).argmax(axis=1)
    choice = np.where(rng.random(choice.size) < none, E, choice)
    return PictureAnswers(said, picture, choice, person, words)


def forget(answers: PictureAnswers, seed: int) -> PictureAnswers:
    """The control: everybody keeps what they answered, and forgets which picture it was about."""
    rng = np.random.default_rng(seed)
    choice = answers.choice.copy()
    for one in np.unique(answers.person):
        places = np.flatnonzero(answers.person == one)
        choice[places] = choice[rng.permutation(places)]
    return PictureAnswers(answers.log_probabilities, answers.picture, choice, answers.person, answers.words)

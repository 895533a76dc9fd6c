"""Studies with a known truth: listeners and clips that differ, drawn from a seed."""

from __future__ import annotations

import random

import numpy as np

from generation.emotions import SLUGS
from survey.analysis.ratings import Rating, collect
from survey.simulation.truth import default_truth, draw_answer

CHOICES = [*SLUGS, "none"]


def draw_study(seed, people=30, clips=24, each=12, share=0.5, spread=0.15):
    """Hits of `people` who each hear `each` of `clips`; people's and clips' shares vary by `spread`."""
    generator = np.random.default_rng(seed)
    skill = generator.normal(0, spread, people)
    ease = generator.normal(0, spread, clips)
    participant = np.repeat(np.arange(people), each)
    stimulus = np.concatenate([generator.permutation(clips)[:each] for _ in range(people)])
    chance_of_hit = np.clip(share + skill[participant] + ease[stimulus], 0, 1)
    return generator.random(participant.size) < chance_of_hit, participant, stimulus


def draw_answers(seed, people=12, clips=9, each=6, choices=4):
    """Answers of people who each hear some of the clips: participant, item, answer."""
    generator = np.random.default_rng(seed)
    participant = np.repeat(np.arange(people), each)
    item = np.concatenate([generator.permutation(clips)[:each] for _ in range(people)])
    answer = np.where(generator.random(item.size) < 0.5, item % choices, generator.integers(0, choices, item.size))
    return participant, item, answer


def draw_cells(seed, from_picture, people=40, each=24, pictures=16):
    """Answers in all four cells; a share of the people answers from the picture alone, the others from the music.

    What the simulated visitors of `manage.py simulate` do: an answer from the confusion matrix of the emotion
    they attend to, a guess where their source is absent.
    """
    dice = random.Random(seed)
    truth = default_truth(CHOICES)
    emotion = [SLUGS[place % 8] for place in range(pictures)]
    other = list(range(pictures))
    while any(emotion[a] == emotion[b] for a, b in enumerate(other)):
        dice.shuffle(other)
    items = [(cell, a, b) for a in range(pictures) for cell, b in (("matched", a), ("mismatched", other[a]))]
    items += [("picture_only", a, None) for a in range(pictures)] + [("music_only", None, a) for a in range(pictures)]
    rows = []
    for person in range(people):
        by_picture = dice.random() < from_picture
        for place in dice.sample(range(len(items)), each):
            cell, *sources = items[place]
            picture, music = ("" if source is None else emotion[source] for source in sources)
            chosen = draw_answer(truth, picture if by_picture else music, CHOICES, dice)
            ids = ["" if source is None else f"{kind}{source}" for kind, source in zip("pm", sources, strict=True)]
            rows.append(Rating(f"P{person}", f"I{place}", cell, music or picture, chosen, picture, music, *ids))
    return collect(rows, CHOICES, "none")

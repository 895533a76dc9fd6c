"""Studies with a known truth: listeners and clips that differ, drawn from a seed."""

from __future__ import annotations

import numpy as np


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

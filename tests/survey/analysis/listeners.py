"""Listeners and clips with a known truth on the logit scale, for coverage and error tables.

Shares no code with the analysis: plain NumPy, answers drawn one by one.
"""

from __future__ import annotations

import numpy as np

EMOTIONS = 8
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


def logistic(x):
    return 1 / (1 + np.exp(-x))


def softmax(utility):
    """Chances of answers by their utilities, the last axis."""
    odds = np.exp(utility - utility.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def draw_hits(generator, people, emotion_of_clip, level, clip_spread=0.8, person_spread=0.5, each=None, shift=0.0):
    """Hits, people and clips; `level` is each emotion's mean on the logit scale, `shift` each clip's own."""
    clips = emotion_of_clip.size
    each = each or clips
    ease = level[emotion_of_clip] + shift + generator.normal(0, clip_spread, clips)
    skill = generator.normal(0, person_spread, people)
    participant = np.repeat(np.arange(people), each)
    clip = np.concatenate([generator.permutation(clips)[:each] for _ in range(people)])
    return generator.random(participant.size) < logistic(ease[clip] + skill[participant]), participant, clip


def true_shares(level, clip_spread=0.8, person_spread=0.5):
    """The share of hits of each emotion over all people and clips that could be drawn; by quadrature."""
    spread = np.hypot(clip_spread, person_spread)
    return logistic(np.asarray(level)[:, None] + spread * POINTS) @ WEIGHTS / WEIGHTS.sum()


def draw_guesses(generator, people, emotion_of_clip, liking, spread=1.0, each=None, carried=0.0):
    """Answers of people who like some answers (`liking`, per emotion) and each in their own way.

    With `carried` 0 the clips carry nothing; otherwise the intended answer's utility is that much higher.
    """
    clips = emotion_of_clip.size
    each = each or clips
    own = liking + generator.normal(0, spread, (people, EMOTIONS))
    participant = np.repeat(np.arange(people), each)
    clip = np.concatenate([generator.permutation(clips)[:each] for _ in range(people)])
    utility = own[participant] + generator.gumbel(size=(participant.size, EMOTIONS))
    utility[np.arange(participant.size), emotion_of_clip[clip]] += carried
    return utility.argmax(axis=1), participant, clip

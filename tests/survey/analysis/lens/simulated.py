"""Studies with a known truth: composers who use cues, listeners who use others, people and clips that differ.

Nothing of survey.analysis.lens is used to draw or to work out the truth.
"""

from dataclasses import dataclass

import numpy as np

LOADINGS = np.array(
    # What a composer gives to clips of four emotions: means of six cues, in standard deviations within emotions.
    [
        [1.2, 0.9, 0.6, 0.0, 0.0, 0.0],
        [-0.8, 1.0, -0.4, 0.9, 0.0, 0.0],
        [-0.9, -1.1, 0.0, -0.5, 0.0, 0.0],
        [0.5, -0.8, -0.2, -0.4, 0.0, 0.0],
    ]
)
HEARD = np.array(
    # By how much one standard deviation of a cue makes listeners' answers likelier, in logits.
    [
        [1.0, 0.4, 0.0, 0.0, 0.5, 0.0],
        [-0.3, 0.5, 0.0, 0.7, 0.0, 0.0],
        [-0.8, -0.4, -0.3, 0.0, -0.5, 0.0],
        [0.1, -0.5, 0.3, -0.7, 0.0, 0.0],
    ]
)
MIX = np.linalg.cholesky(0.35 * np.ones((6, 6)) + 0.65 * np.eye(6))


@dataclass
class Drawn:
    """One study, as arrays."""

    cues: np.ndarray
    intended: np.ndarray
    person: np.ndarray
    clip: np.ndarray
    chosen: np.ndarray


def draw(dice, people, clips, each, *, of_people=0.5, of_clips=0.5, heard=HEARD):
    """People answer `each` of the clips; both have intercepts of their own for every emotion, in logits."""
    emotions = len(LOADINGS)
    intended = np.arange(clips) % emotions
    cues = LOADINGS[intended] + dice.normal(size=(clips, 6)) @ MIX.T
    clear = cues @ heard.T + dice.normal(0, of_clips, (clips, emotions))
    order = np.argsort(dice.random((people, clips)), axis=1)[:, :each]
    person, clip = np.repeat(np.arange(people), each), order.ravel()
    leaning = dice.normal(0, of_people, (people, emotions))
    logits = clear[clip] + leaning[person]
    chosen = (logits + dice.gumbel(size=logits.shape)).argmax(axis=1)
    return Drawn(cues, intended, person, clip, chosen)


def truth(per_clip, *, clips=40_000, of_people=0.5, of_clips=0.5, heard=HEARD, seed=99):
    """Covariances (cues, criterion, judgement) with unlimited clips, each answered by `per_clip` people."""
    dice = np.random.default_rng(seed)
    emotions = len(LOADINGS)
    intended = np.arange(clips) % emotions
    cues = LOADINGS[intended] + dice.normal(size=(clips, 6)) @ MIX.T
    clear = cues @ heard.T + dice.normal(0, of_clips, (clips, emotions))
    chosen = np.zeros((clips, emotions))
    for _ in range(per_clip):
        logits = clear + dice.normal(0, of_people, clear.shape)
        chosen[np.arange(clips), (logits + dice.gumbel(size=logits.shape)).argmax(axis=1)] += 1
    made = (intended[:, None] == np.arange(emotions)).astype(float)
    together = np.concatenate([cues, made, chosen / per_clip], axis=1)
    return np.cov(together.T)


def truth_of(covariance, emotion, penalty, kept):
    """Weights of both sides, and the terms of the equation from the first `kept` cues; textbook formulas."""
    cues = covariance[:6, :6]
    made, said = 6 + emotion, 10 + emotion
    spread = np.sqrt(np.diag(covariance))
    damped = cues / np.outer(spread[:6], spread[:6]) + penalty * np.eye(6)
    validity = np.linalg.inv(damped) @ (covariance[:6, made] / spread[:6] / spread[made])
    utilisation = np.linalg.inv(damped) @ (covariance[:6, said] / spread[:6] / spread[said])
    inverse = np.linalg.inv(cues[:kept, :kept])
    a, b = covariance[:kept, made], covariance[:kept, said]
    e, s, es = a @ inverse @ a, b @ inverse @ b, a @ inverse @ b
    left = covariance[made, said] - es
    terms = {
        "achievement": covariance[made, said] / spread[made] / spread[said],
        "matching": es / np.sqrt(e * s),
        "sender": np.sqrt(e) / spread[made],
        "listener": np.sqrt(s) / spread[said],
        "unmodelled": left / np.sqrt((spread[made] ** 2 - e) * (spread[said] ** 2 - s)),
    }
    return validity, utilisation, terms

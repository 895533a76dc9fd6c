"""Studies with a known truth: composers who use cues, listeners who use others, people and clips that differ.

Nothing of survey.analysis.lens is used to draw or to work out the truth.
"""

from dataclasses import dataclass

import numpy as np

SPREAD = 0.5
"""Standard deviation, in logits, of what people and clips lean to by themselves, for every emotion."""


@dataclass(frozen=True)
class World:
    """How composers and listeners use cues.

    `given`: means of the cues in clips made for each emotion, in standard deviations within emotions; `heard`: by how
    much one of those makes an answer likelier, in logits; both (emotions, cues). Any two cues correlate with `together`
    within emotions. `ranked` are the places of the cues of the equation, the most important first.
    """

    given: np.ndarray
    heard: np.ndarray
    names: tuple[str, ...]
    ranked: tuple[int, ...]
    together: float

    @property
    def emotions(self):
        return len(self.given)

    @property
    def cues(self):
        return len(self.names)

    def clips(self, dice, clips):
        """What they were made for, their cues, and their emotions' logits without what people lean to."""
        intended = np.arange(clips) % self.emotions
        mix = np.linalg.cholesky(self.together + (1 - self.together) * np.eye(self.cues))
        cues = self.given[intended] + dice.normal(size=(clips, self.cues)) @ mix.T
        return intended, cues, cues @ self.heard.T + dice.normal(0, SPREAD, (clips, self.emotions))


SEVEN = ("majorness", "tempo", "melody_register", "dynamics", "articulation", "density", "chromaticism")
"""The cues of the equation, in the order that the documentation tells."""
FOUR = World(
    np.array(
        [
            [1.2, 0.9, 0.6, 0.0, 0.0, 0.0],
            [-0.8, 1.0, -0.4, 0.9, 0.0, 0.0],
            [-0.9, -1.1, 0.0, -0.5, 0.0, 0.0],
            [0.5, -0.8, -0.2, -0.4, 0.0, 0.0],
        ]
    ),
    np.array(
        [
            [1.0, 0.4, 0.0, 0.0, 0.5, 0.0],
            [-0.3, 0.5, 0.0, 0.7, 0.0, 0.0],
            [-0.8, -0.4, -0.3, 0.0, -0.5, 0.0],
            [0.1, -0.5, 0.3, -0.7, 0.0, 0.0],
        ]
    ),
    SEVEN[:6],
    tuple(range(6)),
    0.35,
)
"""Four emotions and six cues: the fifth only listeners use, the third of the last listeners use the other way."""


def _eight():
    dice = np.random.default_rng(0)
    given = dice.normal(0, 0.7, (8, 19)) * (dice.random((8, 19)) < 0.6)
    heard = 0.35 * given + dice.normal(0, 0.15, (8, 19))
    return World(given, heard, (*(f"other_{place}" for place in range(12)), *SEVEN), tuple(range(12, 19)), 0.3)


EIGHT = _eight()
"""Eight emotions and nineteen cues, as many as clips have attributes."""


@dataclass
class Drawn:
    """One study, as arrays."""

    cues: np.ndarray
    intended: np.ndarray
    person: np.ndarray
    clip: np.ndarray
    chosen: np.ndarray


def draw(dice, people, clips, each, world=FOUR):
    """People answer `each` of the clips; both lean to some emotions by themselves."""
    intended, cues, clear = world.clips(dice, clips)
    clip = np.argsort(dice.random((people, clips)), axis=1)[:, :each].ravel()
    person = np.repeat(np.arange(people), each)
    logits = clear[clip] + dice.normal(0, SPREAD, (people, world.emotions))[person]
    return Drawn(cues, intended, person, clip, (logits + dice.gumbel(size=logits.shape)).argmax(axis=1))


def truth(per_clip, world=FOUR, clips=40_000, seed=99):
    """Covariances (cues, criteria, judgements) with unlimited clips, each answered by `per_clip` people."""
    dice = np.random.default_rng(seed)
    intended, cues, clear = world.clips(dice, clips)
    chosen = np.zeros((clips, world.emotions))
    for _ in range(per_clip):
        logits = clear + dice.normal(0, SPREAD, clear.shape)
        chosen[np.arange(clips), (logits + dice.gumbel(size=logits.shape)).argmax(axis=1)] += 1
    made = (intended[:, None] == np.arange(world.emotions)).astype(float)
    return np.cov(np.concatenate([cues, made, chosen / per_clip], axis=1).T)


def truth_of(covariance, world, emotion, penalty, kept):
    """Weights of both sides, and the terms of the equation of the first `kept` cues; textbook formulas."""
    a = world.cues
    cues, places = covariance[:a, :a], list(world.ranked[:kept])
    made, said = a + emotion, a + world.emotions + emotion
    spread = np.sqrt(np.diag(covariance))
    damped = np.linalg.inv(cues / np.outer(spread[:a], spread[:a]) + penalty * np.eye(a))
    validity, utilisation = (damped @ (covariance[:a, side] / spread[:a] / spread[side]) for side in (made, said))
    inverse = np.linalg.inv(cues[np.ix_(places, places)])
    one, other = covariance[places, made], covariance[places, said]
    e, s, both = one @ inverse @ one, other @ inverse @ other, one @ inverse @ other
    left = (covariance[made, said] - both) / np.sqrt((spread[made] ** 2 - e) * (spread[said] ** 2 - s))
    terms = {
        "achievement": covariance[made, said] / spread[made] / spread[said],
        "matching": both / np.sqrt(e * s),
        "sender": np.sqrt(e) / spread[made],
        "listener": np.sqrt(s) / spread[said],
        "unmodelled": left,
    }
    return validity, utilisation, terms

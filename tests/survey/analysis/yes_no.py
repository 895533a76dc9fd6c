"""Answers yes or no drawn from a probit model, and how often the intervals of d′ hold the truth.

People differ in how readily they say yes and in what they hear, names of emotions in how they are liked, clips in how
readily yes is said to them, in how clearly they express their own emotion and in what else they seem to express. The
generator shares no code with the analysis.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from survey.analysis.detection import measure_detection
from tests.survey.analysis.holding import holds, rejects

EMOTIONS = 8
NAMES = tuple("abcdefgh")
LEANING, HEARING, CLEAR, READY, OTHER = 0.4, 0.3, 0.4, 0.3, 0.2
START, LIKED = -0.5, np.linspace(-0.6, 0.6, EMOTIONS)
INTERVALS = {
    "d′": "d′ of yes/no with lures, new people and clips",
    "d′, these": "d′, new people, these clips",
    "d′ of one": "d′ of one emotion, new people and clips",
    "d′ of one, these": "d′ of one emotion, new people, these clips",
}
TESTS = {
    "d′ test": "targets told from lures (all together)",
    "d′ test of one": "targets told from lures (each emotion, p ≤ .05)",
    "d′ test of any": "any of eight told from lures (Holm)",
}


@dataclass
class Study:
    """Answers of everybody to every clip as flat arrays, and what they were drawn from."""

    people: np.ndarray
    clips: np.ndarray
    asked: np.ndarray
    target: np.ndarray
    yes: np.ndarray
    own: np.ndarray
    population: tuple[np.ndarray, np.ndarray]
    these: tuple[np.ndarray, np.ndarray]

    def found(self):
        return measure_detection(self.people, self.clips, self.asked, self.target, self.yes, NAMES)

    def truth(self, rates):
        """d′ of all together, each emotion with Cochran's weight in both rates."""
        t, n = (np.bincount(self.asked[side], minlength=EMOTIONS) for side in (self.target, ~self.target))
        weights = t * n / np.maximum(t + n, 1)
        hits, alarms = (weights @ rate / weights.sum() for rate in rates)
        return norm.ppf(hits) - norm.ppf(alarms)


def questions(generator, people, own):
    """Half targets for everybody (within one) and about half for every clip; lures named evenly. A plain method."""
    clips = own.size
    asked, pattern = np.zeros((people, clips), int), np.zeros(clips, bool)
    others = [np.flatnonzero(np.isin(np.arange(EMOTIONS), own) & (np.arange(EMOTIONS) != code)) for code in own]
    for p in range(people):
        half = np.arange(clips) < (clips // 2 if p % 2 else clips - clips // 2)
        # Who comes second gets the other half of what the first one got.
        pattern = generator.permutation(half) if p % 2 == 0 else ~pattern
        for c in range(clips):
            turn = others[c][(p // 2 + c) % others[c].size]
            asked[p, c] = own[c] if pattern[c] else turn
    return asked


def draw(generator, people, clips, strength, *, liked=LIKED, clear=CLEAR):
    own = np.arange(clips) % EMOTIONS
    asked = questions(generator, people, own)
    target = asked == own
    leaning, hearing = generator.normal(0, LEANING, people), generator.normal(0, HEARING if strength else 0, people)
    ready, clearly = generator.normal(0, READY, clips), generator.normal(0, clear, clips)
    other = generator.normal(0, OTHER, (clips, EMOTIONS))
    heard = np.where(target, strength + clearly + hearing[:, None], other[np.arange(clips), asked])
    yes = generator.random(asked.shape) < norm.cdf(START + liked[asked] + leaning[:, None] + ready + heard)
    common = LEANING**2 + READY**2
    hearing_2 = HEARING**2 if strength else 0.0
    population = (
        norm.cdf((START + liked + strength) / np.sqrt(1 + common + clear**2 + hearing_2)),
        norm.cdf((START + liked) / np.sqrt(1 + common + OTHER**2)),
    )
    hits = norm.cdf((START + liked[own] + ready + strength + clearly) / np.sqrt(1 + LEANING**2 + hearing_2))
    alarms = norm.cdf((START + liked + ready[:, None] + other) / np.sqrt(1 + LEANING**2))
    these = tuple(
        np.array(
            [values[keep, code].mean() if values.ndim == 2 else values[keep].mean() for code, keep in enumerate(s)]
        )
        for values, s in (
            (hits, [own == code for code in range(EMOTIONS)]),
            (alarms, [own != code for code in range(EMOTIONS)]),
        )
    )
    flat = (np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people))
    return Study(*flat, asked.ravel(), target.ravel(), yes.ravel(), own, population, these)


def of_one_study(generator, people, clips, seed):
    """What each interval and test did in one study: name → list of true or false."""
    said = defaultdict(list)
    study = draw(generator, people, clips, 1.2)
    found = study.found()
    said["d′"].append(holds(found.together.participants_stimuli, study.truth(study.population)))
    said["d′, these"].append(holds(found.together.participants, study.truth(study.these)))
    for code, name in enumerate(NAMES):
        one = found.emotions[name]
        for key, interval, (hits, alarms) in (
            ("d′ of one", one.participants_stimuli, study.population),
            ("d′ of one, these", one.participants, study.these),
        ):
            if interval is not None:
                said[key].append(holds(interval, norm.ppf(hits[code]) - norm.ppf(alarms[code])))
    nothing = draw(generator, people, clips, 0.0, clear=OTHER).found()
    said["d′ test"].append(rejects(nothing.together.p_value))
    tested = [one for one in nothing.emotions.values() if one.p_value is not None]
    said["d′ test of one"] += [rejects(one.p_value) for one in tested]
    if tested:
        said["d′ test of any"].append(any(one.recognised for one in tested))
    return said

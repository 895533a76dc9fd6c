"""How often the intervals of ratings, confidence and times hold the truth; drawn here, with no code of the analysis."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np

from survey.analysis.affect.confidence import measure_confidence
from survey.analysis.affect.reliability import measure_reliability
from survey.analysis.affect.scales import correlate, measure_scale
from survey.analysis.affect.times import measure_times
from tests.survey.analysis.holding import holds
from tests.survey.analysis.made import ratings_of

EMOTIONS = ("amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness")
MEANS = np.array([0.6, 0.3, 0.4, 0.5, -0.4, -0.3, -0.5, -0.6])
CLIP, PERSON, HABIT, ANSWER = 0.2, 0.15, 0.1, 0.3
"""Standard deviations: of clips of one emotion, of people, of people for one emotion, of single ratings."""
LEVELS = (1, 2, 3, 4, 5)
NEW_LISTENERS = 8000
"""Who tell the truth about people who hear the same clips."""
INTERVALS = {
    "rated mean, new": "mean rating of an emotion, new people and clips",
    "rated mean, these": "mean rating of an emotion, new people, these clips",
    "rated clip": "mean rating of a clip, new people",
    "correlation": "correlation of rated and intended, over clips",
    "icc": "ICC(2,1), everybody rates every clip",
    "icc mean": "ICC(2,k)",
    "icc gaps": "ICC(2,1), everybody rates half of the clips",
    "sure, new": "hit rate at a level of confidence, new people and clips",
    "sure, these": "hit rate at a level of confidence, new people, these clips",
    "auroc2": "AUROC of confidence within people",
    "gamma": "γ of confidence within people",
    "times": "ratio of times, wrong to right",
}
TESTS: dict[str, str] = {}


def rated(generator, people, emotion):
    """Ratings of everybody for every clip, and the clips' own means."""
    own = MEANS[emotion] + generator.normal(0, CLIP, emotion.size)
    habit = generator.normal(0, HABIT, (people, len(EMOTIONS)))[:, emotion]
    shift = generator.normal(0, PERSON, (people, 1)) + habit
    return own + shift + generator.normal(0, ANSWER, (people, emotion.size)), own


def of_scales(found, generator, people, emotion):
    values, own = rated(generator, people, emotion)
    scale = measure_scale(ratings_of(people, emotion, EMOTIONS, valence=values), "valence")
    found["rated clip"] += [holds(c.these_clips, own[int(c.name[1:])]) for c in scale.clips]
    for code, place in enumerate(scale.emotions):
        found["rated mean, these"].append(holds(place.these_clips, own[emotion == code].mean()))
        if place.new_clips:
            found["rated mean, new"].append(holds(place.new_clips, MEANS[code]))
    noise = CLIP**2 + (ANSWER**2 + HABIT**2) / people
    truth = np.sqrt(MEANS.var() / (MEANS.var() + noise))
    found["correlation"].append(holds(correlate(values.mean(axis=0), MEANS[emotion]).interval, truth))


def of_reliability(found, generator, people, clips):
    """Clips, people and answers drawn from normal distributions of one mean; half of the clips for each, or all."""
    spread, strict, noise = 0.3, 0.2, 0.4
    truth = spread**2 / (spread**2 + strict**2 + noise**2)
    values = generator.normal(0, spread, clips) + generator.normal(0, strict, (people, 1))
    values = values + generator.normal(0, noise, (people, clips))
    participant, clip = np.nonzero(np.ones_like(values))
    whole = measure_reliability(values.ravel(), participant, clip)
    found["icc"].append(holds(whole.single_interval, truth))
    found["icc mean"].append(holds(whole.mean_interval, people * truth / (1 + (people - 1) * truth)))
    some = generator.permuted(np.tile(np.arange(clips) < clips // 2, (people, 1)), axis=1)
    participant, clip = np.nonzero(some)
    found["icc gaps"].append(holds(measure_reliability(values[some], participant, clip).single_interval, truth))


def listen(generator, people, ease):
    """Hits, confidence 1–5 and seconds: what is heard clearly is answered rightly, surely and fast."""
    clear = ease + generator.normal(0, 0.5, (people, 1)) + generator.normal(0, 1, (people, ease.size))
    hits = clear > 0
    bold = generator.normal(0, 0.5, (people, 1))
    felt = 0.3 + 0.4 * clear + bold + generator.normal(0, 0.5, clear.shape)
    confidence = 1 + np.searchsorted([0.0, 0.4, 0.8, 1.2], felt)
    pace = generator.normal(2, 0.4, (people, 1)) + np.where(hits, 0, generator.normal(0.2, 0.2, (people, 1)))
    return hits, confidence, np.exp(pace - 0.1 * ease + generator.normal(0, 0.4, clear.shape))


def shown(hits, confidence, seconds):
    """Mean over people of AUROC, γ and difference of mean logarithms, of every right answer beside every wrong one.

    People with answers of one sort, or one level of confidence for all of them, show nothing.
    """
    right, wrong = (
        np.stack([(some & (confidence == level)).sum(axis=1) for level in LEVELS], axis=1) for some in (hits, ~hits)
    )
    surer, less = (
        sum(a[:, high] * b[:, low] for high in range(len(LEVELS)) for low in range(high))
        for a, b in ((right, wrong), (wrong, right))
    )
    n = right.sum(axis=1) * wrong.sum(axis=1)
    shows, both = surer + less > 0, n > 0
    auroc = 0.5 + (surer - less)[shows] / n[shows] / 2
    gamma = (surer - less)[shows] / (surer + less)[shows]
    log = np.log(seconds)
    right, wrong = ((log * some).sum(axis=1)[both] / some.sum(axis=1)[both] for some in (hits, ~hits))
    return auroc.mean(), gamma.mean(), (wrong - right).mean()


@cache
def hits_by_level():
    """Share of hits at each level among all people and clips that could be drawn."""
    generator = np.random.default_rng(5)
    right, all_of = np.zeros(5), np.zeros(5)
    for _ in range(400):
        hits, confidence, _ = listen(generator, 100, generator.normal(0.3, 0.6, 50))
        all_of += np.bincount(confidence.ravel() - 1, minlength=5)
        right += np.bincount(confidence[hits] - 1, minlength=5)
    return right / all_of


def of_listening(found, generator, people, emotion):
    ease = generator.normal(0.3, 0.6, emotion.size)
    hits, confidence, seconds = listen(generator, people, ease)
    others = listen(generator, NEW_LISTENERS, ease)
    auroc, gamma, slower = shown(*others)
    chosen = np.where(hits, emotion, (emotion + 1) % len(EMOTIONS))
    ratings = ratings_of(people, emotion, EMOTIONS, confidence=confidence.astype(float), seconds=seconds, chosen=chosen)
    sure = measure_confidence(ratings)
    found["auroc2"].append(holds(sure.auroc2.interval, auroc))
    found["gamma"].append(holds(sure.gamma.interval, gamma))
    for step in sure.steps:
        level = int(step.level)
        found["sure, new"].append(holds(step.new_clips, hits_by_level()[level - 1]))
        found["sure, these"].append(holds(step.these_clips, others[0][others[1] == level].mean()))
    found["times"].append(holds(measure_times(ratings).ratio.interval, np.exp(slower)))


def of_one_study(generator, people, clips, seed=0):
    """What each interval did in one study: name → list of true or false."""
    found = defaultdict(list)
    emotion = np.arange(clips) % len(EMOTIONS)
    of_scales(found, generator, people, emotion)
    of_reliability(found, generator, people, clips)
    of_listening(found, generator, people, emotion)
    return found

"""How often the intervals and tests of picture and music and of the choice model hold and err.

Every study is drawn here, with no code of the analysis; population values come from the same chances, integrated over
people and clips that are not the study's.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np

from generation.emotions import SLUGS
from survey.analysis.choice_model.measure import fit_choice_model
from survey.analysis.conditions import measure_picture_and_music
from survey.analysis.ratings import Factor
from tests.survey.analysis.confusing import draw_confusions, draw_truth
from tests.survey.analysis.holding import holds, rejects
from tests.survey.analysis.listeners import EMOTIONS, softmax
from tests.survey.analysis.made import ratings_of

EFFECTS = ("music", "picture", "dominance", "music_added", "picture_added")
INTERVALS = {
    "sources": "picture and music, the five effects",
    "nothing there": "effects of music that nobody follows",
    "bias": "bias of an answer (choice model)",
    "similarity": "similarity of two emotions (choice model)",
}
TESTS = {
    "source test": "music has an effect that nobody follows",
    "one-way": "a confusion goes one way (each, p ≤ .05)",
    "any one-way": "any confusion goes one way (Holm)",
}
CLIPS, PEOPLE = 0.8, 0.5
EACH = 24
"""Items of each person, of the four cells."""
FOLLOWED, IGNORED = 1.5, 0.0


@cache
def expected(music, draws=60_000):
    """The five effects where the picture says its emotion with strength 1 and the music with this one."""
    generator = np.random.default_rng(5)
    liking, weight = generator.normal(0, PEOPLE, (draws, EMOTIONS)), np.exp(generator.normal(0, 0.3, (draws, 2)))
    noise = generator.normal(0, CLIPS, (2, draws, EMOTIONS)) * np.array([1.0, music > 0])[:, None, None]

    def chances(seen, heard):
        said = liking
        for place, (emotion, strength) in enumerate(((seen, 1.0), (heard, music))):
            if emotion is not None:
                said = said + weight[:, [place]] * (noise[place] + strength * np.eye(EMOTIONS)[emotion])
        return softmax(said).mean(axis=0)

    both, other = chances(0, 0)[0], chances(0, 1)
    return {
        "music": both - other[0],
        "picture": both - other[1],
        "dominance": other[1] - other[0],
        "music_added": both - chances(0, None)[0],
        "picture_added": both - chances(None, 0)[0],
    }


def of_sources(found, generator, people, clips):
    """Pictures and music that each say an emotion, in four cells; or music that says nothing."""
    for music in (FOLLOWED, IGNORED):
        effects = measure_picture_and_music(answers(generator, people, clips, music))
        if music:
            found["sources"] += [holds(effects[name]["interval"], expected(music)[name]) for name in EFFECTS]
            continue
        for name in ("music", "music_added"):
            found["nothing there"].append(holds(effects[name]["interval"], 0.0))
            found["source test"].append(rejects(effects[name]["p_value"]))


def answers(generator, people, clips, music):
    """Everybody answers `EACH` of the items: pairs that match, pairs that do not, pictures alone, music alone."""
    emotion = np.arange(clips) % EMOTIONS
    other = np.arange(clips)
    while (emotion[other] == emotion).any():
        other = generator.permutation(clips)
    absent, own = np.full(clips, -1), np.arange(clips)
    seen, heard = np.concatenate([own, own, own, absent]), np.concatenate([own, other, absent, own])
    kinds = [
        np.eye(EMOTIONS)[emotion] * strength + generator.normal(0, CLIPS, (clips, EMOTIONS)) * (strength > 0)
        for strength in (1.0, music)
    ]
    said = generator.normal(0, PEOPLE, (people, 1, EMOTIONS)) + generator.gumbel(size=(people, 4 * clips, EMOTIONS))
    weight = np.exp(generator.normal(0, 0.3, (2, people, 1, 1)))
    for place, source in enumerate((seen, heard)):
        said += weight[place] * np.where(source[:, None] >= 0, kinds[place][source], 0.0)
    given = generator.permuted(np.tile(np.arange(4 * clips) < EACH, (people, 1)), axis=1)
    factors = {
        name: Factor(("", *levels), codes + 1)
        for name, levels, codes in (
            ("picture", SLUGS, np.where(seen >= 0, emotion[seen], -1)),
            ("music", SLUGS, np.where(heard >= 0, emotion[heard], -1)),
            ("picture_id", tuple(f"p{one}" for one in own), seen),
            ("music_id", tuple(f"m{one}" for one in own), heard),
        )
    }
    intended = emotion[np.where(heard >= 0, heard, seen)]
    return ratings_of(people, intended, SLUGS, heard=given, chosen=said.argmax(axis=-1), factors=factors)


def of_confusions(found, generator, people, clips):
    """A world in which no confusion goes one way."""
    chances, bias, similarity = draw_truth()
    _, _, intended, chosen = draw_confusions(generator, people, clips, chances)
    model = fit_choice_model(ratings_of(people, intended[:clips], SLUGS, chosen=chosen.reshape(people, clips)))
    if model is None or model.reason:
        return
    place = {slug: code for code, slug in enumerate(SLUGS)}
    found["bias"] += [holds(one.interval, bias[place[one.choice]]) for one in model.biases]
    found["similarity"] += [holds(one.interval, similarity[place[one.a], place[one.b]]) for one in model.pairs]
    tested = [one for one in model.pairs if one.p_value is not None]
    found["one-way"] += [rejects(one.p_value) for one in tested]
    found["any one-way"].append(any(rejects(one.p_holm) for one in tested))


def of_one_study(generator, people, clips, seed):
    """Name → list of true or false."""
    found = defaultdict(list)
    of_sources(found, generator, people, clips)
    of_confusions(found, generator, people, clips)
    return found

"""Rows of the coverage table for what answers say beyond hits: agreement, picture and music, the choice model.

Every study is drawn here, with no code of the analysis; population values come from the same chances, integrated over
people and clips that are not the study's.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np

from generation.emotions import SLUGS
from survey.analysis.agreement import measure_agreement
from survey.analysis.choice_model.measure import fit_choice_model
from survey.analysis.conditions import measure_picture_and_music
from survey.analysis.ratings import Rating, collect
from tests.survey.analysis.confusing import draw_confusions, draw_truth
from tests.survey.analysis.listeners import EMOTIONS

STUDIES = 40
COEFFICIENTS = {"percent": "percent agreement", "krippendorff_alpha": "Krippendorff α", "gwet_ac1": "AC1"}
EFFECTS = ("music", "picture", "dominance", "music_added", "picture_added")
INTERVALS = {
    **{f"{name}, both": f"{label}, new people and clips" for name, label in COEFFICIENTS.items()},
    "alpha, weak": "Krippendorff α of .08, new people and clips",
    "alpha, these clips": "Krippendorff α, new people, these clips",
    "alpha, these people": "Krippendorff α, new clips, these people",
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
STRENGTHS = {"middle": np.linspace(0.5, 2.5, EMOTIONS), "weak": np.full(EMOTIONS, 0.5)}
CLIPS, PEOPLE = 0.8, 0.5


def holds(interval, truth):
    return interval is not None and interval[0] <= truth <= interval[1]


def softmax(utility):
    odds = np.exp(utility - utility.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def clips_of(generator, emotion, strength):
    """Utilities of the answers to clips of these emotions."""
    return np.eye(EMOTIONS)[emotion] * strength[emotion][:, None] + generator.normal(0, CLIPS, (emotion.size, EMOTIONS))


def agreement_in(utility, liking):
    """The coefficients where everybody hears everything, endlessly often: pairs of different people."""
    people, shares, agreed = len(liking), np.zeros(EMOTIONS), 0.0
    for one in utility:
        chances = softmax(one + liking)
        sums = chances.sum(axis=0)
        shares += sums / people / len(utility)
        agreed += float((sums**2).sum() - (chances**2).sum()) / (people * (people - 1)) / len(utility)
    by_chance = float((shares**2).sum())
    beside = (1 - by_chance) / (EMOTIONS - 1)
    return {
        "percent": agreed,
        "krippendorff_alpha": (agreed - by_chance) / (1 - by_chance),
        "gwet_ac1": (agreed - beside) / (1 - beside),
    }


class Agreement:
    """Listeners and clips with likings of their own."""

    def __init__(self):
        generator = np.random.default_rng(99)
        self.many = generator.normal(0, PEOPLE, (500, EMOTIONS))
        emotion = np.tile(np.arange(EMOTIONS), 200)
        self.truth = {
            name: agreement_in(clips_of(generator, emotion, strength), self.many)
            for name, strength in STRENGTHS.items()
        }

    def study(self, found, generator, people, clips):
        for name, strength in STRENGTHS.items():
            utility = clips_of(generator, np.arange(clips) % EMOTIONS, strength)
            liking = generator.normal(0, PEOPLE, (people, EMOTIONS))
            noise = generator.gumbel(size=(people, clips, EMOTIONS))
            chosen = (utility[None] + liking[:, None] + noise).argmax(axis=-1)
            person, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
            table = np.zeros((clips, EMOTIONS), int)
            np.add.at(table, (clip, chosen.ravel()), 1)
            said = measure_agreement(table, clip, person, chosen.ravel())
            if name == "weak":
                found["alpha, weak"].append(
                    holds(said["krippendorff_alpha"].over_both, self.truth[name]["krippendorff_alpha"])
                )
                continue
            for coefficient in COEFFICIENTS:
                found[f"{coefficient}, both"].append(holds(said[coefficient].over_both, self.truth[name][coefficient]))
            alpha = said["krippendorff_alpha"]
            these = agreement_in(utility, self.many)["krippendorff_alpha"]
            found["alpha, these clips"].append(holds(alpha.over_participants, these))
            others = clips_of(generator, np.tile(np.arange(EMOTIONS), 25), strength)
            found["alpha, these people"].append(
                holds(alpha.over_stimuli, agreement_in(others, liking)["krippendorff_alpha"])
            )


class Sources:
    """Pictures and music that each say an emotion, in four cells; or music that says nothing."""

    def __init__(self):
        self.truth = {music: self.expected(music) for music in (1.5, 0.0)}

    @staticmethod
    def expected(music, draws=60_000):
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

    def study(self, found, generator, people, clips):
        for music in self.truth:
            effects = measure_picture_and_music(self.answers(generator, people, clips, music))
            if music:
                found["sources"] += [holds(effects[name]["interval"], self.truth[music][name]) for name in EFFECTS]
                continue
            for name in ("music", "music_added"):
                found["nothing there"].append(holds(effects[name]["interval"], 0.0))
                found["source test"].append(effects[name]["p_value"] <= 0.05)

    @staticmethod
    def answers(generator, people, clips, music, each=24):
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
        rows = []
        for person in range(people):
            liking, weight = generator.normal(0, PEOPLE, EMOTIONS), np.exp(generator.normal(0, 0.3, 2))
            for item in generator.permutation(4 * clips)[:each]:
                said = liking + generator.gumbel(size=EMOTIONS)
                for place, source in enumerate((seen[item], heard[item])):
                    if source >= 0:
                        said = said + weight[place] * kinds[place][source]
                picture, sound = (SLUGS[emotion[one]] if one >= 0 else "" for one in (seen[item], heard[item]))
                ids = [f"{kind}{one}" if one >= 0 else "" for kind, one in (("p", seen[item]), ("m", heard[item]))]
                chosen = SLUGS[said.argmax()]
                rows.append(Rating(f"P{person}", f"I{item}", "", sound or picture, chosen, picture, sound, *ids))
        return collect(rows, SLUGS)


class Confusions:
    """A world in which no confusion goes one way."""

    def study(self, found, generator, people, clips):
        chances, bias, similarity = draw_truth()
        rows = zip(*draw_confusions(generator, people, clips, chances), strict=True)
        model = fit_choice_model(
            collect([Rating(f"P{p}", f"S{s}", "", SLUGS[i], SLUGS[c]) for p, s, i, c in rows], SLUGS)
        )
        if model is None or model.reason:
            return
        place = {slug: code for code, slug in enumerate(SLUGS)}
        found["bias"] += [holds(one.interval, bias[place[one.choice]]) for one in model.biases]
        found["similarity"] += [holds(one.interval, similarity[place[one.a], place[one.b]]) for one in model.pairs]
        tested = [one for one in model.pairs if one.p_value is not None]
        found["one-way"] += [one.p_value <= 0.05 for one in tested]
        found["any one-way"].append(any(one.p_holm <= 0.05 for one in tested))


@cache
def worlds():
    return Agreement(), Sources(), Confusions()


def of_one_study(generator, people, clips, seed):
    """Name → list of true or false; nothing from the study `STUDIES` on."""
    found = defaultdict(list)
    if seed < STUDIES:
        for world in worlds():
            world.study(found, generator, people, clips)
    return found

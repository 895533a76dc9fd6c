"""How often the intervals of agreement hold the truth, and of what else is read off which answers were given.

Answers are drawn here, with no code of the analysis; population values come from the same chances, integrated over
people and clips that are not the study's.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np

from generation.emotions import SLUGS, get_emotion
from survey.analysis.agreement import agree_on_choices, measure_agreement
from survey.analysis.confusion import add_intervals, count_confusions, intervals_of_cells, top_confusions
from survey.analysis.folds import distance_to_intention, fold_ratings
from tests.survey.analysis.holding import holds
from tests.survey.analysis.listeners import EMOTIONS, softmax
from tests.survey.analysis.made import ratings_of

COEFFICIENTS = {
    "percent": "percent agreement",
    "fleiss_kappa": "Fleiss κ",
    "krippendorff_alpha": "Krippendorff α",
    "gwet_ac1": "AC1",
    "brennan_prediger": "Brennan–Prediger",
}
CLAIMS = {
    "both": "new people and clips",
    "these clips": "new people, these clips",
    "these people": "new clips, these people",
}
FIELDS = {"both": "over_both", "these clips": "over_participants", "these people": "over_stimuli"}
INTERVALS = {
    **{
        f"{name}, {claim}": f"{label}, {said}" for name, label in COEFFICIENTS.items() for claim, said in CLAIMS.items()
    },
    **{f"choice, {claim}": f"κ of one answer against the others, {said}" for claim, said in CLAIMS.items()},
    **{
        f"weak {name}, both": f"{COEFFICIENTS[name]} where agreement is low (α = .08), new people and clips"
        for name in ("krippendorff_alpha", "gwet_ac1")
    },
    **{
        f"one emotion {name}, both": f"{label} among the clips of one emotion, new people and clips"
        for name, label in COEFFICIENTS.items()
    },
    "one emotion, these clips": "the five coefficients among the clips of one emotion, new people, these clips",
    "one emotion, these people": "the five coefficients among the clips of one emotion, new clips, these people",
    "fold, both": "hit rate of quadrants, valence and arousal, new people and clips",
    "fold, these clips": "hit rate of quadrants, valence and arousal, new people, these clips",
    "distance": "mean distance from intended to chosen, new people and clips",
    "cell": "share of an answer to the clips of another emotion, each cell by itself, new people and clips",
    "confusions": "the five most frequent confusions, new people and clips",
}
TESTS: dict[str, str] = {}
STRENGTHS = {"middle": np.linspace(0.5, 2.5, EMOTIONS), "weak": np.full(EMOTIONS, 0.5)}
CLIPS, PEOPLE = 0.8, 0.5
FOLDS = {
    "quadrant": lambda one: one.quadrant,
    "valence": lambda one: one.valence > 0,
    "arousal": lambda one: one.arousal > 0,
}
CODES = np.arange(EMOTIONS)
PLACES = np.array([(get_emotion(slug).valence, get_emotion(slug).arousal) for slug in SLUGS])
APART = np.hypot(*(PLACES[:, None] - PLACES[None]).transpose(2, 0, 1))
SAME_CLASS = {
    name: np.array([[one(get_emotion(a)) == one(get_emotion(b)) for b in SLUGS] for a in SLUGS])
    for name, one in FOLDS.items()
}


def clips_of(generator, emotion, strength):
    """Utilities of the answers to clips of these emotions."""
    return np.eye(EMOTIONS)[emotion] * strength[emotion][:, None] + generator.normal(0, CLIPS, (emotion.size, EMOTIONS))


class World:
    """Clips heard by people endlessly often: how often each answer is given, and by two different people."""

    def __init__(self, utility, liking, emotion):
        self.emotion, people = emotion, len(liking)
        given = [softmax(one + liking) for one in utility]
        sums, squares = (np.array([(one**power).sum(axis=0) for one in given]) for power in (1, 2))
        self.shares = sums / people
        self.twice = (sums**2 - squares) / (people * (people - 1))

    def coefficients(self, of=None):
        """All coefficients of all clips, or of those of one emotion."""
        keep = slice(None) if of is None else self.emotion == of
        shares, agreed = self.shares[keep].mean(axis=0), float(self.twice[keep].sum(axis=1).mean())
        by_chance = float((shares**2).sum())
        expected = {"percent": 0.0, "gwet_ac1": (1 - by_chance) / (EMOTIONS - 1), "brennan_prediger": 1 / EMOTIONS}
        return {
            name: (agreed - chance) / (1 - chance)
            for name in COEFFICIENTS
            for chance in [expected.get(name, by_chance)]
        }

    def choices(self):
        """κ of each answer against all others."""
        share, twice = self.shares.mean(axis=0), self.twice.mean(axis=0)
        chance = share**2 + (1 - share) ** 2
        return (1 - 2 * share + 2 * twice - chance) / (1 - chance)

    def table(self):
        """Share of each answer to clips of each emotion."""
        return np.array([self.shares[self.emotion == code].mean(axis=0) for code in CODES])


@cache
def everything():
    """By strength, the likings of people without number, and what they say to clips without number."""
    generator = np.random.default_rng(99)
    many, emotion = generator.normal(0, PEOPLE, (500, EMOTIONS)), np.tile(CODES, 200)
    return many, {
        name: World(clips_of(generator, emotion, strength), many, emotion) for name, strength in STRENGTHS.items()
    }


@cache
def expected(strength, of=None):
    return everything()[1][strength].coefficients(of)


@cache
def table_of(strength):
    return everything()[1][strength].table()


def drawn(generator, people, emotion, strength):
    """Utilities of the clips, likings of the people, and what everybody chose, shape (people, clips)."""
    utility = clips_of(generator, emotion, strength)
    liking = generator.normal(0, PEOPLE, (people, EMOTIONS))
    noise = generator.gumbel(size=(people, emotion.size, EMOTIONS))
    return utility, liking, (utility[None] + liking[:, None] + noise).argmax(axis=-1)


def counted(chosen, keep=slice(None)):
    """Counts per clip and answer, and the single answers: clips, people, answers."""
    chosen = chosen[:, keep]
    person, clip = (codes.ravel() for codes in np.indices(chosen.shape))
    table = np.zeros((chosen.shape[1], EMOTIONS), int)
    np.add.at(table, (clip, chosen.ravel()), 1)
    return table, clip, person, chosen.ravel()


def of_one_study(generator, people, clips, seed):
    """What each interval did in one study: name → list of true or false."""
    found, emotion = defaultdict(list), np.arange(clips) % EMOTIONS
    weak = measure_agreement(*counted(drawn(generator, people, emotion, STRENGTHS["weak"])[2]))
    for name in ("krippendorff_alpha", "gwet_ac1"):
        found[f"weak {name}, both"].append(holds(weak[name].over_both, expected("weak")[name]))
    utility, liking, chosen = drawn(generator, people, emotion, STRENGTHS["middle"])
    others = np.tile(CODES, 25)
    worlds = {
        "both": everything()[1]["middle"],
        "these clips": World(utility, everything()[0], emotion),
        "these people": World(clips_of(generator, others, STRENGTHS["middle"]), liking, others),
    }
    table, *answers = counted(chosen)
    said, of_choice = measure_agreement(table, *answers), agree_on_choices(table, SLUGS, *answers)
    for claim, world in worlds.items():
        truth, per_choice = world.coefficients(), world.choices()
        for name in COEFFICIENTS:
            found[f"{name}, {claim}"].append(holds(getattr(said[name], FIELDS[claim]), truth[name]))
        found[f"choice, {claim}"] += [
            holds(getattr(of_choice[slug], FIELDS[claim]), value)
            for slug, value in zip(SLUGS, per_choice, strict=True)
            if of_choice[slug].estimate is not None
        ]
    of_single_emotions(found, emotion, chosen, worlds)
    of_tables(found, emotion, chosen, worlds["these clips"])
    return found


def of_single_emotions(found, emotion, chosen, worlds):
    """Agreement among the clips of one emotion."""
    for code in CODES:
        said = measure_agreement(*counted(chosen, emotion == code))
        for claim, world in worlds.items():
            truth = expected("middle", code) if claim == "both" else world.coefficients(code)
            for name in COEFFICIENTS:
                interval = getattr(said[name], FIELDS[claim])
                if interval is not None:
                    key = f"one emotion {name}, both" if claim == "both" else f"one emotion, {claim}"
                    found[key].append(holds(interval, truth[name]))


def of_cells(found, emotion, chosen):
    """Every cell off the diagonal."""
    person, clip = (codes.ravel() for codes in np.indices(chosen.shape))
    made = intervals_of_cells(person, clip, emotion[clip], chosen.ravel(), EMOTIONS, EMOTIONS)
    for row, column in zip(*np.nonzero(~np.eye(EMOTIONS, dtype=bool)), strict=True):
        interval = made.intervals[row][column]
        if interval is not None:
            found["cell"].append(holds(interval, table_of("middle")[row, column]))


def of_tables(found, emotion, chosen, these):
    """Folded hit rates, the distance of what was chosen, and confusions."""
    of_cells(found, emotion, chosen)
    ratings, table = ratings_of(len(chosen), emotion, SLUGS, chosen=chosen), table_of("middle")
    for name, same in SAME_CLASS.items():
        accuracy = fold_ratings(ratings, name)["accuracy"]
        found["fold, both"].append(holds(accuracy["participants_stimuli"], (table * same).sum(axis=1).mean()))
        own = (these.shares * same[emotion]).sum(axis=1).mean()
        found["fold, these clips"].append(holds(accuracy["participants"], own))
    found["distance"].append(holds(distance_to_intention(ratings)["interval"], (table * APART).sum(axis=1).mean()))
    matrix = count_confusions(ratings.intended, ratings.chosen, EMOTIONS, EMOTIONS)
    place = {slug: code for code, slug in enumerate(SLUGS)}
    for one in add_intervals(top_confusions(matrix, SLUGS, SLUGS), ratings):
        if one["interval"] is not None:
            found["confusions"].append(holds(one["interval"], table[place[one["intended"]], place[one["chosen"]]]))

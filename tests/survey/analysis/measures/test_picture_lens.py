"""The lens of pictures: beside a second implementation, with known weights, and what counts as a picture."""

import doctest
from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

from survey.analysis.lens import pictures
from survey.analysis.lens.pictures import MEASURE
from survey.analysis.lens.subjects import BOTH_ACT
from survey.analysis.lens.words import PICTURE_CUES
from survey.analysis.measures import Asked
from survey.analysis.measures.showing import show
from survey.analysis.ratings import Rating, collect
from survey.analysis.ratings.attributes import gather_attributes
from tests.survey.analysis.lens.simulated import World, draw, truth, truth_of
from tests.survey.analysis.measures.test_lens import compare
from tests.survey.recomputed import lens as again
from tests.survey.recomputed.lens import recompute_pictures as recompute  # noqa: F401 (test_recomputed finds it here)

EMOTIONS = ("awe", "fear", "joy", "sadness")
SEEN = World(
    np.array(
        [
            [0.9, 0.0, 0.0, 0.8, 0.0, 0.6, 0.0, 0.0],
            [-1.1, -0.6, 0.0, 0.0, 0.7, 0.0, 0.0, 0.0],
            [0.6, 0.9, 0.8, 0.0, 0.0, 0.0, 0.5, 0.0],
            [-0.4, -0.9, -0.6, -0.5, 0.0, 0.0, 0.0, 0.4],
        ]
    ),
    np.array(
        [
            [0.6, 0.0, 0.0, 0.7, 0.0, 0.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0, 0.0, 0.8, 0.0, 0.0, 0.0],
            [0.5, 0.8, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, -0.9, 0.0, -0.6, 0.0, 0.0, 0.0, 0.5],
        ]
    ),
    PICTURE_CUES,
    tuple(range(8)),
    0.2,
)
"""Eight cues of pictures; viewers leave symmetry alone, which pictures of awe have, and go by less than there is."""


COLUMNS = {
    **{name: name for name in ("participant", "stimulus", "chosen", "presentation")},
    "picture": "picture_emotion",
    "picture_id": "picture_sha256",
}
"""Fields of ratings that the second implementation asks for, by its names."""


def told(drawn, music=None, presentation="picture_and_music"):
    """Answers as ratings: pictures by their own emotion, each with pieces of music made for another one."""
    music = music or {}
    clip = [f"S{place:02}" for place in drawn.clip]
    return [
        Rating(
            f"P{person:02}",
            f"{name}-{heard}" if heard else name,
            "",
            heard or EMOTIONS[drawn.intended[place]],
            EMOTIONS[chosen],
            picture=EMOTIONS[drawn.intended[place]],
            music=heard,
            presentation=presentation,
            picture_id=name,
            music_id=f"{name}-{heard}" if heard else "",
        )
        for person, place, name, chosen in zip(drawn.person, drawn.clip, clip, drawn.chosen, strict=True)
        for heard in [music.get((person + place) % 2, "")]
    ]


def ratings_of(answers, drawn):
    """With what was measured on the picture of every stimulus."""
    found = collect(answers, EMOTIONS)
    values = {
        f"S{place:02}": dict(zip(PICTURE_CUES, map(float, row), strict=True)) for place, row in enumerate(drawn.cues)
    }
    return replace(found, picture_attributes=gather_attributes({one: values[one[:3]] for one in found.stimuli}))


def measure(ratings):
    return MEASURE.measure(Asked(ratings, ratings, ratings, "", 0, 0))


def study(people=40, clips=32, each=16, seed=5):
    return draw(np.random.default_rng(seed), people, clips, each, SEEN)


@pytest.mark.parametrize("music", [None, {0: "joy", 1: "fear"}], ids=["alone", "each with two pieces"])
def test_every_number_is_that_of_the_second_implementation(music):
    drawn = study(people=20)
    answers = told(drawn, music)
    ratings = ratings_of(answers, drawn)
    frame = pd.DataFrame([{name: getattr(one, name) for name in COLUMNS} for one in answers]).rename(columns=COLUMNS)
    measured = {
        name: dict(zip(ratings.picture_attributes.names, row, strict=True))
        for name, row in zip(ratings.picture_attributes.stimuli, ratings.picture_attributes.values, strict=True)
    }
    expected = again.pictures(frame, measured, sorted(PICTURE_CUES), list(EMOTIONS))
    assert (expected["clips"], len(expected["emotions"][0]["cues"])) == (32, 8)
    assert compare(msgspec.to_builtins(measure(ratings)), expected) == []


def test_known_weights_are_found_and_intervals_hold_them():
    """40 studies of 60 people and 48 pictures, shown with music of any emotion, which nobody goes by."""
    covariance, inside, signs = truth(20, SEEN, 20_000), [], []
    for seed in range(40):
        drawn = study(people=60, clips=48, each=20, seed=seed)
        found = measure(ratings_of(told(drawn, {0: "joy", 1: "fear"}), drawn))
        for place, one in enumerate(found.emotions):
            sides = truth_of(covariance, SEEN, place, found.penalty, 8)[:2]
            by_name = {cue.cue: cue for cue in one.cues}
            for at, name in enumerate(PICTURE_CUES):
                for weight, side in zip((by_name[name].validity, by_name[name].utilisation), sides, strict=True):
                    inside.append(weight.interval[0] <= side[at] <= weight.interval[1])
                if abs(SEEN.heard[place, at]) >= 0.8:
                    signs.append(np.sign(by_name[name].utilisation.estimate) == np.sign(SEEN.heard[place, at]))
    assert 0.92 <= np.mean(inside) <= 0.98
    assert np.mean(signs) > 0.99


def test_a_picture_counts_once_whatever_plays_with_it_and_by_its_own_emotion():
    """Answers to both clips of a picture are its judgement; what the music was made for changes nothing."""
    drawn = study()
    alone, both = (measure(ratings_of(told(drawn, music), drawn)) for music in (None, {0: "joy", 1: "fear"}))
    assert (both.clips, [one.clips for one in both.emotions]) == (32, [8] * 4)
    assert compare(*(msgspec.to_builtins(one.emotions) for one in (both, alone))) == []
    readings = [sorted((one.clip[:3], one.heard, one.answers) for one in found.readings) for found in (both, alone)]
    assert readings[0] == readings[1]


@pytest.mark.parametrize(("two", "clips"), [(2, 6), (8, 0)])
def test_pictures_of_several_emotions_are_left_out_and_counted(two, clips):
    answers = [
        Rating(f"L{person}", f"P{place}-{music}", "", music, said, picture=own, music=music, picture_id=f"P{place}")
        for person in range(10)
        for place in range(8)
        for music in ("fear", "joy")
        for own in [music if place < two else ("fear", "joy")[place % 2]]
        for said in [("fear", "joy")[(person + place) % 3 == 0]]
    ]
    light = {f"P{place}-{music}": {"brightness": place / 10} for place in range(8) for music in ("fear", "joy")}
    ratings = replace(collect(answers, ["fear", "joy"]), picture_attributes=gather_attributes(light))
    found = MEASURE.measure(Asked(ratings, ratings, ratings, "", 0, 0))
    assert (found.clips, found.clips_left_out) == (clips, two)
    assert found.reason == (None if clips else pictures.SEVERAL_EMOTIONS)
    assert f"{two} pictures without all of the cues or with several emotions" in MEASURE.tables(found)[0].notes[0]


def test_music_alone_has_no_lens_of_pictures():
    drawn = study()
    assert measure(ratings_of(told(drawn, presentation="music_only"), drawn)) is None
    assert measure(collect(told(drawn), EMOTIONS)) is None


def test_a_picture_whose_emotion_was_not_offered_is_left_out():
    drawn = study()
    answers = [
        replace(one, picture="pride") if one.picture == "awe" else one for one in told(drawn, {0: "joy", 1: "fear"})
    ]
    found = measure(ratings_of(answers, drawn))
    assert (found.clips, [one.emotion for one in found.emotions]) == (24, ["fear", "joy", "sadness"])


@pytest.mark.parametrize(
    ("clips", "reason"), [(15, "not defined: weights need at least 4 pictures of the emotion"), (16, None)]
)
def test_below_four_pictures_of_an_emotion_there_are_no_weights(clips, reason):
    """Two clips of one picture are one."""
    drawn = study(clips=clips, each=12)
    last = measure(ratings_of(told(drawn, {0: "joy", 1: "fear"}), drawn)).emotions[-1]
    assert (bool(last.cues), last.reason) == (reason is None, reason)


def test_tables_and_sentences_speak_of_pictures_and_of_the_music_that_plays_with_them():
    drawn = study()
    shown = show(MEASURE, measure(ratings_of(told(drawn), drawn)))
    assert [table.name for table in shown.tables] == [
        *("picture_lens", "picture_lens_taken", "picture_lens_cues", "picture_lens_correlations"),
        "picture_lens_pictures",
    ]
    assert [plot.name.removeprefix("picture-lens-") for plot in shown.plots] == ["awe", "fear", "other-1", "sadness"]
    assert {(plot.sender, plot.receiver) for plot in shown.plots} == {("Pictures", "Viewers")}
    assert shown.paragraph.startswith("Of what is seen, achievement r_a was largest for ")
    assert shown.paragraph.endswith(BOTH_ACT)
    said = " ".join([shown.paragraph, *(f"{one.title} {one.caption} {one.header}" for one in shown.tables)])
    assert not [word for word in ("clips", "omposer", "isteners", "heard") if word in said]


def test_examples():
    assert doctest.testmod(pictures).failed == 0

"""New − old targets: right against a second reckoning, as a primary measure, and how often intervals hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from survey.analysis import comparisons
from survey.analysis.old_and_new import compare_targets, compare_targets_by_emotion, side_codes
from survey.analysis.planned import FEWEST_OF_A_SIDE, NEW_TARGETS, PLANNED, define_primary, planned_cells
from survey.analysis.primary import Plan, measure_primary
from survey.analysis.primary_words import REST, WITHOUT_RESULT, say_primary
from survey.analysis.ratings import Rating, Ratings, collect
from tests.survey.recomputed.effects import compare

EMOTIONS = ("fear", "awe", "anger", "sadness")
PLAN = Plan("2026-01-01 12:00 UTC", cell=NEW_TARGETS)


def study(
    seed: int,
    *,
    people: int = 40,
    clips: int = 32,
    each: int = 16,
    gain: float = 0.2,
    presentation: str = "music_only",
    left_out: int = 0,
) -> Ratings:
    """People hear clips of both sides (evenly), with tastes of their own; some clips are easier than others."""
    dice = np.random.default_rng(seed)
    ease = dice.normal(0, 0.1, (2, clips))
    rows = []
    for person in range(people):
        taste = dice.normal(0, 0.05)
        for side, name in enumerate(("old", "new")):
            for clip in dice.choice(clips, each // 2, replace=False):
                emotion = EMOTIONS[clip % len(EMOTIONS)]
                right = dice.random() < np.clip(0.4 + gain * side + taste + ease[side, clip], 0.02, 0.98)
                chosen = emotion if right else next(one for one in EMOTIONS if one != emotion)
                stimulus = f"{presentation} {name} {clip}"
                included = person >= left_out
                rows.append(
                    Rating(f"P{person}", stimulus, "", emotion, chosen, presentation=presentation, included=included)
                )
    found = collect(rows, choices=EMOTIONS)
    return replace(found, sides={name: name.split()[1] for name in found.stimuli})


def as_frame(ratings: Ratings) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "hit": ratings.hits.astype(float),
            "intended": [ratings.emotions[code] for code in ratings.intended],
            "participant": ratings.participant,
            "piece": ratings.stimulus,
            "side": [ratings.sides.get(ratings.stimuli[code], "") for code in ratings.stimulus],
        }
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_difference_is_that_of_a_second_reckoning(seed):
    ratings = study(seed)
    found, again = compare_targets(ratings), compare(as_frame(ratings), "side", "new", "old", 0.1)
    assert (found.n_a, found.n_b) == (again["n_a"], again["n_b"]) == (320, 320)
    for name in ("share_a", "share_b", "difference", "error", "degrees", "p_value", "equivalence_p", "power"):
        assert getattr(found, name) == pytest.approx(again[name], rel=1e-9), name
    assert found.interval == pytest.approx(tuple(again["interval"]))


def test_a_clip_on_neither_side_counts_nowhere():
    ratings = study(1)
    gone = [name for name in ratings.stimuli if name.endswith("7")]
    less = replace(ratings, sides={name: side for name, side in ratings.sides.items() if name not in gone})
    frame = as_frame(less)
    again = compare(frame[frame["side"] != ""], "side", "new", "old", 0.1)
    assert compare_targets(less).difference == pytest.approx(again["difference"])
    assert set(side_codes(less).tolist()) == {-1, 0, 1}


def test_heard_in_two_cells_each_emotion_of_each_cell_has_the_same_weight():
    """Twice as many answers to music alone, where the gain is none, do not outweigh those to pairs."""
    alone, paired = study(1, gain=0.0), study(2, people=20, gain=0.4, presentation="picture_and_music")
    frames = [as_frame(alone), as_frame(paired)]
    both = _joined(alone, paired)
    frame = pd.concat([frames[0], frames[1].assign(intended="pair " + frames[1]["intended"])])
    expected = frame.groupby(["intended", "side"])["hit"].mean().unstack()
    assert compare_targets(both).difference == pytest.approx(float((expected["new"] - expected["old"]).mean()))


def _joined(*parts: Ratings) -> Ratings:
    rows = []
    for part in parts:
        shown = part.factors["presentation"]
        rows += [
            Rating(
                part.participants[part.participant[i]],
                part.stimuli[part.stimulus[i]],
                "",
                part.emotions[part.intended[i]],
                part.choices[part.chosen[i]],
                presentation=shown.levels[shown.codes[i]],
                matching="matched" if shown.levels[shown.codes[i]] == "picture_and_music" else "",
            )
            for i in range(len(part))
        ]
    found = collect(rows, choices=EMOTIONS)
    return replace(found, sides={name: name.split()[1] for name in found.stimuli})


def test_every_emotion_has_its_difference_with_holm_over_all():
    ratings = study(4)
    found = compare_targets_by_emotion(ratings)
    frame = as_frame(ratings)
    assert found.keys() == set(EMOTIONS)
    for name, one in found.items():
        again = compare(frame[frame["intended"] == name], "side", "new", "old", 0.1)
        assert (one.difference, one.p_value) == pytest.approx((again["difference"], again["p_value"]))
    least = min(found.values(), key=lambda one: one.p_value)
    assert least.p_holm == pytest.approx(4 * least.p_value)


def test_as_a_plans_primary_measure_it_is_the_same_without_correction():
    ratings = study(5)
    found, again = measure_primary(ratings, PLAN), compare_targets(ratings)
    assert (found.kind, found.estimate, found.interval) == ("difference", again.difference, again.interval)
    assert (found.p_value, found.degrees, found.n) == (again.p_value, again.degrees, 640)
    first, last = say_primary(found)
    assert first.startswith(
        "Primary measure, as planned – new targets − old targets: the intended emotion was picked in"
    )
    assert "two-sided p" in first
    assert "640 answers of 40 people" in first
    assert last == REST


def test_whom_the_planned_rules_leave_out_is_left_out():
    ratings = study(6, left_out=3)
    found = measure_primary(ratings, replace(PLAN, has_rules=True))
    assert (found.left_out, found.participants) == (3, 37)
    assert found.estimate == compare_targets(ratings.select(ratings.included)).difference


def test_without_clips_of_both_targets_there_is_no_result():
    ratings = study(7)
    for sides in ({}, dict.fromkeys(ratings.stimuli, "new")):
        first, last = say_primary(measure_primary(replace(ratings, sides=sides), PLAN))
        assert "targets has no answers" in first
        assert last == WITHOUT_RESULT


@pytest.mark.parametrize(("clips", "has_interval"), [(4, True), (3, False)])
def test_four_clips_of_a_side_are_the_fewest(clips, has_interval):
    ratings = study(8)
    ratings = replace(ratings, intended=np.zeros_like(ratings.intended))
    kept = [f"music_only new {clip}" for clip in range(clips)]
    sides = {name: side for name, side in ratings.sides.items() if side == "old" or name in kept}
    assert (compare_targets(replace(ratings, sides=sides)).interval is not None) == has_interval
    assert FEWEST_OF_A_SIDE == comparisons.FEWEST_CLIPS == 4


def test_a_plan_can_name_it_and_says_how_it_is_computed():
    assert PLANNED[NEW_TARGETS].startswith("Difference: Clips for new targets − clips for old targets")
    assert planned_cells(NEW_TARGETS) == ()
    told = define_primary(NEW_TARGETS)
    for words in ("only fresh clips count", "emotion by emotion", "two-sided t test", "α = .05"):
        assert words in told
    assert define_primary(NEW_TARGETS, yes_or_no=True) == "A difference is not computed where people say yes or no"


def test_the_interval_holds_the_true_gain_and_no_gain_is_seldom_found():
    """300 studies of 40 people and 32 clips of each side: 95 % intervals for new people and new clips."""
    held = found = 0
    for seed in range(300):
        one = compare_targets(study(1000 + seed, gain=0.15))
        held += one.interval[0] <= 0.15 <= one.interval[1]
        none = compare_targets(study(5000 + seed, gain=0.0))
        found += none.p_value < 0.05
    assert 0.92 <= held / 300 <= 0.985, held
    assert found / 300 <= 0.08, found

"""Attention trials: where they stand, what they play, what they ask for, and when they leave somebody out."""

import random
from collections import Counter
from itertools import pairwise

import pytest

from survey.design.attention import draw_clip, draw_instruction
from survey.design.ordering import plan_trials
from survey.design.quality import Judged, Rules, judge, read_rules

ANSWERS = ["awe", "fear", "joy", "anger"]


def answered(kind, chosen, expected="awe"):
    return Judged(kind, 1, chosen, expected, 0.1, played=0.0, measured=False)


@pytest.mark.parametrize("seed", range(200))
def test_they_stand_behind_the_first_main_trial_and_apart(seed):
    plan = plan_trials(main=6, practice=2, gold=1, repeats=2, attention=3, rng=random.Random(seed))
    places = [place for place, kind in enumerate(plan) if kind == "attention"]
    assert len(plan) == 14
    assert len(places) == 3
    assert places[0] > plan.index("main")
    assert all(later - earlier > 1 for earlier, later in pairwise(places))


def test_they_fall_everywhere_that_is_left():
    found = Counter(
        plan_trials(main=4, attention=1, rng=random.Random(seed)).index("attention") for seed in range(4000)
    )
    assert set(found) == {1, 2, 3, 4}
    assert min(found.values()) > 880  # of 1000 expected, four standard deviations


def test_where_there_are_too_few_others_they_stand_side_by_side():
    assert plan_trials(main=1, attention=3, rng=random.Random(1)) == ["main", *["attention"] * 3]


def test_plans_without_them_are_as_they_were():
    one, other = random.Random(5), random.Random(5)
    assert plan_trials(main=5, gold=2, repeats=1, rng=one) == plan_trials(
        main=5, gold=2, repeats=1, attention=0, rng=other
    )
    assert one.random() == other.random()


def test_every_answer_but_the_persons_own_is_asked_for_equally_often():
    rng = random.Random(3)
    found = Counter(draw_instruction(ANSWERS, "fear", rng) for _ in range(3000))
    assert set(found) == {"awe", "joy", "anger"}
    assert all(abs(number - 1000) < 110 for number in found.values())  # more than four standard deviations
    assert {draw_instruction(ANSWERS, "none", rng) for _ in range(300)} == set(ANSWERS)
    with pytest.raises(ValueError, match="besides the one"):
        draw_instruction(["yes"], "yes", rng)


def test_a_clip_that_was_met_twice_is_the_last_to_be_played_once_more():
    assert {draw_clip([1, 2, 3], [1, 3], 0, random.Random(seed)) for seed in range(20)} == {2}
    assert {draw_clip([1, 2, 3], [1, 2, 3], 0, random.Random(seed)) for seed in range(60)} == {1, 2, 3}


@pytest.mark.parametrize(("failed", "left_out"), [(0, False), (1, False), (2, True), (3, True)])
def test_who_failed_as_many_as_the_rule_says_is_left_out(failed, left_out):
    answers = [answered("attention", "fear" if place < failed else "awe") for place in range(3)]
    verdict = judge(answers, Rules(attention_failed=2))
    assert verdict.included is not left_out
    assert not left_out or verdict.reasons == (f"attention trials: {failed} of 3 not as asked for",)
    assert judge(answers, Rules()).included


def test_obeying_breaks_no_other_rule():
    """Quick, always the same, hardly heard: what an instruction asks for says nothing of how somebody judges."""
    strict = Rules(fastest_seconds=1.0, longest_run=1, listening_share=0.9, listening_measured=True)
    assert judge([answered("attention", "awe")] * 5, strict).included
    assert not judge([answered("main", "awe")] * 5, strict).included


def test_the_rule_is_read_as_a_study_stores_it():
    assert read_rules({"attention_failed": 2}).attention_failed == 2
    assert read_rules({}).attention_failed is None

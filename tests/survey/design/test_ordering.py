import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.design.ordering import plan_trials, shuffle_options

SLUGS = ["amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness", "none"]


@given(st.integers())
def test_shuffling_keeps_every_answer_and_leaves_none_last(seed):
    shuffled = shuffle_options(SLUGS, random.Random(seed))
    assert sorted(shuffled) == sorted(SLUGS)
    assert shuffled[-1] == "none"


def test_every_answer_comes_first_equally_often():
    rng = random.Random(5)
    first = Counter(shuffle_options(SLUGS, rng)[0] for _ in range(8000))
    # 8000 over eight: sd 29.6; 1000 ± 150 is five standard deviations.
    assert all(850 < first[slug] < 1150 for slug in SLUGS[:-1])


@given(st.integers(0, 30), st.integers(0, 5), st.integers(0, 6), st.integers(0, 6), st.integers())
def test_a_plan_has_what_was_asked_with_practice_first(main, practice, gold, repeats, seed):
    repeats = min(repeats, main)
    plan = plan_trials(main=main, practice=practice, gold=gold, repeats=repeats, rng=random.Random(seed))
    assert Counter(plan) == Counter({"main": main, "practice": practice, "gold": gold, "repeat": repeats})
    assert plan[:practice] == ["practice"] * practice


@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 6), st.integers())
def test_before_every_repeat_there_is_something_to_repeat(main, repeats, gold, seed):
    plan = plan_trials(main=main, gold=gold, repeats=min(repeats, main), rng=random.Random(seed))
    seen = Counter()
    for kind in plan:
        seen[kind] += 1
        assert seen["repeat"] <= seen["main"]


@pytest.mark.parametrize(
    ("numbers", "message"), [({"main": -1}, "negative"), ({"main": 1, "repeats": 2}, "more repeat")]
)
def test_impossible_plans_are_refused(numbers, message):
    with pytest.raises(ValueError, match=message):
        plan_trials(**numbers, rng=random.Random(0))

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.design.assignment import (
    Candidate,
    draw_cell,
    draw_least_filled,
    draw_repeat,
    lease_seconds,
    order_by_fill,
)

candidates = st.lists(
    st.builds(
        Candidate,
        key=st.integers(0, 10_000),
        load=st.integers(0, 50),
        answers=st.integers(0, 50),
        weight=st.floats(0.1, 10),
    ),
    min_size=1,
    max_size=30,
)


@given(candidates, st.integers())
def test_nothing_is_less_filled_than_what_is_drawn(offered, seed):
    drawn = draw_least_filled(offered, random.Random(seed))
    assert min(c.load / c.weight for c in offered) == drawn.load / drawn.weight


def test_ties_are_drawn_evenly():
    rng = random.Random(1)
    drawn = [draw_least_filled([Candidate(key, 3) for key in range(4)], rng).key for _ in range(4000)]
    # 4000 draws over four: a count beyond 1000 ± 110 has probability below 1 in 10,000 (binomial, sd 27).
    assert all(890 < drawn.count(key) < 1110 for key in range(4))


def test_among_equal_loads_the_one_with_fewer_answers_comes_first():
    offered = [Candidate(1, 5, answers=5), Candidate(2, 5, answers=3), Candidate(3, 5, answers=4)]
    assert draw_least_filled(offered, random.Random(0)).key == 2


def test_a_preferred_one_wins_a_tie_and_nothing_else():
    offered = [Candidate(1, 5), Candidate(2, 5), Candidate(3, 4)]
    assert draw_least_filled(offered, random.Random(0), preferred=[2]).key == 3
    assert {draw_least_filled(offered[:2], random.Random(seed), preferred=[2]).key for seed in range(50)} == {2}


@given(candidates, st.integers(), st.integers(0, 40))
def test_the_order_goes_from_the_least_filled_to_fuller_ones(offered, seed, number):
    order = order_by_fill(offered, random.Random(seed), number)
    fullness = [(c.load / c.weight, c.answers / c.weight) for c in order]
    assert fullness == sorted((c.load / c.weight, c.answers / c.weight) for c in offered)[:number]


def test_a_weight_of_two_gets_twice_the_answers():
    loads = {1: 0, 2: 0}
    rng = random.Random(2)
    for _ in range(300):
        offered = [Candidate(1, loads[1], loads[1], weight=2.0), Candidate(2, loads[2], loads[2])]
        loads[draw_least_filled(offered, rng).key] += 1
    assert loads == {1: 200, 2: 100}


def test_nothing_to_draw_is_none():
    assert draw_least_filled([], random.Random(0)) is None


def test_a_cell_is_needed():
    with pytest.raises(ValueError, match="at least one cell"):
        draw_cell([], random.Random(0))


@given(st.lists(st.integers(), unique=True, min_size=1), st.integers(0, 5), st.integers())
def test_a_repeat_is_an_earlier_one_as_old_as_wanted_where_there_is_one(earlier, distance, seed):
    drawn = draw_repeat(earlier, [], distance, random.Random(seed))
    place = earlier.index(drawn)
    assert place < max(len(earlier) - distance, 1)


def test_nothing_is_repeated_twice():
    assert draw_repeat([1, 2], [1, 2], 0, random.Random(0)) is None


@pytest.mark.parametrize(
    ("answers", "seconds", "expected"),
    [(0, 0.0, 900.0), (4, 160.0, 120.0), (1, 5000.0, 900.0), (100, 50.0, 1.5)],
)
def test_a_lease_is_three_usual_answers_and_never_longer_than_the_limit(answers, seconds, expected):
    assert lease_seconds(900.0, answers, seconds) == expected

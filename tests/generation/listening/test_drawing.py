"""Which clips are heard against each other."""

from __future__ import annotations

import doctest
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.listening import drawing
from generation.listening.drawing import Clip, DrawnPair, draw_pairs

EMOTIONS = ("awe", "fear", "sadness")


def clips(first: int, *emotions: str, heard: int = 0) -> list[Clip]:
    return [Clip(first + i, emotion, heard) for i, emotion in enumerate(emotions)]


def test_the_examples_hold() -> None:
    assert doctest.testmod(drawing).failed == 0


def test_pairs_are_of_one_emotion_as_long_as_there_are_clips_of_both_kinds() -> None:
    played, composed = clips(0, "awe", "awe", "fear"), clips(10, "awe", "fear", "fear", "joy")
    for seed in range(20):
        pairs = draw_pairs(played, composed, 2, Random(seed))
        assert sorted(pair.played.emotion for pair in pairs) == ["awe", "fear"]
        assert all(pair.same_emotion for pair in pairs)
        third = draw_pairs(played, composed, 3, Random(seed))
        assert Counter(pair.same_emotion for pair in third) == {True: 2, False: 1}


def test_emotions_come_in_turn_and_not_one_after_the_other() -> None:
    many = ["awe"] * 6 + ["fear"] * 6 + ["sadness"] * 6
    pairs = draw_pairs(clips(0, *many), clips(100, *many), 6, Random(1))
    assert Counter(pair.played.emotion for pair in pairs) == {"awe": 2, "fear": 2, "sadness": 2}


@pytest.mark.parametrize("seed", range(5))
def test_the_played_clip_is_first_in_half_of_the_pairs_and_not_in_turn(seed: int) -> None:
    many = ["awe"] * 40
    firsts = [pair.played_is_first for pair in draw_pairs(clips(0, *many), clips(100, *many), 40, Random(seed))]
    assert firsts.count(True) == 20
    assert firsts != sorted(firsts)
    assert firsts[::2] != firsts[1::2]


def test_in_an_odd_series_either_side_may_come_once_more() -> None:
    one = [draw_pairs(clips(0, "awe"), clips(9, "awe"), 1, Random(seed))[0].played_is_first for seed in range(40)]
    assert {True, False} == set(one)


def test_clips_that_were_heard_least_often_come_first() -> None:
    played = clips(0, "awe", "awe", heard=1) + clips(5, "awe")
    assert draw_pairs(played, clips(10, "awe", "awe"), 1, Random(3))[0].played.key == 5


def test_a_missing_kind_gives_no_pair() -> None:
    assert draw_pairs([], clips(0, "awe"), 5, Random(0)) == []
    assert draw_pairs(clips(0, "awe"), [], 5, Random(0)) == []


kinds = st.lists(st.sampled_from(EMOTIONS), max_size=12)


@given(kinds, kinds, st.integers(0, 15), st.integers(0, 99))
def test_no_clip_comes_twice_and_as_many_pairs_as_possible_do(
    ours: list[str], theirs: list[str], number: int, seed: int
) -> None:
    pairs: list[DrawnPair] = draw_pairs(clips(0, *ours), clips(100, *theirs), number, Random(seed))
    assert len(pairs) == min(number, len(ours), len(theirs))
    heard = [clip.key for pair in pairs for clip in (pair.played, pair.composed)]
    assert len(set(heard)) == len(heard)
    shared = sum(min(ours.count(emotion), theirs.count(emotion)) for emotion in EMOTIONS)
    assert sum(pair.same_emotion for pair in pairs) == min(shared, len(pairs))
    assert abs(2 * sum(pair.played_is_first for pair in pairs) - len(pairs)) <= 1

"""Targets and lures: even for everybody, even for every clip, other emotions named evenly, never the clip's own."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.design.lures import Had, draw_emotion, draw_lure, lures_for, right_answer

EMOTIONS = list("abcdefgh")


@given(st.integers(1, 40), st.integers(0, 2**32), st.lists(st.integers(-9, 9), min_size=40, max_size=40))
def test_whatever_the_clips_need_a_session_has_half_of_either_and_never_three_more_of_one(trials, seed, leads):
    rng, targets, lures = random.Random(seed), 0, 0
    for place in range(trials):
        clip = Had(max(leads[place], 0), max(-leads[place], 0))
        is_lure = draw_lure(Had(targets, lures), trials - place, clip, rng)
        targets, lures = targets + (not is_lure), lures + is_lure
        assert abs(targets - lures) <= 2
    assert abs(targets - lures) == trials % 2


def test_the_clip_gets_what_it_has_less_of_and_a_coin_decides_where_it_has_as_many():
    rng = random.Random(0)
    assert all(draw_lure(Had(2, 2), 6, Had(4, 3), rng) for _ in range(20))
    assert not any(draw_lure(Had(2, 2), 6, Had(3, 4), rng) for _ in range(20))
    # 4000 coins: beyond 2000 ± 130 with probability below 1 in 20,000 (binomial, sd 31.6).
    assert 1870 < sum(draw_lure(Had(2, 2), 6, Had(3, 3), rng) for _ in range(4000)) < 2130


def test_no_question_is_drawn_where_no_trial_is_left_and_no_emotion_where_there_is_none():
    with pytest.raises(ValueError, match="No trial is left"):
        draw_lure(Had(), 0, Had(), random.Random(0))
    with pytest.raises(ValueError, match="no emotion"):
        draw_emotion([], {}, {}, random.Random(0))


def test_a_lure_is_neither_the_musics_emotion_nor_the_pictures():
    assert lures_for(["b", "a", "a", "c"], {"a"}) == ["b", "c"]
    assert lures_for(["a", "b", "c"], {"a", "c"}) == ["b"]
    assert lures_for(["a", "b"], {"a", "b"}) == []


def take_part(people, clips, each, seed):
    """Clip → emotion → how often it was named, by people who come one after the other; the clips in turn."""
    rng = random.Random(seed)
    named = [Counter() for _ in range(clips)]
    for _ in range(people):
        order = sorted(range(clips), key=lambda clip: (named[clip].total(), rng.random()))[:each]
        rng.shuffle(order)
        lures, targets = Counter(), 0
        for place, clip in enumerate(order):
            own = EMOTIONS[clip % 8]
            of_clip = Had(named[clip][own], named[clip].total() - named[clip][own])
            if draw_lure(Had(targets, lures.total()), each - place, of_clip, rng):
                asked = draw_emotion(lures_for(EMOTIONS, {own}), named[clip], lures, rng)
                lures[asked] += 1
            else:
                asked, targets = own, targets + 1
            named[clip][asked] += 1
    return named


def test_over_people_every_clip_has_about_as_many_targets_as_lures_and_every_other_emotion_as_often():
    apart, uneven = Counter(), 0
    for seed in range(40):
        for clip, named in enumerate(take_part(25, 16, 8, seed)):
            own = EMOTIONS[clip % 8]
            apart[abs(2 * named[own] - named.total())] += 1
            others = [named[emotion] for emotion in EMOTIONS if emotion != own]
            uneven += max(others) - min(others) > 1
    assert uneven == 0
    shares = {lead: count / apart.total() for lead, count in apart.items()}
    # Measured .91 and .01; a coin gives .36 and .47.
    assert shares[0] + shares[1] > 0.88
    assert sum(share for lead, share in shares.items() if lead > 2) < 0.03


@pytest.mark.parametrize(
    ("intended", "asked", "right"),
    [("fear", "", "fear"), ("fear", "fear", "yes"), ("fear", "awe", "no"), ("awe", "awe", "yes")],
)
def test_right_is_the_emotion_where_people_choose_yes_to_a_target_and_no_to_a_lure(intended, asked, right):
    assert right_answer(intended, asked) == right

import random
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from survey.design.pairing import mismatch

emotions = st.lists(st.sampled_from(["fear", "awe", "anger", "sadness"]), min_size=2, max_size=30)


@given(emotions, st.integers())
def test_no_music_gets_a_picture_of_its_own_emotion(names, seed):
    assume(len(set(names)) > 1)
    assert all(names[picture] != names[music] for music, picture in enumerate(mismatch(names, random.Random(seed))))


@given(emotions, st.integers())
def test_every_picture_is_used_once_where_no_emotion_has_more_than_half(names, seed):
    assume(len(set(names)) > 1)
    assume(max(Counter(names).values()) <= len(names) / 2)
    assert sorted(mismatch(names, random.Random(seed))) == list(range(len(names)))


def test_the_combinations_of_eight_emotions_are_spread():
    names = [f"emotion{number % 8}" for number in range(56)]
    pictures = mismatch(names, random.Random(3))
    combinations = Counter((names[music], names[picture]) for music, picture in enumerate(pictures))
    # 56 pairs over 56 possible combinations: nearly each once.
    assert max(combinations.values()) <= 3


def test_one_emotion_alone_cannot_be_mismatched():
    with pytest.raises(ValueError, match="at least two emotions"):
        mismatch(["fear", "fear"], random.Random(0))


@given(emotions, emotions, st.integers())
def test_pictures_of_their_own_number_never_show_the_emotion_of_the_music(names, shown, seed):
    assume(len(set(shown)) > 1)
    chosen = mismatch(names, random.Random(seed), pictures=shown)
    assert all(shown[picture] != names[music] for music, picture in enumerate(chosen))
    assert len(chosen) == len(names)


def test_fewer_pictures_than_pieces_are_used_equally_often():
    names = ["fear", "awe", "anger", "sadness"] * 4
    chosen = mismatch(names, random.Random(5), pictures=["fear", "awe", "anger", "sadness"])
    assert Counter(chosen) == dict.fromkeys(range(4), 4)


def test_a_picture_of_the_musics_own_emotion_alone_cannot_be_shown():
    with pytest.raises(ValueError, match="at least two emotions"):
        mismatch(["fear", "awe"], random.Random(0), pictures=["fear", "fear"])

"""The control: answers tell nothing of the clips they are dealt to, also not by who heard what."""

from __future__ import annotations

import numpy as np
import pytest

from survey.teaching import Answers, fit, shuffle
from tests.survey.teaching import listening
from tests.survey.teaching.listening import ATTRIBUTES, EMOTIONS, SCALE


def lists_of(answers):
    """Answers of every person, each list sorted, the lists sorted."""
    return sorted(sorted(answers.choice[answers.person == one].tolist()) for one in np.unique(answers.person))


@pytest.fixture
def told():
    dice = np.random.default_rng(3)
    clips, _ = listening.clips_of(listening.table(), 40, dice)
    one = listening.listen(clips, listening.ears(), dice, people=20, trials=8)
    study = np.repeat([0, 1], 20)
    # Half of the people hear the first half of the clips, half the second.
    return Answers.of(clips, one.person, one.clip % 20 + 20 * (one.person % 2), one.choice, EMOTIONS, study)


def test_who_heard_which_clips_tells_nothing_either():
    """Everybody hears clips of one emotion only and says so: permuted within people all would stay as it is."""
    dice = np.random.default_rng(4)
    clips, meant = listening.clips_of(listening.table(), 40, dice)
    person = np.repeat(np.arange(80), 10)
    clip = np.concatenate([np.flatnonzero(meant == one % EMOTIONS) for one in range(80)])
    told = Answers.of(clips, person, clip, meant[clip], EMOTIONS)
    assert fit(told, listening.prior(), SCALE).evidence > 20
    right = []
    for seed in range(40):
        dealt = shuffle(told, np.random.default_rng(seed))
        right.append((dealt.choice == meant[dealt.clip]).mean())
        if seed < 4:
            assert not fit(dealt, listening.prior(), SCALE).tells
    # 80 whole lists at 1 in 4: ±.048 for one draw, ±.008 for the mean of 40.
    assert np.mean(right) == pytest.approx(0.25, abs=0.03)


def test_what_a_person_answered_stays_together_and_studies_do_not_mix(told):
    dealt = shuffle(told, np.random.default_rng(5))
    assert lists_of(dealt) == lists_of(told)
    for study in (0, 1):
        rows = told.study == study
        np.testing.assert_array_equal(dealt.chosen[rows].sum(axis=0), told.chosen[rows].sum(axis=0))
    np.testing.assert_array_equal(dealt.chosen.sum(axis=1), told.chosen.sum(axis=1))
    np.testing.assert_array_equal(dealt.attributes, told.attributes)
    assert (dealt.choice != told.choice).mean() > 0.5


def test_counts_alone_keep_their_margins(told):
    counts = Answers(told.attributes, told.chosen, told.study)
    dealt = shuffle(counts, np.random.default_rng(6))
    assert dealt.person is None
    np.testing.assert_array_equal(dealt.chosen.sum(axis=1), told.chosen.sum(axis=1))
    np.testing.assert_array_equal(dealt.chosen[:20].sum(axis=0), told.chosen[:20].sum(axis=0))
    assert (dealt.chosen != told.chosen).any()


def test_people_who_answered_unequally_often_lose_no_answer():
    told = Answers.of(np.zeros((3, ATTRIBUTES)), [0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 2], EMOTIONS)
    seen = set()
    for seed in range(60):
        dealt = shuffle(told, np.random.default_rng(seed))
        assert sorted(dealt.choice.tolist()) == [0, 0, 0, 1, 1, 2]
        assert dealt.chosen.sum(axis=1).tolist() == [2, 2, 2]
        seen.add(tuple(dealt.choice.tolist()))
    assert len(seen) == 6  # every order of the three lists


def test_a_seed_gives_the_same_control(told):
    one, other = (shuffle(told, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.choice, other.choice)


def test_nothing_to_shuffle_is_no_error():
    nothing = Answers.of(np.empty((0, ATTRIBUTES)), [], [], [], EMOTIONS)
    assert shuffle(nothing, np.random.default_rng(0)).chosen.shape == (0, EMOTIONS)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (([0], [2], [0]), "no clip"),
        (([0], [0], [EMOTIONS]), "no choice"),
        (([0, 1], [0], [0]), "as many people"),
        (([0], [-1], [0]), "no clip"),
    ],
)
def test_answers_to_no_clip_and_no_choice_are_refused(codes, said):
    person, clip, choice = map(np.array, codes)
    counts = np.zeros((2, EMOTIONS), int)
    with pytest.raises(ValueError, match=said):
        Answers(np.zeros((2, ATTRIBUTES)), counts, np.zeros(2, int), person, clip, choice)


def test_counts_that_are_not_those_of_the_answers_are_refused():
    with pytest.raises(ValueError, match="add up"):
        Answers(np.zeros((2, 1)), np.eye(2), np.zeros(2), np.array([0]), np.array([0]), np.array([0]))
    with pytest.raises(ValueError, match="person, clip and choice"):
        Answers(np.zeros((2, 1)), np.eye(2), np.zeros(2), person=np.array([0]))
    with pytest.raises(ValueError, match="0 or more"):
        Answers(np.zeros((2, 1)), -np.eye(2), np.zeros(2))

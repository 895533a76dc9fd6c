"""Comparisons of composers: emotion by emotion, each with its own clips."""

import numpy as np
import pytest

from survey.analysis.comparisons import compare_shares
from survey.analysis.contrasts import Contrast
from tests.survey.analysis.listeners import logistic


def clips_of(*numbers):
    """Emotion of every clip, `numbers[e]` clips of emotion e."""
    return np.concatenate([np.full(number, emotion) for emotion, number in enumerate(numbers)])


def draw(generator, people, emotions_a, emotions_b, *, effect=0.0, clip_spread=0.8, own_taste=0.3):
    """Two composers with clips of these emotions; emotions differ, people differ, people like one composer more."""
    emotion = np.concatenate([emotions_a, emotions_b])
    composer = np.repeat([0, 1], [len(emotions_a), len(emotions_b)])
    level = np.linspace(-1, 1, emotion.max() + 1) if emotion.max() else np.zeros(1)
    ease = level[emotion] + generator.normal(0, clip_spread, emotion.size) + effect * (composer == 0)
    taste = generator.normal(0, 0.5, people)[:, None] + generator.normal(0, own_taste, (people, 2))
    participant, clip = np.repeat(np.arange(people), emotion.size), np.tile(np.arange(emotion.size), people)
    hits = generator.random(clip.size) < logistic(ease[clip] - 0.3 + taste[participant, composer[clip]])
    return hits, participant, clip, emotion[clip], composer[clip]


def compare(answers):
    hits, people, clips, emotions, composer = answers
    return compare_shares(hits, composer == 0, composer == 1, people, clips, strata=emotions)


def share_of_rejections(people, emotions_a, emotions_b, studies, seed=0):
    generator = np.random.default_rng(seed)
    return np.mean([compare(draw(generator, people, emotions_a, emotions_b)).p_value < 0.05 for _ in range(studies)])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (clips_of(4), clips_of(12)),
        (clips_of(9, 3), clips_of(3, 9)),
        (np.arange(8), np.arange(8)),
        (np.arange(8), np.arange(24) % 8),
    ],
    ids=["4 against 12", "other mixes of emotions", "one clip per emotion", "8 against 24"],
)
def test_without_a_difference_one_study_in_twenty_finds_one(a, b):
    assert share_of_rejections(30, a, b, studies=200) <= 0.10  # .05 ± 3 standard errors


def test_another_mix_of_emotions_is_no_difference_between_composers():
    """Fear is easy, awe hard, both composers alike: 9 fear and 3 awe against 3 and 9."""
    emotion = np.concatenate([clips_of(9, 3), clips_of(3, 9)])
    composer = np.repeat([0, 1], 12)
    people, clip = np.repeat(np.arange(20), 24), np.tile(np.arange(24), 20)
    hits = (people * 7 + clip * 3) % 10 < np.where(emotion[clip] == 0, 9, 1)
    raw = hits[composer[clip] == 0].mean() - hits[composer[clip] == 1].mean()
    found = compare((hits, people, clip, emotion[clip], composer[clip]))
    assert raw == pytest.approx(0.4, abs=0.02)
    assert found.difference == pytest.approx(0.0, abs=0.02)
    assert found.p_value > 0.2


def test_emotions_of_one_composer_alone_are_left_out():
    answers = draw(np.random.default_rng(0), 10, clips_of(4, 4, 0), clips_of(4, 0, 4))
    found = compare(answers)
    assert (found.n_a, found.n_b) == (40, 40)


@pytest.mark.parametrize(("clips", "tested"), [(3, False), (4, True)])
def test_fewer_than_four_clips_have_a_difference_and_no_test(clips, tested):
    found = compare(draw(np.random.default_rng(0), 12, clips_of(clips), clips_of(14)))
    assert found.difference is not None
    assert (found.p_value is not None, found.interval is not None) == (tested, tested)
    assert (
        tested
        or found.reason == "interval not defined: a has 3 clips; it needs at least 4 to say how much clips differ"
    )


@pytest.mark.parametrize(
    ("a", "b", "part"),
    [
        (clips_of(3, 3), clips_of(3, 3), "within emotions"),  # 4 degrees of freedom in each group
        (clips_of(3, 2), clips_of(3, 3), "within emotions"),  # 3: the fewest
        (clips_of(2, 2), clips_of(3, 3), "around the mean"),  # 2
        (clips_of(2, 1, 1), clips_of(3, 3, 3), "around the mean"),  # three emotions are too few to stand in
        (clips_of(1, 1, 1, 1), clips_of(2, 2, 2, 2), "emotions"),  # four are enough
        (clips_of(2, 2, 2, 1), clips_of(2, 2, 2, 2), "within emotions"),  # 3 degrees, as many as the emotions have
    ],
)
def test_what_tells_how_much_clips_differ_depends_on_the_design_alone(a, b, part):
    hits, people, clips, emotions, composer = draw(np.random.default_rng(2), 20, a, b)
    contrast = Contrast.of(hits.astype(float), composer == 0, people, clips, emotions)
    degrees = [df for _, df in contrast._between_clips(contrast._clips())]
    number = max(a) + 1
    expected = {
        "within emotions": [a.size - number, b.size - number],
        "around the mean": [a.size - 1, b.size - 1],
        "emotions": [number - 1],
    }
    assert degrees == expected[part]


def test_a_true_difference_is_found():
    found = compare(draw(np.random.default_rng(1), 60, np.arange(16) % 8, np.arange(16) % 8, effect=2.0))
    assert found.p_value < 0.001
    assert found.difference > 0.25


def test_degrees_of_freedom_are_satterthwaites():
    """Two groups of clips without noise of people: Welch's t test of the clips' means."""
    from scipy.stats import ttest_ind

    generator = np.random.default_rng(4)
    a, b = generator.integers(20, 60, 5), generator.integers(20, 80, 9)  # hits of 100 people
    people, clip = np.repeat(np.arange(100), 14), np.tile(np.arange(14), 100)
    rank = np.stack([generator.permutation(100) for _ in range(14)])
    hits = rank[clip, people] < np.concatenate([a, b])[clip]
    found = compare((hits, people, clip, np.zeros(clip.size, int), (clip >= 5).astype(int)))
    welch = ttest_ind(a / 100, b / 100, equal_var=False)
    assert found.degrees == pytest.approx(welch.df, rel=0.15)
    assert found.p_value == pytest.approx(welch.pvalue, abs=0.03)


def test_clips_heard_in_both_groups_are_compared_with_themselves():
    """One piece with and without a picture: its own ease cancels."""
    generator = np.random.default_rng(5)
    ease = generator.normal(0, 1.5, 12)
    people, clip = np.repeat(np.arange(40), 24), np.tile(np.arange(12), 80)
    shown = np.tile(np.repeat([0, 1], 12), 40)
    hits = generator.random(960) < logistic(ease[clip])
    found = compare_shares(hits, shown == 0, shown == 1, people, clip)
    apart = compare_shares(hits, shown == 0, shown == 1, people, clip + 12 * shown)
    assert found.error < 0.5 * apart.error


def test_the_same_pieces_on_both_sides_with_one_per_emotion_still_differ():
    """Each piece is its emotion's mean: its differences between the sides are compared with each other instead."""
    people, clips, shown = (part.ravel() for part in np.indices((40, 8, 2)))
    generator = np.random.default_rng(3)
    ease = generator.normal(0, 1.5, (2, 8))
    hits = generator.random(people.size) < 1 / (1 + np.exp(-ease[shown, clips]))
    found = compare_shares(hits, shown == 0, shown == 1, people, clips, strata=clips)
    means = np.array([[hits[(clips == c) & (shown == s)].mean() for c in range(8)] for s in (0, 1)])
    between = np.sqrt((means[0] - means[1]).var(ddof=1) / 8)
    assert found.error >= between * 0.99


# --- conditions that different people heard ---


def heard_by_others(people_a, people_b, *, spread_a=0.8, spread_b=0.8, seed=0):
    """Twelve clips of three emotions heard by everybody; the people of the two sides differ, their means do not."""
    generator = np.random.default_rng(seed)
    side = np.repeat([0, 1], [people_a, people_b])
    taste = generator.normal(0, 1, side.size) * np.where(side == 0, spread_a, spread_b)
    people, clip = np.repeat(np.arange(side.size), 12), np.tile(np.arange(12), side.size)
    hits = generator.random(people.size) < logistic(taste[people] + generator.normal(0, 0.8, 12)[clip])
    return compare_shares(hits, side[people] == 0, side[people] == 1, people, clip, strata=clip % 3)


def test_few_people_on_one_side_are_as_uncertain_as_they_are_few():
    """5 people who differ much against 40 who hardly do; with one variance for all 45 it was .12."""
    p = [heard_by_others(5, 40, spread_a=1.2, spread_b=0.2, seed=seed).p_value for seed in range(300)]
    assert np.mean(np.array(p) < 0.05) <= 0.09  # .05 ± 3 standard errors


@pytest.mark.parametrize(("people", "said"), [(1, "one person"), (4, "4 people"), (5, "")])
def test_fewer_than_five_people_on_a_side_have_a_difference_and_no_test(people, said):
    for found, name in ((heard_by_others(people, 30), "a"), (heard_by_others(30, people), "b")):
        assert found.difference is not None
        assert (found.p_value is None) == (found.interval is None) == bool(said)
        reason = f"interval not defined: {name} has {said}; it needs at least 5 to say how much people differ"
        assert found.reason == (reason if said else "")


def test_people_of_two_sides_who_hear_clips_that_do_not_differ_are_compared_as_welch_does():
    """Every clip has as many hits on a side as every other: what is left is people, and Welch's t of their shares."""
    from scipy.stats import ttest_ind

    shares = [np.array([0, 6, 6, 12, 12, 12]), np.array([0, 6, 6, 6, 0, 0, 12, 6, 0])]
    people, clip = np.repeat(np.arange(15), 12), np.tile(np.arange(12), 15)
    turn = np.concatenate([(np.cumsum(one == 6) - 1) % 2 for one in (shares[0], shares[1])])
    hits = np.where(np.concatenate(shares)[people] == 6, clip % 2 == turn[people], np.concatenate(shares)[people] == 12)
    found = compare_shares(hits, people < 6, people >= 6, people, clip)
    welch = ttest_ind(shares[0] / 12, shares[1] / 12, equal_var=False)
    assert found.error == pytest.approx(found.difference / welch.statistic)
    assert (found.degrees, found.p_value) == (pytest.approx(welch.df), pytest.approx(welch.pvalue))

"""Is an emotion recognised: its chance, its test, its interval."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from survey.analysis.guessing import guess_shares
from survey.analysis.pooling import pooled_intervals
from survey.analysis.recognition import Recognition, chance_of, recognise_emotions
from tests.survey.analysis.listeners import EMOTIONS, draw_guesses, draw_hits, true_shares

TWO_EACH, THREE_EACH = np.arange(16) % EMOTIONS, np.arange(24) % EMOTIONS
EVERYBODY_LIKES_THE_LAST = np.array([0.0] * 7 + [2.0])


def recognise(answers, emotion_of_clip, **options):
    chosen, people, clips = answers
    return recognise_emotions(people, clips, emotion_of_clip[clips], chosen, EMOTIONS, **options)


def test_a_liked_answer_is_no_recognition_and_one_in_eight_is_not_its_chance():
    generator = np.random.default_rng(1)
    rejected = np.zeros(EMOTIONS)
    for seed in range(200):
        found = recognise(
            draw_guesses(generator, 20, TWO_EACH, EVERYBODY_LIKES_THE_LAST), TWO_EACH, replicates=99, seed=seed
        )
        rejected += [emotion.p_value <= 0.05 for emotion in found]
    assert found[-1].recall > 0.3  # far above one in eight, and nothing was heard
    assert abs(found[-1].difference) < 0.2
    assert (rejected / 200 < 0.10).all()
    assert rejected.mean() / 200 < 0.055


def test_holm_keeps_the_family_of_emotions_at_five_per_cent():
    generator = np.random.default_rng(2)
    families = [
        any(
            e.is_recognised
            for e in recognise(
                draw_guesses(generator, 12, THREE_EACH, np.zeros(8), each=12), THREE_EACH, replicates=399, seed=seed
            )
        )
        for seed in range(100)
    ]
    assert np.mean(families) <= 0.1


def test_what_the_clips_carry_is_found():
    generator = np.random.default_rng(3)
    found = recognise(draw_guesses(generator, 30, THREE_EACH, EVERYBODY_LIKES_THE_LAST, carried=2.0), THREE_EACH)
    assert all(emotion.is_recognised for emotion in found)


def test_a_perfectly_recognised_emotion_is_testable():
    people, clips = np.repeat(np.arange(10), 24), np.tile(np.arange(24), 10)
    found = recognise((THREE_EACH[clips], people, clips), THREE_EACH)
    assert [emotion.recall for emotion in found] == [1.0] * 8
    assert [emotion.chance for emotion in found] == [0.0] * 8
    assert all(emotion.p_holm == pytest.approx(8 / math.comb(24, 3)) for emotion in found)


def test_too_few_clips_cannot_show_an_emotion_and_the_smallest_p_says_so():
    people, clips = np.repeat(np.arange(10), 16), np.tile(np.arange(16), 10)
    found = recognise((TWO_EACH[clips], people, clips), TWO_EACH)
    assert found[0].smallest_p == 1 / math.comb(16, 2) == pytest.approx(1 / 120)
    assert found[0].p_value == pytest.approx(1 / 120)
    assert found[0].p_holm > 0.05


@pytest.mark.parametrize(("clips", "exact"), [(40, True), (41, False)])
def test_every_way_is_gone_through_up_to_ten_thousand(clips, exact):
    """Three of 40 clips can be chosen in 9,880 ways, three of 41 in 10,660."""
    people, clip = np.repeat(np.arange(4), clips), np.tile(np.arange(clips), 4)
    intended = (clip >= 3).astype(int)
    found = recognise_emotions(people, clip, intended, intended, 2, replicates=99)[0]
    assert found.smallest_p == (1 / math.comb(clips, 3) if exact else 1 / 100)


@pytest.mark.parametrize(("p_holm", "recognised"), [(0.0499, True), (0.05, False), (None, None)])
def test_an_emotion_is_recognised_below_five_per_cent(p_holm, recognised):
    assert Recognition(3, 30, p_holm=p_holm).is_recognised is recognised


def test_chance_is_what_the_same_listeners_say_to_other_clips():
    """Listener 0 heard the emotion twice and says it to half of the other clips, listener 1 once and never."""
    people = np.array([0, 0, 0, 0, 1, 1, 1])
    intended = np.array([0, 0, 1, 1, 0, 1, 1])
    chosen = np.array([0, 1, 0, 1, 0, 1, 1])
    found = chance_of(people, intended, chosen, 0)
    assert found.share == pytest.approx((2 * 0.5 + 1 * 0.0) / 3)
    assert found.n == 4


def test_a_chance_of_nothing_in_a_few_answers_has_an_interval_that_says_so():
    """0 of 6 answers: Wilson's upper end is z² / (6 + z²) = .390."""
    people, intended = np.repeat([0, 1], 4), np.tile([0, 1, 1, 1], 2)
    found = recognise_emotions(people, np.tile(np.arange(4), 2), intended, np.ones(8, int), 2, replicates=0)[0]
    assert (found.chance, found.chance_n) == (0.0, 6)
    assert found.chance_interval == (0.0, pytest.approx(1.959964**2 / (6 + 1.959964**2)))


def test_listeners_who_count_more_make_chance_less_certain():
    """Weights 2, 2, 1, 1 of four answers: as certain as 36 / 10 = 3.6 equal ones."""
    people, intended = np.array([0] * 6 + [1] * 4), np.array([0, 0, 0, 0, 1, 1, 0, 0, 1, 1])
    chosen = np.where(people == 0, 0, 1)
    found = chance_of(people, intended, chosen, 0)
    share, square = 2 / 3, 1.959964**2
    middle = (share + square / 7.2) / (1 + square / 3.6)
    assert (found.share, sum(found.interval) / 2) == (pytest.approx(share), pytest.approx(middle))


def test_without_other_clips_there_is_no_chance_and_no_test():
    found = recognise_emotions(np.array([0, 1]), np.array([0, 1]), np.zeros(2, int), np.zeros(2, int), 2)[0]
    assert (found.recall, found.chance, found.p_value) == (1.0, None, None)
    assert "the same intended emotion" in found.reasons["chance"]


def test_one_clip_per_emotion_says_nothing_about_new_clips():
    people, clips = np.repeat(np.arange(10), 8), np.tile(np.arange(8), 10)
    found = recognise((clips, people, clips), np.arange(8))
    assert found[0].new_clips is None
    assert "one clip per emotion" in found[0].reasons["participants_stimuli"]


def coverage(people, emotion_of_clip, level, studies, seed, each=None):
    generator, truth = np.random.default_rng(seed), true_shares(level)
    covered, widths = [], []
    for _ in range(studies):
        hits, participant, clip = draw_hits(generator, people, emotion_of_clip, level, each=each)
        intervals = pooled_intervals(hits, participant, clip, emotion_of_clip[clip], EMOTIONS).new_clips
        covered += [low <= share <= high for (low, high), share in zip(intervals, truth, strict=True)]
        widths += [(high - low) / 2 for low, high in intervals]
    return np.mean(covered), np.mean(widths)


def test_the_pooled_interval_covers_with_two_or_three_clips_and_says_something():
    level = np.linspace(-1.5, 0.5, EMOTIONS)
    for clips, most in ((TWO_EACH, 0.30), (THREE_EACH, 0.22)):
        covered, width = coverage(30, clips, level, studies=60, seed=5)
        assert 0.92 <= covered <= 0.985
        assert width < most


def test_without_pooling_two_clips_would_say_nothing():
    """The plain interval of one emotion's two clips, t with one degree of freedom, is twice as wide."""
    from survey.analysis.accuracy import measure_accuracy

    generator = np.random.default_rng(8)
    hits, people, clip = draw_hits(generator, 30, TWO_EACH, np.zeros(8))
    own = TWO_EACH[clip] == 0
    low, high = measure_accuracy(hits[own], people[own], clip[own], 8).participants_stimuli
    pooled = pooled_intervals(hits, people, clip, TWO_EACH[clip], EMOTIONS).new_clips[0]
    assert high - low > 1.3 * (pooled[1] - pooled[0])


def test_new_clips_are_never_less_certain_to_differ_than_these():
    """The interval for these clips lies inside that for new ones, in small and gappy studies too."""
    generator = np.random.default_rng(9)
    for people, clips, each in ((3, 10, 2), (6, 16, 5), (12, 24, 3), (30, 16, 16)):
        emotion = np.arange(clips) % EMOTIONS
        hits, participant, clip = draw_hits(generator, people, emotion, np.zeros(8), each=each)
        found = pooled_intervals(hits, participant, clip, emotion[clip], EMOTIONS)
        for these, new in zip(found.these_clips, found.new_clips, strict=True):
            assert new is None or new[0] - 1e-12 <= these[0] <= these[1] <= new[1] + 1e-12


def test_where_everything_is_a_hit_each_clip_counts_as_one_answer():
    from survey.analysis.proportions import share_interval

    people, clips = np.repeat(np.arange(30), 24), np.tile(np.arange(24), 30)
    found = pooled_intervals(np.ones(720, bool), people, clips, THREE_EACH[clips], EMOTIONS)
    assert found.new_clips[0] == pytest.approx(share_interval(1.0, 3, 16))


def draw_partly_heard(dice, people, kinds, each, heard, liked=0.5):
    """Answers to `each` clips of `kinds` emotions, emotion e heard in heard[e] of trials and guessed otherwise.

    Clips and people differ in what they are guessed as, by normal logits.
    """
    emotion = np.arange(kinds * each) % kinds
    who, clip = np.repeat(np.arange(people), emotion.size), np.tile(np.arange(emotion.size), people)
    logits = dice.normal(0, liked, (emotion.size, kinds))[clip] + dice.normal(0, liked, (people, kinds))[who]
    guess = (logits + dice.gumbel(size=logits.shape)).argmax(axis=1)
    return who, clip, emotion[clip], np.where(dice.random(who.size) < heard[emotion[clip]], emotion[clip], guess)


@pytest.mark.parametrize(("kinds", "each", "others"), [(8, 3, 0.8), (4, 4, 0.7)])
def test_an_emotion_whose_clips_carry_nothing_is_not_recognised_because_the_others_are(kinds, each, others):
    """By false alarms alone it was, in 78 and 92 of 100 such studies."""
    dice, called, by_false_alarms = np.random.default_rng(9), [], []
    for _ in range(60):
        heard = np.array([*[others] * (kinds - 1), 0.0])
        found = recognise_emotions(*draw_partly_heard(dice, 30, kinds, each, heard), kinds, replicates=199)
        called.append(found[-1].is_recognised)
        by_false_alarms.append(found[-1].p_value <= 0.05)
        assert all(one.is_recognised for one in found[:-1])
    assert np.mean(called) <= 0.1
    assert np.mean(by_false_alarms) > 0.6


def test_an_emotion_that_is_heard_now_and_then_is_still_found():
    dice = np.random.default_rng(10)
    heard = np.array([*[0.5] * 7, 0.25])
    studies = [recognise_emotions(*draw_partly_heard(dice, 30, 8, 3, heard), 8, replicates=199) for _ in range(30)]
    assert np.mean([found[-1].is_recognised for found in studies]) >= 0.85


def test_recognised_is_an_emotion_whose_larger_p_value_is_small():
    """At the third emotion's clips every answer is said equally often: beyond its false alarms, and a guess."""
    people, clip = np.repeat(np.arange(9), 15), np.tile(np.arange(15), 9)
    said = np.where(clip < 10, clip // 5, (people + clip) % 3)
    found = recognise_emotions(people, clip, clip // 5, said, 3, replicates=99)
    assert (found[2].recall, found[2].chance, found[2].guess) == pytest.approx((1 / 3, 0.0, 1 / 3))
    assert found[2].p_value == pytest.approx(1 / math.comb(15, 5))
    assert (found[2].p_holm, found[2].is_recognised) == (pytest.approx(0.5), False)


def test_with_two_emotions_nothing_tells_what_guessing_gives():
    people, clip = np.repeat(np.arange(5), 6), np.tile(np.arange(6), 5)
    found = recognise_emotions(people, clip, clip // 3, clip // 3, 2)
    assert (found[0].guess, found[0].p_guess, found[0].p_holm) == (None, None, pytest.approx(0.1))
    assert found[0].reasons["p_guess"] == "not defined: it needs clips of at least two other emotions"


def test_the_bias_of_errors_is_that_of_a_log_linear_model():
    """Poisson regression of the cells off the diagonal by statsmodels; 1/12 of an answer is added to each."""
    errors = np.array([[0, 14, 5, 9], [20, 0, 6, 11], [18, 13, 0, 4], [25, 10, 7, 0.0]])
    possible = ~np.eye(4, dtype=bool)
    row, column = np.nonzero(possible)
    design = np.column_stack([*(row == r for r in range(4)), *(column == c for c in range(1, 4))]).astype(float)
    fitted = sm.GLM(errors[possible] + 1 / 12, design, family=sm.families.Poisson()).fit()
    shares = np.exp(np.concatenate([[0.0], fitted.params[4:]]))
    assert guess_shares(errors, possible) == pytest.approx(shares / shares.sum(), abs=1e-6)


def test_the_bias_of_errors_is_found_where_it_comes_slowly():
    """Four cells and four parameters: b follows from ratios. After a thousand rounds it was .057 instead of .051."""
    errors = np.array([[0, 373, 0], [100, 0, 1.0]])
    ratios = np.array([100.25 / 1.25, 373.25 / 0.25, 1.0])
    assert guess_shares(errors, ~np.eye(2, 3, dtype=bool)) == pytest.approx(ratios / ratios.sum(), abs=1e-7)

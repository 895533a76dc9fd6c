"""The confusion matrix and what is read off it."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import precision_recall_fscore_support
from statsmodels.stats.multitest import multipletests

from generation.emotions import SLUGS
from survey.analysis import analyse
from survey.analysis.accuracy import ONE_PARTICIPANT
from survey.analysis.confusion import (
    count_confusions,
    intervals_of_cells,
    response_bias,
    score_emotions,
    top_confusions,
)
from survey.analysis.folds import distance_to_intention, fold_ratings, mean_perceived
from survey.analysis.multiplicity import holm
from survey.analysis.pooling import ONE_CLIP_EACH
from survey.analysis.ratings import Rating, collect
from survey.analysis.recognition import NOT_HEARD
from survey.analysis.unbiased import describe_unbiased, rates_by_participant
from tests.survey.analysis import coverage_agreement
from tests.survey.analysis.published import WAGNER_1993


def test_hu_of_wagners_matrix():
    assert [round(score.hu, 4) for score in score_emotions(WAGNER_1993, "abcd").values()] == [
        0.4444,
        0.3750,
        0.7500,
        0.4444,
    ]


def test_recall_precision_and_f1_are_scikit_learns():
    generator = np.random.default_rng(0)
    intended, chosen = generator.integers(0, 5, 200), generator.integers(0, 5, 200)
    scores = score_emotions(count_confusions(intended, chosen, 5, 5), "abcde").values()
    precision, recall, f1, support = precision_recall_fscore_support(intended, chosen)
    assert [s.precision for s in scores] == pytest.approx(precision.tolist())
    assert [s.recall for s in scores] == pytest.approx(recall.tolist())
    assert [s.f1 for s in scores] == pytest.approx(f1.tolist())
    assert [s.n for s in scores] == support.tolist()


def test_never_chosen_makes_hu_zero_and_never_intended_leaves_it_undefined():
    scores = score_emotions(np.array([[0, 4, 1], [0, 0, 0]]), "ab")
    assert (scores["a"].hu, scores["a"].precision) == (0.0, None)
    assert scores["a"].reasons["precision"] == "not defined: nobody chose a"
    assert (scores["b"].hu, scores["b"].recall) == (None, None)
    assert scores["b"].reasons["hu"] == "not defined: no answers to clips intended as b"


def test_none_counts_among_the_answers_of_chance():
    # r = 5, c = 3, N = 10 with "none" in the last column
    score = score_emotions(np.array([[3, 0, 2], [0, 5, 0]]), "ab")["a"]
    assert score.hu_chance == pytest.approx(5 * 3 / 100)


def test_matrix_is_not_square_with_none():
    assert count_confusions(np.array([0, 1]), np.array([2, 1]), 2, 3).tolist() == [[0, 0, 1], [0, 1, 0]]


def test_holm_is_statsmodels_without_the_undefined():
    p = [0.01, 0.04, 0.03, 0.005, 0.5]
    expected = multipletests(p, method="holm")[1].tolist()
    assert holm([*p[:2], None, *p[2:]]) == pytest.approx([*expected[:2], None, *expected[2:]])


def test_the_described_hu_is_the_mean_over_listeners_and_chance_their_own():
    generator = np.random.default_rng(1)
    people = np.repeat(np.arange(15), 12)
    intended = np.tile(np.repeat(np.arange(3), 4), 15)
    chosen = np.where(generator.random(180) < 0.5, intended, generator.integers(0, 4, 180))
    hu, hp = [], []
    for person in range(15):
        mine = people == person
        hit = np.sum((intended == 0) & (chosen == 0) & mine)
        row, column = np.sum((intended == 0) & mine), np.sum((chosen == 0) & mine)
        hu.append(0.0 if column == 0 else hit**2 / (row * column))
        hp.append(row * column / 144)
    described = describe_unbiased(people, intended, chosen, "abcd")
    assert described["a"] == {
        "mean": pytest.approx(np.mean(hu)),
        "chance": pytest.approx(np.mean(hp)),
        "participants": 15,
    }
    assert described["d"] == {"mean": None, "chance": None, "participants": 0}


def test_participants_hu_differ_from_the_pooled_one():
    people, intended = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    hu, _ = rates_by_participant(people, intended, np.array([0, 1, 0, 0]), 2)
    assert hu.mean(axis=0).tolist() == [0.75, 0.5]


def test_response_bias_names_the_favourite_answer():
    bias = response_bias(np.array([[2, 2], [0, 4]]), ["a", "b"])
    assert [(item.share, item.ratio) for item in bias] == [(0.25, 0.5), (0.75, 1.5)]


def test_confusions_are_ordered_by_count_and_then_by_share_of_the_intended():
    """One answer is 100 % of one; it is not what was counted most often."""
    found = top_confusions(np.array([[8, 4, 1], [0, 3, 1], [1, 0, 0]]), ["a", "b", "c"], ["a", "b", "c"])
    assert [(item["intended"], item["chosen"], item["n"], round(item["share"], 3)) for item in found] == [
        ("a", "b", 4, 0.308),
        ("c", "a", 1, 1.0),
        ("b", "c", 1, 0.25),
        ("a", "c", 1, 0.077),
    ]


def score(share, n, quantile):
    """Wilson's interval as the roots of (p − share)² = quantile² p (1 − p) / n."""
    square = quantile**2 / n
    return tuple(sorted(np.roots([1 + square, -(2 * share + square), share**2]).real))


def taken_for_the_second(*taken, people=10):
    """Answers of `people` to clips of the first of two emotions; of each clip so many say the second, nobody twice."""
    who, clip = np.repeat(np.arange(people), len(taken)), np.tile(np.arange(len(taken)), people)
    ends = np.cumsum(taken)
    return who, clip, np.zeros(who.size, int), ((ends - taken)[clip] <= who) & (who < ends[clip])


def test_the_interval_of_a_cell_by_hand():
    """Two clips, taken for the second emotion by 5 and by 1 of 10 people, of whom none did so twice.

    The clips' sums lie 2 above and below their mean of 3: (4 + 4) / .21 is 3.81 times the 10 of independent answers.
    One person's answers are less alike than chance has it, which counts as not at all; one degree of freedom is left.
    """
    found = intervals_of_cells(*taken_for_the_second(5, 1), 2, 2)
    expected = score(0.3, 20 / (8 / 0.21 / 10), stats.t.ppf(0.975, 1))
    assert found.intervals[0][1] == pytest.approx(expected)
    assert found.reasons[0][1] is None


def test_where_nobody_or_everybody_chose_an_answer_each_clip_counts_as_one():
    """Three clips of each of three emotions: six degrees of freedom of those that are not the answer's own: 4."""
    who, clip = np.repeat(np.arange(12), 9), np.tile(np.arange(9), 12)
    found = intervals_of_cells(who, clip, clip // 3, np.zeros(who.size, int), 3, 4)
    quantile = stats.t.ppf(0.975, 4)
    assert found.intervals[1][2] == (0.0, pytest.approx(score(0.0, 3, quantile)[1]))
    assert found.intervals[1][0] == (pytest.approx(score(1.0, 3, quantile)[0]), 1.0)
    assert found.intervals[1][3] == (0.0, pytest.approx(score(0.0, 3, stats.t.ppf(0.975, 6))[1]))
    assert {why for row in found.reasons for why in row} == {None}


@pytest.mark.parametrize(
    ("people", "clips", "why"),
    [(1, 6, ONE_PARTICIPANT), (8, 3, ONE_CLIP_EACH), (8, 1, ONE_CLIP_EACH), (1, 1, ONE_PARTICIPANT)],
)
def test_a_cell_without_an_interval_says_why_as_the_hit_rate_does(people, clips, why):
    """A fourth emotion that nobody heard has a reason of its own."""
    kinds = ["a", "b", "c", "d"]
    answers = [
        Rating(f"P{p}", f"S{s}", "", kinds[s % 3], kinds[(p + s) % 3]) for p in range(people) for s in range(clips)
    ]
    report = analyse(collect(answers, kinds), replicates=0)
    heard = [kind for kind in kinds if report.emotions[kind].n]
    assert [kind for kind in kinds if kind not in heard] == kinds[min(clips, 3) :]
    for row in kinds:
        for column in kinds:
            assert report.confusion.interval_of(row, column) == (None, why if row in heard else NOT_HEARD)
        recall = report.emotions[row].recall
        assert recall.reasons["participants_stimuli" if row in heard else "recall"] == (
            why if row in heard else NOT_HEARD
        )


def test_the_diagonal_has_the_intervals_of_the_hit_rates():
    generator = np.random.default_rng(3)
    kinds = list(SLUGS)
    answers = [
        Rating(f"P{p}", f"S{s}", "", kinds[s % 8], kinds[s % 8 if generator.random() < 0.5 else generator.integers(8)])
        for p in range(9)
        for s in range(24)
        if generator.random() < 0.8
    ]
    report = analyse(collect(answers, [*kinds, "none"], "none"), replicates=0)
    for kind in kinds:
        assert report.confusion.interval_of(kind, kind) == (report.emotions[kind].recall.participants_stimuli, "")
        low, high = report.confusion.interval_of(kind, "none")[0]
        assert low == 0.0 < high < 1
    assert report.confusion.interval_of("nonsense", "none") == (None, "")


def test_a_cell_holds_the_truth_by_itself_and_the_largest_of_many_do_not():
    """Answers drawn without any code of the analysis; the whole table is in docs/analysis.md."""
    generator, emotion, held, largest = np.random.default_rng(12), np.arange(24) % 8, [], []
    apart = ~np.eye(8, dtype=bool)
    for _ in range(60):
        chosen = coverage_agreement.drawn(generator, 30, emotion, coverage_agreement.STRENGTHS["middle"])[2]
        found = {"cell": []}
        coverage_agreement.of_cells(found, emotion, chosen)
        counts = count_confusions(np.tile(emotion, 30), chosen.ravel(), 8, 8)[apart]
        held += found["cell"]
        largest += [found["cell"][place] for place in np.argsort(-counts, kind="stable")[:5]]
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(largest) < 0.75


def ratings(*pairs):
    return collect(
        [Rating(f"P{i}", f"S{i}", "", intended, chosen) for i, (intended, chosen) in enumerate(pairs)],
        [*SLUGS, "none"],
        "none",
    )


def test_quadrants_forgive_fear_taken_for_anger():
    folded = fold_ratings(ratings(("fear", "anger"), ("fear", "none"), ("sadness", "anger")), "quadrant")
    assert folded["accuracy"]["hits"] == 1
    # of nine options three are Q2, one is Q3
    assert folded["accuracy"]["chance"] == pytest.approx((3 / 9 + 3 / 9 + 1 / 9) / 3)


def test_valence_and_arousal_fold_into_two():
    pairs = (("amusement", "contentment"), ("sadness", "fear"))
    assert fold_ratings(ratings(*pairs), "valence")["accuracy"]["hits"] == 2
    assert fold_ratings(ratings(*pairs), "arousal")["accuracy"]["hits"] == 0


def test_none_has_no_place_in_valence_arousal_space():
    result = distance_to_intention(ratings(("sadness", "sadness"), ("sadness", "none")))
    assert (result["estimate"], result["n"], result["without_coordinates"]) == (0.0, 1, 1)


def test_foreign_emotions_have_no_coordinates_and_say_so():
    data = collect([Rating("P1", "S1", "", "joy", "joy")], ["joy", "grief"])
    assert "eight emotions" in distance_to_intention(data)["reason"]
    assert mean_perceived(data) == []
    assert "joy" in fold_ratings(data, "valence")["reason"]

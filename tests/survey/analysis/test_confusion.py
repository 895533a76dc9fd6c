"""The confusion matrix and what is read off it."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support
from statsmodels.stats.multitest import multipletests

from generation.emotions import SLUGS
from survey.analysis.confusion import count_confusions, response_bias, score_emotions, top_confusions
from survey.analysis.folds import distance_to_intention, fold_ratings, mean_perceived
from survey.analysis.multiplicity import holm
from survey.analysis.ratings import Rating, collect
from survey.analysis.unbiased import describe_unbiased, rates_by_participant
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

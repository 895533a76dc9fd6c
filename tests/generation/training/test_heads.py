"""Ridge heads: equal to scikit-learn's, in chunks, and never on their own fold."""

import numpy as np
import pytest
import scipy.stats
from sklearn.linear_model import Ridge

from generation.training.image_emotion import heads
from generation.training.image_emotion.calibrating import CERTAINTY, COVERAGE, WANTED, choose_threshold, half_widths
from generation.training.image_emotion.heads import add_up, cross_validate, fit_scaling, solve, solve_rows

RANDOM = np.random.default_rng(11)
X = RANDOM.normal(size=(90, 7)) * [1, 2, 3, 4, 5, 6, 0] + 3
Y = X[:, :3] @ RANDOM.normal(size=(3, 2)) + RANDOM.normal(size=(90, 2))
ROWS = np.arange(90)
WEIGHTS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0])


def read(rows):
    return X[rows]


@pytest.mark.parametrize("chunk", [7, 4096])
def test_heads_equal_scikit_learns_ridge(monkeypatch, chunk):
    monkeypatch.setattr(heads.chunks, "__defaults__", (chunk,))
    scaling = fit_scaling(read, ROWS, WEIGHTS)
    scaled = scaling.apply(X)
    assert scaled.std(axis=0).round(9).tolist() == [1, 1, 1, 1, 1, 2, 0]  # a constant feature is silent
    expected = Ridge(5.0).fit(scaled, Y)
    for kernel, bias in (solve(add_up(read, Y, ROWS, scaling), 5.0), solve_rows(scaled, Y, 5.0)):
        assert np.abs(kernel - expected.coef_.T).max() < 1e-9
        assert np.abs(bias - expected.intercept_).max() < 1e-9


@pytest.mark.parametrize("wide", [False, True], ids=["more rows than features", "more features than rows"])
def test_cross_validated_answers_come_from_heads_that_never_saw_the_fold(wide):
    folds = [np.arange(0, 30), np.arange(30, 60)]
    known = np.arange(60)
    features = np.tile(X, 12) if wide else X
    weights = np.tile(WEIGHTS, 12) if wide else WEIGHTS
    scaling = fit_scaling(lambda rows: features[rows], known, weights)
    found = cross_validate(lambda rows: features[rows], Y, folds, scaling, [1.0, 9.0])
    for penalty, answers in found.items():
        for fold in folds:
            rest = np.setdiff1d(known, fold)
            expected = Ridge(penalty).fit(scaling.apply(features[rest]), Y[rest]).predict(scaling.apply(features[fold]))
            assert np.abs(answers[fold] - expected).max() < 1e-9
        assert np.isnan(answers[60:]).all()


def test_one_strange_picture_is_clipped():
    scaling = fit_scaling(read, ROWS, WEIGHTS)
    strange = scaling.apply(np.full((1, 7), 1e9))[0]
    assert strange.tolist() == [8, 8, 8, 8, 8, 16, 0]


def test_the_promises_of_the_network_are_these():
    z = scipy.stats.norm.ppf(0.9)
    assert (round(WANTED, 4), COVERAGE, round(z, 4)) == (0.6667, 0.8, CERTAINTY)


def test_intervals_cover_four_in_five_of_pictures_never_seen():
    random = np.random.default_rng(4)
    inside = []
    for _ in range(200):
        seen, new = random.standard_t(3, (300, 1)), random.standard_t(3, (300, 1))
        inside.append((np.abs(new) <= half_widths(np.zeros((300, 1)), seen)[0]).mean())
    assert np.mean(inside) == pytest.approx(0.8, abs=0.01)


def test_where_it_speaks_it_is_right_two_times_in_three_elsewhere_too():
    """A confidence that is the chance of being right: thresholds from 400 pictures, judged on others."""
    random = np.random.default_rng(6)
    right, spoken = [], []
    for _ in range(200):
        confidence, elsewhere = random.uniform(0.1, 1.0, 400), random.uniform(0.1, 1.0, 2000)
        threshold = choose_threshold(confidence, (random.random(400) < confidence).astype(float))
        speaks = elsewhere >= threshold
        right.append((random.random(speaks.sum()) < elsewhere[speaks]).mean())
        spoken.append(speaks.mean())
    assert np.mean(np.array(right) >= WANTED) > 0.85
    assert np.mean(spoken) > 0.5

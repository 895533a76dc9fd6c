"""Ridge weights and their penalty: against scikit-learn, against the hat matrix, and of copies of a cue."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeCV

from survey.analysis.lens import weights
from survey.analysis.lens.moments import moments_of
from survey.analysis.lens.weights import PENALTIES, choose_penalty, ridge_weights, with_cues


def draw(seed, clips=40, cues=6, noise=1.0):
    dice = np.random.default_rng(seed)
    x = dice.normal(size=(clips, cues)) @ dice.normal(size=(cues, cues)) + 5
    made = (dice.random((clips, 3)) < 0.3).astype(float)
    return x, made, x[:, :1] * 0.3 - x[:, 1:2] + noise * dice.normal(size=(clips, 3))


def standardised(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


def test_the_penalties_are_those_of_the_documentation():
    assert (PENALTIES[0], PENALTIES[-1], len(PENALTIES)) == (0.001, 1.0, 31)


@pytest.mark.parametrize("penalty", [0.001, 0.1, 1.0])
def test_weights_are_those_of_scikit_learn(penalty):
    x, made, said = draw(1)
    found = ridge_weights(moments_of(x, made, said), penalty)
    for side, weight in ((made, found.validity), (said, found.utilisation)):
        model = Ridge(alpha=40 * penalty, fit_intercept=False).fit(standardised(x), standardised(side))
        np.testing.assert_allclose(weight[0], model.coef_, atol=1e-10)


def test_simple_correlations_are_pearsons():
    x, made, said = draw(2)
    found = with_cues(moments_of(x, made, said))
    assert found.validity[0, 1, 4] == pytest.approx(np.corrcoef(x[:, 4], made[:, 1])[0, 1])
    assert found.utilisation[0, 2, 0] == pytest.approx(np.corrcoef(x[:, 0], said[:, 2])[0, 1])


@pytest.mark.parametrize(("seed", "noise"), [(1, 0.01), (2, 1.0), (3, 5.0), (4, 50.0)])
def test_the_penalty_is_that_of_the_hat_matrix(seed, noise):
    x, made, said = draw(seed, noise=noise)
    z, sides = standardised(x), standardised(np.concatenate([made, said], axis=1))
    scores = []
    for penalty in PENALTIES:
        hat = z @ np.linalg.solve(z.T @ z + 40 * penalty * np.eye(6), z.T) + 1 / 40
        scores.append(((sides - hat @ sides) ** 2).sum() / (1 - np.trace(hat) / 40) ** 2)
    assert choose_penalty(moments_of(x, made, said)) == PENALTIES[int(np.argmin(scores))]


def test_less_noise_asks_for_less_penalty():
    x, _, _ = draw(5)
    clear = x @ np.array([[1.0], [-1.0], [0.5], [0.3], [-0.2], [0.4]])
    dice = np.random.default_rng(6)
    chosen = [choose_penalty(moments_of(x, clear, clear + noise * dice.normal(size=(40, 1)))) for noise in (0.01, 30.0)]
    assert chosen[0] == PENALTIES[0] < chosen[1]


def test_one_penalty_is_not_far_from_that_of_scikit_learn_for_one_side():
    """RidgeCV leaves one clip out; generalised cross-validation is a mean of it."""
    x, _, said = draw(7, clips=200)
    one = choose_penalty(moments_of(x, said[:, :1], said[:, :1]))
    model = RidgeCV(alphas=200 * np.array(PENALTIES), fit_intercept=False).fit(
        standardised(x), standardised(said[:, :1])
    )
    assert abs(np.log10(one) - np.log10(model.alpha_ / 200)) <= 0.2 + 1e-9


def test_a_side_that_does_not_vary_counts_nowhere():
    x, made, said = draw(8)
    alike = np.concatenate([said, np.full((40, 1), 0.25)], axis=1)
    more = np.concatenate([made, made[:, :1]], axis=1)
    twice = np.concatenate([said, np.full((40, 1), 0.75)], axis=1)
    assert choose_penalty(moments_of(x, more, alike)) == choose_penalty(moments_of(x, more, twice))


def test_copies_share_a_weight_and_more_cues_than_clips_have_weights():
    x, made, said = draw(9, clips=12)
    copied = np.concatenate([x, x], axis=1)
    found = ridge_weights(moments_of(copied, made, said), choose_penalty(moments_of(copied, made, said)))
    np.testing.assert_allclose(found.utilisation[0][:, :6], found.utilisation[0][:, 6:], atol=1e-8)
    wide = np.random.default_rng(0).normal(size=(12, 19))
    penalty = choose_penalty(moments_of(wide, made, said))
    assert np.isfinite(ridge_weights(moments_of(wide, made, said), penalty).validity).all()


def test_where_no_penalty_leaves_freedom_the_largest_is_taken(monkeypatch):
    wide = np.random.default_rng(0).normal(size=(4, 19))
    made = np.array([[0.0], [0.0], [1.0], [1.0]])
    monkeypatch.setattr(weights, "PENALTIES", (1e-9, 1e-8))
    assert choose_penalty(moments_of(wide, made, made)) == 1e-8

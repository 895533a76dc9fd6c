"""The lens model equation against R, against itself, and where its terms are not defined."""

import numpy as np
import pytest

from survey.analysis.lens import lens_model_equation
from survey.analysis.lens.equation import adjusted_consistencies, equation_of, rank_of
from survey.analysis.lens.moments import moments_of
from survey.analysis.lens.weights import ridge_weights

ATTITUDE = """
51 30 39 61 43 45, 64 51 54 63 63 47, 70 68 69 76 71 48, 63 45 47 54 61 35, 78 56 66 71 81 47, 55 49 44 54 43 34,
67 42 56 66 58 35, 75 50 55 70 71 41, 82 72 67 71 72 31, 61 45 47 62 67 41, 53 53 58 58 64 34, 60 47 39 59 67 41,
62 57 42 55 69 25, 83 83 45 59 68 35, 77 54 72 79 77 46, 90 50 72 60 81 36, 85 64 69 79 74 63, 60 65 75 55 65 60,
70 46 57 75 65 46, 58 68 54 64 50 52, 40 33 34 43 50 33, 61 52 62 66 64 41, 66 52 50 63 53 37, 37 42 58 50 40 49,
54 42 48 66 63 33, 77 66 63 88 66 72, 75 58 74 80 78 49, 57 44 45 51 48 38, 85 71 71 77 85 55, 82 39 59 64 82 39
"""
"""R's data set attitude (Chatterjee & Price 1977): complaints, privileges, learning, raises; rating; advance."""
TABLE = np.array([row.split() for row in ATTITUDE.replace("\n", " ").split(",")], float)
CUES, MADE, SAID = TABLE[:, :4], TABLE[:, 4:5], TABLE[:, 5:]
TERMS = ("achievement", "matching", "sender", "listener", "unmodelled")


def numbers(equation):
    return [getattr(equation, name).item() for name in TERMS]


def test_the_terms_are_those_of_r():
    """R 4.2.2, by the definitions of CRAN's multicon::lensModel (Sherman):

    X <- as.matrix(attitude[, c("complaints", "privileges", "learning", "raises")])
    e <- lm(attitude$rating ~ X); s <- lm(attitude$advance ~ X)
    c(cor(attitude$rating, attitude$advance), cor(fitted(e), fitted(s)), sqrt(summary(e)$r.squared),
      sqrt(summary(s)$r.squared), cor(resid(e), resid(s)))
    """
    expected = [0.1550862526, 0.4237315699, 0.8457090012, 0.6921563959, -0.2413317348]
    assert numbers(lens_model_equation(CUES, MADE, SAID)) == pytest.approx(expected, abs=1e-9)


def test_adjusted_consistencies_are_those_of_r():
    """sqrt(c(summary(e)$adj.r.squared, summary(s)$adj.r.squared))"""
    found = [one.item() for one in adjusted_consistencies(moments_of(CUES, MADE, SAID))]
    assert found == pytest.approx([0.8183272628, 0.6290734079], abs=1e-9)


def test_ridge_weights_are_those_of_r():
    """z <- function(v) (v - mean(v)) / sqrt(mean((v - mean(v))^2)); MASS::lm.ridge(z(y) ~ X, lambda = 30 * 0.1)$coef"""
    found = ridge_weights(moments_of(CUES, MADE, SAID), 0.1)
    assert found.validity[0, 0].tolist() == pytest.approx(
        [0.62693002281, -0.04895204113, 0.22235991695, 0.04547800608], abs=1e-9
    )
    assert found.utilisation[0, 0].tolist() == pytest.approx(
        [-0.3354845628, 0.1436200853, 0.3207670850, 0.4812002094], abs=1e-9
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_equation_holds_whatever_the_numbers(seed):
    dice = np.random.default_rng(seed)
    clips, cues = int(dice.integers(6, 60)), int(dice.integers(1, 5))
    x, y, s = dice.normal(50, 9, (clips, cues)), dice.normal(size=(clips, 3)), dice.normal(size=(clips, 3))
    s += x[:, :1] / 9 + y
    found = lens_model_equation(x, y, s)
    left = np.sqrt(1 - found.sender**2) * np.sqrt(1 - found.listener**2)
    right = found.matching * found.sender * found.listener + found.unmodelled * left
    np.testing.assert_allclose(found.achievement, right, atol=1e-12)


def test_copies_and_sums_of_cues_change_nothing():
    more = np.concatenate([CUES, CUES[:, :1], CUES[:, 1:2] * 3 + 7, CUES[:, 2:3] - CUES[:, 3:4]], axis=1)
    assert numbers(lens_model_equation(more, MADE, SAID)) == pytest.approx(
        numbers(lens_model_equation(CUES, MADE, SAID))
    )
    assert rank_of(moments_of(more, MADE, SAID)) == 4
    adjusted = adjusted_consistencies(moments_of(more, MADE, SAID))[0].item()
    assert adjusted == pytest.approx(0.8183272628)


def test_a_judgement_that_is_the_cues_leaves_nothing_unmodelled():
    said = CUES @ np.array([[1.0], [0.0], [-2.0], [0.5]])
    achievement, matching, sender, listener, unmodelled = numbers(lens_model_equation(CUES, MADE, said))
    assert listener == pytest.approx(1.0)
    assert np.isnan(unmodelled)
    assert achievement == pytest.approx(matching * sender)


def test_a_judgement_that_the_cues_say_nothing_of_has_no_matching():
    cue, made = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([[0.0], [0.0], [1.0], [0.0]])
    said = np.array([[0.2], [0.8], [0.2], [0.8]])
    found = lens_model_equation(cue, made, said)
    assert np.isnan(found.matching.item())
    assert found.listener.item() == 0.0
    assert found.unmodelled.item() * np.sqrt(1 - found.sender.item() ** 2) == pytest.approx(found.achievement.item())


def test_a_judgement_that_is_always_the_same_has_neither():
    found = lens_model_equation(CUES, MADE, np.full((30, 1), 0.5))
    assert [np.isnan(number) for number in numbers(found)] == [True, True, False, True, True]


def test_many_versions_at_once_are_each_by_itself():
    dice = np.random.default_rng(1)
    one, two = (moments_of(CUES[rows], MADE[rows], SAID[rows]) for rows in (dice.permutation(30)[:25], np.arange(25)))
    counts = {"clips", "pieces"}
    both = type(one)(
        *(np.concatenate([getattr(one, name), getattr(two, name)]) for name in one.__slots__ if name not in counts),
        25,
        25,
    )
    for name in TERMS:
        pair = [getattr(equation_of(each), name).item() for each in (one, two)]
        assert getattr(equation_of(both), name)[:, 0].tolist() == pytest.approx(pair)

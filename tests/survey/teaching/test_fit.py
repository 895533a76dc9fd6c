"""What listeners go by: held against scikit-learn, known ears, and what must not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from survey.teaching import Answers, Prior, Scale, fit, shuffle
from survey.teaching.fitting import BIAS, FREEDOMS
from survey.teaching.heard import TELLS
from tests.survey.teaching import listening
from tests.survey.teaching.listening import ATTRIBUTES, EMOTIONS, MIDDLES, NAMES, SCALE, SPREAD, WIDTHS


@pytest.fixture
def dice():
    return np.random.default_rng(7)


@pytest.fixture
def told(dice):
    clips, _ = listening.clips_of(listening.table(), 60, dice)
    return listening.listen(clips, listening.ears(), dice)


def test_without_a_table_it_is_penalised_regression_as_scikit_learn_has_it(told):
    """Equal targets expect nothing; what is left is a ridge penalty of weights, and one of intercepts."""
    nothing = Prior(np.tile(MIDDLES, (EMOTIONS, 1)), SPREAD)
    heard = fit(told, nothing, SCALE)
    # The intercept as a weight of a constant that makes its penalty that of a weight.
    z = (told.attributes - MIDDLES) / WIDTHS
    constant = np.full((len(z), 1), BIAS / heard.freedom)
    rows, choices = np.nonzero(told.chosen)
    model = LogisticRegression(C=heard.freedom**2, fit_intercept=False, tol=1e-10, max_iter=10_000)
    model.fit(
        np.concatenate([constant, z], axis=1)[rows],
        choices,
        sample_weight=told.chosen[rows, choices] / heard.design_effect,
    )
    np.testing.assert_allclose(heard.mean[:, 1:], model.coef_[:, 1:], atol=2e-4)
    np.testing.assert_allclose(heard.mean[:, 0], model.coef_[:, 0] * BIAS / heard.freedom, atol=2e-4)


def test_a_clip_in_several_rows_is_one_clip_where_that_is_said(dice):
    """Half of the people answer to other rows of the same clips: all that is learned is what it was."""
    clips, _ = listening.clips_of(listening.table(), 24, dice)
    told = listening.listen(clips, listening.ears(), dice, clips_differ=1.5)
    whole = fit(told, listening.prior(), SCALE)
    rows = told.clip + 24 * (told.person % 2)
    double, pieces = np.tile(clips, (2, 1)), np.tile(np.arange(24), 2)
    given = double, told.person, rows, told.choice, EMOTIONS
    same = fit(Answers.of(*given, piece=pieces), listening.prior(), SCALE)
    np.testing.assert_allclose(same.mean, whole.mean, atol=1e-6)
    assert (same.clips, whole.clips) == (24, 24)
    assert same.design_effect == pytest.approx(whole.design_effect, rel=1e-6)
    apart = fit(Answers.of(*given), listening.prior(), SCALE)
    assert apart.clips == 48
    assert apart.design_effect < 0.7 * whole.design_effect
    unmeasured = np.where(np.arange(48)[:, None] % 24 == 3, np.nan, double)
    assert fit(replace(Answers.of(*given, piece=pieces), attributes=unmeasured), listening.prior(), SCALE).clips == 23


@pytest.mark.parametrize("piece", [[0], [0, -1]])
def test_pieces_are_codes_one_for_each_row(piece):
    with pytest.raises(ValueError, match="Pieces must be codes"):
        Answers(np.zeros((2, ATTRIBUTES)), np.ones((2, EMOTIONS), int), np.zeros(2, int), piece=piece)


def test_many_answers_find_the_ears(dice):
    clips, _ = listening.clips_of(listening.table(), 200, dice)
    heard = fit(listening.listen(clips, listening.ears(), dice, people=400, trials=30), listening.prior(), SCALE)
    found = heard.mean[:, 1:] - heard.mean[:, 1:].mean(axis=0)
    true = listening.ears() - listening.ears().mean(axis=0)
    assert np.corrcoef(found.ravel(), true.ravel())[0, 1] > 0.99
    assert np.abs(found - true).max() < 0.25
    fresh, _ = listening.clips_of(listening.table(), 50, dice)
    assert np.abs(heard.probabilities(fresh) - listening.chances(fresh, listening.ears())).max() < 0.08


def test_no_answers_give_the_table_back():
    heard = fit(Answers.of(np.empty((0, ATTRIBUTES)), [], [], [], EMOTIONS), listening.prior(), SCALE)
    intercepts, weights = listening.prior().discriminate(SCALE, EMOTIONS)
    np.testing.assert_allclose(heard.mean[:, 1:], 0.3 * weights, atol=1e-9)
    np.testing.assert_allclose(heard.mean[:, 0], 0.3 * intercepts, atol=1e-9)
    assert (heard.answers, heard.clips, heard.tells, heard.design_effect) == (0, 0, False, 1.0)


def test_few_answers_stay_nearer_to_the_table_than_many(dice):
    """Listeners who hear the opposite of the table."""
    opposite = -listening.prior().discriminate(SCALE, EMOTIONS)[1] * 0.5
    clips, _ = listening.clips_of(listening.table(), 60, dice)
    few, many = (
        fit(listening.listen(clips, opposite, dice, people=people), listening.prior(), SCALE) for people in (2, 80)
    )
    assert many.sureness < few.sureness < 0.3
    assert many.sureness == pytest.approx(-0.5, abs=0.15)


def test_the_order_of_clips_and_of_answers_does_not_matter(told, dice):
    order = dice.permutation(len(told.attributes))
    place = np.argsort(order)
    mixed = dice.permutation(told.person.size)
    other = Answers.of(
        told.attributes[order], told.person[mixed], place[told.clip[mixed]], told.choice[mixed], EMOTIONS
    )
    np.testing.assert_allclose(
        fit(other, listening.prior(), SCALE).mean, fit(told, listening.prior(), SCALE).mean, atol=1e-6
    )


def test_units_do_not_matter(told):
    units = np.array([60.0, 1.0, 0.01, 12.0, 1 / 127, 100.0])
    other = replace(told, attributes=told.attributes * units)
    table = Prior(listening.table() * units, SPREAD * np.outer(units, units))
    scale = Scale(NAMES, MIDDLES * units, WIDTHS * units)
    np.testing.assert_allclose(fit(other, table, scale).mean, fit(told, listening.prior(), SCALE).mean, atol=1e-5)


def test_answers_that_hang_together_count_as_fewer(dice):
    clips, _ = listening.clips_of(listening.table(), 60, dice)
    alike, apart = (
        fit(
            listening.listen(clips, listening.ears(), np.random.default_rng(3), people_differ=by, clips_differ=by),
            listening.prior(),
            SCALE,
        )
        for by in (0.0, 1.5)
    )
    assert alike.design_effect < 1.35
    assert apart.design_effect > 1.8
    assert apart.effective_answers == pytest.approx(640 / apart.design_effect)


def test_clips_without_a_measurement_are_left_out_and_counted(told):
    holes = told.attributes.copy()
    holes[:3, 1] = np.nan
    heard = fit(replace(told, attributes=holes), listening.prior(), SCALE)
    assert heard.left_out == 3
    assert heard.answers == int(told.chosen[3:].sum())
    assert np.isfinite(heard.mean).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.attributes.__setitem__((slice(None), 0), 98.0),  # an attribute nobody varied
        lambda told: told.attributes.__setitem__((slice(None), 1), told.attributes[:, 0]),  # a copy of another
    ],
)
def test_attributes_that_tell_nothing_are_no_harm(told, change):
    change(told)
    heard = fit(told, listening.prior(), SCALE)
    assert np.isfinite(heard.mean).all()
    assert np.linalg.eigvalsh(heard.covariance).min() > 0


def test_an_emotion_that_nobody_chose_is_improbable_and_no_error(told):
    kept = told.choice != 2
    heard = fit(
        Answers.of(told.attributes, told.person[kept], told.clip[kept], told.choice[kept], EMOTIONS),
        listening.prior(),
        SCALE,
    )
    assert heard.probabilities(told.attributes)[:, 2].mean() < 0.06


def test_one_clip_one_person_and_none_of_these(told):
    alone = Answers.of(told.attributes[:1], [0], [0], [1], EMOTIONS)
    assert np.isfinite(fit(alone, listening.prior(), SCALE).mean).all()
    none = Answers.of(told.attributes, told.person, told.clip, np.where(told.choice == 3, 4, told.choice), EMOTIONS + 1)
    heard = fit(none, listening.prior(), SCALE)
    assert heard.probabilities(told.attributes).shape == (60, EMOTIONS + 1)
    assert heard.mean.shape == (EMOTIONS + 1, ATTRIBUTES + 1)


def test_studies_may_differ_in_how_readily_a_choice_is_given(dice):
    clips, _ = listening.clips_of(listening.table(), 60, dice)
    one, other = (listening.listen(clips, listening.ears(), dice) for _ in range(2))
    swayed = np.where(dice.random(other.choice.size) < 0.5, 0, other.choice)  # half of the second study says the first
    both = Answers.of(
        np.concatenate([clips, clips]),
        np.concatenate([one.person, other.person + 40]),
        np.concatenate([one.clip, other.clip + 60]),
        np.concatenate([one.choice, swayed]),
        EMOTIONS,
        np.repeat([0, 1], 60),
    )
    alone = fit(one, listening.prior(), SCALE).probabilities(clips)[:, 0].mean()
    apart = fit(both, listening.prior(), SCALE).probabilities(clips)[:, 0].mean()
    mixed = fit(replace(both, study=np.zeros(120, int)), listening.prior(), SCALE).probabilities(clips)[:, 0].mean()
    assert apart < mixed
    assert alone < mixed


@pytest.mark.parametrize("seed", range(8))
def test_shuffled_answers_tell_nothing(seed):
    dice = np.random.default_rng(seed)
    clips, _ = listening.clips_of(listening.table(), 60, dice)
    told = listening.listen(clips, listening.ears(), dice, people_differ=0.5)
    assert fit(told, listening.prior(), SCALE).tells
    heard = fit(shuffle(told, dice), listening.prior(), SCALE)
    assert not heard.tells
    assert heard.evidence < TELLS == 3.0


def test_what_does_not_fit_is_refused(told):
    with pytest.raises(ValueError, match="same attributes"):
        fit(told, listening.prior(), Scale(("one",), [0.0], [1.0]))
    with pytest.raises(ValueError, match="do not fit"):
        fit(Answers.of(told.attributes, [0], [0], [0], 2), listening.prior(), SCALE)


def test_freedoms_are_those_that_the_documents_name():
    assert FREEDOMS == (0.01, 0.03, 0.06, 0.1, 0.17, 0.3, 0.5)


def test_a_scale_leaves_out_what_is_no_finite_number():
    scale = Scale.of(("a", "b"), np.array([[1.0, 5.0], [np.inf, 7.0], [3.0, np.nan]]))
    assert scale.middle.tolist() == [2.0, 6.0]
    assert scale.width.tolist() == [1.0, 1.0]

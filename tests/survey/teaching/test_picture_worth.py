"""A correction is taken where it foretells answers to new pictures better, and nowhere else."""

from __future__ import annotations

import json

import numpy as np
import pytest

from survey.teaching import Correction, PictureAnswers, judge_correction, picture_worth, recalibrate, shuffle_pictures
from survey.teaching.picture_worth import measure_calibration, measure_gain
from tests.survey.teaching.people_and_pictures import BIAS, E, forget, look


def test_a_network_that_is_too_sure_is_corrected_and_better_on_pictures_left_out() -> None:
    found = recalibrate(look(1, temperature=2.0, bias=BIAS, none=0.1))
    assert found.reason is None
    assert found.gain is not None
    assert found.log_loss is not None
    assert found.calibration_error is not None
    assert 1.5 < found.correction.temperature < 2.7
    assert found.gain.mean == pytest.approx(found.log_loss[0] - found.log_loss[1])
    assert found.gain.low > 0.05
    assert found.calibration_error[1] < found.calibration_error[0] / 2
    assert found.none + found.answers == 320
    assert found.gain_of_words is None
    told = json.loads(json.dumps(found.describe(), allow_nan=False))
    assert (told["pictures"], told["people"], told["reason"]) == (40, 20, None)


def test_what_is_gained_on_pictures_left_out_is_gained_on_new_ones() -> None:
    found = recalibrate(look(2, temperature=2.0, bias=BIAS))
    new = look(1002, pictures=2000, people=2000, each=4, temperature=2.0, bias=BIAS)
    revised = np.log(found.correction.apply(new.log_probabilities)) - new.log_probabilities
    assert found.gain is not None
    assert found.gain.low < revised[new.picture, new.choice].mean() < found.gain.high


def test_words_are_taken_where_they_add_and_left_where_not() -> None:
    rng = np.random.default_rng(3)
    words = np.where(rng.random((60, 3)) < 0.4, 0.9, 0.0)
    odds = np.zeros((3, E))
    odds[0, 6], odds[1, 0] = 3.0, 3.0
    taught = recalibrate(look(3, pictures=60, people=30, each=20, words=words, odds=odds), folds=5)
    assert taught.gain_of_words is not None
    assert taught.gain_of_words.low > 0
    assert taught.correction.words[:, [6, 0]].argmax(axis=0).tolist() == [0, 1]
    untaught = recalibrate(look(3, temperature=2.0, words=words[:40]), folds=5)
    assert untaught.gain_of_words is not None
    assert untaught.gain_of_words.low <= 0
    assert untaught.reason is None
    assert not untaught.correction.words.any()


def changed(found: object) -> bool:
    correction = found.correction  # type: ignore[attr-defined]
    return bool(correction.temperature != 1.0 or correction.bias.any() or correction.words.any())


def test_shuffled_answers_change_nothing() -> None:
    worlds = [forget(look(seed, temperature=2.0, bias=BIAS), seed) for seed in range(12)]
    found = [recalibrate(world, folds=5) for world in worlds]
    assert not any(map(changed, found))
    assert any("do not follow" in str(one.reason) for one in found)


def test_a_network_that_is_right_stays_as_it_is() -> None:
    found = [recalibrate(look(seed, disagreement=0.3), folds=5) for seed in range(12)]
    assert sum(map(changed, found)) <= 1


def test_one_picture_or_one_person_is_too_little() -> None:
    one = look(4).select(look(4).picture == 0)
    assert "1 picture by" in str(recalibrate(one).reason)
    alone = look(4).select(look(4).person == 0)
    assert "1 person are too few" in str(recalibrate(alone).reason)
    nobody = recalibrate(look(4).select(np.arange(0)))
    assert not changed(nobody)
    assert "0 pictures by 0 people" in str(nobody.reason)


def test_the_order_of_pictures_does_not_decide() -> None:
    answers, rows = look(5, temperature=2.0), np.random.default_rng(5).permutation(40)
    turned = PictureAnswers(
        answers.log_probabilities[rows], np.argsort(rows)[answers.picture], answers.choice, answers.person
    )
    one, other = recalibrate(answers), recalibrate(turned)
    assert one.gain is not None
    assert other.gain is not None
    assert (other.gain.mean, other.gain.low) == pytest.approx((one.gain.mean, one.gain.low), abs=1e-5)
    assert other.correction.temperature == pytest.approx(one.correction.temperature, abs=1e-4)


def cover(runs: int, *, pictures: int, people: int) -> float:
    """Share of intervals that hold the mean of crossed effects whose truth is 0; shares no code with the interval."""
    inside = 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        values = (
            rng.normal(0, 0.4, (pictures, 1)) + rng.normal(0, 0.3, (1, people)) + rng.normal(0, 1, (pictures, people))
        )
        seen = rng.random((pictures, people)) < 0.5
        gain = measure_gain(values[seen], *np.nonzero(seen))
        inside += gain.low <= 0.0 <= gain.high
    return inside / runs


def test_the_interval_of_a_gain_covers() -> None:
    assert 0.92 <= cover(500, pictures=20, people=15) <= 0.995


@pytest.mark.long
@pytest.mark.parametrize(("pictures", "people"), [(10, 10), (20, 15), (60, 40)])
def test_the_interval_of_a_gain_covers_closely(pictures: int, people: int) -> None:
    assert 0.935 <= cover(6000, pictures=pictures, people=people) <= 0.985


@pytest.mark.long
def test_shuffled_answers_and_right_networks_change_nothing_in_nineteen_of_twenty() -> None:
    shuffled = [recalibrate(forget(look(seed, temperature=2.0, bias=BIAS), seed)) for seed in range(200)]
    assert sum(map(changed, shuffled)) <= 10
    right = [recalibrate(look(seed, disagreement=0.5)) for seed in range(200)]
    assert sum(map(changed, right)) <= 10


def test_answers_are_judged_by_nine_tenths_of_other_pictures_and_four_fifths_of_other_people(monkeypatch) -> None:
    """40 pictures in ten parts and 20 people in five; the last fit is of all."""
    learned_from = []

    def fit(answers: PictureAnswers, **asked: bool) -> Correction:
        learned_from.append(tuple(int(np.unique(codes).size) for codes in (answers.picture, answers.person)))
        return fitted(answers, **asked)

    fitted = picture_worth.fit_correction
    monkeypatch.setattr(picture_worth, "fit_correction", fit)
    recalibrate(look(1, temperature=2.0, bias=BIAS))
    assert learned_from == [(36, 16)] * 50 + [(40, 20)]


def test_the_tastes_of_ten_people_are_not_taken_for_what_new_people_see() -> None:
    """The network is right, and each person leans to emotions of their own: their pictures left out would agree."""
    ten = {"people": 10, "each": 40, "disagreement": 0.5, "taste": 1.5}
    found = [recalibrate(look(seed, **ten)) for seed in range(12)]
    assert sum(map(changed, found)) <= 2


@pytest.mark.long
@pytest.mark.parametrize("taste", [1.0, 1.5])
def test_what_is_told_of_new_people_holds_in_nineteen_of_twenty(taste: float) -> None:
    above = 0
    for seed in range(100):
        found = recalibrate(look(seed, people=10, each=40, disagreement=0.5, taste=taste))
        new = look(10_000 + seed, pictures=1500, people=1500, each=4, disagreement=0.5, taste=taste)
        revised = np.log(found.correction.apply(new.log_probabilities)) - new.log_probabilities
        assert found.gain is not None
        above += changed(found) and found.gain.low > revised[new.picture, new.choice].mean()
    assert above <= 5


@pytest.mark.long
def test_the_gain_that_is_told_is_that_on_new_pictures_in_nineteen_of_twenty() -> None:
    inside, above = 0, 0
    for seed in range(150):
        world = {"temperature": 2.0, "bias": BIAS, "disagreement": 0.5}
        found = recalibrate(look(seed, **world))
        new = look(10_000 + seed, pictures=2000, people=2000, each=4, **world)
        revised = np.log(found.correction.apply(new.log_probabilities)) - new.log_probabilities
        gained = revised[new.picture, new.choice].mean()
        assert found.gain is not None
        inside += found.gain.low <= gained <= found.gain.high
        above += found.gain.low > gained
    assert inside >= 0.92 * 150
    assert above <= 0.05 * 150


def test_calibration_is_told_in_ten_bins_weighted_by_answers() -> None:
    shares = np.array([[0.95, 0.05], [0.91, 0.09], [0.55, 0.45]])
    counts = np.array([[8, 2], [10, 0], [10, 10]])
    # By hand: one bin .90–1 (18 of 20 against .93) and one .50–.60 (10 of 20 against .55).
    assert measure_calibration(shares, counts) == pytest.approx((0.6 + 1.0) / 40)
    assert measure_calibration(shares, counts * 0) == 0.0


def test_what_was_learned_is_worth_as_much_on_other_answers_as_its_interval_says() -> None:
    learned = recalibrate(look(2, temperature=2.0, bias=BIAS))
    found = judge_correction(
        look(1002, pictures=60, people=40, temperature=2.0, bias=BIAS, none=0.1), learned.correction
    )
    assert found.gain is not None
    assert learned.gain is not None
    assert found.log_loss is not None
    assert found.calibration_error is not None
    assert found.gain.low > 0
    assert learned.gain.low < found.gain.mean < learned.gain.high
    assert found.gain.mean == pytest.approx(found.log_loss[0] - found.log_loss[1])
    assert found.calibration_error[1] < found.calibration_error[0]
    assert (found.pictures, found.people) == (60, 40)
    assert 500 < found.answers < 640  # those that name an emotion


def test_a_correction_is_not_judged_by_one_picture_or_nobody() -> None:
    answers = look(3)
    nothing = Correction.identity(E)
    nobody = judge_correction(answers.select(np.arange(0)), nothing)
    assert (nobody.gain, nobody.log_loss, nobody.answers) == (None, None, 0)
    one = judge_correction(answers.select(answers.picture == answers.picture[0]), nothing)
    assert (one.gain, one.pictures) == (None, 1)
    assert one.log_loss is not None


def test_the_control_keeps_how_often_what_is_answered_and_how_many_answers_pictures_and_people_have() -> None:
    answers = look(4, temperature=0.5, none=0.1)
    study = np.where(answers.person < 10, 0, 1)
    dealt = shuffle_pictures(answers, study, np.random.default_rng(1))
    assert (dealt.picture == answers.picture).all()
    assert (dealt.person == answers.person).all()
    for part in (0, 1):  # nothing goes from one study to another
        counts = [np.bincount(one.choice[study == part], minlength=E + 1).tolist() for one in (answers, dealt)]
        assert counts[0] == counts[1]
    assert (dealt.choice != answers.choice).mean() > 0.3
    assert recalibrate(dealt).reason is not None

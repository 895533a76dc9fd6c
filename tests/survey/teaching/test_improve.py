"""Better targets: in the right direction, within every bound, and only where answers give reason."""

from __future__ import annotations

import numpy as np
import pytest

from survey.teaching import (
    Answers,
    Prior,
    Region,
    Scale,
    choose_to_learn,
    fit,
    fit_steering,
    improve,
    shuffle,
    split_wave,
)
from survey.teaching.improving import CAUTION, CREDIBLE, DISCREPANCY, FEWEST_GAINED, LEVEL, REACH, SLACK
from survey.teaching.steering import STEEPEST, USUAL, USUAL_SPREAD
from tests.survey.teaching import listening
from tests.survey.teaching.listening import ATTRIBUTES, EMOTIONS, MIDDLES, SCALE, SPREAD, WIDTHS


def hear(seed=5, people=80, **listeners):
    dice = np.random.default_rng(seed)
    clips, _ = listening.clips_of(listening.table(), 96, dice)
    return fit(listening.listen(clips, listening.ears(), dice, people=people, **listeners), listening.prior(), SCALE)


@pytest.fixture(scope="module")
def heard():
    return hear()


def better(heard, **bounds):
    given = {"region": listening.everywhere(), "spread": SPREAD, **bounds}
    return improve(heard, listening.table(), **given)


def recognised(targets, dice, n=4000):
    """How often the average listener chooses what clips of these targets were meant for."""
    clips, meant = listening.clips_of(targets, n, dice)
    return listening.chances(clips, listening.ears())[np.arange(n), meant].mean()


def distance(shifts):
    return np.sqrt(np.einsum("ea,ab,eb->e", shifts, np.linalg.inv(SPREAD), shifts))


def test_better_targets_are_recognised_more_often_in_fact(heard):
    found, dice = better(heard), np.random.default_rng(1)
    before, after = recognised(listening.table(), dice), recognised(found.targets, dice)
    assert found.moved.any()
    assert after > before + 0.1
    assert found.overall_gain.low < after - before < found.overall_gain.high
    assert found.overall_gain.mean == pytest.approx(after - before, abs=0.06)


def test_targets_stay_within_reach(heard):
    for reach in (0.5, 1.5):
        found = better(heard, reach=reach)
        assert found.moved.any()
        assert distance(found.shifts).max() <= reach * 1.001


def test_targets_stay_as_near_to_real_music_as_they_were(heard):
    region = Region(MIDDLES, np.diag(WIDTHS**2), 3.0)
    found = better(heard, region=region)
    before, after = region.distance(listening.table()), region.distance(found.targets)
    assert (after <= np.maximum((1 + SLACK) * before, 1.5) * 1.001).all()
    assert found.moved.any()


def test_emotions_stay_apart_and_their_clips_scatter_as_before(heard):
    """Nothing forbids two emotions to meet; what is recognised does not."""
    found = better(heard)
    pairs = np.triu_indices(EMOTIONS, 1)

    def apart(targets):
        return distance((targets[:, None] - targets[None])[pairs])

    assert found.moved.any()
    assert (apart(found.targets) >= 0.8 * apart(listening.table())).all()


def test_attributes_stay_within_limits_are_tied_and_can_be_held(heard):
    low, high = MIDDLES - 0.9 * WIDTHS, MIDDLES + 0.9 * WIDTHS
    ties = np.array([[0.0, 0.0, 1.0, -2 / 3, 0.0, 0.0]])
    fixed = np.arange(ATTRIBUTES) == 4
    table = np.clip(listening.table(), low, high)
    found = improve(
        heard,
        table,
        region=listening.everywhere(),
        spread=SPREAD,
        limits=(low, high),
        ties=ties,
        fixed=fixed,
    )
    assert found.moved.any()
    assert (found.targets >= low - 1e-6 * WIDTHS).all()
    assert (found.targets <= high + 1e-6 * WIDTHS).all()
    np.testing.assert_allclose(found.shifts @ ties[0], 0.0, atol=1e-5)
    assert (found.shifts[:, 4] == 0.0).all()


def test_strength_goes_part_of_the_way(heard):
    whole, half = better(heard), better(heard, strength=0.5)
    both = whole.moved & half.moved
    assert both.any()
    np.testing.assert_allclose(half.shifts[both], whole.shifts[both] / 2)


def test_what_clips_do_not_follow_is_not_asked_for(heard):
    deaf = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    found = better(heard, steering=deaf)
    widths = np.abs(found.shifts / WIDTHS)
    assert widths[:, deaf == 0].max() < 1e-3
    assert widths[:, deaf == 1].max() > 0.3


def test_not_knowing_where_clips_lie_widens_the_interval_and_moves_no_target(heard):
    sure, unsure = (better(heard, attained_error=by * np.tile(WIDTHS, (EMOTIONS, 1)), seed=3) for by in (0.0, 0.5))
    np.testing.assert_array_equal(sure.shifts[unsure.moved], unsure.shifts[unsure.moved])
    widths = [one.overall_gain.high - one.overall_gain.low for one in (sure, unsure)]
    assert widths[1] > 1.3 * widths[0]


def test_the_same_answers_and_seed_give_the_same_targets(heard):
    np.testing.assert_array_equal(better(heard, seed=3).targets, better(heard, seed=3).targets)


@pytest.mark.parametrize("seed", range(6))
def test_shuffled_and_random_answers_move_nothing(seed):
    dice = np.random.default_rng(seed)
    clips, _ = listening.clips_of(listening.table(), 96, dice)
    told = listening.listen(clips, listening.ears(), dice)
    for nothing in (shuffle(told, dice), listening.listen(clips, 0 * listening.ears(), dice, people_differ=0.7)):
        found = better(fit(nothing, listening.prior(), SCALE))
        assert not found.moved.any()
        assert (found.shifts == 0.0).all()
        assert all(found.reasons)
        assert found.overall_gain.mean == 0.0


def test_a_table_that_listeners_share_needs_no_lesson():
    """Who hears just what the table says, at the edge of reach: hardly any emotion has a point to gain."""
    dice = np.random.default_rng(2)
    far = MIDDLES + 4.0 * (listening.table() - MIDDLES)
    clips, _ = listening.clips_of(far, 96, dice)
    told = listening.listen(clips, 3.0 * listening.ears(), dice)
    heard = fit(told, listening.prior(far), SCALE)
    found = improve(heard, far, region=listening.everywhere(), spread=SPREAD, reach=0.05)
    assert found.moved.sum() <= 1


def test_what_does_not_fit_is_refused(heard):
    with pytest.raises(ValueError, match="do not fit"):
        improve(heard, np.zeros((EMOTIONS, 2)), region=listening.everywhere(), spread=SPREAD)
    for wrong in ({"strength": 0.0}, {"strength": 1.1}, {"reach": 0.0}):
        with pytest.raises(ValueError, match="Strength"):
            better(heard, **wrong)


def test_thresholds_are_those_that_the_documents_name():
    assert (REACH, SLACK, FEWEST_GAINED, CREDIBLE, DISCREPANCY) == (3.0, 0.05, 0.01, 0.05, 0.09)
    assert (CAUTION, LEVEL) == (0.5, 0.95)
    assert (USUAL, USUAL_SPREAD, STEEPEST) == (1.0, 0.5, 1.5)


def recognised_by_people(targets, dice, n=8000, differ=0.5):
    """The same of people and clips that differ: everybody hears a clip of their own."""
    clips, meant = listening.clips_of(targets, n, dice)
    scores = np.log(listening.chances(clips, listening.ears())) + np.sqrt(2) * differ * dice.normal(size=(n, EMOTIONS))
    shares = np.exp(scores)
    return (shares / shares.sum(axis=1, keepdims=True))[np.arange(n), meant].mean()


@pytest.mark.long
def test_the_interval_of_the_gain_holds_the_true_gain():
    """It held it in all of 80 small lessons, give or take half a point; in .93 without the model's own error."""
    held = []
    for seed in range(80):
        found = better(hear(seed, people=40, people_differ=0.5, clips_differ=0.5), seed=seed)
        before, after = (
            recognised_by_people(targets, np.random.default_rng(seed + 1000))
            for targets in (listening.table(), found.targets)
        )
        held.append(found.overall_gain.low - 0.005 <= after - before <= found.overall_gain.high + 0.005)
    assert np.mean(held) >= 0.86


def choose(clips, clip, person, weights, dice):
    """Choices of people who differ in what they like to say and in what they go by, to clips that differ."""
    emotions, people, own = len(weights), int(person.max()) + 1, clips[clip]
    scores = own @ weights.T + np.einsum("na,nea->ne", own, 0.1 * dice.normal(size=(people, *weights.shape))[person])
    scores += 0.5 * dice.normal(size=(people, emotions))[person] + 0.5 * dice.normal(size=(len(clips), emotions))[clip]
    return (scores + dice.gumbel(size=scores.shape)).argmax(axis=1)


def expect_and_gain(seed, emotions=8, attributes=19):
    """The gain that a lesson of the product's size expects, and the gain that new people and clips show."""
    dice = np.random.default_rng(seed)
    targets = dice.normal(0, 0.9, (emotions, attributes))
    weights = 0.3 * (targets - targets.mean(axis=0)) + dice.normal(0, 0.2, (emotions, attributes))

    def play(at, clips):
        meant = np.arange(clips) % emotions
        return at[meant] + dice.normal(size=(clips, attributes)), meant

    clips, _ = play(targets, 200)
    person = np.repeat(np.arange(60), 16)
    clip = np.concatenate([dice.choice(200, 16, replace=False) for _ in range(60)])
    told = Answers.of(clips, person, clip, choose(clips, clip, person, weights, dice), emotions)
    names, unit = tuple(map(str, range(attributes))), np.ones(attributes)
    heard = fit(told, Prior(targets, np.eye(attributes)), Scale(names, 0 * unit, unit))
    middle = Region(0 * unit, np.eye(attributes) + np.cov(targets.T), 5.5)
    found = improve(heard, targets, region=middle, spread=np.eye(attributes), seed=seed)

    def recognise(at):
        fresh, meant = play(at, 8000)  # everybody hears one clip
        return (choose(fresh, np.arange(8000), np.arange(8000), weights, dice) == meant).mean()

    return found.overall_gain, recognise(found.targets) - recognise(targets)


@pytest.mark.long
def test_the_interval_holds_at_the_size_of_the_product():
    """It held the gain in .925 of 40 lessons; without the model's own error in .775."""
    lessons = [expect_and_gain(seed) for seed in range(40)]
    assert np.mean([gain for _, gain in lessons]) > 0.1
    held = [expected.low <= gain <= expected.high for expected, gain in lessons]
    assert np.mean(held) >= 0.85


# Which clips to play.


def log_determinant(heard, clips):
    """Of what is known after four answers to each, by the information summed clip by clip."""
    z = np.concatenate([np.ones((len(clips), 1)), (clips - MIDDLES) / WIDTHS], axis=1)
    known = np.linalg.inv(heard.covariance)
    for shares, row in zip(heard.probabilities(clips), z, strict=True):
        known += 4.0 * np.kron(np.diag(shares) - np.outer(shares, shares), np.outer(row, row))
    return np.linalg.slogdet(known)[1]


def test_chosen_clips_tell_more_than_random_ones(heard):
    dice = np.random.default_rng(4)
    candidates = MIDDLES + WIDTHS * dice.normal(0, 1.5, (120, ATTRIBUTES))
    chosen = choose_to_learn(heard, candidates, 12, rng=dice)
    assert len(set(chosen.tolist())) == 12
    told = log_determinant(heard, candidates[chosen])
    by_chance = [log_determinant(heard, candidates[dice.choice(120, 12, replace=False)]) for _ in range(30)]
    assert told > max(by_chance)
    # Each is the best of those left, beside the ones chosen before.
    for place, best in enumerate(chosen):
        beside = {
            row: log_determinant(heard, candidates[[*chosen[:place], row]])
            for row in range(120)
            if row not in chosen[:place]
        }
        assert best == max(beside, key=beside.__getitem__)


def test_clips_without_a_measurement_are_not_chosen_and_few_come_all(heard):
    candidates = np.tile(MIDDLES, (5, 1))
    candidates[2, 0] = np.nan
    assert sorted(choose_to_learn(heard, candidates, 9, rng=np.random.default_rng(0)).tolist()) == [0, 1, 3, 4]


def test_what_tests_is_drawn_before_what_teaches_and_apart(heard):
    dice = np.random.default_rng(6)
    candidates, meant = listening.clips_of(listening.table(), 64, dice)
    counted = np.zeros(64)
    for seed in range(200):
        wave = split_wave(heard, candidates, teach=8, test=16, rng=np.random.default_rng(seed), emotions=meant)
        assert not set(wave.teach) & set(wave.test)
        assert (wave.teach.size, wave.test.size) == (8, 16)
        assert np.bincount(meant[wave.test]).tolist() == [4] * EMOTIONS
        counted[wave.test] += 1
    assert counted.min() > 25  # 50 expected: what a clip would tell has no say
    assert counted.max() < 80
    with pytest.raises(ValueError, match="cannot be tested"):
        split_wave(heard, candidates, teach=1, test=65, rng=dice)


def test_steering_is_found_where_clips_tell_and_usual_where_they_do_not():
    dice = np.random.default_rng(8)
    asked = MIDDLES + WIDTHS * dice.normal(size=(400, ATTRIBUTES))
    slopes = np.array([0.9, 0.2, 0.7, 0.0, 1.0, 0.5])
    asked[:, 5] = MIDDLES[5]  # never varied
    found = fit_steering(asked, MIDDLES + slopes * (asked - MIDDLES) + 0.3 * WIDTHS * dice.normal(size=asked.shape))
    np.testing.assert_allclose(found.slopes[:5], slopes[:5], atol=0.06)
    assert found.slopes[5] == 1.0
    assert np.sqrt(np.diag(found.scatter))[:5] / WIDTHS[:5] == pytest.approx(np.full(5, 0.3), abs=0.04)
    assert fit_steering(asked[:2], asked[:2]).slopes.tolist() == [1.0] * ATTRIBUTES

"""Where there is little: a reason in the place of every number, never a NaN, never an error; and every threshold."""

from dataclasses import replace

import numpy as np
import pytest

from survey.analysis.estimates import NO_ANSWERS
from survey.analysis.lens import Answers, measure, measure_lens, spread, standing_of
from survey.analysis.lens.measure import (
    ALL_OF_IT,
    FEW_CLIPS,
    FEW_FOR_EQUATION,
    FEW_OTHERS,
    FEW_PIECES,
    NO_CUES,
    NO_SPREAD,
    ONE_CUE,
    ONE_PARTICIPANT,
    SAME_JUDGEMENT,
)
from survey.analysis.lens.shown import MEASURE
from survey.analysis.measures.plain_data import as_declared
from survey.analysis.measures.showing import show
from tests.survey.analysis.lens.simulated import FOUR, SEVEN, draw, truth, truth_of

EMOTIONS = ("awe", "fear", "joy", "sadness")


def lens(drawn, names=FOUR.names, values=None, emotions=EMOTIONS):
    """The lens of a drawn study, as every outlet gets it: a NaN would be refused, and what is shown is made."""
    clips = [f"S{place}" for place in range(len(drawn.cues))]
    made = drawn.intended[drawn.clip]
    answers = Answers(drawn.person, drawn.clip, drawn.clip, made, drawn.chosen, clips, emotions)
    found = measure_lens(answers, names, drawn.cues if values is None else values)
    plain = as_declared("lens", type(found), found)
    show(MEASURE, plain)
    return plain


def study(people=20, clips=32, each=16, seed=4):
    return draw(np.random.default_rng(seed), people, clips, each)


def test_the_constants_are_those_of_the_documentation():
    assert (measure.FEWEST_CLIPS, measure.CLIPS_PER_CUE, measure.KNOWN) == (4, 3, 0.5)
    assert spread.STEP == 1e-4


@pytest.mark.parametrize(
    ("clips", "has_weights"), [(15, [True, True, True, False]), (16, [True] * 4), (12, [False] * 4)]
)
def test_an_emotion_has_weights_from_four_clips_on(clips, has_weights):
    found = lens(study(clips=clips, each=12))
    assert [bool(one.cues) for one in found.emotions] == has_weights
    assert {one.reason for one in found.emotions if not one.cues} <= {FEW_CLIPS}
    assert all(one.achievement.estimate is None for one in found.emotions if not one.cues)


@pytest.mark.parametrize(("others", "reason"), [(3, FEW_OTHERS), (4, None)])
def test_it_needs_four_clips_of_others(others, reason):
    drawn = study()
    drawn.intended = np.where(np.arange(32) < others, 1, 0)
    first = lens(drawn).emotions[0]
    assert (first.emotion, bool(first.cues), first.reason) == ("awe", reason is None, reason)


def test_clips_of_one_piece_count_once():
    drawn = study()
    clips = [f"S{place}" for place in range(32)]
    piece = np.where(drawn.intended == 0, 0, np.arange(32))[drawn.clip]  # all of awe play one piece
    answers = Answers(drawn.person, drawn.clip, piece, drawn.intended[drawn.clip], drawn.chosen, clips, EMOTIONS)
    found = measure_lens(answers, FOUR.names, drawn.cues)
    assert [one.reason for one in found.emotions] == [FEW_PIECES, None, None, None]


def test_an_emotion_that_was_chosen_at_one_clip_alone_has_numbers():
    """Without that clip nothing varies; rounding may take a variance below 0, whose root is no number."""
    for clip in range(32):
        drawn = study()
        drawn.chosen = np.where((drawn.chosen == 2) & (drawn.clip != clip), 3, drawn.chosen)
        drawn.chosen[np.flatnonzero(drawn.clip == clip)[:3]] = 2
        joy = lens(drawn).emotions[2]
        assert all(cue.utilisation.estimate is not None for cue in joy.cues)


@pytest.mark.parametrize(("clips", "cues"), [(8, 1), (9, 2), (16, 4), (20, 5), (21, 6), (24, 6)])
def test_the_equation_has_a_cue_for_three_clips_and_three_for_the_constant(clips, cues):
    drawn = study(clips=clips, each=8)
    drawn.intended = drawn.intended % 2
    assert lens(drawn).equation_cues == SEVEN[:cues]


def test_the_equation_takes_the_predeclared_cues_in_their_order():
    drawn = study()
    wide = np.random.default_rng(1).normal(size=(32, 9))
    names = ("pedal", *reversed(SEVEN), "texture")
    assert lens(drawn, names, wide).equation_cues == SEVEN


def test_cues_of_other_names_are_all_taken_or_none():
    drawn = study(clips=20)
    values = np.random.default_rng(1).normal(size=(20, 6))
    assert lens(drawn, tuple("abcde"), values[:, :5]).equation_cues == tuple("abcde")
    found = lens(drawn, tuple("abcdef"), values)
    assert found.equation_cues == ()
    assert all(one.cues and one.reason == FEW_FOR_EQUATION for one in found.emotions)


def test_of_one_cue_matching_has_no_interval():
    found = lens(study(), ("tempo",), study().cues[:, :1]).emotions[0]
    assert abs(found.matching.estimate) == pytest.approx(1.0)
    assert (found.matching.interval, found.matching.reason) == (None, ONE_CUE)


def test_constant_and_unknown_cues_are_left_out_and_clips_with_gaps_counted():
    drawn = study()
    values = np.concatenate([drawn.cues, np.full((32, 1), 120.0), drawn.cues[:, :2]], axis=1)
    values[:17, 7] = np.nan  # known of less than half
    values[:16, 8] = np.nan  # known of half: then the clips are left out
    names = (*FOUR.names, "constant", "rare", "half")
    found = lens(drawn, names, values)
    assert found.cues_left_out == ("constant", "rare")
    assert (found.clips, found.clips_left_out) == (16, 16)
    assert found.cues == (*FOUR.names, "half")


@pytest.mark.parametrize("of_the_first", [16, 18])
def test_where_two_composers_measure_different_things_the_lens_is_of_one_of_them(of_the_first):
    drawn = study()
    values = np.concatenate([drawn.cues, drawn.cues[:, :2]], axis=1)
    values[of_the_first:, 1:6] = np.nan  # the first cue is known of both
    values[:of_the_first, 6:] = np.nan
    found = lens(drawn, (*FOUR.names, "x", "y"), values)
    assert found.cues == FOUR.names  # more was measured there
    assert (found.clips, found.clips_left_out) == (of_the_first, 32 - of_the_first)
    assert found.cues_left_out == ("x", "y")
    assert found.reason is None


def test_a_perfect_copy_shares_the_weight():
    drawn = study()
    found = lens(drawn, (*FOUR.names, "copy"), np.concatenate([drawn.cues, drawn.cues[:, :1]], axis=1))
    for one in found.emotions:
        assert one.cues[0].utilisation.estimate == pytest.approx(one.cues[6].utilisation.estimate)
    assert found.correlations[0].correlation == pytest.approx(1.0)


def test_of_cues_that_mean_nothing_more_come_up_where_they_go_with_one_that_does():
    alike, apart = np.array([_come_up(together) for together in (0.8, 0.0)]).mean(axis=1)
    assert alike > 0.25
    assert apart < 0.12


def _come_up(together, studies=20):
    """Of studies whose listeners go by one cue, whether the other has an interval without 0 for the first emotion."""
    heard = np.array([[1.0, 0.0], [-1.0, 0.0], [0.5, 0.0], [-0.5, 0.0]])
    found = []
    for seed in range(studies):
        dice = np.random.default_rng(seed)
        cues = dice.normal(size=(48, 2)) @ np.array([[1.0, together], [0.0, np.sqrt(1 - together**2)]])
        person, clip = np.repeat(np.arange(60), 16), np.concatenate([dice.permutation(48)[:16] for _ in range(60)])
        odds = np.exp(cues @ heard.T)[clip]
        chosen = (np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1) > dice.random((960, 1))).argmax(axis=1)
        made = np.arange(48)[clip] % 4
        answers = Answers(person, clip, clip, made, chosen, [f"S{place}" for place in range(48)], EMOTIONS)
        found.append(measure_lens(answers, ("tempo", "density"), cues).emotions[0].cues[1].utilisation.interval)
    return [low > 0 or high < 0 for low, high in found]


def test_more_cues_than_clips_have_weights():
    drawn = study(clips=16)
    found = lens(drawn, tuple(f"cue{place}" for place in range(19)), np.random.default_rng(2).normal(size=(16, 19)))
    assert all(len(one.cues) == 19 for one in found.emotions)
    assert all(cue.validity.interval for one in found.emotions for cue in one.cues)


def test_where_nothing_varies_there_are_no_weights():
    found = lens(study(), ("tempo",), np.full((32, 1), 99.0))
    assert (found.reason, found.cues, {one.reason for one in found.emotions}) == (NO_CUES, (), {NO_CUES})


def test_one_person_says_nothing_of_others():
    found = lens(study(people=1, each=32))
    for one in found.emotions:
        assert {cue.utilisation.reason for cue in one.cues} <= {ONE_PARTICIPANT, SAME_JUDGEMENT}
        assert all(cue.utilisation.interval is None and cue.standing is None for cue in one.cues)
        assert all(cue.validity.interval for cue in one.cues)
        assert one.sender_consistency.interval is not None
        assert one.achievement.interval is None


def test_one_clip_and_no_answers_have_reasons():
    drawn = study()
    keep = drawn.clip == 5
    one = replace(drawn, person=drawn.person[keep], clip=drawn.clip[keep], chosen=drawn.chosen[keep])
    found = lens(one)
    assert (found.clips, found.reason) == (1, NO_CUES)
    nothing = replace(drawn, **{name: getattr(drawn, name)[:0] for name in ("person", "clip", "chosen")})
    assert (lens(nothing).reason, lens(nothing).emotions) == (NO_ANSWERS, ())


def test_an_emotion_that_nobody_chose_has_one_side():
    drawn = study()
    drawn.chosen = np.where(drawn.chosen == 2, 1, drawn.chosen)
    joy = lens(drawn).emotions[2]
    assert {cue.utilisation.reason for cue in joy.cues} == {SAME_JUDGEMENT}
    assert all(cue.validity.interval and cue.r_listener is None for cue in joy.cues)
    assert (joy.achievement.reason, joy.listener_consistency.reason) == (SAME_JUDGEMENT, SAME_JUDGEMENT)
    assert joy.listener_adjusted is None
    assert joy.sender_consistency.interval is not None


def test_everybody_right_leaves_no_interval_of_achievement():
    drawn = study()
    drawn.chosen = drawn.intended[drawn.clip]
    found = lens(drawn)
    for one in found.emotions:
        assert one.achievement.estimate == pytest.approx(1.0)
        assert (one.achievement.interval, one.achievement.reason) == (None, ALL_OF_IT)
        assert one.matching.estimate == pytest.approx(1.0)


def test_everybody_the_same_answer_at_all_clips():
    drawn = study()
    drawn.chosen = np.zeros_like(drawn.chosen)
    found = lens(drawn)
    assert all(cue.utilisation.reason == SAME_JUDGEMENT for one in found.emotions for cue in one.cues)


def test_none_of_these_counts_as_an_answer_and_is_no_emotion():
    drawn = study(people=40)
    some = replace(drawn, chosen=np.where(np.arange(drawn.chosen.size) % 3 == 0, -1, drawn.chosen))
    found, before = lens(some), lens(drawn)
    assert found.answers == before.answers
    assert len(found.readings) < len(before.readings) or all(
        one.share <= other.share for one, other in zip(found.readings, before.readings, strict=False)
    )
    assert max(one.share for one in found.readings) < max(one.share for one in before.readings)


def test_every_person_twice_is_no_more_certain_of_clips():
    """Intervals are of people and clips: twenty copies of each answer by the same people narrow nothing."""
    drawn = study()
    again = replace(drawn, **{name: np.tile(getattr(drawn, name), 20) for name in ("person", "clip", "chosen")})
    one, other = (lens(each).emotions[0] for each in (drawn, again))
    for cue, copy in zip(one.cues, other.cues, strict=True):
        narrow, wide = (np.ptp(each.utilisation.interval) for each in (copy, cue))
        assert narrow > 0.8 * wide


@pytest.mark.parametrize("values", [(1e-9, 1.0), (1e6, 1e-3)])
def test_units_and_orders_change_nothing(values):
    drawn = study()
    scale, shift = values
    moved, plain = lens(drawn, values=drawn.cues * scale + shift), lens(drawn)
    for one, other in zip(moved.emotions, plain.emotions, strict=True):
        for cue, same in zip(one.cues, other.cues, strict=True):
            assert cue.utilisation.estimate == pytest.approx(same.utilisation.estimate, abs=1e-5)
    order = np.random.default_rng(3).permutation(drawn.chosen.size)
    mixed = replace(drawn, **{name: getattr(drawn, name)[order] for name in ("person", "clip", "chosen")})
    assert lens(mixed).emotions[1].cues[2].utilisation.interval == pytest.approx(
        plain.emotions[1].cues[2].utilisation.interval
    )


def test_every_standing():
    plus, minus, zero = (0.1, 0.4), (-0.4, -0.1), (-0.1, 0.4)
    assert [standing_of(*pair) for pair in ((plus, plus), (minus, minus), (plus, minus), (minus, plus))] == [
        *("agree", "agree"),
        *("disagree", "disagree"),
    ]
    assert [standing_of(*pair) for pair in ((minus, zero), (zero, minus), (zero, zero))] == [
        *("composer_only", "listeners_only", "neither"),
    ]
    assert standing_of(None, plus) is standing_of(plus, None) is None


def test_known_weights_are_found_with_their_standing():
    """Four hundred people and 400 clips: every weight of the simulated world is found, and clear ones stand out."""
    found = lens(draw(np.random.default_rng(11), 400, 400, 40))
    covariance, clear = truth(40, clips=20_000), 0
    for place, one in enumerate(found.emotions):
        validity, utilisation, _ = truth_of(covariance, FOUR, place, found.penalty, 6)
        for cue, made, heard in zip(one.cues, validity, utilisation, strict=True):
            assert (cue.validity.estimate, cue.utilisation.estimate) == pytest.approx((made, heard), abs=0.12)
            if min(abs(made), abs(heard)) > 0.15:
                clear += 1
                assert cue.standing == ("agree" if made * heard > 0 else "disagree")
        strongest = int(np.abs(FOUR.heard[place]).argmax())
        assert np.sign(one.cues[strongest].utilisation.estimate) == np.sign(FOUR.heard[place, strongest])
    assert clear >= 8
    assert {"agree", "disagree", "listeners_only"} <= {cue.standing for one in found.emotions for cue in one.cues}


def test_no_spread_has_its_own_reason():
    assert measure._weight(0.2, 0.0, 5.0).reason == NO_SPREAD
    assert measure._weight(0.2, 0.01, 5.0).interval == pytest.approx((0.2 - 0.257058, 0.2 + 0.257058), abs=1e-6)

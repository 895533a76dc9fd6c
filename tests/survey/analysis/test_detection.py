"""Yes and no with lures: d′ and bias against published values, what must not count as hearing, and coverage."""

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from survey.analysis import analyse, read_long, read_out
from survey.analysis.detection import (
    ALL_ALIKE,
    NO_LURES,
    correct_rate,
    measure_detection,
    response_criterion,
    sensitivity,
)
from tests.survey.analysis import yes_no
from tests.survey.analysis.holding import holds

TWO = ("awe", "fear")


def told(people, clips, asked, target, yes, names=TWO):
    arrays = (np.asarray(column) for column in (people, clips, asked, target, yes))
    return measure_detection(*arrays, names)


def design(people=12, clips=8, emotions=2):
    """Everybody hears every clip, half of them with a lure; two people make a whole."""
    who, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
    own = clip % emotions
    target = (who + clip // emotions) % 2 == 0
    asked = np.where(target, own, (own + 1 + (who + clip) % max(emotions - 1, 1)) % emotions)
    return who, clip, asked, target


def test_rates_sensitivity_and_bias_are_those_of_statpsych():
    """statpsych 1.5 (R), ``signal(82, 46, 100, 100)``: .8168317, .460396, d′ 1.002793, bias −.4019603."""
    hit, alarm = correct_rate(0.82, 100), correct_rate(0.46, 100)
    assert (round(hit, 7), round(alarm, 6)) == (0.8168317, 0.460396)
    assert round(sensitivity(hit, alarm), 6) == 1.002793
    assert round(response_criterion(hit, alarm), 7) == -0.4019603


def test_together_the_same_where_every_emotion_is_named_as_often():
    target = np.repeat([True, False], 100)
    yes = np.concatenate([np.arange(100) < 82, np.arange(100) < 46])
    people, clips = np.arange(200) % 20, np.arange(200) % 2
    found = told(people, clips, np.zeros(200, int), target, yes, ("sadness",)).together
    assert (found.hits, found.false_alarms, found.targets, found.lures) == (82, 46, 100, 100)
    assert (round(found.d_prime, 6), round(found.criterion, 7)) == (1.002793, -0.4019603)


@pytest.mark.parametrize("always", [True, False])
def test_who_always_says_the_same_hears_nothing_and_is_not_called_recognised(always):
    who, clip, asked, target = design()
    found = told(who, clip, asked, target, np.full(who.size, always))
    assert found.together.d_prime == 0.0
    assert found.together.recognised is None
    assert found.together.reason == ALL_ALIKE
    assert True not in {one.recognised for one in found.emotions.values()}


def test_who_always_says_yes_among_people_who_hear_nothing_does_not_make_it_recognised():
    generator = np.random.default_rng(5)
    who, clip, asked, target = design(30, 16)
    readiness = np.where(np.arange(30) < 10, 1.0, generator.random(30))
    found = told(who, clip, asked, target, generator.random(who.size) < readiness[who]).together
    assert abs(found.d_prime) < 0.4
    assert found.recognised is False


def test_a_name_that_everybody_likes_is_no_sensitivity_however_often_it_is_intended():
    """Three of four clips are awe; everybody says yes to awe and no to fear, whatever is played. Pooled, H − F = .5."""
    who, clip = np.repeat(np.arange(12), 8), np.tile(np.arange(8), 12)
    own = np.where(clip % 4 < 3, 0, 1)
    target = (who + clip) % 2 == 0
    asked = np.where(target, own, 1 - own)
    yes = asked == 0
    assert yes[target].mean() - yes[~target].mean() == 0.5
    found = told(who, clip, asked, target, yes)
    assert abs(found.together.d_prime) < 0.1
    assert found.together.hit_rate == found.together.false_alarm_rate
    assert not found.together.recognised


def test_people_who_hear_something_are_found_to_and_the_order_of_rows_changes_nothing():
    generator = np.random.default_rng(2)
    who, clip, asked, target = design(30, 16, 8)
    yes = generator.random(who.size) < np.where(target, 0.8, 0.2)
    found = told(who, clip, asked, target, yes, yes_no.NAMES)
    assert found.together.d_prime == pytest.approx(norm.ppf(0.8) - norm.ppf(0.2), abs=0.25)
    assert found.together.recognised is True
    mixed = generator.permutation(who.size)
    again = told(*(column[mixed] for column in (who, clip, asked, target, yes)), yes_no.NAMES)
    assert again.together.participants_stimuli == pytest.approx(found.together.participants_stimuli)
    assert [one.p_holm for one in again.emotions.values()] == pytest.approx(
        [one.p_holm for one in found.emotions.values()]
    )


def test_how_readily_yes_is_said_to_a_clip_whatever_is_named_widens_nothing():
    """A clip to which everybody says yes as target and as lure: its two parts cancel before they are squared."""
    generator = np.random.default_rng(8)
    who, clip, asked, target = design(60, 16, 8)
    chance = generator.random((60, 16))[who, clip]
    ready = np.where((np.arange(16) + np.arange(16) // 8) % 2, 0.35, -0.35)[clip]
    widths = []
    for leaning in (0.0, ready):
        found = told(who, clip, asked, target, chance < 0.5 + leaning, yes_no.NAMES).together
        widths.append(found.participants_stimuli[1] - found.participants_stimuli[0])
    assert widths[1] < 1.15 * widths[0]


def one_each(n, hit, alarm):
    """Standard error of d′ from n answers to targets and n to lures, by scipy."""
    rates = [(n * rate + 0.5) / (n + 1) for rate in (hit, alarm)]
    return np.sqrt(sum(rate * (1 - rate) / (n + 1) / norm.pdf(norm.ppf(rate)) ** 2 for rate in rates))


def test_perfect_listeners_are_found_to_tell_targets_from_lures_with_each_counting_once():
    """12 people × 8 clips of four emotions, all right: (48.5 / 49) gives d′ 4.64, twelve or eight answers its error."""
    who, clip = np.repeat(np.arange(12), 8), np.tile(np.arange(8), 12)
    target = (who + clip // 4) % 2 == 0
    asked = np.where(target, clip % 4, (clip + 1 + (who + clip) % 3) % 4)
    found = told(who, clip, asked, target, target, ("joy", "sad", "fear", "calm"))
    one, d_prime = found.together, 2 * norm.ppf(48.5 / 49)
    assert one.d_prime == pytest.approx(d_prime)
    assert one.participants[0] == pytest.approx(d_prime - student.ppf(0.975, 11) * one_each(12, 1, 0))
    assert one.participants_stimuli[0] == pytest.approx(d_prime - student.ppf(0.975, 4) * one_each(8, 1, 0))
    assert one.p_value == pytest.approx(student.sf(d_prime / one_each(8, 1, 0), 4))
    assert [round(end, 4) for end in (*one.participants_stimuli, one.p_value)] == [1.9638, 7.3113, 0.0043]
    assert one.recognised is True
    assert one.reason.startswith(
        "the answers show no spread between participants; there the interval counts each participant (or"
    )
    reversed_ = told(who, clip, asked, target, ~target, ("joy", "sad", "fear", "calm")).together
    assert (reversed_.recognised, round(reversed_.p_value, 4)) == (False, 0.9957)
    once = target.copy()
    once[0] = ~once[0]
    one = told(who, clip, asked, target, once, ("joy", "sad", "fear", "calm")).together
    assert "no spread between participants in one of the two rates" in one.reason
    assert round(one.p_value, 4) == 0.0025


def test_people_who_always_say_yes_beside_people_who_always_say_no_leave_no_interval_without_width():
    """Everybody's d′ is 0 but for rounding errors, which are no spread."""
    who, clip, asked, target = design(12, 8)
    for wanted in range(2):
        found = told(who, clip, asked, target, who % 4 // 2 == wanted).together
        half = student.ppf(0.975, 11) * one_each(12, 0.5, 0.5)
        assert found.d_prime == pytest.approx(0)
        assert found.participants == pytest.approx((-half, half))
        assert found.participants_stimuli[1] >= found.participants[1]
        assert (found.recognised, round(half, 4)) == (False, 1.082)
        assert "no spread between participants" in found.reason


def test_intervals_hold_the_truth_where_all_answers_are_right_in_many_studies():
    """d′ = 4.4: in a fourth of studies of 12 × 8 nobody errs, in three fourths one rate is 0 or 1 (300 studies)."""
    generator, these, new, perfect = np.random.default_rng(31), [], [], 0
    who, clip, asked, target = design(12, 8, 4)
    for _ in range(300):
        yes = norm.cdf(np.where(target, 2.2, -2.2)) > generator.random(who.size)
        one = told(who, clip, asked, target, yes, ("a", "b", "c", "d")).together
        perfect += bool((yes == target).all())
        new.append(holds(one.participants_stimuli, 4.4))
        if one.reason:
            these.append(holds(one.participants, 4.4))
        assert one.recognised
    assert (40 <= perfect <= 110, 190 <= len(these) <= 260) == (True, True)
    assert np.mean(these) >= 0.93
    assert np.mean(new) >= 0.93


def test_without_lures_nothing_is_defined():
    who, clip, asked, _ = design()
    found = told(who, clip, asked, np.ones(who.size, bool), who % 2 == 0)
    assert (found.together.d_prime, found.together.reason) == (None, NO_LURES)
    assert (found.together.hit_rate, found.together.false_alarm_rate) == (0.5, None)
    assert {one.reason for one in found.emotions.values()} == {NO_LURES}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (([], [], [], [], []), "not defined: there are no answers"),
        (([0], [0], [0], [False], [True]), "not defined: no trial named the intended emotion"),
        (
            ([0, 1], [0, 0], [0, 1], [True, False], [True, False]),
            "not defined: no emotion was named both about its own clips and about others",
        ),
    ],
)
def test_what_is_not_defined_has_a_reason(rows, reason):
    people, clips, asked = (np.array(column, int) for column in rows[:3])
    target, yes = (np.array(column, bool) for column in rows[3:])
    found = measure_detection(people, clips, asked, target, yes, TWO).together
    assert (found.d_prime, found.participants, found.reason) == (None, None, reason)


def test_one_person_and_one_clip_say_nothing_about_others():
    who, clip, asked, target = design(12, 8)
    yes = (who + clip) % 3 > 0
    one = who == 0
    found = told(*(column[one] for column in (who, clip, asked, target, yes))).together
    assert (found.participants, found.participants_stimuli) == (None, None)
    assert found.reason == "not defined: one participant says nothing about new people"
    single = told(np.arange(12), np.zeros(12), np.zeros(12, int), np.arange(12) % 2 == 0, np.arange(12) % 3 > 0)
    assert single.together.participants is not None
    assert single.together.participants_stimuli is None
    assert single.together.reason == "not defined: one clip says nothing about new clips"


def test_with_one_clip_per_emotion_there_is_no_interval_of_single_emotions_for_new_clips():
    who, clip, asked, target = design(20, 8, 8)
    yes = np.random.default_rng(0).random(who.size) < np.where(target, 0.8, 0.3)
    found = told(who, clip, asked, target, yes, yes_no.NAMES)
    assert found.together.participants_stimuli is not None
    assert {one.participants_stimuli for one in found.emotions.values()} == {None}
    assert {one.reason for one in found.emotions.values()} == {
        "not defined: one clip per emotion says nothing about new clips"
    }


LINES = "participant,stimulus,intended,chosen,asked_emotion,music_emotion,condition\n"


def table(lures, always=""):
    """Twelve people, eight clips of two emotions, as an export has them."""
    who, clip, asked, target = design()
    if not lures:
        asked, target = clip % 2, np.ones(who.size, bool)
    said = np.random.default_rng(3).random(who.size) < np.where(target, 0.75, 0.25)
    return LINES + "".join(
        f"P{p},S{c},{'yes' if t else 'no'},{always or ('yes' if y else 'no')},{TWO[a]},{TWO[c % 2]},Music only\n"
        for p, c, a, t, y in zip(who, clip, asked, target, said, strict=True)
    )


def test_a_table_with_the_named_emotion_is_read_and_told_as_hits_beside_false_alarms():
    report = analyse(read_long(table(lures=True)), replicates=0)
    found = report["measures"]["detection"]
    assert found["together"]["recognised"] is True
    assert set(found["emotions"]) == set(TWO)
    text = read_out(report)
    assert "Listeners said yes to" in text
    assert "lures, which named another" in text
    assert "picked the intended emotion" not in text
    assert "guesser" not in text
    assert report["seed_study"]["difference"] is None
    assert "half of ours another one" in report["seed_study"]["reason"]


def test_always_yes_is_not_told_as_recognised_50_percent():
    report = analyse(read_long(table(lures=True, always="yes"), choices=["yes", "no"]), replicates=0)
    text = read_out(report)
    assert report["measures"]["detection"]["together"]["d_prime"] == 0.0
    assert "d′ = 0.00 (not defined: everybody gave the same answer" in text
    assert "50" not in text.split("\n\n")[1]


def test_without_lures_the_seeds_eleven_of_eighteen_stand_beside_as_what_they_were():
    report = analyse(read_long(table(lures=False), choices=["yes", "no"]), replicates=0)
    text = read_out(report)
    assert "yes was always right" in text
    assert "its 11 of 18 had no lures either" in text
    assert report["seed_study"]["difference"] is not None
    assert report["measures"]["detection"]["together"]["reason"] == NO_LURES


def test_agreement_is_among_those_who_were_asked_the_same():
    """Everybody answers rightly: all agree, although yes and no are said to every clip."""
    who, clip, asked, target = design()
    rows = LINES + "".join(
        f"P{p},S{c},{'yes' if t else 'no'},{'yes' if t else 'no'},{TWO[a]},{TWO[c % 2]},\n"
        for p, c, a, t in zip(who, clip, asked, target, strict=True)
    )
    report = analyse(read_long(rows), replicates=0)
    assert report["agreement"]["percent"]["estimate"] == 1.0
    assert {clip["hit_rate"] for clip in report["stimuli"]} == {1.0}
    assert {clip["n"] for clip in report["stimuli"]} == {6}


def test_where_people_choose_among_emotions_there_is_nothing_of_it():
    rows = "participant,stimulus,intended,chosen\nP1,S1,fear,fear\nP2,S1,fear,awe\n"
    report = analyse(read_long(rows), replicates=0)
    assert report["measures"]["detection"] is None
    assert "lures" not in read_out(report)


def test_intervals_hold_the_truth_and_tests_do_not_reject_too_often():
    """300 studies of 30 people × 16 clips. Beyond ± .035 of .95 with probability below .01; eight emotions each."""
    generator, said = np.random.default_rng(7), {}
    for study in range(300):
        for name, values in yes_no.of_one_study(generator, 30, 16, study).items():
            said.setdefault(name, []).extend(values)
    share = {name: float(np.mean(values)) for name, values in said.items()}
    for name in yes_no.INTERVALS:
        assert 0.93 <= share[name] <= 0.99, (name, share)
    assert share["d′ test"] <= 0.07
    assert 0.02 <= share["d′ test of one"] <= 0.06
    assert share["d′ test of any"] <= 0.06


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("people", "clips"), [(p, c) for p in (12, 30, 100) for c in (8, 16, 24)])
def test_at_every_size(people, clips):
    generator, said = np.random.default_rng((11, people, clips)), {}
    for study in range(2000):
        for name, values in yes_no.of_one_study(generator, people, clips, study).items():
            said.setdefault(name, []).extend(values)
    share = {name: float(np.mean(values)) for name, values in said.items() if values}
    # With few people, and with one clip per emotion, intervals err on the side of width.
    widest = 0.995 if people == 12 or clips == 8 else 0.985
    assert all(0.925 <= share[name] <= widest for name in yes_no.INTERVALS if name in share), share
    assert all(share[name] <= 0.07 for name in yes_no.TESTS if name in share), share

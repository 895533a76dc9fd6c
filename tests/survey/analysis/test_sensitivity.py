"""Leaving out, halves, groups of people, rules and missing answers, against scipy, statsmodels, R and brute force."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from survey.analysis import analyse, read_long, read_out
from survey.analysis.between_people import FEWEST_PEOPLE, variance_between_people
from survey.analysis.measures import Asked
from survey.analysis.ratings import Given
from survey.analysis.sensitivity.groups import measure_people_groups, welch
from survey.analysis.sensitivity.halves import compare_halves, half_of_each, measure_halves
from survey.analysis.sensitivity.leaving_out import leave_out_clips, leave_out_people
from survey.analysis.sensitivity.missing import count_missing, measure_missing_answers
from survey.analysis.sensitivity.missing_tests import as_many_or_more, compare_missing
from survey.analysis.sensitivity.rate import rate_of, rate_without
from survey.analysis.sensitivity.rules import measure_rules_applied

HEAD = "participant,stimulus,intended,chosen"


def table(rows, more=""):
    return read_long(f"{HEAD}{more}\n" + "\n".join(rows) + "\n", choices=["joy", "grief", "fear"])


def asked(ratings):
    return Asked(ratings, ratings, ratings, "", 1, 199)


def drawn(people, clips, seed=1):
    """Hits of everybody for every clip, shape (people, clips)."""
    dice = np.random.default_rng(seed)
    return dice.random((people, clips)) < dice.beta(2, 2, clips) * 0.7 + 0.3 * dice.random((people, 1))


def answers(hits, more=lambda p, s: ""):
    """Rows of a table; a person's and a clip's number say who and what."""
    people, clips = hits.shape
    return [
        f"P{p:03},S{s:03},{('joy', 'grief')[s % 2]},{('joy', 'grief')[s % 2] if hits[p, s] else 'fear'}{more(p, s)}"
        for p in range(people)
        for s in range(clips)
    ]


# --- one clip, one person ---


def test_leaving_out_is_what_computing_anew_without_it_gives():
    hits = drawn(12, 8)
    ratings = table(answers(hits))
    clips, people = leave_out_clips(ratings), leave_out_people(ratings)
    without_clip = [np.delete(hits, s, axis=1).mean() for s in range(8)]
    without_person = [np.delete(hits, p, axis=0).mean() for p in range(12)]
    assert (clips.low, clips.high) == (pytest.approx(min(without_clip)), pytest.approx(max(without_clip)))
    assert (people.low, people.high) == (pytest.approx(min(without_person)), pytest.approx(max(without_person)))
    moved = np.abs(np.array(without_clip) - hits.mean())
    assert clips.most.name == f"S{moved.argmax():03}"
    assert abs(clips.most.change) == pytest.approx(moved.max())
    kept = [row for row in answers(hits) if f",{clips.most.name}," not in row]
    again = analyse(table(kept), replicates=0)["accuracy"]
    assert clips.most.interval == tuple(again["participants_stimuli"])


def known_clips(known, clips, people=8):
    """Clips that everybody recognises, and clips that nobody does, of one emotion."""
    rows = [f"P{p},S{s:03},joy,{'joy' if s < known else 'fear'}" for p in range(people) for s in range(clips)]
    return table(rows)


def test_a_finding_that_rests_on_one_clip_is_said_to():
    """29 of 60 clips: above a guesser's third, and not above it without any one of the 29."""
    ratings = known_clips(29, 60)
    assert leave_out_clips(ratings).conclusion == "above"
    assert "The finding rests on single clips: with all the interval lies above chance, without S000 it" in read_out(
        analyse(ratings, replicates=0)
    )
    steady = leave_out_clips(known_clips(45, 60))
    assert (steady.conclusion, steady.changes) == ("above", ())


def test_the_twenty_units_that_move_most_are_looked_at_again():
    changes = leave_out_clips(known_clips(29, 60)).changes
    assert [one.name for one in changes] == [f"S{s:03}" for s in range(20)]
    assert {one.conclusion for one in changes} == {"includes"}


@pytest.mark.parametrize(("number", "defined"), [(2, False), (3, True)])
def test_fewer_than_three_cannot_be_left_out(number, defined):
    ratings = table(answers(drawn(number, number)))
    for found in (leave_out_clips(ratings), leave_out_people(ratings)):
        assert (found.most is not None, found.reason is None) == (defined, defined)


# --- halves ---


def test_the_halves_differ_as_a_paired_t_test_says():
    dice = np.random.default_rng(2)
    people, clips = 15, 10
    place = np.array([dice.permutation(clips) for _ in range(people)])
    hits = drawn(people, clips) | ((place >= 5) & (dice.random((people, clips)) < 0.3))
    who, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
    found = compare_halves(hits.ravel(), who, clip, place.ravel())
    first = np.array([hits[p][place[p] < 5].mean() for p in range(people)])
    second = np.array([hits[p][place[p] >= 5].mean() for p in range(people)])
    expected = stats.ttest_rel(second, first)
    assert found.difference == pytest.approx(expected.statistic * stats.sem(second - first))
    assert found.these_clips == pytest.approx(tuple(expected.confidence_interval()))
    assert found.interval[0] <= found.these_clips[0] or found.degrees > people - 1


def test_the_middle_trial_of_an_odd_number_is_in_neither_half():
    assert half_of_each(np.zeros(5, int), np.array([5, 4, 3, 2, 1])).tolist() == [1, 1, -1, 0, 0]


@pytest.mark.parametrize(("people", "defined"), [(4, False), (5, True)])
def test_halves_need_five_people(people, defined):
    rows = answers(drawn(people, 6), lambda p, s: f",{(s * 5 + p) % 6 + 1}")
    found = measure_halves(asked(table(rows, ",position")))
    assert (found.difference is not None) == defined


def test_without_positions_there_are_no_halves():
    assert measure_halves(asked(table(answers(drawn(6, 6))))) is None


# --- groups of people ---


def test_groups_differ_as_welch_s_test_says():
    hits = drawn(14, 9)
    who = np.repeat(np.arange(14), 9)
    difference, error, degrees = welch(hits.ravel(), who < 5, who >= 5, who, np.tile(np.arange(9), 14))
    expected = stats.ttest_ind(hits[:5].mean(axis=1), hits[5:].mean(axis=1), equal_var=False)
    assert (difference / error, degrees) == (pytest.approx(expected.statistic), pytest.approx(expected.df))


def unequal(seed, first, others, clips=24):
    """Two groups that are alike; so many answers of everybody, to clips that they draw."""
    generator = np.random.default_rng(seed)
    heard = np.array(first + others)
    people, skill = np.repeat(np.arange(heard.size), heard), generator.normal(0, 0.8, heard.size)
    piece = np.concatenate([generator.permutation(clips)[:number] for number in heard])
    hits = generator.random(people.size) < 1 / (1 + np.exp(-skill[people] - np.cos(piece)))
    difference, error, degrees = welch(hits, people < len(first), people >= len(first), people, piece)
    return False if error is None else 2 * stats.t.sf(abs(difference) / error, degrees) < 0.05


@pytest.mark.parametrize(
    ("first", "others"),
    [([24] + [2] * 4, [24] * 30), ([24] * 2 + [2] * 3, [24] * 30), ([24] * 4 + [2] * 8, [24] * 10 + [3] * 18)],
    ids=["one of five stayed", "two of five stayed", "a third stayed"],
)
def test_people_who_gave_few_answers_make_no_group_surer(first, others):
    """With everybody counted as one it was .24, .19 and .09."""
    assert np.mean([unequal(seed, first, others) for seed in range(400)]) <= 0.083  # .05 ± 3 standard errors


def test_a_mean_over_people_who_count_unequally_is_corrected_as_its_matrix_says():
    """What Σ moved² is of people with one variance: a quadratic form, whose trace and eigenvalues are known."""
    weights, values = np.array([24, 2, 2, 3, 9]) / 40, np.array([0.3, 0.9, 0.1, 0.5, 0.6])
    around = np.diag(weights) @ (np.eye(5) - np.outer(np.ones(5), weights))
    eigenvalues = np.linalg.eigvalsh(around.T @ around)
    variance, degrees = variance_between_people(around @ values, weights)
    assert variance == pytest.approx(((around @ values) ** 2).sum() * (weights**2).sum() / eigenvalues.sum())
    assert degrees == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())
    assert FEWEST_PEOPLE == 5


def lists(shared, people=20):
    """Two lists of eight clips, an easy and a hard one, of two languages; `shared` clips of the easy one on both."""
    dice = np.random.default_rng(3)
    rows = []
    for p in range(people):
        german = p % 2
        for s in [*range(8 * german, 8 * german + 8), *range(shared * german)]:
            known = dice.random() < (0.9 if s < 8 else 0.2)
            rows.append(f"P{p:02},S{s:02},joy,{'joy' if known else 'fear'},{('en', 'de')[german]}")
    return table(rows, ",language")


def test_groups_that_heard_different_clips_are_not_compared():
    ratings = lists(0)
    (found,) = measure_people_groups(asked(ratings)).differences
    assert (found.difference, found.p_value, found.p_holm) == (None, None, None)
    assert found.reason.startswith("not compared: the two groups heard different clips")
    said = read_out(analyse(ratings, replicates=0))
    assert "Groups that heard different clips were not compared" in said
    assert "(language of the pages: de and en)." in said
    assert "People differ by" not in said


def test_groups_are_compared_on_the_clips_that_both_heard():
    """Three easy clips on both lists: what the people make of those, which is Welch's t test of their shares."""
    ratings = lists(3)
    (found,) = measure_people_groups(asked(ratings)).differences
    clip = np.array(ratings.stimuli)[ratings.stimulus]
    hits = {
        language: [
            ratings.hits[(ratings.participant == p) & np.isin(clip, ["S00", "S01", "S02"])].mean()
            for p in range(20)
            if ratings.participants[p][-1] in ("13579" if language == "de" else "02468")
        ]
        for language in ("de", "en")
    }
    expected = stats.ttest_ind(hits["de"], hits["en"], equal_var=False)
    assert (found.difference, found.degrees, found.p_value) == (
        pytest.approx(np.mean(hits["de"]) - np.mean(hits["en"])),
        pytest.approx(expected.df),
        pytest.approx(expected.pvalue),
    )


def test_clips_that_one_group_heard_more_often_are_no_difference_between_people():
    """Each group hears two of three easy and hard clips, the one mostly the easy; nobody differs from anybody."""
    people = np.repeat(np.arange(12), 2)
    piece = np.array([[0, 1]] * 5 + [[0, 2]] + [[2, 3]] * 5 + [[0, 2]]).ravel()
    hits = piece < 2
    assert hits[people < 6].mean() - hits[people >= 6].mean() > 0.8
    assert welch(hits, people < 6, people >= 6, people, piece)[0] == pytest.approx(0)


@pytest.mark.parametrize(("on_shared", "tested"), [(4, False), (5, True)])
def test_five_people_of_each_group_must_have_heard_shared_clips(on_shared, tested):
    dice = np.random.default_rng(4)
    rows = []
    for p in range(14):
        heard = range(4) if p < on_shared or p >= 7 else range(4, 8)
        rows += [
            f"P{p:02},S{s},joy,{'joy' if dice.random() < 0.5 else 'fear'},{'en' if p < 7 else 'de'}" for s in heard
        ]
    (found,) = measure_people_groups(asked(table(rows, ",language"))).differences
    assert (found.p_value is not None) == tested
    reason = "not compared: of en, 4 people heard clips that the other group heard, too; it needs at least 5"
    assert found.reason == (None if tested else reason)


def groups(sizes, fact="device"):
    names = [name for name, size in sizes.items() for _ in range(size)]
    rows = answers(drawn(len(names), 6), lambda p, s: f",{names[p]}")
    return measure_people_groups(asked(table(rows, f",{fact}")))


def test_a_group_of_four_is_not_compared_and_one_of_five_is():
    found = groups({"phone": 5, "computer": 6, "tablet": 4})
    assert [(one.a, one.b) for one in found.differences] == [("computer", "phone")]
    assert found.small == {"device": ("tablet",)}
    assert found.groups["device"]["tablet"].participants == 4


def test_eight_groups_are_compared_and_nine_are_not():
    assert len(groups({f"g{n}": 5 for n in range(8)}).differences) == 28
    many = groups({f"g{n}": 5 for n in range(9)})
    assert many.differences == ()
    assert len(many.groups["device"]) == 9


def test_all_pairs_of_all_facts_are_one_family():
    rows = answers(drawn(12, 6), lambda p, s: f",{('phone', 'computer')[p % 2]},{('de', 'en')[p // 6]}")
    found = measure_people_groups(asked(table(rows, ",device,language")))
    p = [one.p_value for one in found.differences]
    assert min(one.p_holm for one in found.differences) == pytest.approx(2 * min(p))


def test_people_who_are_called_two_ways_are_in_no_group():
    rows = answers(drawn(11, 6), lambda p, s: f",{'phone' if p < 5 or (p == 10 and s) else 'computer'}")
    ratings = table(rows, ",device")
    assert measure_people_groups(asked(ratings)).unknown == {"device": 1}
    assert any(note.startswith("device: 1 participants have more than one (line") for note in ratings.notes)


def test_one_group_is_no_comparison():
    assert groups({"phone": 9}) is None


def test_a_large_p_is_not_read_as_no_difference():
    said = read_out(analyse(table(answers(drawn(12, 6), lambda p, s: f",{('de', 'en')[p % 2]}"), ",language")))
    assert "that is no evidence that they are alike" in said or "People differ by language" in said


# --- rules ---


def test_rules_on_and_off():
    hits = drawn(12, 8)
    hits[:2] = False
    found = measure_rules_applied(asked(table(answers(hits, lambda p, s: f",{p > 1}"), ",included")))
    assert found.everybody.rate.estimate == pytest.approx(hits.mean())
    assert found.included.rate.estimate == pytest.approx(hits[2:].mean())
    assert (found.everybody.rate.participants, found.included.rate.participants, found.rules) == (12, 10, None)
    assert found.everybody.tested == 2
    assert found.everybody.recognised is not None


def test_where_nobody_is_left_out_nothing_is_compared():
    assert measure_rules_applied(asked(table(answers(drawn(4, 4))))) is None


# --- missing answers ---


def test_the_test_between_cells_is_r_s_for_the_admissions_at_berkeley():
    """mantelhaen.test(UCBAdmissions, correct = FALSE): X² = 1.5246; statsmodels finds the same."""
    admitted = [(512, 89), (353, 17), (120, 202), (138, 131), (53, 94), (22, 24)]
    rejected = [(313, 19), (207, 8), (205, 391), (279, 244), (138, 299), (351, 317)]
    who, level, gone = [], [], []
    for department, pair in enumerate(zip(admitted, rejected, strict=True)):
        for out, counts in enumerate(pair):
            for sex, n in enumerate(counts):
                who += [department] * n
                level += [sex] * n
                gone += [bool(out)] * n
    found = compare_missing(np.array(who), np.array(level), np.array(gone))
    assert (round(found.statistic, 4), found.degrees) == (1.5246, 1)
    tables = [np.array([a, r]) for a, r in zip(admitted, rejected, strict=True)]
    same = StratifiedTable(tables).test_null_odds(correction=False)
    assert (found.statistic, found.p_value) == (pytest.approx(same.statistic), pytest.approx(same.pvalue))


def test_as_many_or_more_by_counting_every_way():
    chances = np.array([0.1, 0.35, 0.5, 0.9])
    for number in range(5):
        ways = sum(
            np.prod([c if way else 1 - c for c, way in zip(chances, ways, strict=True)])
            for ways in product((0, 1), repeat=4)
            if sum(ways) >= number
        )
        assert as_many_or_more(chances, number) == pytest.approx(ways)


@pytest.mark.parametrize(("leaving", "tested"), [(3, False), (4, True)])
def test_two_missing_answers_per_level_are_needed(leaving, tested):
    who, level = np.repeat(np.arange(9), 4), np.tile([0, 1, 0, 1], 9)
    gone = (np.tile(np.arange(4), 9) == 3) & (who < leaving)
    assert (compare_missing(who, level, gone).p_value is not None) == tested


def study_with_a_broken_clip(leaving, people=30, clips=8, seed=3):
    """Whoever meets clip 5 leaves with this chance; everybody in an order of their own."""
    dice = np.random.default_rng(seed)
    rows = []
    for p in range(people):
        for place, s in enumerate(dice.permutation(clips)):
            out = s == 5 and dice.random() < leaving
            chosen = "" if out else ("joy", "grief", "fear")[dice.integers(3)]
            rows.append(f"P{p},S{s},{('joy', 'grief')[s % 2]},{chosen},{place + 1}")
            if out:
                break
    return table(rows, ",position")


def test_a_clip_where_everybody_leaves_stands_out_on_every_outlet():
    ratings = study_with_a_broken_clip(1.0)
    found = measure_missing_answers(asked(ratings))
    (clip,) = [one for one in found.clips if one.stands_out]
    assert (clip.stimulus, clip.trials.share, clip.trials.left) == ("S5", 1.0, 30)
    said = read_out(analyse(ratings, replicates=0))
    assert "More answers are missing than by chance at S5" in said
    assert "more than by chance" in said


def test_a_clip_stands_out_below_five_in_a_hundred_and_not_above():
    """Every one of `leaving` people misses the same one of two clips: p is .5 to that power, doubled by Holm."""
    for leaving, stands_out in ((5, False), (6, True)):
        who, clip = np.repeat(np.arange(leaving), 2), np.tile([0, 1], leaving)
        names = tuple(map(str, range(leaving)))
        given = Given(names, ("S", "T"), ("",), ("joy",), who, clip, 0 * who, 0 * who, clip == 0, clip == 1)
        (found,) = count_missing(given).clips
        assert (found.p_holm, found.stands_out) == (2 * 0.5**leaving, stands_out)


def test_without_missing_answers_there_is_no_table_of_them():
    assert measure_missing_answers(asked(table(answers(drawn(4, 4))))) is None


def test_what_is_not_in_a_table_is_in_no_outlet():
    report = analyse(table(answers(drawn(6, 6))), replicates=0)
    absent = {"rules_applied", "halves", "people_groups", "missing_answers"}
    assert {name for name, found in report["measures"].items() if found is None} >= absent
    for title in ("Missing answers", "First and second half", "Groups of people", "Quality rules on"):
        assert title not in read_out(report)


def test_who_left_is_asked_of_all_trials_and_not_of_those_that_are_looked_at():
    """P0 answers a gold clip after a main one that is missing; of P1's trials places are unknown; P2 left."""
    rows = ["P0,S0,joy,joy,main,1", "P0,S1,grief,,main,2", "P0,S2,joy,joy,gold,3"]
    rows += ["P1,S0,joy,joy,main,", "P1,S1,grief,,main,"]
    rows += ["P2,S0,joy,joy,main,1", "P2,S1,grief,,main,2"]
    given = table(rows, ",kind,position").given
    left = [(given.participants[p], given.stimuli[s]) for p, s in zip(given.participant, given.stimulus, strict=True)]
    assert [who for who, gone in zip(left, given.left, strict=True) if gone] == [("P2", "S1")]
    assert not given.select(given.stimulus == 0).left.any()


@pytest.mark.parametrize(("missing", "groups"), [(None, {"17", "x"}), (["x"], {"17", "-99"})])
def test_what_means_that_nothing_is_known_of_a_person_is_no_group(missing, groups):
    ages = enumerate(("17", "-99", "x", ""))
    rows = [f"P{p},S{s},joy,{'joy' if s else 'grief'},{age}" for p, age in ages for s in (0, 1)]
    ratings = read_long(["participant,stimulus,intended,chosen,age", *rows], missing=missing)
    assert {level for level in ratings.people_facts["age"].levels if level} == groups


def test_leaving_out_the_one_piece_of_two_emotions_lets_the_others_have_strata_again():
    """Without M0, which S000 and T take for joy and for grief, the hit rate is as of a table without it."""
    rows = answers(drawn(8, 6), lambda p, s: f",M{s}") + [f"P{p:03},T,grief,joy,M0" for p in range(8)]
    ratings = table(rows, ",music_id")
    others = table([row for row in rows if not row.endswith("M0")], ",music_id")
    assert not ratings.strata().any()
    assert set(others.strata().tolist()) == {1, 2}
    assert rate_without(ratings, ratings.factors["music_id"].codes > 0) == rate_of(others)

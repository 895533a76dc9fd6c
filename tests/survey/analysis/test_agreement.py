"""Agreement coefficients against published tables, other programs and brute force."""

import csv
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_kappa

from generation.emotions import SLUGS
from survey.analysis.agreement import (
    NAMES,
    agree_on_choices,
    agreement_with_others,
    brennan_prediger,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    measure_agreement,
    percent_agreement,
)
from survey.analysis.ratings import read_counts, read_wide
from survey.analysis.report import analyse_table
from tests.survey.analysis.published import (
    FLEISS_1971,
    FOURTEEN_RATERS,
    KRIPPENDORFF_2011,
    KRIPPENDORFF_BINARY,
    KRIPPENDORFF_NOMINAL,
    UNEQUAL,
    UNEQUAL_BY_IRRCAC,
)
from tests.survey.analysis.simulated import draw_answers

TABLES = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 4), min_size=width, max_size=width), min_size=1, max_size=8)
)


def rounded(estimate):
    return round(estimate.estimate, 4)


def test_fleiss_kappa_of_his_thirty_patients_is_the_published_one():
    assert round(fleiss_kappa(FLEISS_1971).estimate, 3) == 0.430


def test_category_kappas_of_fleiss_are_those_of_r_irr():
    kappas = [round(kappa.estimate, 3) for kappa in agree_on_choices(FLEISS_1971, "12345").values()]
    assert kappas == [0.245, 0.245, 0.520, 0.471, 0.566]


def test_krippendorffs_four_coders_have_his_nominal_alpha():
    assert round(krippendorff_alpha(read_wide(KRIPPENDORFF_2011.splitlines()).counts).estimate, 3) == 0.743


def test_krippendorffs_four_coders_have_the_coefficients_that_irrcac_prints():
    # irrCAC 1.0 vignette "Calculating CAC", data set cac.raw4raters, five categories
    counts = read_wide(KRIPPENDORFF_2011.splitlines()).counts
    assert [rounded(f(counts)) for f in (percent_agreement, fleiss_kappa, gwet_ac1, brennan_prediger)] == [
        0.8182,
        0.7612,
        0.7754,
        0.7727,
    ]


def test_fourteen_raters_have_the_kappa_that_is_worked_out_by_hand():
    assert round(fleiss_kappa(FOURTEEN_RATERS).estimate, 3) == 0.210


@pytest.mark.parametrize(("observers", "alpha"), [(KRIPPENDORFF_BINARY, 0.095), (KRIPPENDORFF_NOMINAL, 0.692)])
def test_krippendorffs_two_observers_have_his_alphas(observers, alpha):
    units = [f"{unit},{a},{b}" for unit, (a, b) in enumerate(zip(*observers, strict=True))]
    assert round(krippendorff_alpha(read_wide(["unit,A,B", *units]).counts).estimate, 3) == alpha


@pytest.mark.parametrize("declared", [4, 5])
def test_unequal_raters_and_declared_choices_give_what_irrcac_gives(declared):
    found = measure_agreement(UNEQUAL[:, :declared])
    ours = {name: round(found[name].estimate, 5) for name in UNEQUAL_BY_IRRCAC[declared]}
    assert ours == UNEQUAL_BY_IRRCAC[declared]


@pytest.mark.parametrize("seed", range(5))
def test_kappa_with_equal_raters_is_statsmodels_kappa(seed):
    counts = np.random.default_rng(seed).multinomial(7, [0.4, 0.3, 0.2, 0.1], size=20)
    assert fleiss_kappa(counts).estimate == pytest.approx(statsmodels_kappa(counts), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_alpha_with_missing_answers_is_that_of_the_krippendorff_package(seed):
    generator = np.random.default_rng(seed)
    answers = generator.integers(0, 4, (9, 25)).astype(float)
    answers[generator.random(answers.shape) < 0.5] = np.nan
    counts = np.stack([(answers == value).sum(axis=0) for value in range(4)], axis=1)
    expected = krippendorff.alpha(reliability_data=answers, level_of_measurement="nominal")
    assert krippendorff_alpha(counts).estimate == pytest.approx(expected, abs=1e-12)


def test_only_declared_choices_change_ac1_and_brennan_prediger():
    more = np.column_stack([FLEISS_1971, np.zeros((30, 3), int)])
    for same in (fleiss_kappa, krippendorff_alpha, percent_agreement):
        assert same(more).estimate == pytest.approx(same(FLEISS_1971).estimate)
    # Pe: Σπ(1 − π)/7 and 1/8
    assert brennan_prediger(more).estimate == pytest.approx((5 / 9 - 1 / 8) / (1 - 1 / 8))
    shares = FLEISS_1971.sum(axis=0) / 180
    expected = (shares * (1 - shares)).sum() / 7
    assert gwet_ac1(more).estimate == pytest.approx((5 / 9 - expected) / (1 - expected))


def test_identical_answers_leave_kappa_and_alpha_undefined_with_full_agreement():
    counts = np.array([[4, 0, 0], [3, 0, 0]])
    assert percent_agreement(counts).estimate == 1.0
    assert gwet_ac1(counts).estimate == 1.0
    assert fleiss_kappa(counts).reason == "not defined: all answers identical"
    assert krippendorff_alpha(counts).reason == "not defined: all answers identical"


def test_one_clip_gives_what_the_formulas_give_and_says_that_it_means_nothing():
    """Fleiss: Pa = 1/2, Pe = 10/16. Krippendorff: 1 − 3 · 2/6. The same numbers whatever the four answers are."""
    for answers in ([3, 1], [2, 2]):
        found = measure_agreement(np.array([answers]))
        assert found["fleiss_kappa"].estimate == pytest.approx(-1 / 3)
        assert found["krippendorff_alpha"].estimate == pytest.approx(0.0)
        assert found["fleiss_kappa"].interval is None
        assert "taken from that clip itself" in found["fleiss_kappa"].reason
    assert percent_agreement(np.array([[3, 1]])).estimate == 0.5
    assert gwet_ac1(np.array([[3, 1]])).estimate == pytest.approx((0.5 - 0.375) / (1 - 0.375))


def test_clips_with_one_answer_each_leave_nothing_to_compare():
    result = measure_agreement(np.eye(3, dtype=int))
    assert {value.reason for value in result.values()} == {
        "not defined: no clip has two answers, so there is nothing to compare"
    }


def test_one_declared_choice_leaves_only_percent_agreement():
    result = measure_agreement(np.array([[3], [2]]))
    assert [name for name, value in result.items() if value.estimate is not None] == ["percent"]


def test_no_answers_at_all_are_a_reason():
    assert {v.reason for v in measure_agreement(np.zeros((0, 8), int)).values()} == {
        "not defined: there are no answers"
    }


@pytest.mark.parametrize("name", NAMES)
def test_of_two_clips_kappa_and_alpha_have_no_interval_for_new_clips(name):
    """Without one of two clips a single clip is left, of which κ and α are the same whatever was answered."""
    by_answers = name in ("fleiss_kappa", "krippendorff_alpha")
    for clips, single in ((2, 0), (2, 1), (3, 0)):
        counts = np.array([[5, 3, 2], [2, 7, 1], [4, 1, 5]])[:clips]
        table = np.vstack([counts, np.tile([[1, 0, 0]], (single, 1))])  # a clip with one answer compares nothing
        item, answer = np.repeat(np.argwhere(table), table[table > 0], axis=0).T
        rater = np.concatenate([np.arange(n) for n in table.sum(axis=1)])
        found = measure_agreement(table, item, rater, answer)[name]
        missing = clips == 2 and by_answers
        assert (found.over_stimuli is None, found.over_both is None, found.over_participants is None) == (
            missing,
            missing,
            False,
        )
        if missing:
            assert "at least three clips with several answers" in found.reasons["interval_stimuli"]
            assert found.reasons["interval_participants_stimuli"] == found.reasons["interval_stimuli"]
            assert found.interval == found.over_participants


QUANTILES = {8: 2.364624, 9: 2.306004}
"""t(.975) with so many units less one degree of freedom, from a printed table."""


def z_of(values, floor):
    """Fisher's z of an intraclass correlation, by its hyperbolic tangent."""
    return np.arctanh((2 * np.asarray(values) - 1 - floor) / (1 - floor))


def value_of(z, floor):
    return (1 + floor) / 2 + (1 - floor) / 2 * np.tanh(z)


def one_by_one(name, participant, item, answer, clips, choices):
    """The coefficient without each person, each clip, each answer, starting again every time."""

    def without(keep):
        table = np.bincount(item[keep] * choices + answer[keep], minlength=clips * choices).reshape(clips, choices)
        return measure_agreement(table)[name].estimate

    return (
        np.array([without(participant != one) for one in np.unique(participant)]),
        np.array([without(item != one) for one in np.unique(item)]),
        np.array([without(np.arange(item.size) != one) for one in range(item.size)]),
    )


@pytest.mark.parametrize("seed", range(3))
def test_jackknife_equals_leaving_units_out_one_by_one(seed):
    participant, item, answer = draw_answers(seed, people=8, clips=9, each=6)
    counts = np.bincount(item * 4 + answer, minlength=36).reshape(9, 4)
    found = measure_agreement(counts, item, participant, answer)
    heard = counts.sum(axis=1)
    for name in NAMES:
        floor = -1 / (heard[heard > 1].mean() - 1)
        floor = 1 / 4 + 3 / 4 * floor if name == "percent" else floor
        whole = z_of(found[name].estimate, floor)
        moved = [z_of(left, floor) for left in one_by_one(name, participant, item, answer, 9, 4)]
        variance = [(z.size - 1) / z.size * ((z - z.mean()) ** 2).sum() for z in moved]
        for place, interval in enumerate((found[name].over_participants, found[name].over_stimuli)):
            size = moved[place].size
            centre = size * whole - (size - 1) * moved[place].mean()
            half = QUANTILES[size] * np.sqrt(variance[place])
            assert interval == pytest.approx(value_of([centre - half, centre + half], floor), abs=1e-6)
        both = max(variance[0] + variance[1] - variance[2], *variance[:2])
        degrees = both**2 / (variance[0] ** 2 / 7 + variance[1] ** 2 / 8)
        centre = 9 * whole - 8 * moved[1].mean()
        half = t.ppf(0.975, degrees) * np.sqrt(both)
        assert found[name].over_both == pytest.approx(value_of([centre - half, centre + half], floor), abs=1e-6)
        assert found[name].interval == found[name].over_both


def test_clips_of_one_piece_are_left_out_together():
    """Twelve clips of five pieces: the jackknife over clips by deleting the rows of each piece."""
    pieces = np.array([3, 8, 3, 0, 8, 8, 5, 0, 1, 3, 5, 1])
    counts = np.random.default_rng(3).multinomial(6, [0.5, 0.3, 0.2], size=12)
    for name, found in measure_agreement(counts, pieces=pieces).items():
        left = [measure_agreement(counts[pieces != piece])[name].estimate for piece in np.unique(pieces)]
        floor = 1 / 3 + 2 / 3 * -1 / 5 if name == "percent" else -1 / 5
        z, whole = z_of(np.array(left), floor), z_of(found.estimate, floor)
        half = t.ppf(0.975, 4) * np.sqrt(4 / 5 * ((z - z.mean()) ** 2).sum())
        ends = value_of(np.array([-half, half]) + 5 * whole - 4 * z.mean(), floor)
        ends = [min(ends[0], found.estimate), max(ends[1], found.estimate)]
        assert found.over_stimuli == pytest.approx(np.clip(ends, 0 if name == "percent" else -1, 1), abs=1e-6)
        assert found.estimate == measure_agreement(counts)[name].estimate


@pytest.mark.parametrize(("pieces", "left"), [([0, 1], 1), ([0, 0, 1], 1), ([0, 0, 1, 1], 2), ([0, 1, 2], 2)])
def test_of_a_single_clip_that_is_left_kappa_and_alpha_say_nothing(pieces, left):
    counts = np.array([[4, 1], [1, 4], [3, 2], [5, 0]])[: len(pieces)]
    for name, found in measure_agreement(counts, pieces=np.array(pieces)).items():
        says_nothing = left == 1 and name in ("fleiss_kappa", "krippendorff_alpha")
        assert ("at least three clips" in found.reason) == says_nothing, name


def test_without_names_of_raters_the_interval_is_that_over_clips():
    found = measure_agreement(FLEISS_1971)["fleiss_kappa"]
    assert found.interval == found.over_stimuli
    assert set(found.reasons) == {"interval_participants", "interval_participants_stimuli"}


def test_where_a_coefficient_reaches_its_end_without_a_clip_the_interval_is_made_on_its_own_scale():
    counts = np.array([[4, 0], [4, 0], [0, 4], [0, 4], [4, 0], [0, 4], [3, 1]])
    left = np.array([measure_agreement(np.delete(counts, clip, 0))["fleiss_kappa"].estimate for clip in range(7)])
    assert left.max() == 1.0
    estimate = measure_agreement(counts)["fleiss_kappa"].estimate
    half = t.ppf(0.975, 6) * np.sqrt(6 / 7 * ((left - left.mean()) ** 2).sum())
    interval = measure_agreement(counts)["fleiss_kappa"].over_stimuli
    assert interval == pytest.approx((7 * estimate - 6 * left.mean() - half, 1.0))


SMALL_TABLES = {
    "one item": (read_counts(["item,a,b", "1,3,1"]), {"percent": 0.5, "fleiss_kappa": -1 / 3, "gwet_ac1": 0.2}),
    "one item, three raters": (read_wide(["item,A,B,C", "1,x,y,x"]), {"percent": 1 / 3, "fleiss_kappa": -0.5}),
    "one category": (read_counts(["item,a", "1,3", "2,4"]), {"percent": 1.0, "gwet_ac1": None}),
    "identical": (read_counts(["item,a,b", "1,3,0", "2,4,0"]), {"fleiss_kappa": None, "gwet_ac1": 1.0}),
    "identical, declared": (
        read_wide(["item,A,B", "1,x,x", "2,x,x"], choices=["x", "y"]),
        {"percent": 1.0, "krippendorff_alpha": None, "gwet_ac1": 1.0, "brennan_prediger": 1.0},
    ),
    "one rater": (read_wide(["item,A", "1,x", "2,y"]), dict.fromkeys(NAMES)),
}


@pytest.mark.parametrize("name", SMALL_TABLES)
def test_smallest_tables_have_what_their_formulas_give_or_a_reason(name):
    table, right = SMALL_TABLES[name]
    found = analyse_table(table)["agreement"]
    for coefficient, value in right.items():
        assert found[coefficient]["estimate"] == (None if value is None else pytest.approx(value)), coefficient
        assert value is not None or found[coefficient]["reason"].startswith("not defined")


def test_one_choice_that_was_not_declared_asks_for_the_choices():
    found = analyse_table(read_wide(["item,A,B", "1,x,x", "2,x,x"]))
    assert "declare the choices that were offered (--choices)" in found["agreement"]["gwet_ac1"]["reason"]
    assert any("declare them with --choices" in note for note in found["notes"])


def test_order_of_answers_does_not_matter():
    participant, item, answer = draw_answers(3)
    counts = np.bincount(item * 4 + answer, minlength=36).reshape(9, 4)
    order = np.random.default_rng(0).permutation(item.size)
    a = measure_agreement(counts, item, participant, answer)["krippendorff_alpha"].over_participants
    b = measure_agreement(counts, item[order], participant[order], answer[order])["krippendorff_alpha"]
    assert b.over_participants == pytest.approx(a)


@given(TABLES)
def test_any_table_gives_numbers_within_limits_or_reasons(rows):
    for name, value in measure_agreement(np.array(rows)).items():
        if value.estimate is None:
            assert value.reason.startswith("not defined")
        else:
            assert value.estimate <= 1 + 1e-9
            assert value.estimate >= 0 or name != "percent"
        if value.interval:
            assert value.interval[0] - 1e-9 <= value.estimate <= value.interval[1] + 1e-9
        assert value.interval is not None or value.reason


def test_a_listener_unlike_the_others_agrees_less_than_expected():
    participant = np.repeat(np.arange(5), 6)
    item = np.tile(np.arange(6), 5)
    answer = np.where(participant == 4, (item + 1) % 3, item % 3)
    counts = np.bincount(item * 3 + answer, minlength=18).reshape(6, 3)
    found = agreement_with_others(counts, item, participant, answer, 5)
    assert found.share.tolist() == [0.75, 0.75, 0.75, 0.75, 0.0]


def test_flickr_votes_of_eleven_people_agree_as_fleiss_formula_says():
    path = Path(settings.BASE_DIR).parent / "shared" / "data" / "flickr-ldl" / "flickr_ldl_votes.csv"
    if not path.exists():
        pytest.skip("the Flickr-LDL votes are not on this machine")
    with path.open(encoding="utf-8") as file:
        votes = np.array([[int(row[slug]) for slug in SLUGS] for row in csv.DictReader(file)])
    assert votes.shape == (11_150, 8)
    equal = votes[votes.sum(axis=1) == 11]
    assert fleiss_kappa(equal).estimate == pytest.approx(statsmodels_kappa(equal), abs=1e-12)
    assert percent_agreement(votes).estimate == pytest.approx(_pairs_that_agree(votes), abs=1e-12)


def _pairs_that_agree(votes):
    m = votes.sum(axis=1)
    return np.mean((votes * (votes - 1)).sum(axis=1)[m > 1] / (m * (m - 1))[m > 1])


def test_an_interval_says_of_whom_it_speaks():
    """One person answers twice as much as two others: nothing can be said of new people without the one who has all."""
    items, raters = np.repeat(np.arange(6), 3), np.tile(np.arange(3), 6)
    answers = np.array([0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1])
    counts = np.array([np.bincount(answers[items == item], minlength=2) for item in range(6)])
    named = measure_agreement(counts, items, raters, answers)["percent"]
    assert (named.interval, named.interval_for, named.reason) == (named.over_both, "new people and new clips", "")
    unnamed = measure_agreement(counts)["percent"]
    assert (unnamed.interval, unnamed.interval_for) == (unnamed.over_stimuli, "new clips, these people")
    two = raters < 2
    counts = np.array([np.bincount(answers[two & (items == item)], minlength=2) for item in range(6)])
    pair = measure_agreement(counts, items[two], raters[two], answers[two])["percent"]
    assert (pair.over_both, pair.interval_for) == (None, "new clips, these people")
    assert pair.reason == "interval for new clips, these people"

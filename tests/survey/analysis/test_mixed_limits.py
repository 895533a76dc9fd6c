"""The mixed model's thresholds: on either side of each the outcome is another one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from survey.analysis.measures import Asked
from survey.analysis.mixed import of_study
from survey.analysis.mixed.components import measure_variance_components
from survey.analysis.mixed.crossing import Crossed
from survey.analysis.mixed.design import make_design
from survey.analysis.mixed.fitting import _settled, fit_crossed
from survey.analysis.mixed.laplace import NotConverged
from survey.analysis.mixed.model import measure_mixed_model
from survey.analysis.mixed.results import Component, Prospect, VarianceComponents
from survey.analysis.mixed.separation import without_separated
from survey.analysis.mixed.shares import marginal_shares
from survey.analysis.mixed.shown import component_sentences
from tests.survey.analysis.coverage_mixed import LEVELS, draw
from tests.survey.analysis.made import ratings_of
from tests.survey.analysis.test_mixed import EMOTIONS, asked, study


def reason_of(ratings):
    return measure_mixed_model(asked(ratings)).reason


@pytest.mark.parametrize(("answers", "fits"), [(42, True), (41, False)])
def test_two_answers_for_each_person_piece_and_effect(answers, fits):
    """12 people, 8 pieces and an intercept are 21."""
    ratings = study(people=12, clips=8)
    clip = np.array([int(name[1:].split("-")[0]) for name in ratings.stimuli])[ratings.stimulus]
    near = (clip - ratings.participant) % 8 < 4
    near[np.flatnonzero(near)[np.arange(48 - answers) * 7]] = False
    found = reason_of(ratings.select(near))
    assert (found is None) == fits
    assert fits or found == of_study.TOO_THIN.format(answers=41, each=2, people=12, pieces=8, effects=1)


@pytest.mark.parametrize(("people", "clips", "fits"), [(3, 24, True), (2, 24, False), (20, 3, True), (20, 2, False)])
def test_three_people_and_three_pieces(people, clips, fits):
    assert (reason_of(study(people=people, clips=clips)) is None) == fits


@pytest.mark.parametrize(("clips", "tested"), [(8, False), (16, True)])
def test_an_emotion_needs_two_pieces(clips, tested):
    found = measure_mixed_model(asked(study(clips=clips)))
    assert bool(found.tests) == tested


@pytest.mark.parametrize(
    ("new", "old", "levels"),
    [
        (12, 12, ["new"]),
        (4, 4, ["(none)", "new"]),
        (11, 12, ["(none)", "new"]),  # one clip on neither side keeps the two from nothing
        (3, 12, []),
        (12, 0, []),
    ],
)
def test_a_side_needs_four_pieces_and_is_compared_with_the_old(new, old, levels):
    ratings = study(clips=24)
    order = np.random.default_rng(1).permutation(24)
    names = [ratings.stimuli[place] for place in order]
    sides = dict.fromkeys(names[:new], "new") | dict.fromkeys(names[new : new + old], "old")
    found = measure_mixed_model(asked(replace(ratings, sides=sides)))
    effects = [one for one in found.effects if one.factor == "side"]
    assert [one.level for one in effects] == levels
    assert {one.reference for one in effects} <= {"old"}
    assert ("side" in {one.factor for one in found.tests}) is bool(levels)
    assert ("side" in found.formula) is bool(levels)
    assert any(note.startswith("side is no fixed effect: new has fewer than 4") for note in found.notes) is (new == 3)


def ring(people, pieces, each):
    """Everybody hears `each` pieces of one emotion, all pieces are heard as often; every other answer is a hit."""
    person, piece = np.arange(people)[:, None], np.arange(pieces)
    return ratings_of(
        people,
        np.zeros(pieces, int),
        EMOTIONS,
        heard=(piece - person * each) % pieces < each,
        chosen=(person + piece) % 2,
    )


def refuse(data, *, profiles):
    """In the place of a fit of minutes: whoever comes here was not too large."""
    raise NotConverged("it was asked for")


@pytest.mark.parametrize(
    ("people", "pieces", "each", "reason"),
    [
        (600, 700, 5, of_study.FAILED.format(why="it was asked for")),
        (601, 601, 5, of_study.TOO_WIDE.format(people="601", pieces="601", most="600")),
        (11_000, 10, 10, of_study.FAILED.format(why="it was asked for")),
        (11_001, 10, 10, of_study.TOO_MANY.format(cells="110,010", most="110,000")),
    ],
)
def test_the_largest_that_is_computed(monkeypatch, people, pieces, each, reason):
    monkeypatch.setattr(of_study, "fit_crossed", refuse)
    assert reason_of(ring(people, pieces, each)) == reason


def extremes(n):
    """Eight people: four who hit once in n answers, four who miss once; the six pieces are alike but for that."""
    person, piece = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
    hits = np.where(person % 2 == 0, 0.0, n / 6)
    own = piece == person % 6
    hits[own] += np.where(person[own] % 2 == 0, 1, -1)
    return Crossed(hits, np.full(48, n / 6), np.ones((1, 1)), 0 * person, person, piece)


@pytest.mark.parametrize(("n", "believed"), [(120, True), (240, False)])
def test_a_standard_deviation_beyond_six_is_not_believed(n, believed):
    fit = fit_crossed(extremes(n), profiles=False)
    assert fit.is_plain != believed
    assert not believed or 5.2 < fit.restricted[0] < 6


def test_a_search_that_runs_off_begins_anew_nearer_to_zero():
    """Six people and eight pieces that differ greatly: from .7 the search leaves, from .2 it finds the maximum."""
    data = draw(np.random.default_rng((40, 6, 8)), 6, 8, 3 * LEVELS)
    fit = asked(data).once(of_study.fit_primary).fit
    assert not fit.is_plain
    assert fit.restricted == pytest.approx([0.458, 2.663], abs=0.005)


def test_next_to_zero_is_zero():
    assert _settled(np.array([-0.00101, 0.00099])).tolist() == [0.00101, 0.0]


@pytest.mark.parametrize(("seed", "which", "end"), [(18, 0, 23.25), (42, 1, None)])
def test_no_end_of_a_profile_lies_beyond_thirty(seed, which, end):
    """Of four people and eight pieces: the upper end is 23.3 for people in one study, 31.6 for pieces in another."""
    data = draw(np.random.default_rng((seed, 4, 8)), 4, 8, LEVELS)
    components = measure_variance_components(Asked(data, data, data, "", 0, 0)).components
    assert components[1 - which].interval is not None
    found = components[which].interval
    assert (found and found[1]) == (end and pytest.approx(end, rel=0.01))


@pytest.mark.parametrize(("n", "finite"), [(1200, True), (2000, False)])
def test_a_logit_beyond_fifteen_grows_without_end(n, finite):
    """One hit among n answers on either side, where both meet one miss: twice −7.1 is a fit, twice −7.6 is none."""
    sizes = [1000, n, n, 1]
    a, b = np.repeat([0, 1, 0, 1], sizes), np.repeat([0, 0, 1, 1], sizes)
    hits = np.concatenate([np.arange(1000) % 2 == 0, *(np.arange(size) == 0 for size in (n, n)), [False]])
    keep, lost = without_separated(hits, {"emotion": (("p", "q"), a), "composer": (("x", "y"), b)})
    assert (bool(keep.all()), not lost) == (finite, finite)


@pytest.mark.parametrize(("people", "dense"), [(4, True), (5, False)])
def test_pairs_are_dense_from_a_quarter_on(people, dense):
    """Everybody answers one of as many pieces: a quarter of four times four pairs, a fifth of five times five."""
    each = np.arange(people)
    data = Crossed(np.ones(people), np.ones(people), np.ones((1, 1)), 0 * each, each, each)
    assert data.is_dense == dense


@pytest.mark.parametrize(("gap", "said"), [(0.0009, "alike"), (0.0011, "most")])
def test_half_widths_within_a_tenth_of_a_point_buy_the_same(gap, said):
    widths = [Prospect(30, 24, 0.1), Prospect(30, 48, 0.07), Prospect(60, 24, 0.07 + gap)]
    lead = component_sentences(VarianceComponents((), tuple(widths), (), None))[0].partition(":")[0]
    assert lead.endswith(said)


@pytest.mark.parametrize(
    ("sd", "low", "known"), [(0.0, 0.0, False), (0.4, 0.0, False), (0.4, 0.0049, False), (0.4, 0.0051, True)]
)
def test_what_to_have_more_of_is_not_said_where_a_spread_may_be_nothing(sd, low, known):
    widths = (Prospect(30, 24, 0.1), Prospect(30, 48, 0.07), Prospect(60, 24, 0.095))
    people = Component("people", 1.0, 0.5, 1.0, (0.6, 1.6))
    pieces = Component("pieces", sd**2, 0.1, sd, (low, 1.18))
    said = component_sentences(VarianceComponents((people, pieces), widths, (), None))[0]
    assert said.startswith("More pieces would narrow") == known
    assert (f"of pieces {sd:.2f} (0.00 to 1.18)." in said) != known
    assert known or said.startswith("Whether more people or more pieces would narrow the interval most cannot be told")


def test_what_once_twice_and_four_times_as_many_buy():
    found = measure_variance_components(asked(study()))
    assert {(one.people // 20, one.pieces // 24) for one in found.prospects} == {
        (people, pieces) for people in (1, 2, 4) for pieces in (1, 2, 4)
    }
    assert found.components[-1].variance == pytest.approx(math.pi**2 / 3)


def test_the_nodes_of_the_quadrature_are_enough_where_people_differ_greatly():
    """E logistic(1.5 + 3 Z) by a million equally likely values of Z; 40 nodes are 2e−5 off, 20 nodes 1e−3."""
    from scipy.special import expit, ndtri

    exact = expit(1.5 + 3 * ndtri((np.arange(10**6) + 0.5) / 10**6)).mean()
    assert marginal_shares(np.array([1.5]), 3.0)[0][0] == pytest.approx(exact, abs=5e-5)


def test_a_factor_has_the_reference_asked_for():
    people, pieces = np.repeat(np.arange(6), 8), np.tile(np.arange(8), 6)
    factors = {"presentation": (("loud", "quiet"), pieces % 2)}
    design = make_design(people % 2 == pieces % 3, people, pieces, factors, {"presentation": "quiet"})
    assert [column.reference for column in design.columns] == ["quiet"]

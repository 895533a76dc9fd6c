"""The mixed model: lme4's numbers on three data sets, its gradient, its limits, and what it says of them."""

from __future__ import annotations

import csv
import gc
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

from survey.analysis import analyse
from survey.analysis.measures import Asked, all_measures
from survey.analysis.mixed import of_study
from survey.analysis.mixed.components import measure_variance_components
from survey.analysis.mixed.crossing import Crossed
from survey.analysis.mixed.design import make_design
from survey.analysis.mixed.fitting import fit_crossed
from survey.analysis.mixed.laplace import Likelihood
from survey.analysis.mixed.model import measure_mixed_model
from survey.analysis.mixed.shares import marginal_shares
from survey.analysis.ratings import Rating, collect
from tests.survey.analysis.listeners import draw_hits

FOLDER = Path(__file__).parent / "glmer"
EMOTIONS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")


def crossed(hits, trials, matrix, people, pieces):
    rows, row = np.unique(matrix, axis=0, return_inverse=True)
    return Crossed(np.asarray(hits, float), np.asarray(trials, float), rows.astype(float), row.ravel(), people, pieces)


def cbpp():
    with (FOLDER / "cbpp.csv").open() as file:
        table = np.array([[int(cell) for cell in row] for row in list(csv.reader(file))[1:]])
    herd, incidence, size, period = table.T
    matrix = np.stack([period > 0, period == 2, period == 3, period == 4], axis=1)
    return crossed(incidence, size, matrix, herd - 1, np.zeros(len(herd), int))


def salamanders():
    lines = [line.split() for line in (FOLDER / "salamander.txt").read_text().splitlines()]
    female = np.repeat(np.arange(60), 6)
    male = np.array([int(text[:-1]) - 1 for line in lines for text in line])
    mate = np.array([text[-1] == "+" for line in lines for text in line])
    cross = (female % 20 // 10) * 2 + male % 20 // 10
    return crossed(mate, np.ones(360), np.stack([cross >= 0, *(cross == k for k in (1, 2, 3))], axis=1), female, male)


def verbal_aggression():
    items, kinds, situations, *people = [line.split(",") for line in (FOLDER / "verbagg.txt").read_text().splitlines()]
    n, m = len(people), len(items) - 1
    person, item = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    yes = np.array([answer == "Y" for one in people for answer in one[2]])
    anger, male = np.array([float(one[0]) for one in people]), np.array([one[1] == "M" for one in people])
    kind, self = np.array(kinds[1:])[item], np.array(situations[1:])[item] == "self"
    matrix = np.stack([person >= 0, anger[person], male[person], kind == "scold", kind == "shout", self], axis=1)
    return crossed(yes, np.ones(yes.size), matrix, person, item)


LME4 = {
    "cbpp": (
        cbpp,
        (-1.39834286, -0.99192497, -1.12821622, -1.57974541),
        (0.23121405, 0.30315064, 0.32283015, 0.42204916),
        (0.64206993, 0.0),
    ),
    "salamanders": (
        salamanders,
        (1.0082016148, -0.7020201300, -2.9041768757, -0.0177909297),
        (0.393748214, 0.461458497, 0.560741720, 0.543123682),
        (1.08365101, 1.02028049),
    ),
    "verbal aggression": (
        verbal_aggression,
        (0.199257224, 0.057409663, 0.320609758, -1.058635923, -2.105060253, -1.055284382),
        (0.405721642, 0.016792906, 0.191576312, 0.257066794, 0.259033950, 0.210530659),
        (1.33953935, 0.49524252),
    ),
}
"""Coefficients, standard errors and standard deviations of lme4 1.1-31; glmer/reference.R prints them."""


@pytest.mark.parametrize("name", LME4)
def test_estimates_agree_with_lme4(name):
    read, fixed, errors, spreads = LME4[name]
    fit = fit_crossed(read(), profiles=False)
    assert np.abs(fit.fixed - fixed).max() < 0.001
    assert np.abs(fit.errors - errors).max() < 0.006
    assert np.abs(fit.spreads - spreads).max() < 0.001


def test_what_lme4_calls_the_log_likelihood():
    """−209.2766 of the salamanders: the deviance is twice it, as answers 0 and 1 have no binomial coefficient."""
    assert fit_crossed(salamanders(), profiles=False).deviance == pytest.approx(2 * 209.2766, abs=2e-3)


def small(seed=1, people=9, pieces=16, each=11):
    generator = np.random.default_rng(seed)
    emotion = np.arange(pieces) % 4
    hits, person, piece = draw_hits(generator, people, emotion, np.array([-1.0, -0.3, 0.3, 1.0]), each=each)
    matrix = np.stack([person >= 0, *(emotion[piece] == code for code in (1, 2, 3))], axis=1)
    return crossed(hits, np.ones(hits.size), matrix, person, piece)


@pytest.mark.parametrize(("people", "each"), [(9, 16), (40, 3), (8, 5)])
def test_the_gradient_is_that_of_the_deviance(people, each):
    """Dense and sparse pairs, more people than pieces and fewer."""
    likelihood = Likelihood(small(people=people, each=each))
    at, fixed = np.array([0.6, 0.9]), np.array([0.2, -0.1, 0.3, 0.5])
    point = likelihood.maximum(at, fixed)
    restricted = likelihood.restricted(at)
    for place in range(2):
        step = np.zeros(2)
        step[place] = 1e-4
        slope = [likelihood.maximum(at + s * step, fixed).deviance for s in (1, -1)]
        assert point.by_spread[place] == pytest.approx((slope[0] - slope[1]) / 2e-4, abs=1e-4)
        slope = [likelihood.restricted(at + s * step).deviance for s in (1, -1)]
        assert restricted.by_spread[place] == pytest.approx((slope[0] - slope[1]) / 2e-4, abs=1e-4)
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-4
        slope = [likelihood.maximum(at, fixed + s * step).deviance for s in (1, -1)]
        assert point.by_fixed[place] == pytest.approx((slope[0] - slope[1]) / 2e-4, abs=1e-4)


def test_the_deviance_is_the_integral_where_it_can_be_computed():
    """One grouping, so that the integral over each person's intercept has one dimension; Laplace is .5 % off."""
    people, pieces = np.repeat(np.arange(6), 30), np.zeros(180, int)
    hits = np.random.default_rng(3).random(180) < expit(np.linspace(-1, 1, 6))[people]
    data = Crossed(hits.astype(float), np.ones(180), np.ones((1, 1)), np.zeros(180, int), people, pieces)

    def of_person(k):
        def integrand(u):
            return expit(0.1 + 0.8 * u) ** k * expit(-0.1 - 0.8 * u) ** (30 - k) * math.exp(-u * u / 2)

        return quad(integrand, -8, 8, epsabs=0, epsrel=1e-10)[0] / math.sqrt(2 * math.pi)

    exact = -2 * sum(math.log(of_person(int(hits[people == p].sum()))) for p in range(6))
    assert Likelihood(data).maximum(np.array([0.8, 0.0]), np.array([0.1])).deviance == pytest.approx(exact, rel=0.005)


def test_parts_of_the_covariance_sum_to_it_and_are_what_the_design_says():
    """A dense computation: V = (X'Σ⁻¹X)⁻¹ with Σ = W⁻¹ + σ₁²ZZ' + σ₂²ZZ'."""
    data = small()
    likelihood = Likelihood(data)
    point = likelihood.restricted(np.array([0.5, 0.8]))
    x = data.rows[data.row]
    person, piece = np.eye(data.sizes[0])[data.people], np.eye(data.sizes[1])[data.pieces]
    u = likelihood.state.effects
    share = expit(x @ point.fixed + 0.5 * u[0][data.people] + 0.8 * u[1][data.pieces])
    parts = [0.25 * person @ person.T, 0.64 * piece @ piece.T, np.diag(1 / (share * (1 - share)))]
    inverse = np.linalg.inv(sum(parts))
    covariance = np.linalg.inv(x.T @ inverse @ x)
    weights = inverse @ x @ covariance
    assert np.allclose(point.covariance, covariance, atol=1e-7)
    for ours, part in zip(point.parts, parts, strict=True):
        assert np.allclose(ours, weights.T @ part @ weights, atol=1e-7)


def test_collapsed_counts_and_single_answers_are_one_model():
    data = small()
    double = Crossed(
        np.tile(data.hits, 2), np.tile(data.trials, 2), data.rows, *(np.tile(c, 2) for c in (data.row, *data.groups))
    )
    codes = tuple("abcd"), data.row[np.concatenate([np.arange(data.hits.size)] * 2)]
    design = make_design(double.hits > 0, double.people, double.pieces, {"emotion": codes})
    assert design.data.hits.size == data.hits.size
    assert set(design.data.trials) == {2.0}
    one, other = fit_crossed(design.data, profiles=False), fit_crossed(double, profiles=False)
    assert np.allclose(one.spreads, other.spreads, atol=1e-4)
    assert one.deviance == pytest.approx(other.deviance, abs=1e-5)


def test_the_mode_is_one_of_statsmodels_posterior_too():
    """Its slope by fixed effects and intercepts is 0 at our mode. (Its own `fit_map` also moves the variances along the
    joint density, which has no maximum there: on these data it ends at standard deviations of 1e−28.)
    """
    from scipy.sparse import csr_matrix
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    data = small(seed=4, people=40, each=16)
    random = np.hstack([np.eye(data.sizes[0])[data.people], np.eye(data.sizes[1])[data.pieces]])
    ident = np.repeat([0, 1], data.sizes)
    theirs = BinomialBayesMixedGLM(data.hits, data.rows[data.row], csr_matrix(random), ident, vcp_p=1, fe_p=1e6)
    likelihood, spreads = Likelihood(data), np.array([0.5, 0.8])
    point = likelihood.restricted(spreads)
    intercepts = np.concatenate([s * u for s, u in zip(spreads, likelihood.state.effects, strict=True)])
    slope = theirs.logposterior_grad(np.concatenate([point.fixed, np.log(spreads), intercepts]))
    assert np.abs(np.delete(slope, [4, 5])).max() < 1e-6


def test_the_profile_ends_where_the_deviance_is_at_the_cut():
    data = small(people=20, each=16)
    fit = fit_crossed(data)
    likelihood = Likelihood(data)
    least = likelihood.restricted(fit.restricted).deviance
    for which, (low, high) in enumerate(fit.intervals):
        for end in (low, high):
            if end == 0:
                continue
            others = np.linspace(0.0, 2.5, 251)
            along = [np.array([end, x] if which == 0 else [x, end]) for x in others]
            assert min(likelihood.restricted(x).deviance for x in along) - least == pytest.approx(3.8415, abs=0.02)


@pytest.mark.parametrize(("eta", "spread"), [(-2.0, 0.5), (0.3, 1.2), (1.5, 3.0)])
def test_marginal_shares_are_integrals(eta, spread):
    exact = quad(lambda z: expit(eta + spread * z) * math.exp(-z * z / 2), -12, 12)[0] / math.sqrt(2 * math.pi)
    assert marginal_shares(np.array([eta]), spread)[0][0] == pytest.approx(exact, abs=2e-5)


def study(seed=2, people=20, clips=24, composers=1, share=None, cells=("",)):
    """Ratings of a study; `share` overrules an emotion's share of hits."""
    generator = np.random.default_rng(seed)
    emotion = np.arange(clips) % 8
    rows = []
    for place, cell in enumerate(cells):
        hits, person, clip = draw_hits(generator, people, emotion, np.linspace(-1.2, 0.6, 8) + place, each=clips)
        for p, c, hit in zip(person, clip, hits, strict=True):
            name = EMOTIONS[emotion[c]]
            hit = hit if share is None or name not in share else generator.random() < share[name]
            chosen = name if hit else EMOTIONS[(emotion[c] + 1) % 8]
            composer = f"C{c // 8 % composers}" if composers > 1 else ""
            rows.append(Rating(f"P{p}", f"S{c}-{cell}", cell, name, chosen, composer=composer, music_id=f"M{c}"))
    return collect(rows, EMOTIONS)


def asked(ratings, cell="", primary=None):
    return Asked(ratings, ratings, ratings if primary is None else primary, cell, 0, 0)


def test_an_emotion_that_nobody_recognised_has_no_finite_estimate():
    found = measure_mixed_model(asked(study(share={"fear": 0.0, "awe": 1.0})))
    none = {one.level: one for one in found.effects if one.log_odds is None}
    assert set(none) == {"fear", "awe"}
    assert none["fear"].reason == "not finite: no answer is a hit (60 answers)"
    assert none["awe"].reason == "not finite: every answer is a hit (60 answers)"
    assert all(abs(one.log_odds) < 5 for one in found.effects if one.log_odds is not None)
    assert any("emotion fear: not finite" in note for note in found.notes)


def shown_as_text(name, found):
    """What a page and a terminal show of a measure's result."""
    measure = next(one for one in all_measures() if one.name == name)
    tables = [
        " ".join([table.title, table.caption, *table.notes, *(cell for row in table.rows for cell in row)])
        for table in measure.tables(found)
    ]
    return tables, " ".join(measure.sentences(found))


def test_sizes_are_those_of_the_fit_and_what_was_left_out_is_named_everywhere():
    """Two emotions of three pieces each have no finite estimate: 480 answers to 24 pieces less 120 to 6."""
    ratings = asked(study(share={"fear": 0.0, "awe": 1.0}))
    found, components = measure_mixed_model(ratings), measure_variance_components(ratings)
    assert (found.n, found.participants, found.pieces) == (360, 20, 18)
    named = {
        "emotion fear: not finite: no answer is a hit (60 answers)",
        "emotion awe: not finite: every answer is a hit (60 answers)",
    }
    assert set(found.left_out) == set(components.left_out) == named
    effects, _, shares, sentences = *shown_as_text("mixed_model", found)[0], shown_as_text("mixed_model", found)[1]
    assert "360 answers by 20 people to 18 pieces" in effects
    assert "360 answers of 20 people to 18 pieces" in sentences
    for text in (effects, shares, sentences, shown_as_text("variance_components", components)[0][0]):
        assert all(one in text for one in named)
    assert (components.prospects[0].people, components.prospects[0].pieces) == (20, 18)
    assert "with few pieces is a little too narrow" in shown_as_text("variance_components", components)[0][0]


def test_what_was_left_out_is_named_where_the_rest_is_too_little_to_fit():
    ratings = asked(study(people=4, clips=16, share=dict.fromkeys(EMOTIONS[:6], 0.0)))
    found, components = measure_mixed_model(ratings), measure_variance_components(ratings)
    assert found.reason is not None
    assert found.reason == components.reason
    assert (found.n, found.pieces, len(found.left_out)) == (16, 4, 6)
    for name, one in (("mixed_model", found), ("variance_components", components)):
        assert "emotion anger: not finite: no answer is a hit (8 answers)" in shown_as_text(name, one)[0][0]


def test_where_every_level_is_all_or_nothing_the_reason_says_so():
    found = measure_mixed_model(asked(study(share=dict.fromkeys(EMOTIONS, 0.0) | {"fear": 1.0})))
    assert (found.reason, found.n) == (of_study.ALIKE_IN_LEVELS, 0)


def test_levels_with_too_few_pieces_are_named():
    pieces = np.tile(np.arange(16), 10)
    composer = (("a", "b", "c"), np.select([pieces < 3, pieces < 6], [0, 1], 2))
    design = make_design(np.arange(160) % 3 == 0, np.repeat(np.arange(10), 16), pieces, {"composer": composer})
    assert design.notes[0].startswith("composer is no fixed effect: a, b have fewer than 4 pieces")


def test_notes_of_the_comparison_of_presentations_say_whose_they_are():
    ratings = study(cells=("quiet", "loud"), people=30, share={"fear": 0.0})
    found = measure_mixed_model(asked(ratings, "quiet", ratings.compact(ratings.factors["condition"].codes == 0)))
    assert "emotion fear: not finite: no answer is a hit (90 answers)" in found.notes
    assert "comparison of presentations: emotion fear: not finite: no answer is a hit (180 answers)" in found.notes


def test_each_model_is_fitted_once_however_many_measures_and_threads_ask(monkeypatch):
    fitted = []

    def counting(data, **options):
        fitted.append(data.hits.size)
        return fit_crossed(data, **options)

    monkeypatch.setattr(of_study, "fit_crossed", counting)
    ratings = study(cells=("quiet", "loud"), people=30)
    together = asked(ratings, "quiet", ratings.compact(ratings.factors["condition"].codes == 0))
    with ThreadPoolExecutor(4) as threads:
        measures = [measure_mixed_model, measure_variance_components] * 2
        models = [one.result() for one in [threads.submit(measure, together) for measure in measures]]
    assert sorted(fitted) == [720, 1440]
    assert models[0] == models[2]
    del together
    gc.collect()
    assert not any(isinstance(one, of_study.Model) for one in gc.get_objects())


def test_nothing_is_computed_twice_at_the_optimum(monkeypatch):
    """Every place that the search asks for is another one, the least among them."""
    asked_for = []
    point = Likelihood._point

    def noting(self, spreads, restricted):
        asked_for.append((restricted, *np.round(spreads, 14), *(() if restricted else np.round(self.state.fixed, 14))))
        return point(self, spreads, restricted)

    monkeypatch.setattr(Likelihood, "_point", noting)
    fit_crossed(small(people=20, each=16))
    assert len(asked_for) == len(set(asked_for)) > 20


def test_the_others_do_not_depend_on_what_is_not_finite():
    """In the limit such answers say nothing: the others' odds are those of a study without them."""
    ratings = study(share={"fear": 0.0})
    without = ratings.compact(ratings.intended != EMOTIONS.index("fear"))
    for one, other in zip(
        (e for e in measure_mixed_model(asked(ratings)).effects if e.log_odds is not None),
        measure_mixed_model(asked(without)).effects,
        strict=True,
    ):
        assert one == other


def test_combinations_that_separate_hits_from_misses_are_noticed():
    """Every emotion and composer has hits and misses, but one combination has none."""
    levels = (("a", "b"), np.repeat([0, 0, 1, 1], 60)), (("x", "y"), np.repeat([0, 1, 0, 1], 60))
    hits = np.concatenate([np.zeros(60, bool), np.arange(120) % 2 == 0, np.ones(60, bool)])
    people, pieces = np.tile(np.arange(20), 12), np.repeat(np.arange(24), 10)
    design = make_design(hits, people, pieces, {"emotion": levels[0], "composer": levels[1]})
    assert [str(one) for one in design.lost][:2] == [
        "combination a with x: not finite: no answer is a hit (60 answers)",
        "combination b with y: not finite: every answer is a hit (60 answers)",
    ]
    assert design.left_out == tuple(str(one) for one in design.lost if one.factor == "combination")
    assert design.data.trials.sum() == 120


def test_a_singular_fit_is_said():
    generator = np.random.default_rng(8)
    rows = [
        Rating(f"P{p}", f"S{s}", "", EMOTIONS[s % 8], EMOTIONS[(s + int(generator.random() < 0.5)) % 8])
        for p in range(12)
        for s in range(16)
    ]
    found = measure_mixed_model(asked(collect(rows, EMOTIONS)))
    assert 0.0 in (found.people_sd, found.pieces_sd)
    assert any(note.startswith("singular fit") for note in found.notes)


@pytest.mark.parametrize(
    ("composers", "clips", "formula"),
    [
        (1, 24, "hit ~ emotion + (1 | participant) + (1 | piece)"),
        (1, 8, "hit ~ 1 + (1 | participant) + (1 | piece)"),
        (3, 24, "hit ~ emotion + composer + (1 | participant) + (1 | piece)"),
        (2, 32, "hit ~ emotion + composer + (1 | participant) + (1 | piece)"),
    ],
)
def test_only_factors_with_levels_and_pieces_are_in_the_model(composers, clips, formula):
    found = measure_mixed_model(asked(study(composers=composers, clips=clips)))
    assert found.formula == formula
    assert [one.factor for one in found.tests] == [name for name in ("emotion", "composer") if name in formula]


def test_a_composer_of_three_pieces_is_not_tested():
    """Four are needed; a level with three makes the composer's difference one of pieces."""
    pieces = np.tile(np.arange(16), 10)
    hits = np.arange(160) % 3 == 0
    people = np.repeat(np.arange(10), 16)
    for own, tested in ((3, False), (4, True)):
        composer = (("a", "b"), (pieces < own).astype(int))
        design = make_design(hits, people, pieces, {"composer": composer})
        assert bool(design.columns) == tested
        assert any("composer is no fixed effect" in note for note in design.notes) != tested


def test_composers_that_made_other_emotions_cannot_be_told_apart():
    pieces = np.tile(np.arange(16), 10)
    emotion, composer = (("a", "b"), pieces // 8), (("x", "y"), pieces // 8)
    hits = np.random.default_rng(1).random(160) < 0.5
    design = make_design(hits, np.repeat(np.arange(10), 16), pieces, {"emotion": emotion, "composer": composer})
    assert [column.factor for column in design.columns] == ["emotion"]
    assert [(one.factor, one.reason[:11]) for one in design.lost] == [("composer", "no estimate")]


def test_presentations_are_compared_with_the_primary_cell():
    ratings = study(cells=("quiet", "loud"), people=30)
    primary = ratings.compact(ratings.factors["condition"].codes == 0)
    found = measure_mixed_model(asked(ratings, "quiet", primary))
    effect = next(one for one in found.effects if one.factor == "presentation")
    assert (effect.level, effect.reference) == ("loud", "quiet")
    assert effect.interval[0] < math.exp(1.0) < effect.interval[1]
    assert found.n == 720


def test_hits_about_the_picture_are_not_compared_with_hits_about_the_music():
    """Music alone against pictures alone: two different targets, so no odds ratio."""
    rows = []
    generator = np.random.default_rng(5)
    for p in range(16):
        for c in range(16):
            name = EMOTIONS[c % 8]
            for cell, picture, music in (("a", "", name), ("b", name, ""), ("c", name, name)):
                chosen = name if generator.random() < 0.5 else EMOTIONS[(c + 1) % 8]
                ids = {"picture_id": f"p{c}" if picture else "", "music_id": f"m{c}" if music else ""}
                rows.append(Rating(f"P{p}", f"{cell}{c}", cell, name, chosen, picture, music, **ids))
    report = analyse(collect(rows, EMOTIONS), replicates=0)
    effects = report["measures"]["mixed_model"]["effects"]
    assert [one["level"] for one in effects if one["factor"] == "presentation"] == ["matched"]


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (study(people=2), of_study.TOO_FEW),
        (study(clips=2), of_study.TOO_FEW),
        (study(share=dict.fromkeys(EMOTIONS, 1.0)), of_study.ALIKE),
    ],
)
def test_too_little_is_said(ratings, reason):
    found, components = measure_mixed_model(asked(ratings)), measure_variance_components(asked(ratings))
    assert found.reason == components.reason == reason
    assert (found.marginal, components.components) == (None, ())


def test_too_much_is_said(monkeypatch):
    monkeypatch.setattr(of_study, "MOST_CELLS", 100)
    assert measure_mixed_model(asked(study())).reason.startswith("not computed: 480 pairs of person and piece")


def test_answers_without_intention_have_no_model():
    ratings = study()
    assert measure_mixed_model(asked(replace(ratings, intended=np.full(len(ratings), -1)))) is None


def test_components_add_up_and_more_of_what_differs_narrows_most():
    ratings = study(people=60, clips=16)
    found = measure_variance_components(asked(ratings))
    assert sum(one.share for one in found.components) == pytest.approx(1)
    by_size = {(one.people, one.pieces): one.half_width for one in found.prospects}
    assert by_size[60, 32] < by_size[120, 16] < by_size[60, 16]
    model = measure_mixed_model(asked(ratings))
    low, high = model.marginal_interval
    assert by_size[60, 16] == pytest.approx((high - low) / 2)
    assert low < model.marginal < high


def test_the_order_of_answers_changes_nothing():
    ratings = study(composers=3)
    shuffled = np.random.default_rng(0).permutation(len(ratings))
    rows = [
        Rating(
            ratings.participants[ratings.participant[i]],
            ratings.stimuli[ratings.stimulus[i]],
            "",
            EMOTIONS[ratings.intended[i]],
            EMOTIONS[ratings.chosen[i]],
            composer=ratings.factors["composer"].levels[ratings.factors["composer"].codes[i]],
        )
        for i in shuffled
    ]
    one, other = (measure_mixed_model(asked(data)) for data in (ratings, collect(rows, EMOTIONS)))
    assert other.marginal == pytest.approx(one.marginal, abs=1e-6)
    for a, b in zip(one.effects, other.effects, strict=True):
        assert a.log_odds == pytest.approx(b.log_odds, abs=1e-4)

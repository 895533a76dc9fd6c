"""Planning: formula, simulation, command and page."""

from __future__ import annotations

import json
import math

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from survey import actions
from survey.analysis.accuracy import measure_accuracy
from survey.analysis.forecast import estimate_spreads
from survey.analysis.proportions import wilson
from survey.design.planning import (
    Assumptions,
    PlanRefused,
    expected_half_width,
    plan_power,
    plan_precision,
    smallest_sample,
)
from survey.findings import read_ratings
from survey.rehearsal import try_precision
from tests.survey.analysis.simulated import draw_study
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions


@pytest.mark.parametrize(("half_width", "n"), [(0.05, 381), (0.10, 93), (0.15, 39), (0.20, 21)])
def test_independent_answers_are_wilsons(half_width, n):
    assert smallest_sample(half_width) == n
    low, high = wilson(n // 2, n)
    assert (high - low) / 2 == pytest.approx(half_width, abs=0.005)


def test_the_formula_by_hand():
    # σp² .01/60 + σs² .0225/48 + (.25 − .0325)/1440, t(47) = 2.0117
    assert expected_half_width(Assumptions(), 60, 48) == pytest.approx(
        2.01174 * math.sqrt(0.01 / 60 + 0.0225 / 48 + 0.2175 / 1440), rel=1e-4
    )


@pytest.mark.parametrize(("half_width", "clips"), [(0.05, None), (0.08, 32), (0.10, 24)])
def test_simulated_width_is_within_a_tenth_of_the_plan(half_width, clips):
    plan = plan_precision(Assumptions(), half_width, clips)
    found = try_precision(Assumptions(), plan.participants, plan.clips, half_width, studies=200, seed=3)
    assert found.half_width == pytest.approx(plan.half_width, rel=0.10)
    assert found.coverage.estimate >= 0.92


def test_the_plan_is_the_smallest_that_reaches_its_target():
    plan = plan_precision(Assumptions(), 0.08, 32)
    assert expected_half_width(Assumptions(), plan.participants, 32) <= 0.08
    assert expected_half_width(Assumptions(), plan.participants - 1, 32) > 0.08


def test_more_clips_help_where_more_listeners_do_not():
    few = expected_half_width(Assumptions(), 10_000, 24)
    assert few > expected_half_width(Assumptions(), 100, 96)
    with pytest.raises(PlanRefused, match="clips differ too much"):
        plan_precision(Assumptions(), 0.02, 24)


def test_the_planned_effect_is_found_as_often_as_planned():
    """Two cells with clips of their own, analysed as the study will be."""
    import numpy as np

    assumed = Assumptions(cells=2)
    plan = plan_power(assumed, 0.15)
    found, studies = 0, 200
    from survey.analysis.comparisons import compare_shares

    for seed in range(studies):
        generator = np.random.default_rng(seed)
        each = int(assumed.trials_per_cell)
        people = np.repeat(np.arange(plan.participants), 2 * each)
        first = np.tile(np.arange(2 * each) < each, plan.participants)
        clips = np.where(first, 0, plan.clips) + generator.integers(0, plan.clips, people.size)
        skill = generator.uniform(-1, 1, plan.participants) * 0.1 * math.sqrt(3)
        ease = generator.uniform(-1, 1, 2 * plan.clips) * 0.15 * math.sqrt(3)
        share = 0.5 + np.where(first, 0.075, -0.075) + skill[people] + ease[clips]
        hits = generator.random(people.size) < share
        low, _ = compare_shares(hits, first, ~first, people, clips).interval
        found += low > 0
    assert found / studies == pytest.approx(0.8, abs=0.12)


def test_spreads_are_recovered_from_answers():
    import numpy as np

    hits, people, clips = draw_study(1, people=400, clips=120, each=60, spread=0.12)
    spreads = _spreads_of(hits, people, clips)
    assert (spreads.participants, spreads.clips) == pytest.approx((0.12, 0.12), abs=0.03)
    plan = expected_half_width(Assumptions(spreads.share, spreads.participants, spreads.clips, trials=60), 400, 120)
    interval = measure_accuracy(hits, people, clips, 8).participants_stimuli
    assert np.diff(interval)[0] / 2 == pytest.approx(plan, rel=0.1)


def _spreads_of(hits, people, clips):
    from survey.analysis.ratings import Rating, collect

    rows = [
        Rating(f"P{p}", f"S{s}", "", "fear", "fear" if hit else "awe")
        for hit, p, s in zip(hits, people, clips, strict=True)
    ]
    return estimate_spreads(collect(rows))


@pytest.mark.parametrize(
    "wrong",
    [{"share": 1.2}, {"spread_clips": -0.1}, {"trials": 0}, {"loss": 1.0}, {"spread_clips": 0.6}, {"cells": 30}],
)
def test_impossible_assumptions_are_refused_in_words(wrong):
    with pytest.raises(PlanRefused, match="This cannot be planned"):
        Assumptions(**wrong)


def test_the_command_prints_plan_curve_and_preregistration(capsys):
    call_command("plan", "--half-width", "0.08", "--clips", "32", "--simulate", "50")
    text = capsys.readouterr().out
    for part in ("people analysed", "simulated studies", "Half-width in points", "Stop rule."):
        assert part in text


def test_the_command_as_json(capsys):
    call_command("plan", "--effect", "0.15", "--cells", "2", "--simulate", "0", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["plan"]["recruit"] == math.ceil(found["plan"]["participants"] / 0.7)
    assert found["simulated"] is None


def filed(capsys, *arguments):
    """The preregistration's last paragraph."""
    call_command("plan", *arguments, "--simulate", "0", "--json")
    return json.loads(capsys.readouterr().out)["preregistration"].split("\n\n")[-1]


def test_what_is_filed_is_the_measure_that_was_planned(capsys):
    """A planned difference is what is tested, two-sided, at the level that it was planned for."""
    difference = filed(capsys, "--effect", "0.15", "--cells", "2")
    assert difference.startswith("Analysis. The primary measure is the difference between two cells [name them")
    assert "tested two-sided against no difference, α = .05, without correction. Cells are never pooled." in difference
    assert "in one cell" not in difference
    several = filed(capsys, "--effect", "0.15", "--cells", "2", "--comparisons", "3")
    assert "α = .05, Holm-corrected over 3 such comparisons." in several
    share = filed(capsys, "--half-width", "0.08")
    assert share.startswith("Analysis. The primary measure is the share of trials in which the intended emotion")
    assert "two cells" not in share


@pytest.mark.parametrize(
    "arguments", [("--half-width", "0.7"), ("--half-width", "0.02", "--clips", "8"), ("--effect", "0")]
)
def test_the_command_refuses_with_2(arguments):
    with pytest.raises(CommandError) as error:
        call_command("plan", *arguments, "--simulate", "0")
    assert error.value.returncode == 2


@pytest.fixture
def client(db):
    client = Client()
    client.force_login(make_researcher())
    return client


def test_the_page_plans_from_its_address(client):
    page = client.get("/planning/?target=half_width&value=0.08&clips=32").content.decode()
    assert "people analysed" in page
    assert "Stop rule." in page
    assert " style=" not in page


def test_the_page_without_anything_shows_a_plan(client):
    assert "The plan" in client.get("/planning/").content.decode()


@pytest.mark.parametrize(
    "query", ["value=-1", "value=abc", "share=0.02&spread_clips=0.3", "value=0.01&clips=4", "target=x"]
)
def test_the_page_says_what_cannot_be(client, query):
    response = client.get(f"/planning/?{query}")
    assert response.status_code == 400
    assert "Mend the numbers on the left." in response.content.decode()


def test_strangers_do_not_plan(db):
    assert Client().get("/planning/").status_code == 302


def test_a_running_study_forecasts_its_end(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    study = make_study(versions=make_versions(16))
    answer_study(study, people=10)
    actions.open_results(study=study, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/planning/?study={study.slug}&value=0.2").content.decode()
    assert "With the 10 people so far and 16 clips" in page
    assert estimate_spreads(read_ratings(study)).n_participants == 10

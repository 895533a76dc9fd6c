"""The planning page takes a study's numbers when it is chosen, keeps what is typed, and says what it did."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import numpy as np
import pytest
from django.test import Client

from survey import actions
from survey.analysis.forecast import estimate_spreads
from survey.analysis.ratings import Rating, collect
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

FIELDS = ("share", "spread_participants", "spread_clips", "trials", "clips", "cells")


@pytest.fixture
def client(db):
    client = Client()
    client.force_login(make_researcher())
    return client


@pytest.fixture
def study(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    study = make_study(versions=make_versions(16), cells={"matched": 1.0, "mismatched": 1.0}, clips_per_participant=16)
    answer_study(study, people=10)
    actions.open_results(study=study, by=study.owner)
    return study


@pytest.fixture
def owner(study):
    client = Client()
    client.force_login(study.owner)
    return client


def read_form(page):
    """What a browser would send: every field with its value."""
    text = page.content.decode()
    form = text[text.index('<form method="get"') : text.index("</form>", text.index('<form method="get"'))]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        sent[re.search(r'name="([^"]+)"', tag)[1]] = html.unescape((re.search(r'value="([^"]*)"', tag) or ["", ""])[1])
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else re.search(r'<option value="([^"]*)"', options)[1]
    return sent


def numbers(page):
    return {name: read_form(page).get(name) for name in FIELDS}


def test_a_study_chosen_in_the_form_brings_its_numbers(owner, study):
    """The form sends its own proposals along; they do not overwrite what the study tells."""
    empty = read_form(owner.get("/planning/?value=0.3"))
    assert empty["share"] == "0.5"
    chosen = owner.get("/planning/", {**empty, "study": study.slug})
    linked = owner.get("/planning/", {"study": study.slug, "value": "0.3"})
    assert numbers(chosen) == numbers(linked)
    assert numbers(chosen)["trials"] == "16"
    assert numbers(chosen)["clips"] == "16"
    assert numbers(chosen)["cells"] == "2"
    assert numbers(chosen) != numbers(owner.get("/planning/", empty))


def test_what_is_typed_over_a_studys_numbers_stays_and_is_said(owner, study):
    shown = read_form(owner.get("/planning/", {"study": study.slug, "value": "0.3"}))
    page = owner.get("/planning/", {**shown, "share": "0.61", "clips": "40"})
    assert (numbers(page)["share"], numbers(page)["clips"]) == ("0.61", "40")
    text = page.content.decode()
    assert "Changed by you: Expected hit rate, Clips per cell." in text
    assert "Changed by you" not in owner.get("/planning/", shown).content.decode()


def test_an_address_made_by_hand_keeps_what_it_names(owner, study):
    page = owner.get("/planning/", {"study": study.slug, "value": "0.3", "share": "0.61", "trials": "24"})
    assert numbers(page)["share"] == "0.61"
    assert numbers(page)["trials"] == "16"


def test_a_study_taken_away_leaves_the_numbers(owner, study):
    shown = read_form(owner.get("/planning/", {"study": study.slug, "value": "0.3"}))
    page = owner.get("/planning/", {**shown, "study": ""})
    assert numbers(page) == numbers(owner.get("/planning/", shown))


def test_spreads_come_from_one_cell_which_is_named(owner, study):
    text = owner.get("/planning/", {"study": study.slug, "value": "0.3"}).content.decode()
    assert re.search(r"From .*, cell Matching pair, without the people", text)
    assert "and 16 clips the half-width is about" in text


def test_clips_per_cell_are_the_main_stimuli_of_the_cell_with_answers_or_without(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    cells = {"matched": 1.0, "mismatched": 1.0}
    study = make_study(versions=make_versions(16), cells=cells, clips_per_participant=8)
    answer_study(study, people=3)
    actions.open_results(study=study, by=study.owner)
    main = study.stimuli.filter(role="main", condition__name="Matching pair")
    answered = main.filter(trials__response__isnull=False).distinct().count()
    assert answered < main.count() == 16
    client = Client()
    client.force_login(study.owner)
    page = client.get("/planning/", {"study": study.slug, "value": "0.3"})
    assert numbers(page)["clips"] == "16"
    text = page.content.decode()
    assert f"With the 3 people so far and {answered} of 16 clips the half-width is about" in text
    assert "it is another study" not in text
    other = client.get(
        "/planning/", {"study": study.slug, "value": "0.3", "clips": str(answered), "filled_from": study.slug}
    )
    assert f"The plan has {answered} clips, so it is another study." in other.content.decode()


def test_two_studies_of_one_name_are_told_apart(owner, study):
    twin = make_study(by=study.owner)
    type(twin).objects.filter(pk=twin.pk).update(title=study.title)
    actions.close(study=twin, by=study.owner)
    page = owner.get("/planning/").content.decode()
    said = [f"{study.title} (version 1, {one.slug})</option>" for one in (study, twin)]
    assert study.slug != twin.slug
    assert all(words in page for words in said)


def test_a_difference_between_cells_is_no_spread_of_clips():
    """Nine tenths against one tenth, clips alike within each cell."""
    generator = np.random.default_rng(4)
    rows = [
        Rating(f"P{p}", f"{cell}{s}", cell, "fear", "fear" if generator.random() < share else "awe")
        for p in range(60)
        for cell, share in (("a", 0.9), ("b", 0.1))
        for s in range(20)
    ]
    ratings = collect(rows)
    assert estimate_spreads(ratings).clips > 0.3
    assert estimate_spreads(ratings.where("condition", "a")).clips < 0.05


def test_spreads_are_right_where_some_answer_much_more_than_others():
    found = []
    for seed in range(30):
        generator = np.random.default_rng(seed)
        skill, ease = generator.uniform(-0.26, 0.26, 60), generator.uniform(-0.17, 0.17, 60)
        rows = [
            Rating(f"P{p}", f"S{s}", "", "fear", "fear" if generator.random() < 0.5 + skill[p] + ease[s] else "awe")
            for p in range(60)
            for s in generator.choice(60, 60 if p % 3 == 0 else 6, replace=False)
        ]
        spreads = estimate_spreads(collect(rows))
        found.append((spreads.participants, spreads.clips))
    assert np.mean(found, axis=0) == pytest.approx((0.15, 0.10), abs=0.02)


def test_the_page_shows_the_simulated_power(client):
    text = client.get("/planning/?target=effect&value=0.2&clips=16").content.decode()
    assert "the difference was found in" in text
    assert "Power in %" in text


def test_new_targets_against_old_ones_are_two_cells_that_everybody_hears_with_one_test(client):
    query = "value=0.2&clips=16"
    of_targets = client.get(f"/planning/?target=new_targets&{query}")
    of_cells = client.get(f"/planning/?target=effect&cells=2&comparisons=1&{query}")
    plans = [replace(page.context["plan"], of_targets=False) for page in (of_targets, of_cells)]
    assert plans[0] == plans[1]
    text = of_targets.content.decode()
    assert "finding a difference of 20 points between clips for new and for old targets in 80 % of studies" in text
    assert "16 clips for each of both" in text
    assert "fresh clips for new and for old targets, of which every participant hears both" in text
    assert "difference between clips for new and clips for old targets of the shares" in text
    assert "between two cells [name them" not in text


def test_the_page_says_what_does_not_fit(client):
    for query, words in (
        ("target=effect&value=0.2&cells=1", "A difference is between two cells"),
        ("target=effect&value=0.4&share=0.9&spread_clips=0.1", "beyond 0 or 100 %"),
        ("value=0.05&clips=16&participants=20", "do not reach"),
        ("share=0.5&spread_participants=0.3&spread_clips=0.3&value=0.2", "cannot be simulated"),
    ):
        response = client.get(f"/planning/?{query}")
        assert response.status_code == 400, query
        assert words in response.content.decode(), query


def test_a_large_plan_says_that_it_was_not_simulated(client):
    assert "Not simulated: studies of" in client.get("/planning/?value=0.012").content.decode()

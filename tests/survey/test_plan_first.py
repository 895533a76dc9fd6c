"""The plan that was fixed comes first, wherever results are told; the stopping rule is said while they are hidden."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.analysis.planned import PLANNED, define_primary
from survey.analysis.primary_words import NO_PLAN, REST
from survey.findings import report_of
from survey.findings.columns import Choice, read_ratings
from survey.findings.study_facts import facts_of
from survey.models import Participant, Trial
from survey.preregistration import frozen_facts, planned, write_preregistration
from survey.queries.monitor import monitor_of
from survey.queries.overview import overview_of
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = pytest.mark.django_db
PLAN = {"primary_measure": "hit rate", "primary_cell": "music_only", "planned_n": 8, "stop_rule": "at 8 people"}
RULES = {"longest_run": 100}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def closed(people=6, plan=PLAN, rules=RULES, **fields):
    """Matching pairs are always recognised, music alone in half of the trials; the first person breaks a rule."""
    versions = make_versions(8)
    cells = {"matched": 1.0, "music_only": 1.0}
    study = make_study(
        versions=versions, cells=cells, clips_per_participant=8, analysis_plan=plan, exclusion_rules=rules, **fields
    )

    def choose(participant, stimulus, dice):
        alone = stimulus.condition.presentation == "music_only"
        return stimulus.emotion if not alone or dice.random() < 0.5 else "none"

    persons = answer_study(study, people=people, each=8, seed=5, choose=choose)
    Participant.objects.filter(pk=persons[0].pk).update(included=False, verdict=["straight-lining"])
    actions.set_aside(participant=persons[1], reason="told us", by=study.owner)
    return actions.close(study=study, by=study.owner), persons


def get(study, address):
    client = Client()
    client.force_login(study.owner)
    response = client.get(address)
    assert response.status_code == 200
    return response


def words_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_planned_result_is_counted_from_the_rows():
    """Who breaks a planned rule is out; who was set aside by hand is in, for no plan named that."""
    study, persons = closed()
    found = report_of(study)["primary"]
    trials = Trial.objects.filter(
        participant__in=persons[1:], stimulus__condition__presentation="music_only", response__isnull=False
    )
    hits = sum(trial.response.choice.slug == trial.stimulus.emotion for trial in trials)
    assert (found["n"], found["estimate"]) == (trials.count(), pytest.approx(hits / trials.count()))
    assert (found["participants"], found["left_out"], found["complete"], found["planned_n"]) == (5, 1, 6, 8)


def test_plan_and_primary_measure_come_before_every_other_number():
    study, _ = closed()
    page = words_of(get(study, f"/results/{study.slug}/").content.decode())
    report = words_of(get(study, f"/results/{study.slug}/report/").content.decode())
    for text in (page, report):
        first, plan, fewer = (
            text.index(words)
            for words in (
                "Primary measure, as planned – music only: listeners picked",
                "at 8 people",
                "The plan named 8 people; the study was closed with 6 complete, 2 fewer.",
            )
        )
        exploratory = text.index("Exploratory results")
        assert max(first, plan, fewer, text.index(REST)) < exploratory
        assert exploratory < text.index("Music only: listeners picked")
    data = get(study, f"/results/{study.slug}/report.json").json()
    assert data["primary"]["planned_cell"] == "music_only"


def test_a_part_of_the_answers_leaves_the_planned_result_as_it_is():
    study, _ = closed()
    whole = report_of(study)["primary"]
    assert report_of(study, Choice(cell="Matching pair"))["primary"] == whole
    assert report_of(study, Choice(included_only=True))["primary"] == whole


def test_without_a_plan_the_page_says_that_everything_is_exploratory():
    study, _ = closed(plan={}, rules={})
    page = words_of(get(study, f"/results/{study.slug}/").content.decode())
    assert NO_PLAN in page
    assert "Primary measure, as planned" not in page


def test_a_study_with_a_plan_and_without_answers_has_a_page():
    study = make_study(analysis_plan=PLAN)
    actions.close(study=study, by=study.owner)
    page = words_of(get(study, f"/results/{study.slug}/").content.decode())
    assert "Primary measure: not defined" in page


# --- the stopping rule, while the results are hidden ---


@pytest.mark.parametrize(("people", "reached"), [(2, False), (3, True)])
def test_the_monitor_says_when_the_planned_number_of_people_is_complete(people, reached):
    study = make_study(analysis_plan={"planned_n": 3, "stop_rule": "at three people"})
    answer_study(study, people=people)
    page = words_of(get(study, f"/studies/{study.slug}/monitor/").content.decode())
    assert ("3 people are complete; 3 were planned." in page) == reached
    assert ("The plan's stopping rule: “at three people”." in page) == reached
    assert monitor_of(study).stopping.people == (people, 3)


@pytest.mark.parametrize(("people", "reached"), [(3, False), (4, True)])
def test_the_monitor_says_when_every_clip_has_its_planned_answers(people, reached):
    study = make_study(analysis_plan={"answers_per_clip": 4})
    answer_study(study, people=people)
    page = words_of(get(study, f"/studies/{study.slug}/monitor/").content.decode())
    assert ("Every main clip has at least 4 answers; 4 were planned." in page) == reached


def test_reaching_the_number_shows_no_result():
    study = make_study(analysis_plan={"planned_n": 1})
    answer_study(study, people=2)
    client = Client()
    client.force_login(study.owner)
    assert "Hidden while the study runs" in client.get(f"/results/{study.slug}/").content.decode()
    assert client.get(f"/results/{study.slug}/report.json").status_code != 200


def test_a_planned_cell_that_the_design_lacks_is_warned_of_before_publication():
    study = make_study(publish=False, analysis_plan={"primary_cell": "music_only"}, cells={"matched": 1})
    lacks = "The plan's primary cell is not among the cells"
    assert any(warning.startswith(lacks) for warning in overview_of(study).warnings)
    study = make_study(publish=False, analysis_plan={"primary_cell": "matched"}, cells={"matched": 1})
    assert not any(warning.startswith(lacks) for warning in overview_of(study).warnings)


def test_a_plan_is_told_by_the_same_names_in_the_report_the_file_and_before_publication():
    study = make_study(publish=False, analysis_plan={**PLAN, "hypotheses": ""})
    said = {
        "Primary measure": "hit rate",
        "Primary cell or difference": "Music only",
        "Planned number of participants": "8",
        "Stopping rule": "at 8 people",
    }
    assert planned(study) == said
    assert dict(frozen_facts(study)).items() >= said.items()
    assert facts_of(study).plan == "; ".join(f"{what}: {words}" for what, words in said.items())
    filed = write_preregistration(study)
    assert all(f"- {what}: {words}\n" in filed for what, words in {**said, "Hypotheses": "not stated"}.items())


def about_primary(**fields):
    study = make_study(publish=False, **fields)
    return study, [one for one in overview_of(study).warnings if "primary" in one]


def test_where_people_say_yes_or_no_the_primary_measure_is_d_prime_of_the_planned_cell():
    """It is computed, so nothing is warned of; without lures the share of yes tells no recognition."""
    named = {"analysis_plan": {"primary_cell": "matched"}}
    study, warned = about_primary(mode="yes_no", lures="half", **named)
    assert warned == []
    assert "In the yes/no mode it is the cell’s d′" in words_of(get(study, f"/studies/{study.slug}/").content.decode())
    filed = write_preregistration(study)
    assert (
        f"- How the primary measure is computed: {define_primary('matched', yes_or_no=True, has_lures=True)}" in filed
    )
    study, (warning,) = about_primary(mode="yes_no", lures="none", **named)
    assert "its share of yes comes first" in warning
    assert f"computed: {define_primary('matched', yes_or_no=True)}" in write_preregistration(study)
    assert about_primary(**named)[1] == []
    assert "How the primary measure" not in write_preregistration(about_primary(analysis_plan={})[0])


@pytest.mark.parametrize(
    ("named", "cells", "lacking"),
    [
        ("picture_added", ("matched", "music_only"), None),
        ("picture_added", ("matched",), "“Music only”"),
        ("picture", ("music_only",), "“Matching pair” and “Mismatched pair”"),
    ],
)
def test_a_planned_difference_is_warned_of_where_a_cell_of_it_is_lacking(named, cells, lacking):
    weights = dict.fromkeys(cells, 1.0)
    _, warned = about_primary(analysis_plan={"primary_cell": named}, cells=weights)
    if lacking is None:
        assert warned == []
    else:
        assert warned == [
            f"The plan's primary difference needs {lacking}, which the design lacks: it cannot be reported."
        ]


def test_a_planned_difference_is_offered_filed_and_warned_of_in_the_yes_no_mode():
    plan = {"primary_cell": "picture_added"}
    cells = {"matched": 1.0, "music_only": 1.0}
    study, _ = about_primary(analysis_plan=plan, cells=cells)
    page = html.unescape(get(study, f"/studies/{study.slug}/").content.decode())
    assert all(f'<option value="{name}"' in page and words in page for name, words in PLANNED.items())
    filed = write_preregistration(study)
    assert f"- Primary cell or difference: {PLANNED['picture_added']}\n" in filed
    assert f"- How the primary measure is computed: {define_primary('picture_added')}\n" in filed
    _, (warning,) = about_primary(analysis_plan=plan, cells=cells, mode="yes_no", lures="half")
    assert warning == (
        "The plan names a difference as primary, but where people say yes or no none is computed: name a cell, whose d′"
        " then comes first."
    )


@pytest.mark.parametrize(
    ("cell", "presented"),
    [
        ("matched", "matched"),
        ("mismatched", "mismatched"),
        ("music_only", "music_only"),
        ("picture_only", "picture_only"),
    ],
)
def test_a_cell_is_called_in_plans_what_it_presents(cell, presented):
    assert make_study(publish=False, cells={cell: 1.0}).conditions.get().presented == presented


def test_the_plan_s_cell_margin_and_answers_are_written_in_the_form_and_filed():
    user = make_researcher("planner")
    client = Client()
    client.force_login(user)
    study = make_study(publish=False, by=user, analysis_plan={})
    page = client.get(f"/studies/{study.slug}/").content.decode()
    for name in ("primary_cell", "margin", "answers_per_clip"):
        assert f'name="{name}"' in page
    study.analysis_plan = {"primary_cell": "music_only", "answers_per_clip": 20}
    study.save()
    text = client.get(f"/studies/{study.slug}/preregistration.md").content.decode()
    assert "- Primary cell or difference: Music only" in text
    assert f"- How the primary measure is computed: {define_primary('music_only')}\n" in text
    assert "- Planned answers per clip: 20" in text


# --- what the statistics read of people and trials ---


def test_people_and_trials_are_read_as_they_are_stored():
    study = make_study()
    one, two, three = answer_study(study, people=3, each=4)
    one.headphones, one.device, one.language = {"passed": True}, "phone", "de"
    one.background = {"musical_training": "3-9", "listened_with": "headphones", "age_band": "25-34"}
    two.headphones = {"passed": False}
    for person in (one, two):
        person.save()
    last = three.trials.order_by("position").last()
    last.response.delete()
    Trial.objects.filter(pk=last.pk).update(answered_at=None, lease_expires_at=timezone.now() - timedelta(minutes=1))
    ratings = read_ratings(study)

    def levels(name):
        fact = ratings.people_facts[name]
        return [fact.levels[code] for code in fact.codes]

    assert levels("headphones") == ["passed", "not passed", ""]
    assert (levels("training")[0], levels("listened_with")[0], levels("age")[0]) == ("3-9", "headphones", "25-34")
    assert (levels("language"), levels("device")[0]) == (["de", "en", "en"], "phone")
    assert sorted(set(ratings.position.tolist())) == [1, 2, 3, 4]
    given = ratings.given
    assert (len(given), int(given.answered.sum()), int(given.left.sum())) == (12, 11, 1)
    (gone,) = np.flatnonzero(~given.answered)
    assert given.stimuli[given.stimulus[gone]] == str(last.stimulus.public_id)


def test_a_trial_on_somebody_s_screen_is_not_missing_while_its_lease_lasts():
    study = make_study()
    (person,) = answer_study(study, people=1, each=4)
    last = person.trials.order_by("position").last()
    last.response.delete()
    for lease, counted in ((timedelta(minutes=5), 3), (timedelta(minutes=-5), 4)):
        Trial.objects.filter(pk=last.pk).update(answered_at=None, lease_expires_at=timezone.now() + lease)
        assert len(read_ratings(study).given) == counted


def test_a_trial_whose_lease_ran_out_is_missing_in_the_next_report_though_no_row_changed(monkeypatch):
    study = make_study()
    (person,) = answer_study(study, people=1, each=4)
    last = person.trials.order_by("position").last()
    last.response.delete()
    end = timezone.now() + timedelta(minutes=5)
    Trial.objects.filter(pk=last.pk).update(answered_at=None, lease_expires_at=end)
    assert report_of(study)["measures"]["missing_answers"] is None
    monkeypatch.setattr(timezone, "now", lambda: end + timedelta(seconds=1))
    assert report_of(study)["measures"]["missing_answers"]["missing"] == 1


def test_a_part_of_the_answers_has_the_trials_of_that_part():
    study, _ = closed()
    whole, part = (read_ratings(study, choice).given for choice in (Choice(), Choice(cell="Music only")))
    cells = np.array(whole.conditions)[whole.condition]
    assert 0 < len(part) == int((cells == "Music only").sum()) < len(whole)
    included = read_ratings(study, Choice(included_only=True))
    assert len(included.given) == len(included)
    assert len(included.people_facts["language"].codes) == len(included.participants) == 4

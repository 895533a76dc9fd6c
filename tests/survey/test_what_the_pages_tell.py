"""What the researcher's pages say of a study: the link for a service, everything that is frozen, how many people."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from melodymuse_site.backup.restoring import _content
from survey import actions
from survey.actions.exporting import request_export
from survey.forms.studies import StudyForm
from survey.models import Participant, Study
from survey.models.freezing import STUDY_LIVES
from survey.preregistration import frozen_facts
from survey.queries.monitor import monitor_of
from survey.queries.numbers import aim_of
from survey.queries.overview import overview_of
from survey.recruiting import RECRUITERS, given_to_service
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db
GIVEN = {
    "prolific": "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}",
    "sona": "?survey_code=%SURVEY_CODE%",
    "mturk": '" + location.search',
    "cloudresearch": "",
}


def page(study: Study, where: str = "") -> str:
    client = Client()
    client.force_login(study.owner)
    return unescape(client.get(f"/studies/{study.slug}/{where}").content.decode())


@pytest.mark.parametrize(("recruiter", "ending"), GIVEN.items())
def test_the_link_for_the_service_stands_where_the_plain_address_would(recruiter, ending):
    study = make_study(recruiter=recruiter)
    plain = f"http://testserver/study/{study.slug}/"
    for where in ("", "recruiting/"):
        text = page(study, where)
        assert f"{plain}{ending}" in text
        assert f'href="{plain}"' not in text
    draft = make_study(recruiter=recruiter, publish=False)
    assert f"/study/{draft.slug}/{ending}" in page(draft, "publish/")
    assert RECRUITERS[recruiter].note in page(draft, "publish/")


def test_every_service_has_a_link_that_is_tried_here():
    assert set(GIVEN) == set(RECRUITERS) - {"plain"}
    assert f'href="http://testserver/study/{make_study(slug="open").slug}/"' in page(Study.objects.get())


@pytest.mark.parametrize(("recruiter", "ending"), [item for item in GIVEN.items() if item[0] in ("prolific", "sona")])
def test_a_filled_in_link_lets_people_in_and_one_that_is_not_filled_in_is_told_so(recruiter, ending):
    study = make_study(recruiter=recruiter)
    link = given_to_service(study, f"/study/{study.slug}/")
    filled = link
    for name in ("{{%PROLIFIC_PID%}}", "{{%STUDY_ID%}}", "{{%SESSION_ID%}}", "%SURVEY_CODE%"):
        filled = filled.replace(name, "1a2b")
    Listener(study.slug, entry=filled).begin()
    assert Participant.objects.count() == 1
    assert "Something is missing in the link" in Client().get(link).content.decode()


# --- what is frozen ---
OTHER_VALUES = {
    "mode": "yes_no",
    "show_glosses": True,
    "minutes_told": 9,
    "ask_confidence": False,
    "ask_affect": True,
    "continuous": "valence",
    "ask_word": True,
    "ask_background": False,
    "clips_per_participant": 7,
    "practice_trials": 1,
    "gold_trials": 1,
    "repeat_trials": 1,
    "spread": "between",
    "trial_order": "cells_latin",
    "require_listening": False,
    "unheard": "refuse",
    "replay_cap": 3,
    "loudness": "by_intention",
    "headphones": "record",
    "id_storage": "kept",
    "next_person": "laboratory",
    "contact": "Ada, ada@example.org",
    "analysis_plan": {"hypotheses": "Louder is angrier."},
    "exclusion_rules": {"longest_run": 5},
    "devices": ["phone"],
    "attention_trials": 3,
    "debriefing": "It was about hearing.",
    "debrief_own": True,
    "cue_design": "square",
}
# Shown in words of their own, with the clips and cells, or nothing to be known of.
ELSEWHERE = {"slug", "number", "previous", "title", "introduction", "consent_text", "consent_sha256", "question"}
ELSEWHERE |= {"question_music", "question_picture", "instructions", "instructions_picture", "language", "translations"}
ELSEWHERE |= {"offer_none", "published_at", "id"}
ELSEWHERE |= {"glosses"}  # beside their words, once a study has answers (`test_meanings`)


@pytest.mark.parametrize("name", [field.name for field in Study._meta.concrete_fields])
def test_everything_that_is_frozen_is_among_the_facts(name):
    if name in STUDY_LIVES | ELSEWHERE:
        return
    if name == "headphone_test":
        before, after = Study(headphones="gate"), Study(headphones="gate", headphone_test="antiphase")
    elif name == "affect_form":
        before, after = Study(ask_affect=True), Study(ask_affect=True, affect_form="pad")
    elif name in ("debrief_intended", "debrief_others"):
        before, after = Study(debrief_own=True), Study(debrief_own=True, **{name: "always"})
    elif name == "lures":
        before, after = Study(mode="yes_no"), Study(mode="yes_no", lures="none")
    else:
        before, after = Study(), Study(**{name: OTHER_VALUES[name]})
    for study in (before, after):
        study.title = "T"
        study.owner = make_study(publish=False).owner
        study.slug = f"s{Study.objects.count()}"
        study.save()
    assert frozen_facts(before) != frozen_facts(after)


def test_the_facts_stand_on_the_publish_page_and_on_the_published_study():
    fields = {"id_storage": "kept", "next_person": "laboratory", "unheard": "refuse", "recruiter": "prolific"}
    for text in (page(make_study(publish=False, **fields), "publish/"), page(make_study(**fields))):
        for label in ("Outside ids", "Several people in one browser", "What cannot have been heard"):
            assert f"<dt>{label}</dt>" in text
        assert Study.IdStorage.KEPT.label in text
        assert Study.NextPerson.LABORATORY.label in text
        assert Study.Unheard.REFUSE.label in text


def test_the_page_does_not_say_that_the_quota_is_frozen():
    text = page(make_study(publish=False, quota=20), "publish/")
    assert "everything on this page" not in text
    assert "What is frozen" in text


def test_labels_of_the_facts_are_those_of_the_form():
    labels = {field.label for field in StudyForm().fields.values()}
    told = {label for label, _ in frozen_facts(make_study(publish=False))}
    assert {"Outside ids", "Several people in one browser", "What cannot have been heard", "Order of trials"} <= (
        labels & told
    )


# --- how many people ---
@pytest.mark.parametrize(
    ("plan", "quota", "people", "said_by"),
    [(60, 40, 60, "plan"), (60, None, 60, "plan"), (None, 40, 40, "quota"), (None, None, 100, "nobody")],
)
def test_planned_people_come_from_the_plan_then_the_quota_then_a_round_number(plan, quota, people, said_by):
    study = make_study(publish=False, quota=quota, analysis_plan={"planned_n": plan} if plan else {})
    assert (aim_of(study).people, aim_of(study).said_by) == (people, said_by)
    assert overview_of(study).people == people
    assert monitor_of(study).aim == aim_of(study)
    assert f"with {people} people" in page(study, "publish/")
    told = {"plan": f"of {people} planned", "quota": f"of a quota of {people}", "nobody": "planned"}[said_by]
    assert (told in page(study, "monitor/")) is (said_by != "nobody")


def test_a_plan_that_the_quota_ends_before_is_pointed_at():
    warnings = overview_of(make_study(publish=False, quota=40, analysis_plan={"planned_n": 60})).warnings
    assert any("wants 60 people, but the quota of 40" in warning for warning in warnings)


def test_the_forecast_is_of_the_plan_or_of_the_quota_where_that_comes_first():
    now = timezone.now()
    study = make_study(quota=3, analysis_plan={"planned_n": 5})
    Listener(study.slug).take_part()
    later = now + timedelta(hours=10)
    forecast = monitor_of(study, later).forecast
    pace = later - Study.objects.get(pk=study.pk).published_at
    assert forecast - later == pytest.approx(2 * pace, abs=timedelta(minutes=1))


# --- small words ---
def test_the_front_page_leads_researchers_to_their_studies():
    client = Client()
    client.force_login(make_study(publish=False).owner)
    text = client.get("/").content.decode()
    assert 'href="/studies/">Open the studies' in text


def test_the_rows_of_a_pack_are_said_to_be_of_all_tables():
    study = make_study()
    actions.close(study=study, by=study.owner)
    request_export(study=study, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    assert "Rows of all tables" in client.get(f"/results/{study.slug}/?open=all").content.decode()


def test_a_backup_that_would_replace_one_person_says_user():
    make_study(publish=False)
    assert "1 user," in _content()
    assert "1 study" in _content()


def test_the_table_says_whose_code_a_withdrawn_person_keeps():
    text = page(make_study(recruiter="prolific", id_storage="kept"), "recruiting/")
    assert "somebody who had finished before" in text

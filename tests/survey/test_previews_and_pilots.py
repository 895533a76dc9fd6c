"""A browser in which a study was tested: no preview or pilot stands in the next person's way."""

from __future__ import annotations

import pytest
from django.test import Client

from survey import actions
from survey.models import Participant, Response
from tests.survey.browsers import LINKS, PAGES, SHORT, logged_in, people, pilot_entry
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(("fields", "query"), LINKS)
@pytest.mark.parametrize("logs_out", [True, False], ids=["logged out", "logged in"])
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "in the middle"])
@pytest.mark.parametrize("draft", [True, False], ids=["of a draft", "of a published study"])
def test_after_a_preview_the_next_person_takes_part_themselves(fields, query, logs_out, finished, draft):
    study = make_study(publish=not draft, **SHORT, **fields)
    client = logged_in(study.owner)
    preview = Listener(study.slug, client, entry=f"/study/{study.slug}/?preview=1")
    preview = preview.take_part() if finished else preview.begin()
    if draft:
        actions.publish(study=study, by=study.owner)
    if logs_out:
        token = client.cookies["participation"].value
        client.logout()
        client.cookies["participation"] = token
    person = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}").take_part()
    assert "nothing you answer here counts" not in person.page
    assert people()[-1] == ("person", "complete")
    assert Response.objects.filter(trial__participant__kind="person").count() == 2
    assert study.code_complete in person.page


def test_a_preview_of_a_published_study_is_served_to_those_only_who_may_change_it():
    study = make_study(headphones="record", **SHORT)
    owner = logged_in(study.owner)
    listener = Listener(study.slug, owner, entry=f"/study/{study.slug}/?preview=1").begin()
    target, values, radios = listener.form()
    preview = Participant.objects.get()
    stranger = Client()
    for page in (*PAGES, f"resume/{preview.token}/", f"withdraw/{preview.token}/"):
        stranger.cookies["participation"] = preview.token
        told = stranger.get(f"/study/{study.slug}/{page}", follow=True)
        assert "nothing you answer here counts" not in told.content.decode(), page
        assert preview.token not in told.content.decode(), page
    answer = Client().post(target, {**values, **{name: options[0] for name, options in radios.items()}})
    assert "participation" not in answer.cookies


@pytest.mark.parametrize(("fields", "query"), LINKS)
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "in the middle"])
def test_after_a_pilot_the_next_person_takes_part_themselves(fields, query, finished):
    study = make_study(**SHORT, **fields)
    client = Client(enforce_csrf_checks=True)
    named = {"PROLIFIC_PID": "pilot1"} if query else {}
    pilot = Listener(study.slug, client, entry=pilot_entry(study, **named))
    pilot = pilot.take_part() if finished else pilot.begin()
    person = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}").take_part()
    assert people() == [("bot", "complete" if finished else ""), ("person", "complete")]
    assert study.code_complete in person.page


def test_a_pilots_link_tests_where_a_person_took_part_and_changes_nothing_of_theirs():
    study = make_study(**SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client).begin()
    Listener(study.slug, client, entry=pilot_entry(study)).take_part()
    assert people() == [("person", ""), ("bot", "complete")]


def test_a_pilot_in_the_middle_goes_on_by_its_own_link():
    study = make_study(**SHORT)
    listener = Listener(study.slug, entry=pilot_entry(study)).begin()
    trial = listener.form()[1]["trial"]
    listener.get()
    assert listener.form()[1]["trial"] == trial


def test_a_pilot_that_declines_is_no_person_and_works_on_a_draft():
    for publish in (True, False):
        study = make_study(publish=publish)
        client = Client(enforce_csrf_checks=True)
        listener = Listener(study.slug, client, entry=pilot_entry(study))
        listener.get()
        page = listener.page.split('name="consent" value="no"')[1].split("</form>")[0]
        assert 'name="pilot"' in page
        target, values, _ = listener.form()
        client.post(target, {**values, "consent": "no"})
        assert list(study.participants.values_list("kind", "outcome")) == [("bot", "no_consent")]


@pytest.mark.parametrize("kind", ["preview", "pilot"])
@pytest.mark.parametrize("recruiter", ["plain", "prolific"])
def test_a_test_never_ends_with_a_code_or_a_way_back_to_the_service(kind, recruiter):
    study = make_study(recruiter=recruiter, **SHORT)
    client = logged_in(study.owner) if kind == "preview" else Client(enforce_csrf_checks=True)
    named = {"PROLIFIC_PID": "p1"} if recruiter == "prolific" else {}
    entry = f"/study/{study.slug}/?preview=1" if kind == "preview" else pilot_entry(study, **named)
    page = Listener(study.slug, client, entry=entry).take_part().page
    assert "Thank you!" in page
    assert study.code_complete not in page
    assert "app.prolific.com" not in page
    assert "Participants are shown their code here." in page

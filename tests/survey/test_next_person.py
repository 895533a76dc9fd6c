"""A browser that many use: whoever comes next is asked for, and finds nothing of the one before."""

from __future__ import annotations

import pytest
from django.test import Client

from survey import actions
from survey.actions.leaving import end_with
from survey.models import Participant
from survey.recruiting import signed_link
from tests.survey.browsers import PAGES, SHORT, people
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOBODY = ["", "?id=1002", "?language=en"]
EMPTY = ["?survey_code=", "?survey_code=%20", "?SURVEY_CODE=", "?external_id=", "?survey_code=1&Survey_Code=2"]


@pytest.mark.parametrize("query", NOBODY)
@pytest.mark.parametrize("next_person", ["ask", "laboratory"])
def test_a_link_without_an_id_asks_who_comes_before_it_shows_a_code(query, next_person):
    study = make_study(recruiter="sona", next_person=next_person, **SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001").take_part()
    listener = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}")
    listener.get()
    assert "Who is taking part now?" in listener.page
    assert study.code_complete not in listener.page
    assert "/withdraw/" not in listener.page
    listener.send()
    assert listener.response.status_code == 400
    assert "Something is missing in the link" in listener.page
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1002").take_part()
    assert people() == [("person", "complete")] * 2


@pytest.mark.parametrize("query", NOBODY)
def test_in_the_laboratory_a_link_without_an_id_does_not_go_on_with_the_one_before(query):
    study = make_study(recruiter="sona", next_person="laboratory", **SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001").begin()
    listener = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}")
    listener.get()
    assert "Who is taking part now?" in listener.page
    assert "That was me – go on" in listener.page


@pytest.mark.parametrize("query", EMPTY)
@pytest.mark.parametrize("next_person", ["same", "ask", "laboratory"])
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "in the middle"])
def test_an_empty_id_is_told_so_whoever_took_part_in_the_browser(query, next_person, finished):
    study = make_study(recruiter="sona", next_person=next_person, **SHORT)
    client = Client(enforce_csrf_checks=True)
    first = Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001")
    first = first.take_part() if finished else first.begin()
    told = client.get(f"/study/{study.slug}/{query}")
    assert told.status_code == 400
    assert "Something is missing in the link" in told.content.decode()


@pytest.mark.parametrize("name", ["SURVEY_CODE", "Survey_Code", "External_ID"])
def test_the_name_of_the_parameter_may_be_written_in_any_case(name):
    study = make_study(recruiter="sona", **SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client, entry=f"/study/{study.slug}/?survey_code=1001").take_part()
    Listener(study.slug, client, entry=f"/study/{study.slug}/?{name}=1002").take_part()
    assert people() == [("person", "complete")] * 2
    signed = signed_link(study, f"/study/{study.slug}/", "1001").replace("signature", "SIGNATURE")
    assert "Thank you!" in Listener(study.slug, Client(), entry=signed).get().content.decode()


def test_the_last_page_of_somebody_who_was_sent_does_not_lead_to_another_person_at_home():
    study = make_study(recruiter="prolific", **SHORT)
    page = Listener(study.slug, entry=f"/study/{study.slug}/?PROLIFIC_PID=a1").take_part().page
    assert "another person" not in page


@pytest.mark.parametrize(("next_person", "asks"), [("ask", True), ("same", False)])
def test_the_plain_link_asks_who_comes_after_somebody_was_screened_out_and_their_last_page_does_not(next_person, asks):
    study = make_study(next_person=next_person, **SHORT)
    client = Client(enforce_csrf_checks=True)
    Listener(study.slug, client).begin()
    end_as(Participant.objects.get(), "screened_out")
    last = client.get(f"/study/{study.slug}/end/").content.decode()
    assert study.code_screened_out in last
    assert "another person" not in last
    opened = client.get(f"/study/{study.slug}/", follow=True).content.decode()
    assert ("I am another person – begin" in opened) is asks


@pytest.mark.parametrize("recruiter", ["plain", "prolific"])
@pytest.mark.parametrize("ending", ["complete", "no_consent", "quota_full", "screened_out", "withdrawn"])
def test_in_the_laboratory_the_last_page_is_shown_once_whatever_is_opened_then(recruiter, ending):
    study = make_study(recruiter=recruiter, next_person="laboratory", headphones="record", **SHORT)
    client = Client(enforce_csrf_checks=True)
    query = "?PROLIFIC_PID=a1" if recruiter == "prolific" else ""
    Listener(study.slug, client, entry=f"/study/{study.slug}/{query}").begin()
    person = Participant.objects.get()
    end_as(person, ending)
    last = client.get(f"/study/{study.slug}/end/").content.decode()
    assert person.completion_code == "" or person.completion_code in last
    for page in (*PAGES, "", "sound/1.wav", "headphones/1.wav"):
        told = client.get(f"/study/{study.slug}/{page}", follow=True)
        text = told.content.decode()
        assert "Who is taking part now?" in text, page
        assert "I am another person – begin" in text, page
        assert "my last page" not in text
        assert not any(secret in text for secret in (study.code_complete, person.token, "/withdraw/"))
    again = client.get(f"/study/{study.slug}/resume/{person.token}/", follow=True).content.decode()
    assert person.completion_code in again  # the personal link shows it, once more
    assert "Who is taking part now?" in client.get(f"/study/{study.slug}/end/", follow=True).content.decode()


def end_as(person: Participant, outcome: str) -> None:
    if outcome == "withdrawn":
        actions.withdraw(participant=person, by=None)
    else:
        end_with(person, outcome)


def test_in_the_laboratory_the_next_one_begins_from_the_page_that_asks_and_by_a_link_of_their_own_at_once():
    for recruiter, query in (("plain", ""), ("prolific", "?PROLIFIC_PID=b2")):
        study = make_study(recruiter=recruiter, next_person="laboratory", **SHORT)
        client = Client(enforce_csrf_checks=True)
        first = query.replace("b2", "a1")
        Listener(study.slug, client, entry=f"/study/{study.slug}/{first}").take_part()
        second = Listener(study.slug, client, entry=f"/study/{study.slug}/{query}")
        second.get()
        if not query:
            second.send()
        assert "I agree – start" in second.page
        while not second.address.endswith("/end/"):
            second.send()
        assert list(study.participants.values_list("outcome", flat=True)) == ["complete"] * 2


def test_only_the_laboratory_forgets_who_finished():
    for next_person in ("same", "ask"):
        study = make_study(next_person=next_person, **SHORT)
        listener = Listener(study.slug).take_part()
        for _ in range(2):
            assert study.code_complete in listener.get(f"/study/{study.slug}/end/").content.decode()


def test_who_withdraws_in_the_laboratory_leaves_nothing_in_the_browser():
    study = make_study(next_person="laboratory", **SHORT)
    client = Client()
    Listener(study.slug, client).begin()
    token = Participant.objects.get().token
    client.post(f"/study/{study.slug}/withdraw/{token}/")
    assert "Who is taking part now?" in client.get(f"/study/{study.slug}/end/", follow=True).content.decode()

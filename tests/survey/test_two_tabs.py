"""Two people in two tabs of one browser: what is sent is never stored for the other."""

from __future__ import annotations

import pytest
from django.test import Client

from survey.actions.hearing import tones_of
from survey.forms.participant import mark_of
from survey.models import Participant, Response
from tests.survey.browsers import SHORT
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SENT_ON = "belonged to another person; nothing of it was stored"


def two_tabs(step: str, **fields) -> tuple[Listener, tuple[Participant, Participant]]:
    """A stands on the page `step`, and B has come to the same page in another tab: A's tab, and both people."""
    study = make_study(recruiter="prolific", headphones="record", unheard="mark", **SHORT, **fields)
    client = Client(enforce_csrf_checks=True)
    tabs = [Listener(study.slug, client, entry=f"/study/{study.slug}/?PROLIFIC_PID={name}") for name in ("a1", "b2")]
    for tab in tabs:
        tab.get()
        while not tab.address.endswith(f"/{step}/"):
            tab.send()
    first, second = Participant.objects.order_by("pk")
    return tabs[0], (first, second)


def as_stored(*people: Participant) -> list[dict]:
    return list(Participant.objects.filter(pk__in=[one.pk for one in people]).order_by("pk").values())


@pytest.mark.parametrize("step", ["sound", "headphones", "about"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_form_of_the_first_persons_tab_is_not_stored_as_the_seconds(step, language):
    tab, people = two_tabs(step)
    Participant.objects.update(language=language)
    before = as_stored(*people)
    target, values, radios = tab.form()
    values = {**values, **{name: options[0] for name, options in radios.items()}}
    if step == "about":
        values["age_band"] = "35-44"
    if step == "sound":
        values["tones"] = str(tones_of(people[0])[0])
    sent = tab.client.post(target, values, follow=True)
    assert as_stored(*people) == before
    assert sent.request["PATH_INFO"].endswith(f"/{step}/")
    assert SENT_ON in sent.content.decode()
    # What the second sends from where they are is taken.
    tab.response = sent
    tab.send()
    assert as_stored(people[0]) == before[:1]
    assert as_stored(people[1]) != before[1:]
    assert SENT_ON not in tab.page


def test_a_form_of_the_first_persons_tab_leads_to_wherever_the_second_is_with_a_sentence():
    tab, people = two_tabs("sound")
    target, values, _ = tab.form()
    other = Listener(tab.slug, tab.client, entry=f"/study/{tab.slug}/?PROLIFIC_PID=b2").begin()
    before = as_stored(*people)
    sent = tab.client.post(target, {**values, "tones": "3"}, follow=True)
    assert sent.request["PATH_INFO"].endswith("/clip/")
    assert SENT_ON in sent.content.decode()
    assert as_stored(*people) == before
    assert other.form()[1]["trial"] in sent.content.decode()


@pytest.mark.parametrize("mark", ["", "x", "é"])
def test_a_false_mark_stores_nothing_and_a_form_without_one_is_of_this_browsers_person(mark):
    study = make_study(**SHORT)
    listener = Listener(study.slug).begin()
    while not listener.address.endswith("/about/"):
        listener.send()
    target, values, _ = listener.form()
    listener.client.post(target, {**values, "age_band": "35-44", "whose": mark})
    assert Participant.objects.get().background == {}
    del values["whose"]
    listener.client.post(target, {**values, "age_band": "35-44"})
    assert Participant.objects.get().background == {"age_band": "35-44"}


def test_no_mark_opens_a_participation_and_each_person_has_their_own():
    _, people = two_tabs("sound")
    marks = {mark_of(person) for person in people}
    assert len(marks) == 2
    assert not any(person.token in mark for person in people for mark in marks)


def test_an_answer_that_is_refused_in_the_first_persons_tab_is_not_asked_of_the_second():
    tab, _ = two_tabs("clip")
    target, values, _ = tab.form()
    sent = tab.client.post(target, {**values, "chosen": ""}, follow=True)
    assert SENT_ON in sent.content.decode()
    assert 'id="problem"' not in sent.content.decode()
    assert not Response.objects.exists()


def test_an_answer_in_the_first_persons_tab_is_the_firsts():
    tab, people = two_tabs("clip")
    tab.send()
    assert Response.objects.get().trial.participant == people[0]


def test_the_last_page_of_the_first_does_not_take_the_browser_from_the_second():
    study = make_study(next_person="laboratory", **SHORT)
    client = Client(enforce_csrf_checks=True)
    first = Listener(study.slug, client).take_part()
    second = Listener(study.slug, client)
    second.get()
    second.send()
    second.begin()
    second.send()
    while not second.address.endswith("/clip/"):
        second.send()
    trial = second.form()[1]["trial"]
    first.send()  # "Next person", pressed on the page of the first
    assert "That was me – go on" in first.page
    second.get(f"/study/{study.slug}/clip/")
    assert second.form()[1]["trial"] == trial

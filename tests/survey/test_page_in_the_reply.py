"""The reply to a script's answer brings the next page: the one that asking for it gives, and nothing is read twice."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from survey import actions
from survey.models import Participant, Response, Trial
from survey.views.participation import COOKIE
from tests.racing import at_once
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.test_clip_page import CSRF, STUDIES, make

pytestmark = [pytest.mark.django_db, pytest.mark.database]
JSON = {"Accept": "application/json"}


class Scripted(Listener):
    """A participant whose browser runs the script: it takes the page out of the reply, else goes where that says."""

    def filled(self):
        address, values, radios = self.form()
        return address, {**values, **{name: options[0] for name, options in radios.items()}}

    def answer(self):
        return self.tell(*self.filled())

    def tell(self, address, data):
        told = self.client.post(address, data, headers=JSON).json()
        if "page" in told:
            self.response = SimpleNamespace(content=told["page"].encode(), request={"PATH_INFO": told["next"]})
        else:
            self.get(told["next"])
        return told


def begin(**fields):
    study = make_study(versions=make_versions(4), **{"clips_per_participant": 3, **fields})
    return study, Scripted(study.slug).begin()


def paths(told):
    return told["next"].rsplit("/", 2)[-2], "page" in told


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("name", STUDIES)
def test_the_page_in_the_reply_is_the_one_that_asking_for_it_gives(name, language):
    study = make(name, language)
    listener = Scripted(study.slug).begin()
    pages = 0
    while "page" in (told := listener.answer()):
        asked = listener.client.get(told["next"])
        assert CSRF.sub("", told["page"]) == CSRF.sub("", asked.content.decode())
        assert CSRF.search(told["page"])
        pages += 1
    assert pages == len(Participant.objects.get().plan) - 1 == Response.objects.count() - 1


def test_after_the_last_clip_the_reply_names_the_page_that_comes_and_brings_none():
    _, listener = begin()
    assert [paths(listener.answer()) for _ in range(3)] == [("clip", True), ("clip", True), ("about", False)]
    assert Response.objects.count() == Trial.objects.count() == 3


def test_with_nothing_to_ask_after_the_clips_the_end_comes_without_a_page():
    _, listener = begin(clips_per_participant=1, ask_background=False)
    assert paths(listener.answer()) == ("end", False)


def test_an_answer_sent_again_brings_the_page_again_and_stores_nothing():
    _, listener = begin()
    address, data = listener.filled()
    first, again = listener.tell(address, data), listener.tell(address, data)
    assert CSRF.sub("", first["page"]) == CSRF.sub("", again["page"])
    assert (Response.objects.count(), Trial.objects.count()) == (1, 2)


def test_the_last_answer_sent_again_leads_on():
    _, listener = begin(clips_per_participant=1)
    address, data = listener.filled()
    assert [paths(listener.tell(address, data)) for _ in range(2)] == [("about", False)] * 2


def test_a_plain_form_is_sent_to_the_next_page():
    study, listener = begin()
    response = listener.send(follow=False)
    assert (response.status_code, response.headers["Location"]) == (302, f"/study/{study.slug}/clip/")


def test_the_page_costs_no_statement_more_than_the_answer():
    """Study, person and trial are in hand, and so is the trial that was given with the answer."""
    study, scripted = begin()
    plain = Scripted(study.slug).begin()
    # Counters are there for both, and what a process keeps is kept.
    assert "page" in scripted.answer()
    plain.send()
    address, data = scripted.filled()
    with CaptureQueriesContext(connection) as with_page:
        assert "page" in scripted.client.post(address, data, headers=JSON).json()
    with CaptureQueriesContext(connection) as without:
        plain.send(follow=False)
    assert len(with_page) == len(without)


def test_who_pauses_too_long_hears_the_sound_check_first_even_where_the_answer_is_sent_again():
    study, listener = begin()
    address, data = listener.filled()
    listener.tell(address, data)
    Participant.objects.update(last_seen_at=timezone.now() - study.patience - timedelta(minutes=1))
    assert paths(listener.tell(address, data)) == ("sound", False)
    assert Participant.objects.get().restarts == 1


def test_who_comes_back_after_the_pause_with_an_answer_goes_on_as_by_the_form():
    """The answer is a sign of life: the page after it does not ask for the sound check."""
    study, listener = begin()
    Participant.objects.update(last_seen_at=timezone.now() - study.patience - timedelta(minutes=1))
    assert paths(listener.answer()) == ("clip", True)
    assert Participant.objects.get().restarts == 0


def test_who_has_left_gets_no_page():
    _, listener = begin()
    address, data = listener.filled()
    listener.tell(address, data)
    Participant.objects.update(outcome="quota_full", finished_at=timezone.now(), completion_code="CODE2345")
    assert paths(listener.tell(address, data)) == ("end", False)


def test_an_answer_that_is_stored_is_told_as_stored_where_the_page_is_refused(monkeypatch):
    _, listener = begin()
    address, data = listener.filled()

    def refuse(**_):
        raise actions.ActionRefused("Somebody else changed the same thing.")

    with monkeypatch.context() as busy:
        busy.setattr(actions, "give_trial", refuse)
        reply = listener.client.post(address, data, headers=JSON)
    assert (reply.status_code, paths(reply.json())) == (200, ("clip", False))
    assert Response.objects.count() == 1


def test_the_person_of_the_trial_gets_the_page_and_is_who_the_browser_knows():
    study, listener = begin()
    other = Scripted(study.slug).begin()
    address, data = listener.filled()
    # Two people in one browser: the second one's cookie, the first one's page.
    listener.client.cookies[COOKIE] = other.client.cookies[COOKIE].value
    told = listener.tell(address, data)
    owner = Trial.objects.get(token=data["trial"]).participant
    given = owner.trials.get(answered_at=None)
    assert f'data-trial="{given.token}"' in told["page"]
    assert listener.client.cookies[COOKIE].value == owner.token


def test_a_preview_brings_its_page_to_its_owner_and_to_nobody_else():
    study = make_study(publish=False, versions=make_versions(4), clips_per_participant=3)
    client = Client(enforce_csrf_checks=False)
    client.force_login(study.owner)
    client.post(f"/studies/{study.slug}/preview/")
    listener = Scripted(study.slug, client)
    listener.begin()
    address, data = listener.filled()
    told = listener.tell(address, data)
    assert "Preview: nothing you answer here counts." in told["page"]
    assert CSRF.sub("", told["page"]) == CSRF.sub("", client.get(told["next"]).content.decode())
    stranger = Client()
    reply = stranger.post(address, data, headers=JSON)
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/study/{study.slug}/")


@pytest.mark.django_db(transaction=True)
def test_one_answer_sent_by_many_at_once_brings_all_the_same_page():
    _, listener = begin()
    address, data = listener.filled()
    cookies = listener.client.cookies

    def send(_):
        client = Client(enforce_csrf_checks=True)
        client.cookies.update(cookies)
        return client.post(address, data, headers=JSON).json()

    pages = {CSRF.sub("", told["page"]) for told in at_once(8, send)}
    assert len(pages) == 1
    assert (Response.objects.count(), Trial.objects.count()) == (1, 2)
    assert f'data-trial="{Trial.objects.get(answered_at=None).token}"' in pages.pop()

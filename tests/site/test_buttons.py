"""Addresses that only a button sends to lead to the page with the button; what cannot be undone asks once more."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from survey.models import Participant, Study
from tests.survey.factories import make_study

pytestmark = [pytest.mark.django_db, pytest.mark.database]
OF_STUDY = {
    "study_preview": "study",
    "study_new_version": "study",
    "study_pilot_cancel": "study_pilot",
    "study_pilot_remove": "study_pilot",
    "study_reminders": "study_monitor",
    "study_share": "study",
    "study_unshare": "study",
    "study_recruited": "study_recruiting",
    "study_signed_links": "study_recruiting",
    "results_open": "results",
    "results_export": "results",
    "study_another": "study_start",
}


def log_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(("name", "page"), OF_STUDY.items())
def test_a_link_to_an_action_leads_to_the_page_with_its_button(name, page):
    study = make_study()
    client = log_in(study.owner)
    for method in (client.get, client.head):
        answer = method(reverse(name, args=[study.slug]))
        assert (answer.status_code, answer["Location"]) == (302, reverse(page, args=[study.slug]))
    assert Study.objects.count() == 1
    assert not Participant.objects.exists()


@pytest.mark.parametrize("name", ["study_new_version", "results_export"])
def test_a_session_that_ran_out_before_the_button_ends_on_a_page_not_on_a_blank_one(name):
    study = make_study()
    study.owner.set_password("a long one 17")
    study.owner.save()
    client = Client()
    sent = client.post(reverse(name, args=[study.slug]))
    after = client.get(sent["Location"])
    where = f"{reverse('login')}?{urlencode({'next': reverse(name, args=[study.slug])})}"
    given = {"username": study.owner.username, "password": "a long one 17", "next": after.context["next"]}
    answer = client.post(where, given, follow=True)
    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == reverse(OF_STUDY[name], args=[study.slug])


@pytest.mark.parametrize("path", ["/accounts/logout/", "/study/demo/events/"])
def test_what_cannot_be_opened_says_so(path):
    answer = Client().get(path)
    assert (answer.status_code, "This address is not for opening" in answer.content.decode()) == (405, True)
    assert answer["Allow"]


def test_a_strange_method_is_refused_with_a_page():
    study = make_study()
    answer = log_in(study.owner).put(reverse("study_share", args=[study.slug]))
    assert (answer.status_code, "not for opening" in answer.content.decode()) == (405, True)
    assert Client().delete("/", headers={"accept": "application/json"}).json()["problem"]


def test_closing_asks_once_more():
    study = make_study()
    client = log_in(study.owner)
    assert "Close the study…" in client.get(study.get_absolute_url()).content.decode()
    page = client.get(reverse("study_close", args=[study.slug])).content.decode()
    assert "cannot be opened again" in page
    study.refresh_from_db()
    assert study.is_open
    client.post(reverse("study_close", args=[study.slug]))
    study.refresh_from_db()
    assert study.status == "closed"
    assert client.get(reverse("study_close", args=[study.slug]))["Location"] == study.get_absolute_url()


def test_deleting_a_draft_asks_once_more():
    study = make_study(publish=False)
    client = log_in(study.owner)
    assert "Delete this draft…" in client.get(study.get_absolute_url()).content.decode()
    assert "gone for good" in client.get(reverse("study_remove", args=[study.slug])).content.decode()
    assert Study.objects.exists()
    client.post(reverse("study_remove", args=[study.slug]))
    assert not Study.objects.exists()


def test_a_published_study_cannot_be_deleted_and_says_nothing_of_it():
    study = make_study()
    answer = log_in(study.owner).get(reverse("study_remove", args=[study.slug]))
    assert answer["Location"] == study.get_absolute_url()

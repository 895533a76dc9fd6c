"""Consent, withdrawal, retention, pauses and the headphone gate: what people are promised."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.actions.hearing import targets_of
from survey.models import AuditEntry, Fill, Participant, Response, Trial, TrialEvent
from survey.models.studies import hash_text
from survey.queries import ratings
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db


def test_the_participation_holds_the_hash_of_the_very_text_that_was_agreed_to():
    german = {"title": "Eine Studie", "question": "Welches Gefühl?", "instructions": "Hören Sie zu."}
    study = make_study(translations={"de": {"consent_text": "Ich bin einverstanden.", **german}})
    Listener(study.slug).begin()
    Listener(study.slug, entry=f"/study/{study.slug}/?language=de").begin()
    hashes = list(Participant.objects.order_by("pk").values_list("language", "consent_sha256"))
    assert hashes == [("en", hash_text(study.consent_text)), ("de", hash_text("Ich bin einverstanden."))]


def test_the_personal_link_removes_every_answer_from_tables_and_exports_for_good():
    study = make_study()
    listener = Listener(study.slug).take_part()
    Listener(study.slug).take_part()
    link = re.search(r"/study/[\w-]+/withdraw/\w+/", listener.page).group()
    other = Client()
    assert "cannot be undone" in other.get(link).content.decode()
    for _ in range(2):
        page = other.post(link, follow=True).content.decode()
        assert "Your answers have been deleted" in page
    gone = Participant.objects.get(outcome="withdrawn")
    assert {row["participant"] for row in ratings(study)} == {Participant.objects.get(outcome="complete").public_id}
    assert (Response.objects.count(), Trial.objects.filter(participant=gone).count()) == (8, 0)
    assert (gone.background, gone.device, gone.verdict) == ({}, "", [])
    assert set(Fill.objects.values_list("answers", flat=True)) == {1}
    assert list(AuditEntry.objects.filter(action="withdraw").values_list("detail", flat=True)) == [
        {"participant": gone.public_id}
    ]


def test_who_withdrew_cannot_go_on_answering():
    study = make_study()
    listener = Listener(study.slug).begin()
    address, values, _ = listener.form()
    actions.withdraw(participant=Participant.objects.get(), by=None)
    response = listener.client.post(address, {**values, "chosen": "awe", "confidence": "1"}, follow=True)
    assert "You have withdrawn" in response.content.decode()
    assert Response.objects.count() == 0


def test_no_table_has_a_place_for_a_name_a_mail_or_an_address():
    telling = re.compile("mail|(^|_)ip(_|$)|address|agent|fingerprint|first_name|last_name", re.IGNORECASE)
    columns = [
        column.name
        for model in (Participant, Trial, Response, TrialEvent)
        for column in connection.introspection.get_table_description(connection.cursor(), model._meta.db_table)
    ]
    assert [column for column in columns if telling.search(column)] == []


def test_after_the_retention_date_words_and_background_are_gone_and_answers_stay():
    study = make_study(ask_word=True, retention_until=timezone.localdate() + timedelta(days=1))
    listener = Listener(study.slug).begin()
    while "/clip/" in listener.address:
        listener.send(word="calm")
    listener.send(age_band="25-34")
    out = StringIO()
    call_command("anonymise", stdout=out)
    assert out.getvalue() == "No study is due.\n"
    type(study).objects.filter(pk=study.pk).update(retention_until=timezone.localdate())
    call_command("anonymise", stdout=out)
    person = Participant.objects.get()
    assert (person.background, set(Response.objects.values_list("word", flat=True))) == ({}, {""})
    assert Response.objects.count() == 8


def test_after_a_long_pause_instructions_and_sound_check_come_first_and_then_the_same_clip():
    study = make_study()
    listener = Listener(study.slug).begin()
    listener.send()
    token = listener.form()[1]["trial"]
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(minutes=61))
    listener.get()
    assert "Welcome back" in listener.page
    assert study.instructions.split(".")[0] in listener.page
    listener.send()
    assert listener.form()[1]["trial"] == token
    assert Participant.objects.get().restarts == 1


def pass_headphones(listener, right):
    targets = targets_of(Participant.objects.get())
    parts = {f"part_{n + 1}": str((target + (n >= right)) % 3 + 1) for n, target in enumerate(targets)}
    return listener.send(**parts)


@pytest.mark.parametrize(
    ("test", "right", "passed"),
    [("huggins", 6, True), ("huggins", 5, False), ("antiphase", 5, True), ("antiphase", 4, False)],
)
def test_as_a_gate_the_headphone_test_lets_pass_by_the_published_thresholds(test, right, passed):
    study = make_study(headphones="gate", headphone_test=test)
    listener = Listener(study.slug)
    listener.get()
    listener.send()
    listener.send()
    assert listener.address.endswith("/headphones/")
    pass_headphones(listener, right)
    person = Participant.objects.get()
    assert (person.headphones["right"], person.headphones["passed"]) == (right, passed)
    assert listener.address.endswith("/clip/" if passed else "/end/")
    assert (study.code_screened_out in listener.page) is not passed


def test_recorded_only_the_headphone_test_stops_nobody():
    study = make_study(headphones="record")
    listener = Listener(study.slug)
    listener.get()
    listener.send()
    listener.send()
    assert listener.send(part_1="").status_code == 400
    pass_headphones(listener, 0)
    assert listener.address.endswith("/clip/")


def test_the_sounds_of_the_headphone_test_are_served_to_the_participant_alone():
    study = make_study(headphones="record")
    listener = Listener(study.slug)
    address = f"/study/{study.slug}/headphones/1.wav"
    assert Client().get(address).status_code == 302
    listener.get()
    listener.send()
    response = listener.client.get(address)
    assert (response.status_code, response.headers["Content-Type"], response.content[:4]) == (
        200,
        "audio/wav",
        b"RIFF",
    )
    assert listener.client.get(f"/study/{study.slug}/headphones/7.wav").status_code == 404


def test_events_sent_again_are_stored_once():
    study = make_study()
    listener = Listener(study.slug).begin()
    _, values, _ = listener.form()
    play = {"sequence": 0, "kind": "play", "milliseconds": 12, "seconds": 0.0}
    events = json.dumps([play, {"sequence": 1, "kind": "ended", "milliseconds": 1100}])
    data = {"trial": values["trial"], "csrfmiddlewaretoken": values["csrfmiddlewaretoken"], "events": events}
    for _ in range(2):
        response = listener.client.post(f"/study/{study.slug}/events/", data)
        assert response.json() == {"stored": True}
    assert list(TrialEvent.objects.values_list("sequence", "kind")) == [(0, "play"), (1, "ended")]


@pytest.mark.parametrize(
    "events",
    [
        "",
        "x",
        "{}",
        "[1]",
        '[{"sequence":-1,"kind":"play","milliseconds":1}]',
        '[{"sequence":0,"kind":"spy","milliseconds":1}]',
        '[{"sequence":0,"kind":"play","milliseconds":1.5}]',
        "[" * 2000,
    ],
)
def test_events_that_are_none_are_refused(events):
    study = make_study()
    listener = Listener(study.slug).begin()
    _, values, _ = listener.form()
    data = {"trial": values["trial"], "csrfmiddlewaretoken": values["csrfmiddlewaretoken"], "events": events}
    assert listener.client.post(f"/study/{study.slug}/events/", data).status_code == 400
    assert TrialEvent.objects.count() == 0

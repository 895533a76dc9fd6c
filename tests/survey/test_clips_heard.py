"""An answer counts only when its clip can have been heard; what nobody measured is marked, and can leave people out."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.findings.study_facts import facts_of
from survey.forms import StudyForm
from survey.models import Participant, Response, Trial
from survey.preregistration import write_preregistration
from tests.survey.factories import make_versions
from tests.survey.hearing import (
    at_clip,
    at_sound,
    fetch,
    make_study,
    person,
    show_earlier,
    wrong_number,
)
from tests.survey.participating import Listener, let_time_pass
from tests.survey.test_studies import FORM

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize("played", ["", "4.0", "900"])
@pytest.mark.parametrize(("seconds", "stored"), [(2.8, 0), (3.1, 1)])
def test_an_answer_sooner_than_the_clip_lasts_is_refused_whatever_the_browser_tells(played, seconds, stored):
    listener = at_clip()
    show_earlier(seconds)
    listener.send(played_seconds=played)
    assert Response.objects.count() == stored
    assert ("Please listen to the whole clip first." in listener.page) is not stored


def test_the_refused_answer_stays_on_the_page_and_is_taken_later():
    listener = at_clip()
    listener.send(chosen="none", confidence="4")
    assert re.search(r'value="none" required[^>]* checked', listener.page)
    show_earlier(10)
    listener.send(chosen="none", confidence="4")
    assert list(Response.objects.values_list("choice__slug", "confidence")) == [("none", 4)]


def test_practice_is_listened_to_as_well():
    practice = make_versions(1, first=60, seconds=4.0)
    listener = at_clip(practice=practice, practice_trials=1)
    assert Trial.objects.get().kind == "practice"
    assert listener.send().status_code == 400


def test_where_listening_is_not_required_the_clock_refuses_nothing():
    at_clip(require_listening=False).send()
    assert Response.objects.count() == 1


def test_a_picture_alone_is_answered_at_once():
    versions = make_versions(3, seconds=4.0)
    Listener(make_study(versions=versions, cells={"picture_only": 1}).slug).begin().send()
    assert Response.objects.count() == 1


@pytest.mark.parametrize(("told", "doubtful"), [("4.0", False), ("10.4", False), ("10.7", True), ("", False)])
def test_more_seconds_than_passed_are_stored_and_flagged(told, doubtful):
    listener = at_clip()
    show_earlier(10)
    listener.send(played_seconds=told)
    assert Response.objects.get().listening_doubtful is doubtful


def test_what_was_heard_before_a_long_pause_counts_after_it():
    listener = at_clip()
    listener.get()
    show_earlier(3 * 3600)
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    listener.get()
    assert listener.address.endswith("/sound/")
    listener.send()
    assert listener.address.endswith("/clip/")
    trial = Trial.objects.get()
    assert (timezone.now() - trial.shown_at).total_seconds() < 60
    listener.send(played_seconds="4.0")
    response = Response.objects.get()
    assert (response.listening_doubtful, response.seconds < 60) == (False, True)


def test_a_page_that_is_shown_late_is_timed_from_its_showing():
    """Nobody hears the clip between the answer before it and the first look at it."""
    listener = at_clip()
    Trial.objects.update(assigned_at=timezone.now() - timedelta(hours=1), shown_at=None)
    listener.get()
    assert Trial.objects.get().shown_at is not None
    assert listener.send().status_code == 400


def test_the_rule_leaves_out_who_was_not_measured_and_keeps_who_was():
    study = make_study(exclusion_rules={"listening_measured": True}, clips_per_participant=2, ask_background=False)
    for measured in (True, False):
        listener = Listener(study.slug)
        listener.get()
        listener.send()
        listener.send(**({"played": "4.0"} if measured else {}))
        for _ in range(2):
            Trial.objects.update(assigned_at=timezone.now() - timedelta(seconds=5))
            listener.send(**({"played_seconds": "1.0"} if measured else {}))
    one, other = Participant.objects.order_by("pk")
    assert (one.included, one.verdict) == (True, [])
    assert (other.included, other.verdict) == (False, ["listening not measured: 2 of 2 answers, sound check"])


def test_what_is_not_to_be_believed_counts_only_as_the_time_that_passed():
    rules = {"listening_share": 0.8}
    study = make_study(exclusion_rules=rules, clips_per_participant=1, ask_background=False, require_listening=False)
    Listener(study.slug).begin().send(played_seconds="500")
    (reason,) = person().verdict
    assert reason.startswith("too little listening")


def test_a_withdrawal_takes_what_is_known_of_the_tests_with_it():
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token)
    listener.send(tones=wrong_number())
    fetch(listener, 2)
    actions.withdraw(participant=person(), by=None)
    left = person()
    assert (left.sound_wrong, left.sound_measured, left.sounds_sent, left.headphones) == (0, None, {}, {})


def test_people_page_and_monitor_show_what_was_not_measured():
    study = make_study(clips_per_participant=2)
    Listener(study.slug).take_part()
    client = Client()
    client.force_login(study.owner)
    people = client.get(f"/studies/{study.slug}/people/").content.decode()
    assert "<li>not measured: 2 answers</li><li>not measured: sound check</li>" in people
    monitor = client.get(f"/studies/{study.slug}/monitor/").content.decode()
    assert "<dt>Tests not measured</dt><dd>1</dd>" in monitor
    assert "<dt>Doubtful listening</dt><dd>0</dd>" in monitor


def test_rules_about_listening_are_written_wherever_the_plan_is():
    study = make_study(exclusion_rules={"listening_measured": True, "most_sound_mistakes": 0})
    plan = write_preregistration(study)
    assert "- listening measured at every clip and test\n" in plan
    assert "- at most 0 of the answers at the sound check wrong" in plan
    assert "- No answer is taken sooner than the clip lasts, measured or not" in plan
    facts = facts_of(study)
    assert "listening measured at every clip and test; at most 0 of the answers at the sound check wrong" in facts.rules
    assert "none was taken sooner than the clip lasts" in facts.listening


@pytest.mark.parametrize(("written", "kept"), [("0", 0), ("", None), ("2", 2)])
def test_no_mistake_allowed_is_kept_as_a_rule(written, kept):
    form = StudyForm({**FORM, "most_sound_mistakes": written})
    assert form.is_valid(), form.errors
    assert form.values()["exclusion_rules"].get("most_sound_mistakes") == kept

"""Every action that a person asks for says who did it, in the study's log; the others are participants' and timers'."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from survey import actions
from survey.models import AuditEntry, ExportJob, Participant
from tests.survey.answering import answer_study
from tests.survey.factories import lesson_with_a_wave, make_researcher, make_study, make_versions

pytestmark = pytest.mark.django_db
# What participants do, whose answers are their record, and what the server does by itself.
BY_THEMSELVES = {
    *("join", "decline", "check_sound", "note_sent", "record_headphones", "record_before", "record_background"),
    "record_screening",
    *("restart_if_idle", "give_trial", "show_trial", "record_answer", "record_events", "finish"),
    *("judge_participant", "finish_pack", "anonymise_due"),
    *("finish_lesson", "finish_pilot", "note_due", "remind_due"),
    "note_reading",  # its record is the list of what was read, and of answers the log of the token's owner
}


def every_action() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in actions.__all__:
        found = getattr(actions, name)
        if inspect.isfunction(found) and name != "record":
            yield name, found


ASKED_FOR = [name for name, _ in every_action() if name not in BY_THEMSELVES]


def ready_pack(w: SimpleNamespace) -> ExportJob:
    actions.request_export(study=w.study, by=w.by)
    ExportJob.objects.update(status="ready", finished_at=timezone.now(), file="pack.zip", sha256="0" * 64)
    return ExportJob.objects.get()


def person(w: SimpleNamespace) -> Participant:
    (found,) = answer_study(w.study, people=1)
    return found


DONE: dict[str, Callable[[SimpleNamespace], Any]] = {
    "create_study": lambda w: actions.create_study(by=w.by, title="Another"),
    "create_demo_study": lambda w: actions.create_demo_study(by=w.by, versions=w.versions),
    "edit_study": lambda w: actions.edit_study(study=w.draft, by=w.by, title="Renamed"),
    "set_stimuli": lambda w: actions.set_stimuli(study=w.draft, versions=w.versions[:1], by=w.by),
    "add_question": lambda w: actions.add_question(study=w.draft, key="liking", by=w.by),
    "write_question": lambda w: actions.write_question(
        study=w.draft, replaces=actions.add_question(study=w.draft, key="liking", by=w.by).key, required=True, by=w.by
    ),
    "remove_question": lambda w: (
        actions.add_question(study=w.draft, key="liking", by=w.by),
        actions.remove_question(study=w.draft, key="liking", by=w.by),
    ),
    "remove_study": lambda w: actions.remove_study(study=w.draft, by=w.by),
    "publish": lambda w: actions.publish(study=w.draft, by=w.by),
    "set_invitation": lambda w: actions.set_invitation(study=w.study, word="listen", paid="6 €", by=w.by),
    "close": lambda w: actions.close(study=w.study, by=w.by),
    "make_new_version": lambda w: actions.make_new_version(study=w.study, by=w.by),
    "open_results": lambda w: actions.open_results(study=w.study, by=w.by),
    "open_preview": lambda w: actions.open_preview(study=w.study, by=w.by),
    "share": lambda w: actions.share(study=w.study, user=w.other, role="viewer", by=w.by),
    "unshare": lambda w: (DONE["share"](w), actions.unshare(study=w.study, username="max", by=w.by)),
    "make_api_token": lambda w: actions.make_api_token(by=w.by, name="laptop", study=w.study, expires_at=None),
    "revoke_api_token": lambda w: actions.revoke_api_token(token=DONE["make_api_token"](w)[0], by=w.by),
    "make_results_link": lambda w: actions.make_results_link(study=w.study, by=w.by, name="Anna", expires_at=None),
    "revoke_results_link": lambda w: actions.revoke_results_link(
        study=w.study, link=DONE["make_results_link"](w)[0], by=w.by
    ),
    "note_access": lambda w: actions.note_access(study=w.study, action="export", by=w.by),
    "request_export": lambda w: actions.request_export(study=w.study, by=w.by),
    "cancel_export": lambda w: actions.cancel_export(job=actions.request_export(study=w.study, by=w.by), by=w.by),
    "request_pilot": lambda w: actions.request_pilot(study=w.draft, by=w.by, people=10),
    "cancel_pilot": lambda w: actions.cancel_pilot(job=DONE["request_pilot"](w), by=w.by),
    "request_lesson": lambda w: actions.request_lesson(
        studies=[actions.close(study=make_study(versions=w.versions, by=w.by), by=w.by)], by=w.by
    ),
    "cancel_lesson": lambda w: actions.cancel_lesson(lesson=DONE["request_lesson"](w), by=w.by),
    "begin_test": lambda w: actions.begin_test(lesson=lesson_with_a_wave(w.by, w.study), by=w.by),
    "remove_pilot": lambda w: (DONE["request_pilot"](w), actions.remove_pilot(study=w.draft, by=w.by)),
    "switch_reminders": lambda w: actions.switch_reminders(study=w.study, by=w.by, on=False),
    "note_download": lambda w: actions.note_download(job=ready_pack(w), by=w.by),
    "set_aside": lambda w: actions.set_aside(participant=person(w), reason="Talked", by=w.by),
    "take_back": lambda w: actions.take_back(
        participant=actions.set_aside(participant=person(w), reason="Talked", by=w.by), by=w.by
    ),
    "judge_study": lambda w: actions.judge_study(study=w.study, by=w.by),
    "restore_answers": lambda w: actions.restore_answers(study=w.study, rows=lambda table: [], by=w.by),
    "withdraw": lambda w: actions.withdraw(participant=person(w), by=w.by),
    "anonymise": lambda w: actions.anonymise(study=w.study, by=w.by),
    "remove_bots": lambda w: (
        answer_study(w.study, people=1, kind=Participant.Kind.BOT),
        actions.remove_bots(study=w.study, by=w.by),
    ),
}


@pytest.fixture
def world(settings: Settings, tmp_path: Any) -> SimpleNamespace:
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    by, other = make_researcher("rosa"), make_researcher("max")
    versions = make_versions(2)
    texts = {"consent_text": "You agree.", "clips_per_participant": 2}
    study = make_study(versions=versions, by=by, **texts)
    draft = make_study(versions=versions, by=by, publish=False, **texts)
    return SimpleNamespace(by=by, other=other, versions=versions, study=study, draft=draft)


@pytest.mark.parametrize("name", ASKED_FOR)
def test_every_action_that_is_asked_for_leaves_a_line_with_its_actor(name: str, world: SimpleNamespace) -> None:
    by = inspect.signature(getattr(actions, name)).parameters.get("by")
    assert by is not None, f"{name} does not ask who does it"
    assert by.default is inspect.Parameter.empty, f"{name} may forget who does it"
    known = set(AuditEntry.objects.values_list("pk", flat=True))
    DONE[name](world)
    lines = AuditEntry.objects.exclude(pk__in=known)
    assert lines, f"{name} leaves no line in the log"
    assert {(line.actor, line.actor_name) for line in lines} == {(world.by, "rosa")}


def test_what_is_done_without_an_actor_exists_and_asks_for_none() -> None:
    found = dict(every_action())
    assert found.keys() >= BY_THEMSELVES
    assert [name for name in BY_THEMSELVES if "by" in inspect.signature(found[name]).parameters] == []


@pytest.mark.database
def test_the_log_names_what_was_changed_of_a_draft_and_is_silent_where_nothing_was(world: SimpleNamespace) -> None:
    actions.edit_study(study=world.draft, by=world.by, title="Renamed", quota=30)
    assert AuditEntry.objects.first().detail == {"changed": "quota, title"}
    number = AuditEntry.objects.count()
    actions.edit_study(study=world.draft, by=world.by, title="Renamed", quota=30)
    assert AuditEntry.objects.count() == number


@pytest.mark.parametrize("name", ["add_question", "write_question", "remove_question"])
def test_the_log_names_the_question_that_was_added_written_or_removed(world: SimpleNamespace, name: str) -> None:
    DONE[name](world)
    assert AuditEntry.objects.get(action=name).detail == {"question": "liking"}

"""Every action beside every other one, twenty at once on one study: each is done, or refused with a sentence."""

from __future__ import annotations

import inspect
import itertools
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from melodymuse_site.jobs.leases import claim
from survey import actions
from survey.actions import Answer
from survey.models import (
    ApiToken,
    ExportJob,
    Fill,
    Lesson,
    Named,
    Participant,
    PilotJob,
    Response,
    Study,
    StudyMember,
    Trial,
)
from survey.models.participation import make_token
from tests.racing import race
from tests.survey.factories import lesson_with_a_wave, make_researcher, make_study, make_versions

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

HEARD = [0, 1, 2, 0, 1, 2]
ACTIONS: dict[str, Any] = {
    "add_question": lambda w, i: actions.add_question(study=w.draft, key="liking", by=w.owner),
    "anonymise": lambda w, i: actions.anonymise(study=w.study, by=w.owner),
    "begin_test": lambda w, i: actions.begin_test(lesson=w.wave, by=w.owner),
    "cancel_export": lambda w, i: actions.cancel_export(job=w.job, by=w.owner),
    "cancel_lesson": lambda w, i: actions.cancel_lesson(lesson=w.lesson, by=w.owner),
    "cancel_pilot": lambda w, i: actions.cancel_pilot(job=w.pilot, by=w.owner),
    "check_sound": lambda w, i: actions.check_sound(participant=w.fresh, number=None, counted=None),
    "close": lambda w, i: actions.close(study=w.study, by=w.owner),
    "create_demo_study": lambda w, i: actions.create_demo_study(by=w.owner, versions=w.versions),
    "create_study": lambda w, i: actions.create_study(by=w.owner, title="Twice"),
    "decline": lambda w, i: actions.decline(study=w.study, token=w.ticket, language="en"),
    "edit_study": lambda w, i: actions.edit_study(study=w.draft, by=w.owner, title=f"Title {i}"),
    "finish": lambda w, i: actions.finish(participant=w.person),
    "finish_lesson": lambda w, i: actions.finish_lesson(
        lesson=w.lesson, lease=w.lesson_lease, result={}, answers={w.over.pk: 8}, make_version=None
    ),
    "finish_pack": lambda w, i: actions.finish_pack(
        job=w.job, lease=w.lease, file="none.zip", sha256="0" * 64, size=1, rows=1
    ),
    "finish_pilot": lambda w, i: actions.finish_pilot(job=w.pilot, lease=w.pilot_lease, result={}),
    "join": lambda w, i: actions.join(study=w.study, token=w.ticket, language="en", external_id="one"),
    "judge_study": lambda w, i: actions.judge_study(study=w.study, by=w.owner),
    "make_api_token": lambda w, i: actions.make_api_token(by=w.owner, name="laptop", study=w.study, expires_at=None),
    "make_new_version": lambda w, i: actions.make_new_version(study=w.study, by=w.owner),
    "make_results_link": lambda w, i: actions.make_results_link(
        study=w.study, by=w.owner, name="Anna", expires_at=None
    ),
    "note_access": lambda w, i: actions.note_access(study=w.study, action="export", by=w.owner),
    "note_download": lambda w, i: actions.note_download(job=w.job, by=w.owner),
    "note_due": lambda w, i: actions.note_due(study=w.study, now=timezone.now() + timedelta(days=30)),
    "note_reading": lambda w, i: actions.note_reading(key=w.token, study=w.study, kind="responses"),
    "open_preview": lambda w, i: actions.open_preview(study=w.draft, by=w.owner),
    "open_results": lambda w, i: actions.open_results(study=w.study, by=w.owner),
    "publish": lambda w, i: actions.publish(study=w.draft, by=w.owner),
    "record_answer": lambda w, i: actions.record_answer(
        study=w.study, token=w.trial.token, answer=Answer("yes", confidence=3)
    ),
    "record_background": lambda w, i: actions.record_background(participant=w.person, answers={"age_band": "25-34"}),
    "record_before": lambda w, i: actions.record_before(participant=w.fresh, answers={}),
    "record_events": lambda w, i: actions.record_events(
        study=w.study, token=w.trial.token, events=[{"sequence": i, "kind": "play", "milliseconds": 5}]
    ),
    "record_screening": lambda w, i: actions.record_screening(participant=w.fresh, answers={}),
    "record_headphones": lambda w, i: actions.record_headphones(participant=w.person, heard=HEARD, played=[None] * 6),
    "remove_bots": lambda w, i: actions.remove_bots(study=w.study, by=None),
    "remove_pilot": lambda w, i: actions.remove_pilot(study=w.draft, by=w.owner),
    "remove_question": lambda w, i: actions.remove_question(study=w.draft, key="liking", by=w.owner),
    "remove_study": lambda w, i: actions.remove_study(study=w.draft, by=w.owner),
    "request_export": lambda w, i: actions.request_export(study=w.study, by=w.owner),
    "request_lesson": lambda w, i: actions.request_lesson(studies=[w.over, w.over], by=w.owner, strength=0.5),
    "request_pilot": lambda w, i: actions.request_pilot(study=w.draft, by=w.owner, people=10 + i),
    "restart_if_idle": lambda w, i: actions.restart_if_idle(participant=w.person),
    "restore_answers": lambda w, i: actions.restore_answers(study=w.draft, rows=lambda table: [], by=w.owner),
    "revoke_api_token": lambda w, i: actions.revoke_api_token(token=w.token, by=w.owner),
    "revoke_results_link": lambda w, i: actions.revoke_results_link(study=w.study, link=w.link, by=w.owner),
    "set_aside": lambda w, i: actions.set_aside(participant=w.person, reason="Noise", by=w.owner),
    "set_invitation": lambda w, i: actions.set_invitation(study=w.draft, word=f"moods-{i}", paid="", by=w.owner),
    "set_stimuli": lambda w, i: actions.set_stimuli(study=w.draft, versions=w.versions[i % 4 :], by=w.owner),
    "share": lambda w, i: actions.share(study=w.study, user=w.other, role=StudyMember.Role.EDITOR, by=w.owner),
    "switch_reminders": lambda w, i: actions.switch_reminders(study=w.study, by=w.owner, on=i % 4 < 2),
    "take_back": lambda w, i: actions.take_back(participant=w.person, by=w.owner),
    "unshare": lambda w, i: actions.unshare(study=w.study, username=w.other.get_username(), by=w.owner),
    "withdraw": lambda w, i: actions.withdraw(participant=w.person, by=None),
    "write_question": lambda w, i: actions.write_question(
        study=w.draft, by=w.owner, key="own", moment="clip", sort="text", wording={"en": f"Why {i}?"}
    ),
    # Not decorated themselves, but what they do is an action's.
    "anonymise_due": lambda w, i: actions.anonymise_due(),
    "give_trial": lambda w, i: actions.give_trial(participant=w.fresh),
    "remind_due": lambda w, i: actions.remind_due(now=timezone.now() + timedelta(days=30)),
    "note_sent": lambda w, i: actions.note_sent(participant=w.fresh, sound=f"check-{i}"),
    "show_trial": lambda w, i: actions.show_trial(
        trial=w.trial, participant=w.person, now=timezone.now() + timedelta(minutes=1)
    ),
}
# Steps of actions, for those who have locked already.
PARTS = {"judge_participant", "record"}
# What a click and its neighbour ask for at the same moment, and whatever was once refused by a page of errors.
NEIGHBOURS = [
    ("withdraw", "record_background"),
    ("withdraw", "record_events"),
    ("withdraw", "record_answer"),
    ("withdraw", "finish"),
    ("publish", "edit_study"),
    ("publish", "set_stimuli"),
    ("publish", "add_question"),
    ("write_question", "remove_study"),
    ("publish", "remove_study"),
    ("remove_study", "set_stimuli"),
    ("open_preview", "set_stimuli"),
    ("open_preview", "edit_study"),
    ("decline", "join"),
    ("check_sound", "give_trial"),
    ("create_study", "make_new_version"),
    ("share", "unshare"),
    ("cancel_export", "withdraw"),
    ("set_aside", "take_back"),
    ("request_pilot", "publish"),
    ("request_pilot", "remove_pilot"),
    ("request_pilot", "remove_study"),
    ("finish_pilot", "edit_study"),
    ("cancel_pilot", "finish_pilot"),
    ("begin_test", "begin_test"),
    ("cancel_lesson", "finish_lesson"),
    ("cancel_lesson", "request_lesson"),
    ("request_lesson", "request_lesson"),
    ("note_due", "switch_reminders"),
    ("note_due", "close"),
    ("note_reading", "revoke_api_token"),
    ("make_api_token", "revoke_api_token"),
    ("make_results_link", "revoke_results_link"),
    ("set_invitation", "publish"),
    ("set_invitation", "remove_study"),
]


def test_every_action_is_in_the_matrix() -> None:
    public = {name: getattr(actions, name) for name in actions.__all__}
    functions = {name for name, found in public.items() if inspect.isfunction(found)}
    assert functions == set(ACTIONS) | PARTS


def test_every_action_locks_and_reads_anew() -> None:
    undecorated = {name for name in ACTIONS if not getattr(getattr(actions, name), "is_action", False)}
    assert undecorated == {"anonymise_due", "give_trial", "note_sent", "remind_due", "show_trial"}


def test_what_an_action_is_handed_is_a_key_and_shows_afterwards_what_is_stored() -> None:
    study = make_study(publish=False)
    stale = Study.objects.get(pk=study.pk)
    actions.edit_study(study=study, by=study.owner, title="Another")
    stale.title = "Never saved"
    actions.edit_study(study=stale, by=study.owner, contact="Ada")
    assert (stale.title, stale.contact) == ("Another", "Ada")
    assert Study.objects.values_list("title", "contact").get(pk=study.pk) == ("Another", "Ada")


def test_what_was_removed_before_an_action_began_is_told_so() -> None:
    study = make_study(publish=False)
    stale = Study.objects.get(pk=study.pk)
    actions.remove_study(study=study, by=study.owner)
    with pytest.raises(actions.Gone, match="does not exist any more"):
        actions.edit_study(study=stale, by=stale.owner, title="Another")


@pytest.fixture
def ground(tmp_path: Any) -> SimpleNamespace:
    return SimpleNamespace(
        versions=make_versions(8), owner=make_researcher("owner"), other=make_researcher("other"), folder=tmp_path
    )


def build_world(ground: SimpleNamespace) -> SimpleNamespace:
    """A draft, a published yes/no study, one person in the middle and one at the beginning, an export being made."""
    fields = {"versions": ground.versions, "by": ground.owner, "require_listening": False}
    draft = make_study(publish=False, **fields)
    study = make_study(recruiter="prolific", mode="yes_no", **fields)
    person = actions.join(study=study, token=make_token(), language="en", external_id="person")
    fresh = actions.join(study=study, token=make_token(), language="en", external_id="fresh")
    actions.check_sound(participant=person, number=None, counted=None)
    person.refresh_from_db()
    first = actions.give_trial(participant=person)
    actions.record_answer(study=study, token=first.token, answer=Answer("yes", confidence=3))
    trial = actions.give_trial(participant=person)
    job = actions.request_export(study=study, by=ground.owner)
    ApiToken.objects.all().delete()  # those of the world before, which would be too many
    token, _ = actions.make_api_token(by=ground.owner, name="laptop", study=None, expires_at=None)
    link, _ = actions.make_results_link(study=study, by=ground.owner, name="Anna", expires_at=None)
    world = {"draft": draft, "study": study, "person": person, "fresh": fresh, "trial": trial, "job": job}
    pilot = actions.request_pilot(study=draft, by=ground.owner, people=10)
    world |= {"token": token, "link": link, "pilot": pilot, "pilot_lease": claim(PilotJob, pilot.pk)}
    over = actions.close(study=make_study(versions=ground.versions, by=ground.owner), by=ground.owner)
    lesson = actions.request_lesson(studies=[over], by=ground.owner)
    world |= {"over": over, "lesson": lesson, "lesson_lease": claim(Lesson, lesson.pk)}
    world |= {"wave": lesson_with_a_wave(ground.owner, over)}
    return SimpleNamespace(**vars(ground), **world, lease=claim(ExportJob, job.pk), ticket=make_token())


def check_world(world: SimpleNamespace) -> list[str]:
    """What is not as it must be, whoever was first."""
    wrong = []
    person = Participant.objects.get(pk=world.person.pk)
    answers = Response.objects.filter(trial__participant=person)
    if person.outcome == "withdrawn" and (answers.exists() or person.background or person.headphones):
        wrong.append("something is left of somebody who withdrew")
    counted = Counter(
        Response.objects.filter(trial__participant__study=world.study).values_list("trial__stimulus", flat=True)
    )
    fills = dict(Fill.objects.filter(stimulus__study=world.study, answers__gt=0).values_list("stimulus", "answers"))
    if counted != fills:
        wrong.append(f"the counters say {fills}, and there are {dict(counted)}")
    answered = Trial.objects.filter(participant__study=world.study, answered_at__isnull=False)
    named = Counter(answered.values_list("stimulus", "asked_emotion"))
    counters = Named.objects.filter(stimulus__study=world.study, trials__gt=0)
    if named != {
        (stimulus, emotion): n for stimulus, emotion, n in counters.values_list("stimulus", "emotion", "trials")
    }:
        wrong.append(f"the counters of what was named are not {dict(named)}")
    draft = Study.objects.filter(pk=world.draft.pk).first()
    if draft and draft.status == "published" and not draft.stimuli.exists():
        wrong.append("a study without clips is published")
    if Participant.objects.filter(study=world.study, token=world.ticket).count() > 1:
        wrong.append("one page of consent made two people")
    connection.check_constraints()
    return wrong


def run_pairs(ground: SimpleNamespace, pairs: Any) -> None:
    failed = {}
    for first, second in pairs:
        world = build_world(ground)
        ended = race(ACTIONS[first], ACTIONS[second], world)
        wrong = [*(text for text in ended if text not in {"done", "refused"}), *check_world(world)]
        if wrong or (not ended["done"] and (first, second) != ("restore_answers", "restore_answers")):
            failed[first, second] = wrong or "nobody was let through"
    assert failed == {}
    assert get_user_model().objects.count() == 2


@pytest.mark.slow
def test_neighbours_and_double_clicks_end_in_order(ground: SimpleNamespace) -> None:
    run_pairs(ground, NEIGHBOURS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
def test_every_action_beside_itself(ground: SimpleNamespace, part: int) -> None:
    run_pairs(ground, [(name, name) for name in sorted(ACTIONS)[part::3]])


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(6))
def test_every_action_beside_every_other(ground: SimpleNamespace, part: int) -> None:
    run_pairs(ground, list(itertools.combinations(sorted(ACTIONS), 2))[part::6])

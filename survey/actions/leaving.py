"""Leaving a study: the end with its code, withdrawal, and what the retention takes away."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from survey.actions.acting import on_person, on_study, wait_for_answers
from survey.actions.audit import Actor, record
from survey.actions.counting import forget_counts, leave_place, uncount_person
from survey.actions.exporting import outdate_packs
from survey.actions.forgetting import forget_people, forget_what_is_said, holds_personal
from survey.actions.judging import judge_participant
from survey.models import Course, Participant, QuestionAnswer, Response, Study, Trial, TrialEvent

Kind = Participant.Kind
Outcome = Participant.Outcome


def code_for(study: Study, outcome: str) -> str:
    """The code that tells a recruiter how a participation ended."""
    return {
        Outcome.COMPLETE: study.code_complete,
        Outcome.SCREENED_OUT: study.code_screened_out,
        Outcome.NO_CONSENT: study.code_no_consent,
        Outcome.QUOTA_FULL: study.code_quota_full,
    }.get(outcome, "")


@on_person
def finish(*, participant: Participant) -> Participant:
    """End a participation that is answered to the end. Its code exists from here on, after the last answer."""
    # Asked under the lock: the end page may be opened twice at once, and a code is given once.
    if participant.outcome == Outcome.ACTIVE:
        end_with(participant, Outcome.COMPLETE)
    return participant


def end_with(participant: Participant, outcome: str) -> None:
    """End the participation of somebody who is locked and active."""
    participant.outcome = outcome
    participant.completion_code = code_for(participant.study, outcome)
    participant.finished_at = timezone.now()
    participant.save(update_fields=["outcome", "completion_code", "finished_at", "screened_by"])
    leave_place(participant)
    if outcome == Outcome.COMPLETE:
        judge_participant(participant)


def screen_out(participant: Participant, reason: str) -> None:
    """End the participation of somebody who is locked and active, and does not fit the study, by `reason`."""
    participant.screened_by = reason
    end_with(participant, Outcome.SCREENED_OUT)


@on_person
def withdraw(*, participant: Participant, by: Actor) -> Participant:
    """Delete the participant's answers and everything they told; what remains is that somebody withdrew.

    The outside id stays until the retention's end, where the study keeps ids: it can still be paid, and does not
    take part again. Packs that hold the answers go.
    """
    if participant.outcome == Outcome.WITHDRAWN:
        return participant
    # Counters first, while the answers that they counted can still be read.
    uncount_person(participant)
    # From the leaves on, one statement a table: a cascade would first read every row to find what hangs on it.
    TrialEvent.objects.filter(trial__participant=participant).delete()
    Course.objects.filter(trial__participant=participant).delete()
    Response.objects.filter(trial__participant=participant).delete()
    Trial.objects.filter(participant=participant).delete()
    QuestionAnswer.objects.filter(participant=participant).delete()
    now = timezone.now()
    participant.outcome, participant.withdrawn_at, participant.finished_at = Outcome.WITHDRAWN, now, now
    participant.background, participant.headphones, participant.verdict, participant.included = {}, {}, [], None
    participant.sound_wrong, participant.sound_measured, participant.sounds_sent = 0, None, {}
    participant.device = participant.set_aside = participant.screened_by = ""
    participant.save()
    forget_what_is_said(participant)
    record(study=participant.study, action="withdraw", by=by, participant=participant.public_id)
    outdate_packs(participant.study)
    return participant


@on_study
def anonymise(*, study: Study, by: Actor) -> int:
    """At the end of the retention: what points to a person goes, answers stay, and nobody can join any more.

    Done once more, it is about those alone who still have something that points to them.
    """
    wait_for_answers(study)
    number = forget_people(study, personal_only=study.anonymised_at is not None)
    study.anonymised_at = timezone.now()
    study.save(update_fields=["anonymised_at"])
    record(study=study, action="anonymise", by=by, participants=number)
    outdate_packs(study)
    return number


def anonymise_due() -> dict[Any, int]:
    """Anonymise every study whose retention date has come; how many participations each had.

    The actions store nothing personal from that day on. Should there be something all the same (what was read back,
    or stored by an older version), it goes with the next sweep.
    """
    # Each in a transaction of its own, which holds its own study alone.
    due = Study.objects.filter(retention_until__lte=timezone.localdate()).exclude(status=Study.Status.DRAFT)
    return {
        study: anonymise(study=study, by=None) for study in due if study.anonymised_at is None or holds_personal(study)
    }


@on_study
def remove_bots(*, study: Study, by: Actor) -> int:
    """Delete the simulated participants of `study` with their answers; how many there were."""
    wait_for_answers(study)
    bots = Participant.objects.filter(study=study, kind=Kind.BOT)
    number = bots.count()
    Trial.objects.filter(participant__in=bots).delete()
    bots.delete()
    forget_counts(study, kind=Kind.BOT)
    if number:
        record(study=study, action="remove_bots", by=by, bots=number)
    return number

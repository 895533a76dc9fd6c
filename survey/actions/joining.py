"""Coming into a study and leaving it: consent, sound check, background, code, withdrawal."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from survey.actions.answering import count_answer
from survey.actions.audit import Actor, record
from survey.actions.judging import judge_participant
from survey.actions.sessions import draw_order_row
from survey.actions.turns import in_turn, lock_study
from survey.design.assignment import draw_cell
from survey.design.ordering import plan_trials, shuffle_options
from survey.models import Fill, Participant, Response, Study, Trial, TrialEvent
from survey.models.participation import make_token
from survey.models.studies import hash_text

_random = random.SystemRandom()
Kind = Participant.Kind
Outcome = Participant.Outcome
# Somebody active this long counts against the quota; later their place is free again.
QUOTA_HOLD = timedelta(hours=2)
# Of six trials: Huggins pitch 6 (Milne et al. 2021), antiphase tones 5 (Woods et al. 2017).
PASSED = {Study.HeadphoneTest.HUGGINS: 6, Study.HeadphoneTest.ANTIPHASE: 5}


class JoinRefused(ValueError):
    """Nobody can join this study now; the message says why."""


def hash_external_id(study: Study, external_id: str) -> str:
    """The outside id as the database knows it: keyed, so that nobody can try ids against it."""
    if not external_id:
        return ""
    family = str(study.pk)
    return hmac.new(settings.SECRET_KEY.encode(), f"{family}:{external_id}".encode(), hashlib.sha256).hexdigest()


@in_turn
def join(
    *,
    study: Study,
    token: str,
    language: str,
    external_id: str = "",
    device: str = "",
    kind: str = Kind.PERSON,
    now: datetime | None = None,
) -> Participant:
    """The participation that agreed on the page with `token`: made once, however often the button is pressed.

    One outside id is one participation: it comes back to the same one.
    """
    now = now or timezone.now()
    lock_study(study)
    known = find_participation(study, token, external_id)
    if known:
        return known
    if kind == Kind.PERSON and not study.is_open:
        raise JoinRefused("This study is not open.")
    if kind == Kind.PERSON and is_full(study, now):
        return _end_at_once(study, token, language, external_id, Outcome.QUOTA_FULL, now)
    cell = _draw_cell(study, kind, now)
    plan = plan_trials(
        main=study.clips_per_participant,
        practice=study.practice_trials,
        gold=study.gold_trials,
        repeats=min(study.repeat_trials, study.clips_per_participant),
        rng=_random,
    )
    return Participant.objects.create(
        study=study,
        token=token,
        kind=kind,
        external_id_hash=hash_external_id(study, external_id),
        language=language,
        condition_id=cell,
        order_row=_draw_order_row(study, kind, cell, now),
        option_order=shuffle_options(list(study.choices.values_list("slug", flat=True)), _random),
        plan=plan,
        last_seen_at=now,
        consented_at=now,
        consent_sha256=hash_text(study.wording(language)["consent_text"]),
        device=device,
    )


def find_participation(study: Study, token: str, external_id: str = "") -> Participant | None:
    """Who holds `token`, else who came with `external_id`."""
    people = Participant.objects.select_related("study").filter(study=study)
    known = people.filter(token=token).first()
    if known is None and external_id:
        known = people.filter(external_id_hash=hash_external_id(study, external_id)).first()
    return known


def is_full(study: Study, now: datetime) -> bool:
    """Whether as many people as wanted have finished or are at it."""
    if study.quota is None:
        return False
    return study.participants.filter(_takes_a_place(now), kind=Kind.PERSON).count() >= study.quota


def _takes_a_place(now: datetime) -> Q:
    """Who counts where people are spread: whoever finished or is at it. The place of somebody who left is free."""
    return Q(outcome=Outcome.COMPLETE) | Q(outcome=Outcome.ACTIVE, last_seen_at__gt=now - QUOTA_HOLD)


def _draw_cell(study: Study, kind: str, now: datetime) -> int | None:
    if study.spread != Study.Spread.BETWEEN:
        return None
    placed = Participant.objects.filter(_takes_a_place(now), study=study, kind=kind, condition__isnull=False)
    people = dict(placed.order_by().values_list("condition").annotate(people=Count("pk")))
    return draw_cell([(cell.pk, people.get(cell.pk, 0), cell.weight) for cell in study.conditions.all()], _random)


def _draw_order_row(study: Study, kind: str, cell: int | None, now: datetime) -> int | None:
    if study.trial_order == Study.Order.RANDOM:
        return None
    placed = Participant.objects.filter(_takes_a_place(now), study=study, kind=kind, condition=cell)
    people = dict(placed.order_by().values_list("order_row").annotate(people=Count("pk")))
    return draw_order_row(study, cell, people, _random)


@in_turn
def decline(*, study: Study, token: str, language: str, external_id: str = "", kind: str = Kind.PERSON) -> Participant:
    """Remember that somebody did not agree, with nothing else about them."""
    known = find_participation(study, token, external_id)
    if known:
        return known
    return _end_at_once(study, token, language, external_id, Outcome.NO_CONSENT, timezone.now(), kind)


def _end_at_once(
    study: Study,
    token: str,
    language: str,
    external_id: str,
    outcome: str,
    now: datetime,
    kind: str = Kind.PERSON,
) -> Participant:
    return Participant.objects.create(
        study=study,
        token=token,
        kind=kind,
        language=language,
        external_id_hash=hash_external_id(study, external_id),
        outcome=outcome,
        completion_code=code_for(study, outcome),
        last_seen_at=now,
        finished_at=now,
    )


def code_for(study: Study, outcome: str) -> str:
    """The code that tells a recruiter how a participation ended."""
    return {
        Outcome.COMPLETE: study.code_complete,
        Outcome.SCREENED_OUT: study.code_screened_out,
        Outcome.NO_CONSENT: study.code_no_consent,
        Outcome.QUOTA_FULL: study.code_quota_full,
    }.get(outcome, "")


@in_turn
def open_preview(*, study: Study, by: Any, token: str = "", language: str = "") -> Participant:
    """A participation of the researcher's own that never counts, with the ticket of the first page or past it."""
    known = find_participation(study, token) if token else None
    if known:
        return known
    participant = join(study=study, token=token or make_token(), language=language or study.language, kind=Kind.PREVIEW)
    record(study=study, action="preview", by=by)
    return participant


@in_turn
def check_sound(*, participant: Participant) -> None:
    if participant.sound_checked_at is None:
        participant.sound_checked_at = participant.last_seen_at = timezone.now()
        participant.save(update_fields=["sound_checked_at", "last_seen_at"])


@in_turn
def restart_if_idle(*, participant: Participant, now: datetime | None = None) -> bool:
    """After a long pause the block begins again: instructions and sound check, then the first unanswered trial."""
    now = now or timezone.now()
    lock_study(participant.study)
    locked = Participant.objects.select_for_update(of=("self",)).select_related("study").get(pk=participant.pk)
    pause = timedelta(minutes=locked.study.idle_minutes)
    if locked.outcome != Outcome.ACTIVE or not locked.sound_checked_at or now - locked.last_seen_at <= pause:
        return False
    locked.sound_checked_at = None
    locked.last_seen_at = now
    locked.restarts += 1
    locked.save(update_fields=["sound_checked_at", "last_seen_at", "restarts"])
    Trial.objects.filter(participant=locked, answered_at__isnull=True).update(shown_at=None)
    return True


@in_turn
def record_headphones(*, participant: Participant, heard: Sequence[int], asked: Sequence[int]) -> Participant:
    """Store the headphone test once; where it is a gate, who fails is screened out with a code of its own."""
    if participant.headphones.get("finished"):
        return participant
    right = sum(answer == target for answer, target in zip(heard, asked, strict=True))
    participant.headphones = {
        "test": participant.study.headphone_test,
        "right": right,
        "of": len(asked),
        "passed": right >= PASSED[participant.study.headphone_test],
        "finished": True,
    }
    participant.save(update_fields=["headphones"])
    if not participant.headphones["passed"] and participant.study.headphones == Study.Headphones.GATE:
        return finish(participant=participant, outcome=Outcome.SCREENED_OUT)
    return participant


@in_turn
def anonymise(*, study: Study, by: Actor = None) -> int:
    """At the end of the retention: free words, background, outside ids and links go; answers stay."""
    people = study.participants.all()
    Response.objects.filter(trial__participant__in=people).exclude(word="").update(word="")
    number = 0
    for person in people.iterator(chunk_size=2000):
        person.background, person.external_id_hash, person.device = {}, "", ""
        person.token = make_token()
        person.save(update_fields=["background", "external_id_hash", "device", "token"])
        number += 1
    study.anonymised_at = timezone.now()
    study.save(update_fields=["anonymised_at", "updated_at"])
    record(study=study, action="anonymise", by=by, participants=number)
    return number


def anonymise_due() -> dict[Study, int]:
    """Anonymise every study whose retention date has come; how many participations each had."""
    due = Study.objects.filter(retention_until__lte=timezone.localdate(), anonymised_at__isnull=True)
    return {study: anonymise(study=study) for study in due}


@in_turn
def record_background(*, participant: Participant, answers: Mapping[str, str]) -> None:
    """Store the optional questions once; a repeated form changes nothing."""
    if participant.background_at is None:
        participant.background = dict(answers)
        participant.background_at = timezone.now()
        participant.save(update_fields=["background", "background_at"])


@in_turn
def finish(*, participant: Participant, outcome: str = Outcome.COMPLETE) -> Participant:
    """End the participation with its code. The code exists from here on, after the last answer."""
    locked = Participant.objects.select_for_update(of=("self",)).select_related("study").get(pk=participant.pk)
    if locked.outcome != Outcome.ACTIVE:
        return locked
    locked.outcome = outcome
    locked.completion_code = code_for(locked.study, outcome)
    locked.finished_at = timezone.now()
    locked.save(update_fields=["outcome", "completion_code", "finished_at"])
    if outcome == Outcome.COMPLETE:
        judge_participant(locked)
    return locked


@in_turn
def withdraw(*, participant: Participant, by: Actor = None) -> Participant:
    """Delete the participant's answers and everything they told; what remains is that somebody withdrew."""
    lock_study(participant.study)
    locked = Participant.objects.select_for_update(of=("self",)).select_related("study").get(pk=participant.pk)
    if locked.outcome == Outcome.WITHDRAWN:
        return locked
    answers = Response.objects.filter(trial__participant=locked).exclude(trial__kind=Trial.Kind.REPEAT)
    for stimulus_id, seconds in answers.values_list("trial__stimulus_id", "seconds"):
        count_answer(stimulus_id, locked.kind, answers=-1, seconds=seconds)
    TrialEvent.objects.filter(trial__participant=locked).delete()
    Response.objects.filter(trial__participant=locked).delete()
    Trial.objects.filter(participant=locked).delete()
    now = timezone.now()
    locked.outcome, locked.withdrawn_at, locked.finished_at = Outcome.WITHDRAWN, now, now
    locked.background, locked.headphones, locked.verdict, locked.included = {}, {}, [], None
    locked.device = locked.set_aside = ""
    locked.save()
    record(study=locked.study, action="withdraw", by=by, participant=locked.public_id)
    return locked


@in_turn
def remove_bots(*, study: Study, by: Actor = None) -> int:
    """Delete the simulated participants of `study` with their answers; how many there were."""
    bots = Participant.objects.filter(study=study, kind=Kind.BOT)
    number = bots.count()
    Trial.objects.filter(participant__in=bots).delete()
    bots.delete()
    Fill.objects.filter(stimulus__study=study, kind=Kind.BOT).delete()
    if number:
        record(study=study, action="remove_bots", by=by, bots=number)
    return number

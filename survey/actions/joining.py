"""Coming into a study: who somebody is, consent, cell, plan."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_study
from survey.actions.audit import record
from survey.actions.leaving import code_for
from survey.actions.sessions import draw_order_row
from survey.design.assignment import draw_cell
from survey.design.ordering import plan_trials, shuffle_options
from survey.models import OutsideId, Participant, Study
from survey.models.participation import make_token
from survey.models.studies import hash_text
from survey.queries import hash_outside_id, whose_outside_id

_random = random.SystemRandom()
Kind = Participant.Kind
Outcome = Participant.Outcome
# Somebody active this long counts against the quota; later their place is free again.
QUOTA_HOLD = timedelta(hours=2)


class JoinRefused(ActionRefused):
    """Nobody can join this study now; the message says why."""


class AlreadyBegun(JoinRefused):
    """The outside id has taken part already, in another browser: an id alone opens nobody's participation."""


@on_study
def join(
    *,
    study: Study,
    token: str,
    language: str,
    external_id: str = "",
    vouched: bool = False,
    owner: str = "",
    device: str = "",
    kind: str = Kind.PERSON,
    now: datetime | None = None,
) -> Participant:
    """The participation that agreed on the page with `token`: made once, however often the button is pressed.

    One outside id is one participation. It opens again only for the browser that holds its token as `owner`, or
    where the recruiter's signature `vouched` for the id; elsewhere raises AlreadyBegun. Nothing is kept of the id of
    a test: it is nobody's.
    """
    now = now or timezone.now()
    external_id = external_id if kind == Kind.PERSON else ""
    language = study.spoken(language)
    known = _find_known(study, token, external_id, vouched, owner)
    if known:
        return known
    _require_open(study, kind)
    # Counted while the study is locked: the last free place is not given twice.
    if kind == Kind.PERSON and is_full(study, now):
        return _end_at_once(study, token, language, external_id, Outcome.QUOTA_FULL, now)
    cell = _draw_cell(study, kind, now)
    device = "" if study.has_forgotten else device
    plan = plan_trials(
        main=study.clips_per_participant,
        practice=study.practice_trials,
        gold=study.gold_trials,
        repeats=min(study.repeat_trials, study.clips_per_participant),
        attention=study.attention_trials,
        rng=_random,
    )
    person = Participant.objects.create(
        study=study,
        token=token,
        kind=kind,
        external_id_hash=hash_outside_id(study, external_id),
        language=language,
        condition_id=cell,
        order_row=_draw_order_row(study, kind, cell, now),
        option_order=_order_answers(study),
        plan=plan,
        created_at=now,
        last_seen_at=now,
        consented_at=now,
        consent_sha256=hash_text(study.wording(language)["consent_text"]),
        device=device,
    )
    _keep_outside_id(person, external_id)
    return person


def _order_answers(study: Study) -> list[str]:
    """The answers as this person sees them: by chance, but for those that name the clips of a trial."""
    slugs = list(study.choices.values_list("slug", flat=True))
    return slugs if study.form.keeps_order else shuffle_options(slugs, _random)


def _require_open(study: Study, kind: str) -> None:
    """People are let in while the study is open; previews and bots, which are nobody, always."""
    if kind == Kind.PERSON and not study.is_open:
        raise JoinRefused("This study has ended: no new answers are taken any more.")


def _find_known(study: Study, token: str, external_id: str, vouched: bool, owner: str) -> Participant | None:
    """Who agreed on this very page before, or came with the id and may go on here. Raises AlreadyBegun."""
    known = Participant.objects.filter(study=study, token=token).first()
    if known is None:
        known = whose_outside_id(study, external_id)
        if known and not vouched and known.token != owner:
            raise AlreadyBegun("This id has begun already, in another browser.")
    if known:
        known.study = study
    return known


def _keep_outside_id(person: Participant, external_id: str) -> None:
    """Keep the id where the study does, and the person agreed: of who declined the keyed hash is enough."""
    if external_id and person.study.keeps_outside_ids and person.outcome != Outcome.NO_CONSENT:
        OutsideId.objects.create(participant=person, study=person.study, value=external_id)


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


@on_study
def decline(
    *,
    study: Study,
    token: str,
    language: str,
    external_id: str = "",
    vouched: bool = False,
    owner: str = "",
    kind: str = Kind.PERSON,
) -> Participant:
    """Remember that somebody did not agree: when, in which language, and of an outside id the keyed hash alone.

    Raises AlreadyBegun as `join` does.
    """
    external_id = external_id if kind == Kind.PERSON else ""
    known = _find_known(study, token, external_id, vouched, owner)
    if known:
        return known
    _require_open(study, kind)
    return _end_at_once(study, token, study.spoken(language), external_id, Outcome.NO_CONSENT, timezone.now(), kind)


def _end_at_once(
    study: Study,
    token: str,
    language: str,
    external_id: str,
    outcome: str,
    now: datetime,
    kind: str = Kind.PERSON,
) -> Participant:
    person = Participant.objects.create(
        study=study,
        token=token,
        kind=kind,
        language=language,
        external_id_hash=hash_outside_id(study, external_id),
        outcome=outcome,
        completion_code=code_for(study, outcome),
        created_at=now,
        last_seen_at=now,
        finished_at=now,
    )
    _keep_outside_id(person, external_id)
    return person


@on_study
def open_preview(*, study: Study, by: Any, token: str = "", language: str = "") -> Participant:
    """A participation of the researcher's own that never counts, with the ticket of the first page or past it."""
    known = Participant.objects.filter(study=study, token=token).first() if token else None
    if known:
        known.study = study
        return known
    participant = join(study=study, token=token or make_token(), language=language or study.language, kind=Kind.PREVIEW)
    record(study=study, action="preview", by=by)
    return participant

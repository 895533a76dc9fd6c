"""Trying a draft out with simulated people: asked for, called off, let in one by one, and taken away."""

from __future__ import annotations

import random
import secrets
from datetime import timedelta
from typing import Any

from django.db.models import F

from melodymuse_site.jobs import leases
from melodymuse_site.jobs.leases import Lease, LeaseLost, held_by
from melodymuse_site.jobs.model import OPEN
from survey.actions.acting import on_person, on_pilot, on_study
from survey.actions.audit import Actor, record
from survey.actions.cells import DraftRefused
from survey.actions.drafts import forget_people, require_draft
from survey.actions.joining import join
from survey.models import Participant, PilotJob, Study, Trial
from survey.models.participation import make_token
from survey.models.pilots import FEWEST_BOTS, MOST_BOTS

Status = PilotJob.Status


@on_study
def request_pilot(*, study: Study, by: Any, people: int) -> PilotJob:
    """Have `people` simulated people take the draft; an open run is not doubled, and the last one is forgotten."""
    require_draft(study)
    if not FEWEST_BOTS <= people <= MOST_BOTS:
        raise DraftRefused(f"Let {FEWEST_BOTS} to {MOST_BOTS} simulated people try it.")
    if not study.stimuli.filter(role=Trial.Kind.MAIN).exists():
        raise DraftRefused("Choose clips first; then the study can be tried out.")
    if waiting := study.pilots.filter(status__in=OPEN).first():
        return waiting
    forget_pilots(study)
    record(study=study, action="pilot", by=by, people=people)
    return PilotJob.objects.create(study=study, requested_by=by, people=people, seed=secrets.randbits(31))


@on_pilot
def cancel_pilot(*, job: PilotJob, by: Any) -> bool:
    """Call off a run that is not finished; the worker notices at its next page, and its people are gone."""
    stopped = leases.cancel(PilotJob.objects.filter(pk=job.pk))
    if stopped:
        forget_people(job.study, kind=Participant.Kind.BOT)
        record(study=job.study, action="cancel_pilot", by=by)
    return bool(stopped)


@on_study
def remove_pilot(*, study: Study, by: Actor) -> bool:
    """Delete the last run with its people and all that it showed."""
    require_draft(study)
    found = study.pilots.exists()
    forget_pilots(study)
    if found:
        record(study=study, action="remove_pilot", by=by)
    return found


def forget_pilots(study: Study) -> None:
    """Inside an action: runs, open ones as well, are no more, and nobody of them is.

    A worker in the middle of one finds its row gone at its next page.
    """
    PilotJob.objects.filter(study=study).delete()
    forget_people(study, kind=Participant.Kind.BOT)


@on_pilot
def begin_pilot(*, job: PilotJob, lease: Lease) -> None:
    """Before its first person: whoever a killed worker let in is gone. Raises LeaseLost."""
    _require_held(job, lease)
    forget_people(job.study, kind=Participant.Kind.BOT)


@on_pilot
def let_in(*, job: PilotJob, lease: Lease, rng: random.Random) -> Participant:
    """One more simulated person of a run, past the consent. Raises LeaseLost.

    Whether the run goes on and the study is still a draft is asked with the study locked: nobody comes into a study
    that was published, or changed, a moment ago.
    """
    _require_held(job, lease)
    language = rng.choice(job.study.spoken_languages)
    return join(study=job.study, token=make_token(), language=language, kind=Participant.Kind.BOT)


@on_person
def let_time_pass(*, participant: Participant, seconds: float) -> None:
    """As if a simulated person had taken so long: what was sent and shown to it was sooner. For nobody else."""
    if participant.kind != Participant.Kind.BOT:
        return
    participant.sounds_sent = {sound: sent - seconds for sound, sent in participant.sounds_sent.items()}
    participant.save(update_fields=["sounds_sent"])
    earlier = timedelta(seconds=seconds)
    Trial.objects.filter(participant=participant, answered_at__isnull=True).update(
        assigned_at=F("assigned_at") - earlier, shown_at=F("shown_at") - earlier
    )


@on_pilot
def finish_pilot(*, job: PilotJob, lease: Lease, result: dict[str, Any]) -> bool:
    """Keep what came out, unless the run was called off, or another worker has it by now; whether it was kept."""
    return leases.end(lease, Status.READY, error="", result=result, done=job.people)


def _require_held(job: PilotJob, lease: Lease) -> None:
    if not job.study.is_draft or not held_by(lease).exists():
        raise LeaseLost(lease)

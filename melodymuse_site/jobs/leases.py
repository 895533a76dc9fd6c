"""Claiming a job, holding it, and letting it go, each by one conditional update.

An UPDATE locks the rows it changes and looks at its WHERE once more when it has them, on PostgreSQL as on SQLite (where
a writer is alone): check and write are one statement, so of two workers one wins and the other changes no row. Reading
first and saving afterwards would need a lock held in between, also while the work runs.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.utils import timezone

from melodymuse_site.jobs.model import CANCELLED, FAILED, OPEN, QUEUED, READY, RUNNING, Job
from melodymuse_site.storable import mend

TRANSIENT = (OperationalError, TimeoutError, ConnectionError, InterruptedError)
"""Errors that a second try may not meet again."""


class LeaseLost(Exception):
    """The job was called off, or the sweep gave it to somebody else: stop, and change nothing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One worker's hold on one job. It is good for as long as the row bears the claim."""

    kind: type[Job]
    job_id: int
    claim: uuid.UUID


def claim(kind: type[Job], job_id: int) -> Lease | None:
    """Take a queued job; None where it is not to be had."""
    if not kind.terms.one_at_a_time:
        return _claim(kind, job_id)
    with transaction.atomic():
        # Two jobs are two rows, and no condition on one sees the other: whoever comes second waits here until the
        # first has said which job it holds. In the order of keys, or two could wait for each other.
        unfinished = _rows(kind).select_for_update().filter(status__in=OPEN).order_by("pk")
        now = timezone.now()
        if any(job.lease_expires_at and job.lease_expires_at >= now for job in unfinished):
            return None
        return _claim(kind, job_id)


def _claim(kind: type[Job], job_id: int) -> Lease | None:
    lease = Lease(kind, job_id, uuid.uuid4())
    now = timezone.now()
    won = (
        _rows(kind)
        .filter(pk=job_id, status=QUEUED)
        .update(
            status=RUNNING,
            claim=lease.claim,
            lease_expires_at=_lease_end(kind, now),
            started_at=now,
            attempts=F("attempts") + 1,
        )
    )
    return lease if won else None


def held_by(lease: Lease, *, using: str = DEFAULT_DB_ALIAS) -> QuerySet[Any]:
    """The job's row while the lease is still ours; no row afterwards."""
    return _rows(lease.kind).using(using).filter(pk=lease.job_id, status=RUNNING, claim=lease.claim)


def renew(lease: Lease, *, using: str = DEFAULT_DB_ALIAS, **progress: Any) -> None:
    """Hold the job for a while longer, and say how far it is. Raises LeaseLost."""
    end_of_lease = _lease_end(lease.kind, timezone.now())
    if not held_by(lease, using=using).update(lease_expires_at=end_of_lease, **progress):
        raise LeaseLost(lease)


def finish(lease: Lease, **facts: Any) -> None:
    """Make the job ready, with all that it brought, in one statement. Raises LeaseLost."""
    if not end(lease, READY, error="", **facts):
        raise LeaseLost(lease)


def fail(lease: Lease, message: str) -> bool:
    """End the job with its reason, as far as it can be stored; False where it is not ours any more.

    One that had its last attempt is given up, as its terms say.
    """
    terms = lease.kind.terms
    spent = When(attempts__gte=terms.most_attempts, then=Value(terms.given_up_as))
    return end(lease, Case(spent, default=Value(FAILED)), error=mend(message) or "Unknown error")


def end(lease: Lease, status: str | Case, **facts: Any) -> bool:
    """End the job in any way that its kind knows; False where it is not ours any more."""
    return bool(held_by(lease).update(**ended(lease.kind, status), **facts))


def retry(lease: Lease, error: BaseException, told: str = "") -> bool:
    """Queue the job again after a transient error, or fail it after the last attempt; whether it waits again.

    `told` is what the reason then says of the error, if it is to be more than its kind and message.
    """
    most = lease.kind.terms.most_attempts
    if held_by(lease).filter(attempts__gte=most).exists():
        fail(lease, f"Tried {most} times; last: {told or f'{type(error).__name__}: {error}'}")
        return False
    return bool(requeue(held_by(lease)))


def give_back(lease: Lease) -> bool:
    """Queue the job again to go on later: it came forward, so its attempts count from nought."""
    return bool(requeue(held_by(lease), attempts=0))


def requeue(jobs: QuerySet[Any], **facts: Any) -> int:
    """Let jobs wait again, whoever holds them: the claim is gone, and with it all that its worker might write."""
    terms = jobs.model.terms
    waiting = {**_let_go(jobs.model), **terms.anew, "status": QUEUED, "started_at": None, "nudged_at": timezone.now()}
    return int(jobs.update(**(waiting | facts)))


def cancel(jobs: QuerySet[Any]) -> int:
    """Call jobs off; a worker that holds one learns it from its next heartbeat."""
    return int(jobs.filter(status__in=OPEN).update(**ended(jobs.model, CANCELLED)))


def ended(kind: type[Job], status: str | Case) -> dict[str, Any]:
    """What the row of a job says that has come to an end."""
    return {**_let_go(kind), "status": status, "finished_at": timezone.now()}


def _let_go(kind: type[Job]) -> dict[str, Any]:
    return {**kind.terms.let_go, "claim": None, "lease_expires_at": None}


def _lease_end(kind: type[Job], now: datetime) -> datetime:
    return now + kind.terms.lease()


def _rows(kind: type[Job]) -> QuerySet[Any]:
    return kind._default_manager.all()

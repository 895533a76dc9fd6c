"""The sweep: what dead workers held waits again or is given up, and what waited too long is sent once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from melodymuse_site.jobs.leases import ended, requeue
from melodymuse_site.jobs.model import FAILED, QUEUED, RUNNING, Job


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """Keys of the jobs that a sweep gave up on, took back, and found to be in need of a message."""

    failed: tuple[int, ...]
    taken_back: tuple[int, ...]
    to_send: tuple[int, ...]


def sweep(kind: type[Job], *, now: datetime | None = None) -> SweepOutcome:
    """Take back expired leases, give up on what ended too many workers, and name what needs a message."""
    now = now or timezone.now()
    failed, taken_back = [], []
    for job in _expired(kind, now):
        if job.attempts >= kind.terms.most_attempts:
            if _still(job, now).update(**ended(kind, FAILED), error=kind.terms.given_up(job)):
                failed.append(job.pk)
        elif requeue(_still(job, now), nudged_at=now):
            taken_back.append(job.pk)
    return SweepOutcome(tuple(failed), tuple(taken_back), (*taken_back, *_nudge(kind, now)))


def _expired(kind: type[Job], now: datetime) -> QuerySet[Any]:
    return kind._default_manager.filter(status=RUNNING, lease_expires_at__lt=now).order_by("pk")


def _still(job: Any, now: datetime) -> QuerySet[Any]:
    """The row as it was found: its worker may have renewed the lease since, or another sweep have taken it back."""
    return _expired(type(job), now).filter(pk=job.pk, claim=job.claim)


def _nudge(kind: type[Job], now: datetime) -> list[int]:
    """Queued jobs for which no message was sent for long, oldest first; the row says that now one is."""
    queued = kind._default_manager.filter(status=QUEUED, nudged_at__lt=now - kind.terms.resend_after)
    waiting = list(queued.order_by("nudged_at", "pk").values_list("pk", flat=True)[: kind.terms.resend_at_once])
    queued.filter(pk__in=waiting).update(nudged_at=now)
    return waiting

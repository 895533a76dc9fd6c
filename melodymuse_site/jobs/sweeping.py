"""The sweep: what dead workers held waits again or is given up, and what waited too long is sent once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from melodymuse_site.jobs.leases import ended, requeue
from melodymuse_site.jobs.model import QUEUED, RUNNING, Job


@dataclass(frozen=True, slots=True)
class SweepOutcome:
    """Keys of the jobs that a sweep gave up on, took back, and found to be in need of a message."""

    failed: tuple[int, ...]
    taken_back: tuple[int, ...]
    to_send: tuple[int, ...]


Groups = Sequence[tuple[Q, int | None]]
EVERYTHING: Groups = ((Q(), None),)


def sweep(kind: type[Job], *, now: datetime | None = None, groups: Groups = EVERYTHING) -> SweepOutcome:
    """Take back expired leases, give up on what ended too many workers, and name what needs a message.

    `groups` are kinds of rows that wait, each with how many messages can have been lost at most (None: nobody knows).
    """
    now = now or timezone.now()
    failed, taken_back = [], []
    for job in _expired(kind, now):
        if job.attempts >= kind.terms.most_attempts:
            if _still(job, now).update(**ended(kind, kind.terms.given_up_as), error=kind.terms.given_up(job)):
                failed.append(job.pk)
        elif requeue(_still(job, now), nudged_at=now):
            taken_back.append(job.pk)
    nudged = [key for rows, most in groups for key in _nudge(kind, now, rows, most)]
    return SweepOutcome(tuple(failed), tuple(taken_back), (*taken_back, *nudged))


def _expired(kind: type[Job], now: datetime) -> QuerySet[Any]:
    return kind._default_manager.filter(status=RUNNING, lease_expires_at__lt=now).order_by("pk")


def _still(job: Any, now: datetime) -> QuerySet[Any]:
    """The row as it was found: its worker may have renewed the lease since, or another sweep have taken it back."""
    return _expired(type(job), now).filter(pk=job.pk, claim=job.claim)


def _nudge(kind: type[Job], now: datetime, rows: Q, most: int | None) -> list[int]:
    """Queued jobs for which no message was sent for long, oldest first; the row says that now one is."""
    at_once = kind.terms.resend_at_once if most is None else min(most, kind.terms.resend_at_once)
    if not at_once:
        return []
    queued = kind._default_manager.filter(rows, status=QUEUED, nudged_at__lt=now - kind.terms.resend_after)
    waiting = list(queued.order_by("nudged_at", "pk").values_list("pk", flat=True)[:at_once])
    queued.filter(pk__in=waiting).update(nudged_at=now)
    return waiting

"""What every job's row holds, and what each kind of job states about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

QUEUED, RUNNING, READY, FAILED, CANCELLED = "queued", "running", "ready", "failed", "cancelled"
PARKED = "parked"
"""The words of `status` that the machine writes. A kind may have more of its own, all of them ends. Only kinds whose
terms say so are parked: what was tried so often waits for an administrator, and nobody else tries it again."""
OPEN = (QUEUED, RUNNING)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a worker may be silent at a job of one kind, and how often others may try."""

    lease: Callable[[], timedelta]
    """How long a worker may say nothing before it counts as dead; asked anew, as settings may differ."""
    most_attempts: int
    """After so many workers that died or met a passing error the job is given up as its terms say."""
    given_up: Callable[[Any], str]
    """What a job says that the sweep gives up on."""
    given_up_as: str = FAILED
    """What becomes of a job that fails in its last attempt: FAILED, or PARKED."""
    resend_after: timedelta = timedelta(seconds=60)
    """A queued job gets another message after so long, in case that the last one was lost."""
    resend_at_once: int = 50
    """A broker that comes back is not flooded: the oldest first, the others with the next sweeps."""
    one_at_a_time: bool = False
    """Whether no second job of the kind is worked on while one is held."""
    let_go: Mapping[str, Any] = field(default_factory=dict)
    """What a row says that no worker holds any more, for whatever reason."""
    anew: Mapping[str, Any] = field(default_factory=dict)
    """What a row says that waits to be begun anew."""


class Job(models.Model):
    """A row that asks for work. Each kind has a field `status` of its own, with the words above among its choices."""

    terms: ClassVar[Terms]
    status: Any

    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True, help_text="Names the worker's hold; renewed with the lease.")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    nudged_at = models.DateTimeField(default=timezone.now, help_text="When a message was last sent for this row.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


def job_constraints(*, running: str, failed: str) -> list[models.CheckConstraint]:
    """The rules that the database keeps for every kind; the names are those that the kind's migrations gave them."""
    held = Q(status=RUNNING, claim__isnull=False, lease_expires_at__isnull=False)
    free = ~Q(status=RUNNING) & Q(claim__isnull=True) & Q(lease_expires_at__isnull=True)
    return [
        models.CheckConstraint(name=running, condition=held | free),
        models.CheckConstraint(name=failed, condition=~Q(status=FAILED) | ~Q(error="")),
    ]

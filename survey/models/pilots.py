"""A draft that is tried out by simulated people: the row is the truth, the worker follows it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from melodymuse_site.jobs.model import OPEN, Job, Terms, job_constraints
from survey.models.studies import Study

FEWEST_BOTS: Final = 10
MOST_BOTS: Final = 60


class PilotJob(Job):
    """One run of simulated people through one draft, and what came out of it; the newest alone is kept."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    terms = Terms(
        lease=lambda: timedelta(seconds=settings.EXPORT_LEASE_SECONDS),
        most_attempts=3,
        given_up=lambda job: (
            f"{job.attempts} workers in turn ended in the middle of this trial run, perhaps for want of memory or time."
        ),
        resend_after=timedelta(seconds=20),
        anew={"done": 0},
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="pilots")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    people = models.PositiveSmallIntegerField()
    done = models.PositiveSmallIntegerField(default=0)
    seed = models.PositiveIntegerField(help_text="Who comes, and how they answer.")
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-queued_at", "-pk"]
        constraints = [
            *job_constraints(running="running_pilot_is_claimed", failed="failed_pilot_says_why"),
            models.UniqueConstraint(fields=["study"], condition=Q(status__in=OPEN), name="one_open_pilot_per_study"),
            models.CheckConstraint(
                name="pilot_has_sensible_people", condition=Q(people__gte=FEWEST_BOTS, people__lte=MOST_BOTS)
            ),
        ]

    def __str__(self) -> str:
        return f"Trial run {self.public_id} of {self.study_id}"

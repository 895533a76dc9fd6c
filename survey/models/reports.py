"""A large study's report that is made in the background: the row is the truth, the worker follows it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from melodymuse_site.jobs.model import Job, Terms, job_constraints
from survey.models.studies import SHA256_LENGTH, Study


class ReportJob(Job):
    """The making of one study's report on one choice of its answers. There is one row for both, which is used again."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    # A worker that lives says so every few seconds.
    terms = Terms(
        lease=lambda: timedelta(seconds=settings.EXPORT_LEASE_SECONDS),
        most_attempts=3,
        given_up=lambda job: (
            f"{job.attempts} workers in turn ended in the middle of this report, perhaps for want of memory or time."
        ),
        resend_after=timedelta(seconds=20),
        anew={"phase": ""},
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="report_jobs", db_index=False)
    cell = models.CharField(max_length=60, blank=True)
    composer = models.SlugField(blank=True, db_index=False)
    included_only = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    phase = models.CharField(max_length=100, blank=True, help_text="What the worker computes now.")
    kept_key = models.CharField(max_length=100, blank=True, help_text="Where the last report that was made is kept.")
    grounds = models.CharField(
        max_length=SHA256_LENGTH, blank=True, help_text="While they are the same, that report may be shown, if older."
    )
    made_at = models.DateTimeField(null=True, blank=True, help_text="When the making of that report began.")
    made_of = models.PositiveIntegerField(default=0, help_text="Answers of the study at that time.")

    class Meta:
        constraints = [
            *job_constraints(running="running_report_is_claimed", failed="failed_report_says_why"),
            models.UniqueConstraint(
                fields=["study", "cell", "composer", "included_only"], name="one_report_job_per_choice"
            ),
            models.CheckConstraint(
                name="ready_report_is_kept", condition=~Q(status="ready") | (~Q(kept_key="") & Q(made_at__isnull=False))
            ),
        ]

    def __str__(self) -> str:
        return f"Report {self.public_id} of {self.study_id}"

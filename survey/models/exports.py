"""A request for an export pack: the row is the truth, the worker follows it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from melodymuse_site.jobs.model import Job, Terms, job_constraints
from survey.models.studies import SHA256_LENGTH, Study

ROWS_OF_A_FILE = 500
"""A file of a stimulus takes about as long as so many rows of the tables."""


class ExportJob(Job):
    """One pack of one study, made in the background on one snapshot of the data."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        OUTDATED = "outdated", "Deleted: somebody withdrew, was set aside, or the retention ended"

    class Media(models.TextChoices):
        SOUNDS = "sounds", "Sounds"
        SCORES = "scores", "MIDI and scores"
        PICTURES = "pictures", "Pictures"

    # A worker that lives says so every half second.
    terms = Terms(
        lease=lambda: timedelta(seconds=settings.EXPORT_LEASE_SECONDS),
        most_attempts=3,
        given_up=lambda job: (
            f"{job.attempts} workers in turn ended in the middle of this pack, perhaps for want of memory, disk or "
            "time. Make a new one; if that fails too, an administrator can write it with: "
            f"manage.py export {job.study.slug} --out FILE"
        ),
        resend_after=timedelta(seconds=20),
        anew={"rows_done": 0, "files_done": 0},
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="exports")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    byte_order_mark = models.BooleanField(default=False)
    media = models.CharField(
        max_length=60, blank=True, help_text="Which files of the stimuli go along, between spaces; empty: none."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    files_total = models.PositiveIntegerField(default=0, help_text="Files of the stimuli.")
    files_done = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True, help_text="Name in the folder of exports.")
    sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-queued_at", "-pk"]
        constraints = [
            *job_constraints(running="running_export_is_claimed", failed="failed_export_says_why"),
            models.CheckConstraint(
                name="ready_export_has_its_file",
                condition=~Q(status="ready") | (~Q(file="") & ~Q(sha256="") & Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Export {self.public_id} of {self.study_id}"

    @classmethod
    def write_media(cls, choices: Iterable[str]) -> str:
        """The field `media` for `choices`, always in the same order; what is none of them is left out.

        >>> ExportJob.write_media(["pictures", "sounds"])
        'sounds pictures'
        """
        asked = set(choices)
        return " ".join(choice for choice in cls.Media.values if choice in asked)

    @property
    def media_choices(self) -> list[str]:
        return self.media.split()

    @property
    def media_words(self) -> str:
        """What goes along, for people."""
        return ", ".join(str(self.Media(choice).label) for choice in self.media_choices)

    @property
    def steps_total(self) -> int:
        """Rows and files on one scale, for a bar."""
        return self.rows_total + ROWS_OF_A_FILE * self.files_total

    @property
    def steps_done(self) -> int:
        return self.rows_done + ROWS_OF_A_FILE * self.files_done

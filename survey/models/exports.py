"""A request for an export pack: the row is the truth, the worker follows it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from survey.models.studies import SHA256_LENGTH, Study


class ExportJob(models.Model):
    """One pack of one study, made in the background on one snapshot of the data."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        OUTDATED = "outdated", "Deleted: somebody withdrew, was set aside, or the retention ended"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="exports")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    requested_at = models.DateTimeField(auto_now_add=True)
    byte_order_mark = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    alive_at = models.DateTimeField(null=True, blank=True, help_text="When the worker last said how far it is.")
    interrupted = models.PositiveSmallIntegerField(default=0, help_text="How often its worker died.")
    finished_at = models.DateTimeField(null=True, blank=True)
    file = models.CharField(max_length=200, blank=True, help_text="Name in the folder of exports.")
    sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="ready_export_has_its_file",
                condition=~Q(status="ready") | (~Q(file="") & ~Q(sha256="") & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(name="failed_export_says_why", condition=~Q(status="failed") | ~Q(error="")),
        ]

    def __str__(self) -> str:
        return f"Export {self.public_id} of {self.study_id}"

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

"""What a study's researchers were reminded of, once each: the row is the mark."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from survey.models.studies import Study


class Reminder(models.Model):
    """One thing that happened to a running study and was said. Of two processes that notice it one makes the row."""

    class Kind(models.TextChoices):
        NEARLY = "nearly", "Most of the people wanted are complete"
        REACHED = "reached", "As many people as wanted are complete"
        QUIET = "quiet", "Nobody has come for days"
        RETENTION = "retention", "The retention date is near"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="reminded", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    said = models.CharField(max_length=300, help_text="In one sentence, with the numbers of that time.")
    noticed_at = models.DateTimeField()
    taken_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a process took the mail to send it: no other does, whatever became of it.",
    )
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="When the mail server had taken it.")

    class Meta:
        ordering = ["-noticed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "kind"], name="reminded_once_of_each"),
            models.CheckConstraint(
                name="mailed_means_taken", condition=Q(mailed_at__isnull=True) | Q(taken_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.study_id}"

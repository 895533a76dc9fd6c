"""What people taught: the studies whose answers were learned from, and the targets or readings that came of them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from generation.models import ModelVersion
from melodymuse_site.jobs.model import Job, Terms, job_constraints
from survey.models.studies import Study

LEAST_STRENGTH: Final = 0.05
FULL_STRENGTH: Final = 1.0
LARGEST_SEED: Final = 2**31 - 1


class Lesson(Job):
    """One lesson: answers of closed studies in, a version of what they are about out, if they give reason for one.

    Answers to music better the targets (`base` to `targets`), answers to pictures alone the readings of a network
    (`network` to `recalibration`). What was learned from and what tests it are rows of `LessonStudy`.
    """

    class Subject(models.TextChoices):
        MUSIC = "music", "Music: what clips of an emotion should be like"
        PICTURES = "pictures", "Pictures: how sure the network that reads them should be of each emotion"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Control(models.TextChoices):
        NONE = "", "Answers as they were given"
        SHUFFLED = "shuffled", "Answers shuffled among clips or pictures, as a control"

    terms = Terms(
        lease=lambda: timedelta(seconds=settings.EXPORT_LEASE_SECONDS),
        most_attempts=3,
        given_up=lambda job: (
            f"{job.attempts} workers in turn ended in the middle of this lesson, perhaps for want of memory or time."
        ),
        resend_after=timedelta(seconds=20),
        anew={"phase": ""},
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    # The database has the default too: an older version of the code, which runs on during an upgrade, does not know it.
    subject = models.CharField(max_length=10, choices=Subject, default=Subject.MUSIC, db_default=Subject.MUSIC.value)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    phase = models.CharField(max_length=100, blank=True, help_text="What the worker does now.")
    strength = models.FloatField(
        default=FULL_STRENGTH,
        validators=[MinValueValidator(LEAST_STRENGTH), MaxValueValidator(FULL_STRENGTH)],
        help_text="Which part of the way to the best targets is gone.",
    )
    control = models.CharField(max_length=10, choices=Control, default=Control.NONE, blank=True)
    seed = models.PositiveIntegerField(help_text="Of everything that is drawn.")
    base = models.ForeignKey(
        ModelVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lessons_from",
        help_text="The targets that are to be bettered; none: the table as shipped.",
    )
    targets = models.ForeignKey(
        ModelVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lessons",
        help_text="What came of it; none: nothing gave reason to move.",
    )
    network = models.ForeignKey(
        ModelVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="picture_lessons_from",
        help_text="The network, as it was trained, whose readings of pictures are to be corrected.",
    )
    recalibration = models.ForeignKey(
        ModelVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="picture_lessons",
        help_text="What came of it; none: nothing gave reason to correct.",
    )
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-queued_at", "-pk"]
        constraints = [
            *job_constraints(running="running_lesson_is_claimed", failed="failed_lesson_says_why"),
            models.CheckConstraint(
                name="lesson_has_sensible_strength", condition=Q(strength__gt=0, strength__lte=FULL_STRENGTH)
            ),
            models.CheckConstraint(
                name="only_a_ready_lesson_has_targets", condition=Q(targets__isnull=True) | Q(status="ready")
            ),
            models.CheckConstraint(
                name="only_a_ready_lesson_has_a_recalibration",
                condition=Q(recalibration__isnull=True) | Q(status="ready"),
            ),
            models.CheckConstraint(
                name="a_lesson_is_about_music_or_pictures",
                condition=Q(subject="music", network__isnull=True, recalibration__isnull=True)
                | Q(subject="pictures", network__isnull=False, base__isnull=True, targets__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Lesson {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("lesson", args=[self.public_id])

    @property
    def is_about_pictures(self) -> bool:
        return self.subject == self.Subject.PICTURES


class LessonStudy(models.Model):
    """What a study is to a lesson: it taught, or it tests. One row for both is what keeps them apart.

    Answers belong to one study, and a study has one row per lesson: no answer that taught can count in the test. The
    studies that taught the lessons before it, whose targets a lesson started from, stand here as well.
    """

    class Role(models.TextChoices):
        TAUGHT = "taught", "Its answers were learned from"
        TAUGHT_BEFORE = "before", "Its answers taught the targets that the lesson started from"
        TESTS = "tests", "Its answers test what was learned"

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="roles")
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="lesson_roles")
    role = models.CharField(max_length=10, choices=Role)
    answers = models.PositiveIntegerField(default=0, help_text="How many were learned from.")

    class Meta:
        ordering = ["lesson_id", "study_id"]
        constraints = [
            models.UniqueConstraint(fields=["lesson", "study"], name="a_study_teaches_or_tests_a_lesson"),
            models.CheckConstraint(
                name="lesson_study_has_a_known_role", condition=Q(role__in=["taught", "before", "tests"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} {self.role} {self.lesson_id}"

"""How valence and arousal went while a clip played: one row per answer whose person moved the mark."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from survey.models.counted import CountedThroughTrial
from survey.models.participation import Trial


class Course(models.Model):
    """Samples of one clip's playback, every 1 / `hertz` s from its beginning, in thousandths.

    A sample is None before the mark was first moved, and where the clip was not heard. A dimension that was not asked
    for is an empty list; of two dimensions both have as many samples.
    """

    class Dimensions(models.TextChoices):
        PLANE = "plane", "Valence and arousal"
        VALENCE = "valence", "Valence"
        AROUSAL = "arousal", "Arousal"

    trial = models.OneToOneField(Trial, on_delete=models.CASCADE, related_name="course")
    dimensions = models.CharField(max_length=10, choices=Dimensions)
    hertz = models.PositiveSmallIntegerField(help_text="Samples per second of the clip.")
    samples = models.PositiveIntegerField(help_text="How many of each dimension there are.")
    is_whole = models.BooleanField(default=True, help_text="Whether the clip was heard to its end in one playing.")
    valence = models.JSONField(default=list, blank=True)
    arousal = models.JSONField(default=list, blank=True)

    objects = CountedThroughTrial.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="course_has_samples", condition=Q(samples__gte=1, hertz__gte=1)),
            models.CheckConstraint(
                name="course_is_of_known_dimensions", condition=Q(dimensions__in=["plane", "valence", "arousal"])
            ),
        ]

    def __str__(self) -> str:
        return f"Course of {self.trial_id}"

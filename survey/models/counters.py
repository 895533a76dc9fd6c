"""How often: numbers that are asked for with every trial, kept in the transaction that changes what they count.

Kept apart from the frozen stimulus, and apart per kind of participant, so that previews and bots never move the balance
of real people. Trials on screens are not among them: they are few, and go without anybody doing anything.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from survey.models.participation import Participant
from survey.models.stimuli import Stimulus


class Fill(models.Model):
    """How many answers a stimulus has."""

    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="fills")
    kind = models.CharField(max_length=10, choices=Participant.Kind, default=Participant.Kind.PERSON)
    answers = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0.0, help_text="Time these answers took together, long pauses cut.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stimulus", "kind"], name="one_fill_per_kind"),
            models.CheckConstraint(name="fill_is_not_negative", condition=Q(answers__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.stimulus_id}: {self.answers}"


class Named(models.Model):
    """How many answered trials about a stimulus named this emotion, where people say yes or no.

    A repeat is not among them: it asks what was asked the first time.
    """

    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="named")
    kind = models.CharField(max_length=10, choices=Participant.Kind, default=Participant.Kind.PERSON)
    emotion = models.SlugField(
        db_index=False, help_text="Named to people: the intended one (a target) or another (a lure)."
    )
    trials = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "named"
        constraints = [
            models.UniqueConstraint(fields=["stimulus", "kind", "emotion"], name="emotion_counted_once_per_kind"),
            models.CheckConstraint(name="named_is_not_negative", condition=Q(trials__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.stimulus_id}: {self.emotion} {self.trials}"

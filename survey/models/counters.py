"""How often: numbers that are asked for with every trial, kept in the transaction that changes what they count.

Kept apart from the frozen stimulus, and apart per kind of participant, so that previews and bots never move the balance
of real people. Places on people's screens are counted too: whoever draws a stimulus takes one, the answer keeps it, and
the places of those who left are given back with the next draws.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from survey.models.participation import Participant
from survey.models.stimuli import Stimulus


class Fill(models.Model):
    """How many answers a stimulus has."""

    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="fills", db_index=False)
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


class Load(models.Model):
    """How many answers a stimulus has, and how many people have it on their screen: what the balance goes by.

    A row of its own beside `Fill`: an answer counts at the stimulus that was answered and takes a place at the next.
    Were both one row, two people whose stimuli are each other's would wait for each other.
    """

    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="loads", db_index=False)
    kind = models.CharField(max_length=10, choices=Participant.Kind, default=Participant.Kind.PERSON)
    load = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stimulus", "kind"], name="one_load_per_kind")]

    def __str__(self) -> str:
        return f"{self.stimulus_id}: {self.load}"


class Named(models.Model):
    """How many answered trials about a stimulus named this emotion, where people say yes or no.

    A repeat is not among them: it asks what was asked the first time.
    """

    stimulus = models.ForeignKey(Stimulus, on_delete=models.CASCADE, related_name="named", db_index=False)
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

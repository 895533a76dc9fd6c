"""What a study says to whoever is invited, and the short address that leads to it. Nothing of it is frozen."""

from __future__ import annotations

from django.db import models

from survey.models.studies import Study

LONGEST_WORD = 40
LONGEST_PAID = 100


class Invitation(models.Model):
    """Beside a study, not in it: posters and messages are made after publishing, too."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="invitation")
    word = models.CharField(
        max_length=LONGEST_WORD, null=True, blank=True, unique=True, help_text="Leads to the study from /s/<this>."
    )
    paid = models.CharField(max_length=LONGEST_PAID, blank=True, help_text="What people get, as the messages say it.")

    class Meta:
        constraints = [
            models.CheckConstraint(name="no_empty_word", condition=~models.Q(word="")),
        ]

    def __str__(self) -> str:
        return f"Invitation to {self.study_id}"

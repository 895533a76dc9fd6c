"""What a lesson is to be learned from, and how far its way is gone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from survey.models import Lesson, Study
from survey.models.lessons import FULL_STRENGTH, LEAST_STRENGTH


class LessonForm(forms.Form):
    study = forms.ModelMultipleChoiceField(
        Study.objects.none(),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        label="Closed studies",
        error_messages={"required": "Choose at least one study to learn from."},
    )
    subject = forms.ChoiceField(
        choices=Lesson.Subject.choices,
        required=False,
        initial=Lesson.Subject.MUSIC,
        label="About",
        widget=forms.RadioSelect,
    )
    strength = forms.FloatField(
        min_value=LEAST_STRENGTH,
        max_value=FULL_STRENGTH,
        initial=FULL_STRENGTH,
        label="Strength",
        help_text="Of targets of music: 1 goes the whole way that the answers give reason for, 0.5 half of it.",
        widget=forms.NumberInput(attrs={"step": "0.05"}),
    )
    control = forms.ChoiceField(
        choices=Lesson.Control.choices,
        required=False,
        label="Learn from",
        help_text="A control shows what comes of answers that say nothing: nothing should.",
    )

    def __init__(self, *args: Any, studies: QuerySet[Study], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["study"]
        assert isinstance(chosen, forms.ModelMultipleChoiceField)
        chosen.queryset = studies
        chosen.label_from_instance = lambda study: f"{study.title} (version {study.number})"  # type: ignore[method-assign]

    def clean_subject(self) -> str:
        """Music, unless asked otherwise."""
        return self.cleaned_data["subject"] or Lesson.Subject.MUSIC.value

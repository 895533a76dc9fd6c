"""What a researcher says of a key that reads without a login: its name, until when it opens, and what."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from survey.models import Study
from survey.models.bounds import FIRST_DAY, LAST_DAY
from survey.queries import studies_for

LONGEST_NAME = 60
MOST_DAYS = 3650
OUT_OF_REACH = "Choose a day from today on, within ten years."


class KeyForm(forms.Form):
    """A name and, if wanted, the last day."""

    name = forms.CharField(max_length=LONGEST_NAME)
    last_day = forms.DateField(
        required=False,
        validators=[MinValueValidator(FIRST_DAY, OUT_OF_REACH), MaxValueValidator(LAST_DAY, OUT_OF_REACH)],
        widget=forms.DateInput(attrs={"type": "date"}),
        label="Last day",
        help_text="It works to the end of that day (UTC); empty: until you revoke it.",
        error_messages={"invalid": "Write the day as year-month-day, as in 2026-12-31."},
    )

    def clean_last_day(self) -> Any:
        day, today = self.cleaned_data["last_day"], timezone.localdate()
        if day is not None and not today <= day <= today + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(OUT_OF_REACH)
        return day

    @property
    def expires_at(self) -> datetime | None:
        day = self.cleaned_data["last_day"]
        return datetime.combine(day + timedelta(days=1), time(), UTC) if day else None


class LinkForm(KeyForm):
    """A link for somebody without an account."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["name"].label = "Whom it is for"
        self.fields["name"].help_text = "Stands in the log beside what is read with it, as “Anna”."


class TokenForm(KeyForm):
    """A token for a program."""

    study = forms.ModelChoiceField(
        Study.objects.none(),
        required=False,
        to_field_name="slug",
        label="Study",
        empty_label="Every study that you may read",
        help_text="A token for one study opens no other, should it be lost.",
    )

    def __init__(self, *args: Any, user: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["name"].help_text = "What it is for, as “analysis on my laptop”."
        self.fields["study"].queryset = studies_for(user)  # type: ignore[attr-defined]

"""What a researcher asks for about the people a service sent, and chooses for those who are invited."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from survey.models.inviting import LONGEST_PAID, LONGEST_WORD
from survey.recruiting import is_outside_id

MOST_IDS = 20_000


class IdsField(forms.CharField):
    """Ids, one on a line or between commas."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
            max_length=MOST_IDS * 60,
            **more,
        )

    def clean(self, value: Any) -> list[str]:
        ids = [part.strip() for part in super().clean(value).replace(",", "\n").split("\n") if part.strip()]
        if len(ids) > MOST_IDS:
            raise forms.ValidationError(f"These are {len(ids)} ids; ask for {MOST_IDS} at a time at most.")
        wrong = [one for one in ids if not is_outside_id(one)]
        if wrong:
            raise forms.ValidationError(f"{wrong[0][:40]!r} is no id of a recruiting service: paste ids only.")
        return list(dict.fromkeys(ids))


class RecruitedForm(forms.Form):
    """The table for the service."""

    ids = IdsField(
        required=False, label="Only these ids", help_text="One on a line; empty for everybody whose id is kept."
    )
    per_gold = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(1000),
        max_digits=7,
        decimal_places=2,
        label="Bonus per gold trial answered right",
        help_text="In the service's currency; for those who finished and were not left out.",
    )


class SignedLinksForm(forms.Form):
    """Personal links that open in any browser."""

    ids = IdsField(label="Ids", help_text="One on a line, as the service shows them.")


class InvitationForm(forms.Form):
    """The short address, and what the messages say is paid. Whether the word can be had, the action says."""

    word = forms.CharField(
        required=False,
        max_length=LONGEST_WORD,
        label="Word of the short address",
        help_text="Small letters, digits and hyphens. People see it: it should not give the hypothesis away.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    paid = forms.CharField(
        required=False,
        max_length=LONGEST_PAID,
        label="What people get",
        help_text="As it can stand in every language: 6 €, 0.5 VP. Empty: the messages say nothing of it.",
    )
    sure = forms.BooleanField(
        required=False,
        label="The word may lead nowhere from now on",
        help_text="Codes and messages with the old short address stop working; the long address goes on.",
    )

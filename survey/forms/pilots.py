"""How many simulated people try a draft."""

from __future__ import annotations

from django import forms

from survey.models.pilots import FEWEST_BOTS, MOST_BOTS


class PilotForm(forms.Form):
    people = forms.IntegerField(
        min_value=FEWEST_BOTS, max_value=MOST_BOTS, initial=30, label="Simulated people", help_text="Thirty say enough."
    )

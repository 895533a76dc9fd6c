"""What a researcher tells the planning page."""

from __future__ import annotations

from typing import Any

from django import forms

from survey.design.planning import Assumptions

DEFAULTS: dict[str, Any] = {
    "target": "half_width",
    "value": 0.05,
    "power": 0.8,
    "share": 0.5,
    "spread_participants": 0.10,
    "spread_clips": 0.15,
    "trials": 24,
    "cells": 1,
    "loss": 0.30,
}


class PlanForm(forms.Form):
    """Target and assumptions; all shares run from 0 to 1."""

    target = forms.ChoiceField(
        choices=[("half_width", "A half-width of the interval"), ("effect", "A difference between two cells")]
    )
    value = forms.FloatField(
        min_value=0.005,
        max_value=0.49,
        label="Target value",
        help_text="0.05 is ± 5 points, or 5 points of difference.",
    )
    power = forms.FloatField(min_value=0.06, max_value=0.999, help_text="For a difference only.")
    share = forms.FloatField(
        min_value=0.01, max_value=0.99, label="Expected hit rate", help_text="0.5 is the widest case."
    )
    spread_participants = forms.FloatField(min_value=0, max_value=0.49, label="Spread of people (SD)")
    spread_clips = forms.FloatField(min_value=0, max_value=0.49, label="Spread of clips (SD)")
    trials = forms.IntegerField(min_value=1, max_value=200, label="Main trials per person")
    clips = forms.IntegerField(
        min_value=2,
        max_value=5000,
        required=False,
        label="Clips per cell",
        help_text="Empty: the number that needs the fewest people.",
    )
    cells = forms.IntegerField(min_value=1, max_value=20)
    loss = forms.FloatField(min_value=0, max_value=0.95, label="Share of people lost")

    def assumptions(self) -> Assumptions:
        """What the plan rests on. Raises PlanRefused where the parts do not fit each other."""
        values = self.cleaned_data
        cells = max(values["cells"], 2) if values["target"] == "effect" else values["cells"]
        return Assumptions(
            share=values["share"],
            spread_participants=values["spread_participants"],
            spread_clips=values["spread_clips"],
            trials=values["trials"],
            cells=cells,
            loss=values["loss"],
        )

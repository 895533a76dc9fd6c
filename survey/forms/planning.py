"""What a researcher tells the planning page."""

from __future__ import annotations

from typing import Any

from django import forms

from survey.analysis.planned import NEW_TARGETS
from survey.design.planning import MOST_CELLS, MOST_CLIPS, MOST_PEOPLE, MOST_TRIALS, Assumptions, pairs_of_cells
from survey.rehearsal import Goal

DEFAULTS: dict[str, Any] = {
    "target": "half_width",
    "value": 0.05,
    "assurance": 0.8,
    "power": 0.8,
    "share": 0.5,
    "spread_participants": 0.10,
    "spread_clips": 0.15,
    "trials": 24,
    "loss": 0.30,
}


class PlanForm(forms.Form):
    """Target and assumptions; all shares run from 0 to 1."""

    target = forms.ChoiceField(
        choices=[
            ("half_width", "A half-width of the interval"),
            ("effect", "A difference between two cells"),
            (NEW_TARGETS, "A difference between new and old targets"),
        ]
    )
    value = forms.FloatField(
        min_value=0.005,
        max_value=0.49,
        label="Target value",
        help_text="0.05 is ± 5 points, or 5 points of difference.",
    )
    assurance = forms.FloatField(
        min_value=0.5,
        max_value=0.999,
        label="Share of studies that reach it",
        help_text="For a half-width only. 0.5: half of them.",
    )
    power = forms.FloatField(
        min_value=0.06,
        max_value=0.999,
        help_text="For a difference only: share of studies that find it.",
    )
    share = forms.FloatField(
        min_value=0.01, max_value=0.99, label="Expected hit rate", help_text="0.5 is the widest case."
    )
    spread_participants = forms.FloatField(min_value=0, max_value=0.49, label="Spread of people (SD)")
    spread_clips = forms.FloatField(min_value=0, max_value=0.49, label="Spread of clips (SD)")
    trials = forms.IntegerField(min_value=1, max_value=MOST_TRIALS, label="Main trials per person")
    clips = forms.IntegerField(
        min_value=2,
        max_value=MOST_CLIPS,
        required=False,
        label="Clips per cell",
        help_text="Empty: the number that needs the fewest people. Of new and old targets: clips for each.",
    )
    participants = forms.IntegerField(
        min_value=2, max_value=MOST_PEOPLE, required=False, label="People analysed", help_text="Empty: the fewest."
    )
    cells = forms.IntegerField(
        min_value=1, max_value=MOST_CELLS, required=False, help_text="Empty: one, for a difference two."
    )
    comparisons = forms.IntegerField(
        min_value=1,
        max_value=190,
        required=False,
        label="Differences tested together",
        help_text="For a difference only. Empty: all pairs of cells.",
    )
    loss = forms.FloatField(min_value=0, max_value=0.95, label="Share of people lost")

    @property
    def compares_targets(self) -> bool:
        """Clips for new and for old targets: everybody hears both, as if they were two cells, and one test is made."""
        return bool(self.cleaned_data["target"] == NEW_TARGETS)

    def assumptions(self) -> Assumptions:
        """What the plan rests on. Raises PlanRefused where the parts do not fit each other."""
        values = self.cleaned_data
        cells = 2 if self.compares_targets else values["cells"] or (2 if values["target"] == "effect" else 1)
        return Assumptions(
            share=values["share"],
            spread_participants=values["spread_participants"],
            spread_clips=values["spread_clips"],
            trials=values["trials"],
            cells=cells,
            loss=values["loss"],
        )

    def goal(self, assumed: Assumptions) -> Goal:
        """What the study shall reach."""
        values = self.cleaned_data
        given = {"clips": values["clips"], "participants": values["participants"]}
        if self.compares_targets:
            return Goal("effect", values["value"], values["power"], **given)
        if values["target"] == "effect":
            many = values["comparisons"] or max(1, pairs_of_cells(assumed.cells))
            return Goal("effect", values["value"], values["power"], comparisons=many, **given)
        return Goal("half-width", values["value"], values["assurance"], **given)

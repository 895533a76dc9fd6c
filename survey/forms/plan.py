"""What a study fixes before its data come: the plan of analysis, and the rules for leaving people out."""

from __future__ import annotations

from typing import Any

from django import forms

from survey.analysis.planned import PLANNED
from survey.models.bounds import LONGEST_TEXT, PLAN_LIMITS

PLAN_FIELDS = (
    "hypotheses",
    "primary_measure",
    "primary_cell",
    "margin",
    "planned_n",
    "answers_per_clip",
    "stop_rule",
)
RULE_FIELDS = (
    "gold_needed",
    "repeats_needed",
    "fastest_seconds",
    "longest_run",
    "listening_share",
    "listening_measured",
    "most_sound_mistakes",
    "headphones_needed",
    "attention_failed",
)


def within(name: str) -> dict[str, Any]:
    """What a field for the number `name` of the plan or the rules takes: optional, and its limits."""
    return {"required": False, "min_value": PLAN_LIMITS[name].least, "max_value": PLAN_LIMITS[name].most}


class PlanFields(forms.Form):
    """Kept in two JSON fields of the study, which publication freezes."""

    hypotheses = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=LONGEST_TEXT)
    primary_measure = forms.CharField(required=False, max_length=300, help_text="For instance: hit rate, matched cell.")
    primary_cell = forms.ChoiceField(
        required=False,
        label="Primary cell or difference",
        choices=[("", "Not named"), *PLANNED.items()],
        help_text="The cell’s hit rate, or the difference of two cells, under the rules for leaving people out, comes "
        "first in every report; all else is marked as exploratory. In the yes/no mode it is the cell’s d′ (without "
        "lures its share of yes), and a difference is not computed.",
    )
    margin = forms.FloatField(
        **within("margin"),
        label="Margin of equivalence",
        help_text="A difference of two hit rates that would not matter: 0.1 is ten points, which is taken without it.",
    )
    planned_n = forms.IntegerField(**within("planned_n"), label="Planned number of participants")
    answers_per_clip = forms.IntegerField(
        **within("answers_per_clip"),
        label="Planned answers per clip",
        help_text="The monitor says when every clip, or the planned number of people, is reached.",
    )
    stop_rule = forms.CharField(required=False, max_length=300)
    gold_needed = forms.IntegerField(**within("gold_needed"), label="Gold trials right, at least")
    repeats_needed = forms.IntegerField(**within("repeats_needed"), label="Repeat trials answered alike, at least")
    fastest_seconds = forms.FloatField(**within("fastest_seconds"), label="Median seconds per answer, at least")
    longest_run = forms.IntegerField(**within("longest_run"), label="Same answer in a row, at most")
    listening_share = forms.FloatField(
        **within("listening_share"), label="Share of the clips played, at least (0 to 1)"
    )
    listening_measured = forms.BooleanField(
        required=False,
        label="Listening must have been measured",
        help_text="Leaves out people whose browser did not tell how long sounds played (no JavaScript), or told of "
        "more than time had passed.",
    )
    most_sound_mistakes = forms.IntegerField(
        **within("most_sound_mistakes"), label="Wrong answers at the sound check, at most"
    )
    headphones_needed = forms.BooleanField(required=False, label="Headphone test must be passed")
    attention_failed = forms.IntegerField(
        **within("attention_failed"),
        label="Attention trials failed: left out from",
        help_text="Empty: failing is written down and leaves nobody out. Do not leave people out for a single slip.",
    )

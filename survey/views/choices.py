"""Which of a study's answers a page of the results is about, as its address says it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import urlencode

from survey.findings import Choice
from survey.models import Study


def read_choice(request: HttpRequest, study: Study) -> Choice:
    """What the address asks for; a cell or composer that the study does not have shows everything."""
    cell, composer = request.GET.get("cell", ""), request.GET.get("composer", "")
    if study.form.compares:  # every answer is about two cells
        cell = composer = ""
    return Choice(
        cell=cell if study.conditions.filter(name=cell).exists() else "",
        composer=composer if composer and study.stimuli.filter(composer=composer).exists() else "",
        included_only=request.GET.get("people") == "included",
    )


def choice_query(choice: Choice) -> str:
    """The same choice as an address writes it."""
    return urlencode(choice_parts(choice))


def choice_parts(choice: Choice) -> dict[str, str]:
    """The same choice as the fields of a form, without those that are empty."""
    parts = {"cell": choice.cell, "composer": choice.composer, "people": "included" if choice.included_only else ""}
    return {name: value for name, value in parts.items() if value}

"""A study tried out by those who may change it: from its first page on, and without counting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from survey import actions
from survey.forms import StartForm
from survey.models import Participant, Study
from survey.queries import find_study, may_edit
from survey.views.participation import find_visitor, go_to_next, remember, show_start


def find_previewed(request: HttpRequest, slug: str) -> Study | None:
    """The study at `slug` where whoever asks tries it out: every draft of theirs, a published one when they say so."""
    study = find_study(slug)
    if study is None or not (study.is_draft or _asks_for_it(request)):
        return None
    return study if may_edit(request.user, study) else None


def _asks_for_it(request: HttpRequest) -> bool:
    return "preview" in (request.POST or request.GET)


def _is_in_the_middle(visitor: Participant) -> bool:
    return visitor.kind == Participant.Kind.PREVIEW and visitor.outcome == Participant.Outcome.ACTIVE


def start_preview(request: HttpRequest, study: Study) -> HttpResponse:
    """The first page of a preview. Whoever is in the middle of one goes on, unless a new one is asked for."""
    visitor = find_visitor(request, study.slug)
    if visitor and _is_in_the_middle(visitor) and not _asks_for_it(request):
        return go_to_next(visitor)
    if request.method != "POST":
        return show_start(request, study, preview=True)
    form = StartForm(request.POST, study=study)
    if not form.is_valid():
        return show_start(request, study, preview=True, problem="choose", status=400)
    data = form.cleaned_data
    if data["consent"] == "no":
        participant = actions.decline(
            study=study, token=data["ticket"], language=data["language"], kind=Participant.Kind.PREVIEW
        )
    else:
        participant = actions.open_preview(
            study=study, by=request.user, token=data["ticket"], language=data["language"]
        )
    return remember(go_to_next(participant), participant)

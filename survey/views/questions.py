"""A study's further questions: the pages before, with and after the clips, composed of ready-made and own ones."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from melodymuse_site.buttons import pressed_on
from survey import actions
from survey.actions.cells import DraftRefused
from survey.forms import OwnQuestionForm, PlaceForm, ReadyMadeForm
from survey.models import Study, StudyQuestion
from survey.queries import asked_at, screening_of
from survey.questions import Question, When
from survey.views.access import of_study

FORM_METHODS = ["GET", "HEAD", "POST"]
HEADINGS = {When.BEFORE: "Before the clips", When.CLIP: "With every clip", When.AFTER: "After the last clip"}


@require_http_methods(FORM_METHODS)
@of_study(edit=True)
def questions(request: HttpRequest, study: Study) -> HttpResponse:
    """Every question of a draft, by page; a ready-made one is added here."""
    if not study.is_draft:
        return redirect(study)
    form = ReadyMadeForm(request.POST if request.method == "POST" else None, study=study)
    if form.is_bound and form.is_valid():
        try:
            actions.add_question(study=study, key=form.cleaned_data["key"], by=request.user)
        except DraftRefused as refused:
            messages.error(request, str(refused))
        return redirect("study_questions", slug=study.slug)
    rows = {row.key: row for row in study.questions.all()}
    pages = [
        {
            "moment": when.value,
            "heading": heading,
            "asked": [(question, rows.get(question.key)) for question in _in_order(study, when)],
            "ready_made": ReadyMadeForm(study=study, moment=when.value, auto_id=f"{when.value}_%s"),
        }
        for when, heading in HEADINGS.items()
    ]
    context = {"study": study, "pages": pages}
    return render(request, "survey/studies/questions.html", context, status=400 if form.is_bound else 200)


def _in_order(study: Study, when: When) -> list[Question]:
    """What one page asks; before the clips those come first that decide who is let in."""
    return [*(screening_of(study) if when is When.BEFORE else ()), *asked_at(study, when)]


@require_http_methods(FORM_METHODS)
@of_study(edit=True)
def write(request: HttpRequest, study: Study) -> HttpResponse:
    """A new question in the researcher's own words."""
    return _edit(request, study, None)


@require_http_methods(FORM_METHODS)
@of_study(edit=True)
def change(request: HttpRequest, study: Study, key: str) -> HttpResponse:
    """A question that the draft asks already."""
    row = study.questions.filter(key=key).first()
    if row is None and study.is_draft:
        raise Http404
    return _edit(request, study, row)


def _edit(request: HttpRequest, study: Study, row: StudyQuestion | None) -> HttpResponse:
    if not study.is_draft:
        return redirect(study)
    data = request.POST if request.method == "POST" else None
    form: PlaceForm
    if row is not None and row.is_ready_made:
        form = PlaceForm(data, row=row)
    else:
        form = OwnQuestionForm(data, study=study, row=row, initial=_asked_for(request))
    if form.is_bound and form.is_valid():
        try:
            actions.write_question(study=study, by=request.user, replaces=row.key if row else "", **form.values())
        except DraftRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Saved.")
            return redirect("study_questions", slug=study.slug)
    context = {"study": study, "row": row, "form": form}
    return render(request, "survey/studies/question.html", context, status=400 if form.is_bound else 200)


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """For which page a new question is written, where the address says so."""
    moment = request.GET.get("moment", "")
    return {"moment": moment} if moment in StudyQuestion.Moment.values else {}


@pressed_on("study_questions", "slug")
@of_study(edit=True)
def remove(request: HttpRequest, study: Study, key: str) -> HttpResponse:
    """Take a question out of a draft."""
    try:
        actions.remove_question(study=study, key=key, by=request.user)
    except DraftRefused as refused:
        messages.error(request, str(refused))
    return redirect("study_questions", slug=study.slug)

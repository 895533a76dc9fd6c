"""The researcher's pages: list, draft, clips, preview, publish, close, new version, sharing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from survey import actions
from survey.actions import PublishRefused
from survey.actions.cells import CELLS, DraftRefused, cell_key
from survey.actions.publishing import reasons_against_publishing
from survey.actions.showing import descriptions_left_out
from survey.forms import ShareForm, StudyForm
from survey.models import Condition, Study
from survey.preregistration import PLAN, RULES, questions_of, write_preregistration
from survey.queries import may_create, may_edit, studies_for, with_numbers
from survey.queries.overview import overview_of
from survey.views.access import for_creators, of_study

ASKED_AS_WELL = {
    "ask_confidence": "how sure people are",
    "ask_affect": "valence and arousal",
    "ask_word": "a free word",
    "ask_background": "background",
}
FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def studies(request: HttpRequest) -> HttpResponse:
    found = with_numbers(studies_for(request.user))
    return render(request, "survey/studies/list.html", {"studies": found, "may_create": may_create(request.user)})


@require_http_methods(FORM_METHODS)
@for_creators
def new(request: HttpRequest) -> HttpResponse:
    form = StudyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        study = actions.create_study(by=request.user, **form.values())
        messages.success(request, "The draft is saved. Now choose its clips.")
        return redirect("study_clips", slug=study.slug)
    return render(request, "survey/studies/new.html", {"form": form}, status=400 if form.is_bound else 200)


@require_http_methods(FORM_METHODS)
@of_study()
def study(request: HttpRequest, study: Study) -> HttpResponse:
    editable = may_edit(request.user, study)
    if not study.is_draft or not editable:
        return _show(request, study, None)
    form = StudyForm(request.POST if request.method == "POST" else None, instance=study)
    if form.is_bound and form.is_valid():
        # The form has put its values on `study` already; the action saves them and what hangs on them.
        actions.edit_study(study=study, by=request.user, **form.values())
        messages.success(request, "Saved.")
        return redirect(study)
    return _show(request, study, form, status=400 if form.is_bound else 200)


def _show(request: HttpRequest, study: Study, form: StudyForm | None, status: int = 200) -> HttpResponse:
    # A form with mistakes has changed the object in memory: show what is stored.
    stored = get_object_or_404(with_numbers(Study.objects.filter(pk=study.pk)).select_related("previous", "owner"))
    context = {
        "study": stored,
        "form": form,
        "editable": may_edit(request.user, stored),
        "reasons": reasons_against_publishing(stored) if stored.is_draft else [],
        "left_out": list(descriptions_left_out(stored)) if stored.is_draft else [],
        "stimuli": stored.stimuli.select_related("condition", "picture", "pair_version__pair__emotion"),
        "memberships": stored.memberships.select_related("user"),
        "share": ShareForm(),
        "address": request.build_absolute_uri(reverse("study_start", args=[stored.slug])),
        "audit": stored.audit.all()[:8],
        "questions": questions_of(stored),
    }
    return render(request, "survey/studies/detail.html", context, status=status)


@require_safe
@of_study()
def preregistration(request: HttpRequest, study: Study) -> HttpResponse:
    """The plan as Markdown, to be filed before the first participant."""
    response = HttpResponse(write_preregistration(study), content_type="text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}-preregistration.md"'
    return response


@require_POST
@of_study(edit=True)
def preview(request: HttpRequest, study: Study) -> HttpResponse:
    """Take part as the researcher, from the first page on: nothing of it counts."""
    if not study.stimuli.exists():
        messages.error(request, "Choose clips first; then the study can be tried out.")
        return redirect("study_clips", slug=study.slug)
    return redirect(f"{reverse('study_start', args=[study.slug])}?preview=1")


@require_http_methods(FORM_METHODS)
@of_study(edit=True)
def publish(request: HttpRequest, study: Study) -> HttpResponse:
    """Ask once and show what would be frozen; then freeze it."""
    if request.method != "POST":
        return _ask_to_publish(request, study) if study.is_draft else redirect(study)
    try:
        actions.publish(study=study, by=request.user)
    except PublishRefused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, "The study is published. Its wording, answers and clips are frozen now.")
    return redirect(study)


def _ask_to_publish(request: HttpRequest, study: Study) -> HttpResponse:
    context = {
        "study": study,
        "reasons": reasons_against_publishing(study),
        "overview": overview_of(study),
        "asked": [what for name, what in ASKED_AS_WELL.items() if getattr(study, name)],
        "wordings": [(code, study.wording(code), questions_of(study, code)) for code in study.languages],
        "plan": [(label, study.analysis_plan[name]) for name, label in PLAN.items() if name in study.analysis_plan],
        "rules": [
            (label, study.exclusion_rules[name]) for name, label in RULES.items() if name in study.exclusion_rules
        ],
        "address": request.build_absolute_uri(reverse("study_start", args=[study.slug])),
    }
    return render(request, "survey/studies/publish.html", context)


@require_POST
@of_study(edit=True)
def close(request: HttpRequest, study: Study) -> HttpResponse:
    try:
        actions.close(study=study, by=request.user)
    except PublishRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The study is closed. People in the middle of it may finish.")
    return redirect(study)


@require_POST
@of_study(edit=True)
def new_version(request: HttpRequest, study: Study) -> HttpResponse:
    copy = actions.make_new_version(study=study, by=request.user)
    messages.success(request, f"This is version {copy.number}, a draft. The old version stays as it is.")
    return redirect(copy)


@require_POST
@of_study(edit=True)
def remove(request: HttpRequest, study: Study) -> HttpResponse:
    try:
        actions.remove_study(study=study, by=request.user)
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect(study)
    messages.success(request, "The draft is deleted.")
    return redirect("studies")


@require_POST
@of_study(edit=True)
def share(request: HttpRequest, study: Study) -> HttpResponse:
    form = ShareForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no account of this name." if "username" in form.errors else "Choose a role.")
        return redirect(study)
    actions.share(study=study, user=form.cleaned_data["username"], role=form.cleaned_data["role"], by=request.user)
    messages.success(request, "Shared.")
    return redirect(study)


@require_POST
@of_study(edit=True)
def unshare(request: HttpRequest, study: Study) -> HttpResponse:
    actions.unshare(study=study, username=request.POST.get("username", ""), by=request.user)
    return redirect(study)


def cells_of(study: Study) -> dict[str, float]:
    """The cells a draft has now, by their keys (see `cell_key`)."""
    kinds = {(cell.presentation, cell.matching): kind for kind, cell in CELLS.items()}
    rows = Condition.objects.filter(study=study).values_list("presentation", "matching", "composer", "weight")
    found = {cell_key(kinds[presentation, matching], name): weight for presentation, matching, name, weight in rows}
    return found or {"matched": 1.0}

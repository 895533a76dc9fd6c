"""The researcher's pages: list, draft, clips, preview, publish, close, new version, sharing."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from melodymuse_site.buttons import pressed_on
from survey import actions
from survey.actions import PublishRefused
from survey.actions.cells import DraftRefused
from survey.actions.publishing import reasons_against_publishing
from survey.actions.showing import descriptions_left_out
from survey.forms import ShareForm, StudyForm
from survey.models import Participant, Study
from survey.preregistration import frozen_facts, questions_of, write_preregistration
from survey.queries import further_questions, may_create, may_edit, studies_for, with_numbers
from survey.queries.glosses import glosses_of
from survey.queries.overview import overview_of
from survey.queries.reminding import due_of, with_last_seen
from survey.views.access import given_link, of_study

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def studies(request: HttpRequest) -> HttpResponse:
    found = list(with_last_seen(with_numbers(studies_for(request.user))))
    for study in found:
        study.due = due_of(study)
    return render(request, "survey/studies/list.html", {"studies": found, "may_create": may_create(request.user)})


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
        "given": given_link(request, stored),
        "frozen": frozen_facts(stored),
        "audit": stored.audit.all()[:8],
        "questions": questions_of(stored),
        "further": further_questions(stored),
    }
    return render(request, "survey/studies/detail.html", context, status=status)


@require_safe
@of_study()
def preregistration(request: HttpRequest, study: Study) -> HttpResponse:
    """The plan as Markdown, to be filed before the first participant."""
    response = HttpResponse(write_preregistration(study), content_type="text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}-preregistration.md"'
    return response


@pressed_on("study", "slug")
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
        return redirect("study_invite", slug=study.slug)
    return redirect(study)


def _ask_to_publish(request: HttpRequest, study: Study) -> HttpResponse:
    context = {
        "study": study,
        "reasons": reasons_against_publishing(study),
        "overview": overview_of(study),
        "wordings": [
            (code, study.wording(code), questions_of(study, code), glosses_of(study, code)) for code in study.languages
        ],
        "given": given_link(request, study),
        "frozen": frozen_facts(study),
    }
    return render(request, "survey/studies/publish.html", context)


def _ask_whether_sure(
    request: HttpRequest, study: Study, heading: str, button: str, sentences: Sequence[str]
) -> HttpResponse:
    """What cannot be taken back is asked once more, on a page of its own."""
    context = {"study": study, "heading": heading, "button": button, "sentences": sentences}
    return render(request, "survey/studies/sure.html", context)


@require_http_methods(FORM_METHODS)
@of_study(edit=True)
def close(request: HttpRequest, study: Study) -> HttpResponse:
    """Ask once and say what it means; then close the study."""
    if request.method != "POST":
        return _ask_to_close(request, study) if study.is_open else redirect(study)
    try:
        actions.close(study=study, by=request.user)
    except PublishRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The study is closed. People in the middle of it may finish.")
    return redirect(study)


@pressed_on("study", "slug")
@of_study(edit=True)
def new_version(request: HttpRequest, study: Study) -> HttpResponse:
    copy = actions.make_new_version(study=study, by=request.user)
    messages.success(request, f"This is version {copy.number}, a draft. The old version stays as it is.")
    return redirect(copy)


def _ask_to_close(request: HttpRequest, study: Study) -> HttpResponse:
    people = study.participants.filter(kind=Participant.Kind.PERSON)
    complete = people.filter(outcome=Participant.Outcome.COMPLETE).count()
    active = people.filter(outcome=Participant.Outcome.ACTIVE).count()
    return _ask_whether_sure(
        request,
        study,
        f"Close “{study.title}”?",
        "Close the study",
        [
            f"So far {complete} have finished and {active} have begun and not finished; those may go on.",
            "Nobody else can join, and a closed study cannot be opened again: a new version can follow it. "
            "Its results can be seen from then on.",
        ],
    )


@require_http_methods(FORM_METHODS)
@of_study(edit=True)
def remove(request: HttpRequest, study: Study) -> HttpResponse:
    """Ask once; then delete the draft."""
    if request.method != "POST":
        if not study.is_draft:
            return redirect(study)
        return _ask_whether_sure(
            request,
            study,
            f"Delete the draft “{study.title}”?",
            "Delete this draft",
            ["Its wording, choices and plan are gone for good. Pictures, pairs and clips stay in the library."],
        )
    try:
        actions.remove_study(study=study, by=request.user)
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect(study)
    messages.success(request, "The draft is deleted.")
    return redirect("studies")


@pressed_on("study", "slug")
@of_study(edit=True)
def share(request: HttpRequest, study: Study) -> HttpResponse:
    form = ShareForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no account of this name." if "username" in form.errors else "Choose a role.")
        return redirect(study)
    actions.share(study=study, user=form.cleaned_data["username"], role=form.cleaned_data["role"], by=request.user)
    messages.success(request, "Shared.")
    return redirect(study)


@pressed_on("study", "slug")
@of_study(edit=True)
def unshare(request: HttpRequest, study: Study) -> HttpResponse:
    actions.unshare(study=study, username=request.POST.get("username", ""), by=request.user)
    return redirect(study)

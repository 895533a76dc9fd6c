"""A draft tried out by simulated people: ask for it, watch it, read what came out, take it away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from melodymuse_site.buttons import pressed_on
from survey import actions
from survey.actions.cells import DraftRefused
from survey.forms.pilots import PilotForm
from survey.models import PilotJob, Study
from survey.tasks import send_pilot
from survey.views.access import of_study

FORM_METHODS = ["GET", "HEAD", "POST"]
WHO = {
    "listener": "who listen",
    "guesser": "who guess",
    "straightliner": "who always say the same",
    "dropout": "who may leave on the way",
}


@require_http_methods(FORM_METHODS)
@of_study(edit=True)
def pilot(request: HttpRequest, study: Study) -> HttpResponse:
    """The last run, and the button that begins one."""
    if not study.is_draft:
        return redirect(study)
    form = PilotForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            job = actions.request_pilot(study=study, by=request.user, people=form.cleaned_data["people"])
        except DraftRefused as refused:
            messages.error(request, str(refused))
        else:
            transaction.on_commit(lambda: send_pilot(job.pk))
        return redirect("study_pilot", slug=study.slug)
    job = study.pilots.first()
    context = {"study": study, "form": form, "job": job, "kinds": list_kinds(job.result or {}) if job else []}
    response = render(request, "survey/studies/pilot.html", context, status=400 if form.is_bound else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def list_kinds(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of every kind of simulated people how many came, and how many of these came to the end."""
    ended = found.get("ended", {})
    return [
        {"who": WHO.get(persona, persona), "came": came, "ended": ended.get(persona, 0)}
        for persona, came in (found.get("personas", {}) if "ended" in found else {}).items()
    ]


@require_safe
@of_study(edit=True)
def state(request: HttpRequest, study: Study) -> JsonResponse:
    """How far the run is. One that nobody took is sent again: the row is the truth, a message a nudge."""
    job = study.pilots.first()
    if job is None:  # the draft changed, and the run with it
        return JsonResponse({"status": "gone"})
    if job.status == PilotJob.Status.QUEUED and job.nudged_at < timezone.now() - PilotJob.terms.resend_after:
        send_pilot(job.pk)
    return JsonResponse({"status": job.status, "done": job.done, "people": job.people})


@pressed_on("study_pilot", "slug")
@of_study(edit=True)
def cancel(request: HttpRequest, study: Study) -> HttpResponse:
    job = study.pilots.first()
    if job and actions.cancel_pilot(job=job, by=request.user):
        messages.success(request, "The run is called off, and its people are gone.")
    return redirect("study_pilot", slug=study.slug)


@pressed_on("study_pilot", "slug")
@of_study(edit=True)
def remove(request: HttpRequest, study: Study) -> HttpResponse:
    try:
        if actions.remove_pilot(study=study, by=request.user):
            messages.success(request, "The simulated people and what they showed are removed.")
    except DraftRefused as refused:
        messages.error(request, str(refused))
        return redirect(study)
    return redirect("study_pilot", slug=study.slug)

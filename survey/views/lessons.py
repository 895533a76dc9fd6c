"""What listeners taught: the lessons so far, a new one, one of them, and how far it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from melodymuse_site.buttons import pressed_on
from melodymuse_site.turns import ActionRefused
from survey import actions
from survey.analysis.planned import NEW_TARGETS
from survey.design.templates import TEMPLATES
from survey.findings.learned import FEWEST_PEOPLE
from survey.findings.lesson_tests import find_tests
from survey.findings.lessons import FEWEST_CLIPS
from survey.findings.picture_lessons import FEWEST_PICTURES, find_picture_tests
from survey.findings.taught import tell_emotions, tell_lesson, tell_pictures
from survey.forms.lessons import LessonForm
from survey.models import Condition, Lesson, LessonStudy
from survey.queries.access import studies_for
from survey.queries.picking import clips_being_made, pick_wave
from survey.queries.taught import clips_to_teach, hear_both, lessons_for, next_wave, studies_to_learn_from
from survey.tasks import send_lesson
from survey.views.access import REGENERATES, may_create
from survey.views.making import TEACH

FORM_METHODS = ["GET", "HEAD", "POST"]
MUSIC = Condition.Presentation.MUSIC
LEAST_PLANNED = 0.005
"""The planning page takes no smaller difference."""


@require_http_methods(FORM_METHODS)
@login_required
def lessons(request: HttpRequest) -> HttpResponse:
    """Every lesson that may be seen, and the form for a new one."""
    studies = studies_to_learn_from(request.user)
    subject = request.GET.get("subject", Lesson.Subject.MUSIC)
    begun = {"study": request.GET.getlist("study"), "subject": subject}
    form = LessonForm(request.POST if request.method == "POST" else None, studies=studies, initial=begun)
    if form.is_bound and form.is_valid():
        try:
            lesson = actions.request_lesson(
                studies=list(form.cleaned_data["study"]),
                by=request.user,
                subject=form.cleaned_data["subject"],
                strength=form.cleaned_data["strength"],
                control=form.cleaned_data["control"],
            )
        except ActionRefused as refused:
            form.add_error(None, str(refused))
        else:
            transaction.on_commit(lambda: send_lesson(lesson.pk))
            return redirect(lesson)
    fewest = {"people": FEWEST_PEOPLE, "clips": FEWEST_CLIPS, "pictures": FEWEST_PICTURES}
    context = {"lessons": lessons_for(request.user), "form": form, "studies": studies, "fewest": fewest}
    return render(request, "survey/lessons/list.html", context, status=400 if form.is_bound else 200)


def _find(request: HttpRequest, public_id: UUID, *, edit: bool = False) -> Lesson:
    lesson = lessons_for(request.user, edit=edit).filter(public_id=public_id).first()
    if lesson is None:
        raise Http404
    return lesson


@require_safe
@login_required
def lesson(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What one lesson rests on, what it moved, how that sounds or is read, and what its tests found."""
    found = _find(request, public_id)
    may_edit = lessons_for(request.user, edit=True).filter(pk=found.pk).exists()
    context: dict[str, Any] = {"lesson": found, "may_edit": may_edit}
    if found.status == Lesson.Status.READY and found.is_about_pictures:
        context |= {
            "said": tell_lesson(found),
            "read": tell_pictures(found),
            "tests": find_picture_tests(found, studies_for(request.user)),
        }
    elif found.status == Lesson.Status.READY:
        context |= {
            "said": tell_lesson(found),
            "emotions": tell_emotions(found),
            "clips": hear_both(found),
            "tests": find_tests(found, studies_for(request.user)),
            "wave": next_wave(found) if found.targets and request.user.has_perm(REGENERATES) else None,
            "being_made": clips_being_made(found) if found.targets else 0,
            "picked": pick_wave(found) if found.targets else None,
            "plan": _plan_of(found),
            "to_teach": clips_to_teach(found) if may_create(request.user) else [],
            "teach_as": (TEACH if found.result["presented"] == MUSIC else TEMPLATES["choose"]).name,
            "may_test": may_edit and may_create(request.user),
        }
    response = render(request, "survey/lessons/lesson.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _plan_of(lesson: Lesson) -> str:
    """The query of the planning page for the gain that is expected, with the spreads of the last study that taught."""
    gain = lesson.result["overall_gain"]["mean"]
    taught = [role.study for role in lesson.roles.all() if role.role == LessonStudy.Role.TAUGHT]
    if lesson.targets is None or gain < LEAST_PLANNED or not taught:
        return ""
    return urlencode({"study": taught[-1].slug, "target": NEW_TARGETS, "value": f"{gain:.3f}"})


@require_safe
@login_required
def state(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """How far a lesson is. One that nobody took is sent again: the row is the truth, a message a nudge."""
    found = _find(request, public_id)
    if found.status == Lesson.Status.QUEUED and found.nudged_at < timezone.now() - Lesson.terms.resend_after:
        send_lesson(found.pk)
    return JsonResponse({"status": found.status, "phase": found.phase})


@pressed_on("lesson", "public_id")
@login_required
def begin_test(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The draft of the study that tests a lesson, on the page where it is published."""
    found = _find(request, public_id, edit=True)
    if not may_create(request.user):
        raise PermissionDenied
    try:
        study = actions.begin_test(lesson=found, by=request.user)
    except ActionRefused as refused:
        messages.error(request, str(refused))
        return redirect(found)
    messages.success(request, "The draft is made as the study that taught was, with fresh clips for both targets.")
    return redirect("study_publish", slug=study.slug)


@pressed_on("lesson", "public_id")
@login_required
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _find(request, public_id, edit=True)
    if actions.cancel_lesson(lesson=found, by=request.user):
        messages.success(request, "The lesson is called off; nothing was changed.")
    return redirect(found)

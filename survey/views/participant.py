"""The participant's pages, from consent to the completion code. Plain forms: they work without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from survey import actions
from survey.actions import JoinRefused
from survey.forms import BackgroundForm, StartForm
from survey.forms.participant import is_pilot_pass, issue_ticket
from survey.models import Participant, Study
from survey.queries import find_participation, find_study, hears_music, next_step, what_comes
from survey.recruiting import read_external_id, return_address
from survey.views.participation import (
    FORM_METHODS,
    admit,
    choose_language,
    find_visitor,
    go_to_next,
    remember,
    show,
    show_step,
    taking_part,
)
from survey.views.previews import find_previewed, start_preview


def _closed(request: HttpRequest, study: Study | None) -> HttpResponse:
    """No such study and a draft look the same from outside."""
    known = study is not None and not study.is_draft
    language = choose_language(request, study) if known and study else "en"
    context = {"study": study if known else None, "preview": False}
    return show(request, "closed", context, language=language, status=200 if known else 404)


@require_http_methods(FORM_METHODS)
@ensure_csrf_cookie
def start(request: HttpRequest, slug: str) -> HttpResponse:
    if previewed := find_previewed(request, slug):
        return start_preview(request, previewed)
    participant = find_visitor(request, slug)
    if participant:
        return go_to_next(participant)
    study = find_study(slug)
    if study is None:
        return _closed(request, study)
    pilot = is_pilot_pass(study, (request.POST or request.GET).get("pilot", ""))
    if study.is_draft and not pilot:
        return _closed(request, study)
    if request.method == "POST":
        return _answer_consent(request, study, pilot)
    if not study.is_open and not pilot:
        return _closed(request, study)
    return _show_start(request, study)


def _show_start(request: HttpRequest, study: Study, problem: str = "", status: int = 200) -> HttpResponse:
    external_id, missing = read_external_id(study, request.GET if request.method != "POST" else request.POST)
    language = choose_language(request, study)
    if missing:
        return show(request, "missing", {"study": study, "missing": missing}, language=language, status=400)
    context = {
        "study": study,
        "wording": study.wording(language),
        "ticket": issue_ticket(study),
        "language": language,
        "external_id": external_id,
        "pilot": request.GET.get("pilot", "")[:200],
        "problem": problem,
    }
    return show(request, "start", context, language=language, status=status)


def _answer_consent(request: HttpRequest, study: Study, pilot: bool) -> HttpResponse:
    form = StartForm(request.POST, study=study)
    if not form.is_valid():
        return _show_start(request, study, problem="choose", status=400)
    data = form.cleaned_data
    external_id, missing = read_external_id(study, request.POST)
    if missing:
        return _show_start(request, study, status=400)
    if data["consent"] == "no":
        participant = actions.decline(
            study=study, token=data["ticket"], language=data["language"], external_id=external_id
        )
        return remember(go_to_next(participant), participant)
    try:
        participant = actions.join(
            study=study,
            token=data["ticket"],
            language=data["language"],
            external_id=external_id,
            device=_device(request.headers.get("User-Agent", "")),
            kind=Participant.Kind.BOT if pilot else Participant.Kind.PERSON,
        )
    except JoinRefused:
        return _closed(request, study)
    return remember(go_to_next(participant), participant)


def _device(agent: str) -> str:
    """Phone, tablet or computer: the only thing that is kept of the browser's name."""
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "Mobi" in agent else "computer"


@require_safe
def resume(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The personal link: goes on where the person stopped, on whatever device."""
    participant = admit(request, find_participation(slug, token))
    if participant is None:
        return _closed(request, None)
    return remember(go_to_next(participant), participant)


@require_http_methods(FORM_METHODS)
@taking_part("sound")
def sound(request: HttpRequest, participant: Participant) -> HttpResponse:
    if request.method == "POST":
        actions.check_sound(participant=participant)
        return go_to_next(participant)
    return show_step(request, "sound", participant)


@require_http_methods(FORM_METHODS)
@taking_part("about")
def about(request: HttpRequest, participant: Participant) -> HttpResponse:
    form = BackgroundForm(request.POST if request.method == "POST" else None, listened=hears_music(participant))
    if request.method == "POST" and form.is_valid():
        actions.record_background(participant=participant, answers=form.answers())
        return go_to_next(participant)
    status = 400 if form.is_bound else 200
    return show_step(request, "about", participant, form=form, comes=what_comes(participant), status=status)


@require_safe
def end(request: HttpRequest, slug: str) -> HttpResponse:
    participant = find_visitor(request, slug)
    if participant is None:
        return redirect("study_start", slug=slug)
    if next_step(participant) != "end":
        return go_to_next(participant)
    if participant.outcome == Participant.Outcome.ACTIVE:
        participant = actions.finish(participant=participant)
    withdraw_url = reverse("study_withdraw", args=[slug, participant.token])
    return show_step(
        request,
        "end",
        participant,
        withdraw_url=request.build_absolute_uri(withdraw_url),
        return_url=return_address(participant.study, participant.completion_code),
    )


@require_http_methods(FORM_METHODS)
def withdraw(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    participant = admit(request, find_participation(slug, token))
    if participant is None:
        return _closed(request, None)
    if request.method == "POST":
        participant = actions.withdraw(participant=participant)
        return redirect("study_withdraw", slug=slug, token=token)
    return show_step(request, "withdraw", participant)

"""The page to play with for visitors without an account, where a site offers it (`PUBLIC_CREATE`)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import redis
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from generation import tasks, visits
from generation.emotions import emotions_on_pad
from generation.forms import VisitForm
from generation.images.intake import PictureRefused, take_in
from generation.views.access import never_stored
from generation.visits import LOST, Busy, TooManyVisits, Visit
from melodymuse_site.addresses import client_address
from melodymuse_site.byte_ranges import send_bytes

logger = logging.getLogger(__name__)
TOO_MANY = 429
AWAY = 503
AWAY_SECONDS = 30
CANNOT_BE_MADE = "Pieces for visitors cannot be made at the moment."
View = Callable[..., HttpResponse]
TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


def _where_offered(view: View) -> View:
    """There is no such page where the site does not offer it; and a broker that is away is told so."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.PUBLIC_CREATE:
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except redis.RedisError as error:
            logger.warning("The broker keeps no visit (%s).", error)
            return _refuse(request, CANNOT_BE_MADE, AWAY, AWAY_SECONDS)

    return answered


def _refuse(request: HttpRequest, problem: str, status: int, seconds: int) -> HttpResponse:
    context = {"problem": problem, "sent": request.method == "POST"}
    response = render(request, "generation/visit_refused.html", context, status=status)
    response.headers["Retry-After"] = str(seconds)
    return response


@_where_offered
def begin(request: HttpRequest) -> HttpResponse:
    """The form, and what was sent with it: counted before its picture is opened, and verified as every picture is.

    What was sent has arrived by then; how large it may be, the web server in front decides (deploy/nginx).
    """
    if request.method != "POST":
        return _render_form(request, VisitForm())
    form = VisitForm(request.POST, request.FILES)
    if not form.is_valid():  # nothing that could be made came, and nobody has asked yet
        return _render_form(request, form, 400)
    try:
        counted = visits.count_try(client_address(request))
        visit = _ask(form, counted)
    except TooManyVisits as error:
        return _refuse(request, str(error), TOO_MANY, error.seconds)
    if visit is None:
        return _render_form(request, form, 400)
    if not tasks.send(tasks.make_visitors_piece, [visit.token]):
        visits.drop(visit.token)
        visits.give_back(counted)
        return _refuse(request, CANNOT_BE_MADE, AWAY, AWAY_SECONDS)
    return redirect("visit", visit.token)


def _render_form(request: HttpRequest, form: VisitForm, status: int = 200) -> HttpResponse:
    context = {"form": form, **emotions_on_pad()}
    return render(request, "generation/visit_begin.html", context, status=status)


def _ask(form: VisitForm, counted: list[str]) -> Visit | None:
    try:
        picture = take_in(form.cleaned_data["file"].read())
    except PictureRefused as error:
        form.add_error("file", str(error))
        return None
    try:
        return visits.begin(
            picture=picture.data,
            picture_type=TYPES[picture.extension],
            emotion=form.chosen_emotion(),
            target=form.chosen_target(),
            composer=form.cleaned_data["composer"],
        )
    except (Busy, redis.RedisError):  # others came while the picture was looked at, or the broker has no room
        with suppress(redis.RedisError):
            visits.give_back(counted)
        raise


@require_safe
@_where_offered
@never_stored
def visit(request: HttpRequest, token: str) -> HttpResponse:
    found = visits.find(token)
    if found is None:
        return render(request, "generation/visit_gone.html", status=404)
    return render(request, "generation/visit.html", _context(found))


def _context(found: Visit) -> dict[str, Any]:
    files = {name.partition(".")[2] or name: reverse("visit_file", args=[found.token, name]) for name in visits.FILES}
    return {"visit": found, "files": files, "sources": [{"address": files["mp3"], "type": "audio/mpeg"}]}


@require_safe
@_where_offered
@never_stored
def state(request: HttpRequest, token: str) -> JsonResponse:
    """How far a visitor's piece is, in words as well; with the piece once it is there.

    Of one that is gone the page that waits is told so, and asks no further.
    """
    found = visits.find(token)
    if found is None:
        said = render_to_string("generation/_visit_gone.html", request=request)
        return JsonResponse({"status": LOST, "done": True, "said": said, "html": ""})
    said = render_to_string("generation/_visit_said.html", {"visit": found}, request)
    html = render_to_string("generation/_visit.html", _context(found), request)
    return JsonResponse({"status": found.status, "done": not found.is_open, "said": said, "html": html})


@require_safe
@_where_offered
@never_stored
def file(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Picture, MP3 or MIDI of a visit, whole or in part."""
    data = visits.read_file(token, name) if name in visits.FILES else None
    found = visits.find(token)
    if data is None or found is None:
        raise Http404
    return send_bytes(request, data, visits.FILES[name] or found.picture_type)

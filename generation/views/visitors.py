"""The page to play with for visitors without an account, where a site offers it (`PUBLIC_CREATE`)."""

from __future__ import annotations

import logging
from collections.abc import Callable
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
from generation.forms import VisitForm
from generation.images.intake import PictureRefused, take_in
from generation.views.access import never_stored
from generation.visits import TooManyVisits, Visit
from melodymuse_site.addresses import client_address
from melodymuse_site.byte_ranges import send_bytes

logger = logging.getLogger(__name__)
TOO_MANY = 429
AWAY = 503
AWAY_SECONDS = 30
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
            problem = "Pieces for visitors cannot be made at the moment."
            return _refuse(request, problem, AWAY, AWAY_SECONDS)

    return answered


def _refuse(request: HttpRequest, problem: str, status: int, seconds: int) -> HttpResponse:
    response = render(request, "generation/visit_refused.html", {"problem": problem}, status=status)
    response.headers["Retry-After"] = str(seconds)
    return response


@_where_offered
def begin(request: HttpRequest) -> HttpResponse:
    """The form, and what was sent with it: counted before anything is read, verified as every picture is."""
    sent = request.method == "POST"
    form = VisitForm(request.POST, request.FILES) if sent else VisitForm()
    if sent:
        try:
            visits.count_try(client_address(request))
            if form.is_valid() and (visit := _ask(form)):
                tasks.send(tasks.make_visitors_piece, [visit.token])
                return redirect("visit", visit.token)
        except TooManyVisits as error:
            return _refuse(request, str(error), TOO_MANY, error.seconds)
    return render(request, "generation/visit_begin.html", {"form": form}, status=400 if form.errors else 200)


def _ask(form: VisitForm) -> Visit | None:
    try:
        picture = take_in(form.cleaned_data["file"].read())
    except PictureRefused as error:
        form.add_error("file", str(error))
        return None
    return visits.begin(
        picture=picture.data,
        picture_type=TYPES[picture.extension],
        emotion=form.cleaned_data["wanted"],
        composer=form.cleaned_data["composer"],
    )


def _find(token: str) -> Visit:
    found = visits.find(token)
    if found is None:
        raise Http404
    return found


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
    """How far a visitor's piece is; with the piece once it is there."""
    found = _find(token)
    html = render_to_string("generation/_visit.html", _context(found), request)
    return JsonResponse({"status": found.status, "done": not found.is_open, "html": html})


@require_safe
@_where_offered
@never_stored
def file(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Picture, MP3 or MIDI of a visit, whole or in part."""
    data = visits.read_file(token, name) if name in visits.FILES else None
    if data is None:
        raise Http404
    return send_bytes(request, data, visits.FILES[name] or _find(token).picture_type)

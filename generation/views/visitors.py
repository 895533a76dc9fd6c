"""The page to play with for visitors without an account, where a site offers it (`PUBLIC_CREATE`)."""

from __future__ import annotations

import hashlib
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
from generation.visits import LOST, AlreadyAsked, Busy, TooManyVisits, Visit, Wanted
from melodymuse_site.addresses import client_address
from melodymuse_site.buttons import pressed_on
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
    """Sent was a picture, which is not kept; or a wish for another take, whose first one is still there."""
    found = request.resolver_match.kwargs.get("token") if request.resolver_match else None
    context = {"problem": problem, "sent": request.method == "POST", "token": found}
    response = render(request, "generation/visit_refused.html", context, status=status)
    response.headers["Retry-After"] = str(seconds)
    return response


@_where_offered
def begin(request: HttpRequest) -> HttpResponse:
    """The form, and what was sent with it: a page of its own for the piece, or words for what stands in the way.

    A try is counted before the picture is decoded, and verified as every picture is. What was sent has arrived by then;
    how large it may be, the web server in front decides (deploy/nginx).
    """
    if request.method != "POST":
        return _render_form(request, VisitForm())
    form = VisitForm(request.POST, request.FILES)
    if not form.is_valid():  # nothing that could be made came, and nobody has asked yet
        return _render_form(request, form, 400)
    data = form.cleaned_data["file"].read()
    composer, emotion, target = form.cleaned_data["composer"], form.chosen_emotion(), form.chosen_target()

    def look() -> tuple[Wanted, bytes]:
        picture = take_in(data, longest_side=visits.LONGEST_SIDE)
        return Wanted(emotion, composer, TYPES[picture.extension], target), picture.data

    try:
        return _have_made(request, _digest(data, composer, emotion, target), look)
    except PictureRefused as error:
        form.add_error("file", str(error))
        return _render_form(request, form, 400)


@pressed_on("visit", "token")
@_where_offered
def again(request: HttpRequest, token: str) -> HttpResponse:
    """Another piece for the picture of a visit, and for the same emotion or place: another seed. It counts as a try."""
    found, picture = visits.find(token), visits.read_file(token, "picture")
    if found is None or picture is None:
        return render(request, "generation/visit_gone.html", status=404)
    return _have_made(request, _digest(token), lambda: (found.wanted, picture))


def _digest(*sent: object) -> str:
    return hashlib.sha256(repr(sent).encode()).hexdigest()


def _have_made(request: HttpRequest, asked: str, look: Callable[[], tuple[Wanted, bytes]]) -> HttpResponse:
    """Count a try, `look` at what is wanted, keep it and tell a worker; of a double click the second is led along."""
    address = client_address(request)
    try:
        counted = visits.count_try(address, asked)
        wanted, picture = look()
        visit = _begin(wanted, picture, counted, address, asked)
    except AlreadyAsked as error:
        return redirect("visit", error.token)
    except TooManyVisits as error:
        return _refuse(request, str(error), TOO_MANY, error.seconds)
    if not tasks.send(tasks.make_visitors_piece, [visit.token]):
        visits.drop(visit.token)
        visits.give_back(counted)
        return _refuse(request, CANNOT_BE_MADE, AWAY, AWAY_SECONDS)
    return redirect("visit", visit.token)


def _begin(wanted: Wanted, picture: bytes, counted: list[str], address: str, asked: str) -> Visit:
    try:
        return visits.begin(wanted, picture, address=address, asked=asked)
    except (AlreadyAsked, Busy, redis.RedisError):  # others came while the picture was looked at, or there is no room
        with suppress(redis.RedisError):
            visits.give_back(counted)
        raise


def _render_form(request: HttpRequest, form: VisitForm, status: int = 200) -> HttpResponse:
    context = {"form": form, **emotions_on_pad()}
    return render(request, "generation/visit_begin.html", context, status=status)


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
    return send_bytes(request, data, visits.FILES[name] or found.wanted.picture_type)

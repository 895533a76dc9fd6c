"""The page to play with: a picture, its emotions, three sliders, and a piece within seconds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from generation import actions, queries
from generation.actions import RunRefused
from generation.emotions import emotions_on_pad
from generation.forms import SketchForm, SketchPictureForm
from generation.images.intake import PictureRefused
from generation.models import PairVersion, SourceImage
from generation.templatetags.measures import candidates_of
from generation.templatetags.seeing import pad_read, point_words
from generation.views import visitors
from generation.views.access import RESEARCH_PERMISSION, never_stored, wants_json
from generation.views.selection import read_ids
from generation.views.states import state_of
from melodymuse_site.buttons import pressed_on

RECENT = 6
TAKES = 12


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Begin with a picture: anyone with a login, and visitors where the site offers it to them."""
    if settings.PUBLIC_CREATE and not request.user.is_authenticated:
        return visitors.begin(request)
    return _begin(request)


@login_required
def _begin(request: HttpRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = SketchPictureForm(request.POST, request.FILES) if sent else SketchPictureForm()
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            picture = actions.add_sketch_picture(data=file.read(), filename=file.name, by=request.user)
        except PictureRefused as error:
            form.add_error("file", str(error))
        else:
            return redirect("create_from", picture.public_id)
    context = {"form": form, "recent": queries.sketches_of(request.user).defer("notes")[:RECENT]}
    return render(request, "generation/create.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create_from(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One picture and its controls; a POST asks for a piece. `?clip=` shows one of the person's own."""
    picture = get_object_or_404(SourceImage, public_id=public_id)
    shown = _chosen_clip(request, picture)
    form = SketchForm(request.POST if request.method == "POST" else None, picture=picture, like=shown)
    if request.method == "POST" and form.is_valid():
        if form.must_wait():
            if wants_json(request):
                waiting = form.words_of_waiting(by_itself=True)
                return JsonResponse({"waiting": waiting, "again": not form.hopeless}, status=202)
            context = _context(request, form, shown, form.words_of_waiting())
            return render(request, "generation/create_from.html", context)
        try:
            version = _sketch(request, form)
        except RunRefused as error:
            if wants_json(request) and isinstance(error, actions.TooManySketches):
                return JsonResponse({"waiting": str(error), "busy": True}, status=202)
            form.add_error(None, str(error))
        else:
            return _answer_asked(request, version)
    if form.errors and wants_json(request):
        said = [text for texts in form.errors.values() for text in texts]
        return JsonResponse({"errors": said}, status=400)
    return render(
        request, "generation/create_from.html", _context(request, form, shown), status=400 if form.errors else 200
    )


def _context(request: HttpRequest, form: SketchForm, clip: PairVersion | None, waiting: str = "") -> dict[str, Any]:
    return {
        "picture": form.picture,
        "form": form,
        "clip": clip,
        "waiting": waiting,
        "point": form.point.as_target() if form.point else {},
        **emotions_on_pad(),
        "recent": queries.sketches_of(request.user).filter(pair__image=form.picture)[:TAKES],
    }


def _sketch(request: HttpRequest, form: SketchForm) -> PairVersion:
    return actions.sketch(
        picture=form.picture,
        emotion=form.chosen_emotion(),
        target=form.chosen_target(),
        composer=form.cleaned_data["composer"],
        seed=form.cleaned_data["seed"],
        quick=form.cleaned_data["quick"],
        by=request.user,
    )


def _page_of(version: PairVersion) -> str:
    return f"{reverse('create_from', args=[version.pair.image.public_id])}?clip={version.public_id}"


def _answer_asked(request: HttpRequest, version: PairVersion) -> HttpResponse:
    if not wants_json(request):
        return redirect(_page_of(version))
    state = reverse("create_clip", args=[version.public_id])
    answer = {"clip": str(version.public_id), "state": state, "page": _page_of(version), "seed": version.run.seed}
    return JsonResponse(answer, status=201)


def _chosen_clip(request: HttpRequest, picture: SourceImage) -> PairVersion | None:
    ids = read_ids([request.GET.get("clip", "")])
    clip = _visible(request, ids[0]) if ids else None
    return clip if clip and clip.pair.image_id == picture.pk else None


def _visible(request: HttpRequest, public_id: UUID) -> PairVersion | None:
    """The clip, if it is the person's own or the person is a researcher."""
    version = queries.pair_version_detail(public_id)
    if version is None:
        return None
    own = version.run.requested_by_id == request.user.pk
    return version if own or request.user.has_perm(RESEARCH_PERMISSION) else None


def _visible_or_404(request: HttpRequest, public_id: UUID) -> PairVersion:
    version = _visible(request, public_id)
    if version is None:
        raise Http404
    return version


@require_safe
@login_required
@never_stored
def label(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """The picture's label as the page's fragment, the choices that follow from it, and where the sliders go."""
    picture = get_object_or_404(SourceImage, public_id=public_id)
    form = SketchForm(picture=picture)
    answer: dict[str, Any] = {
        "done": bool(picture.probabilities or picture.labelling_error),
        "html": render_to_string("generation/_reading.html", {"picture": picture}),
        "wanted": render_to_string("generation/_wanted.html", {"form": form}),
        "implied": form.point.as_target() if form.point else {},
        "pad": render_to_string("generation/_pad_read.html", pad_read(form.point)),
        "place": point_words(form.point),
    }
    return JsonResponse({str(picture.public_id): answer})


@require_safe
@login_required
@never_stored
def clip(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """How far a piece is; with its player and roll once it is ready."""
    version = _visible_or_404(request, public_id)
    answer = state_of(version)
    if version.status == PairVersion.Status.READY:
        answer["html"] = render_to_string("generation/_sketch.html", {"version": version}, request)
        answer["take"] = render_to_string("generation/_take.html", {"version": version}, request)
        answer["candidates"] = candidates_of(version)
    return JsonResponse(answer)


@pressed_on("create")
@login_required
def keep(request: HttpRequest, public_id: UUID) -> HttpResponse:
    version = _visible_or_404(request, public_id)
    actions.send_to_library(version=version, by=request.user)
    messages.success(request, "The pair is in the library now.")
    return redirect(_page_of(version))

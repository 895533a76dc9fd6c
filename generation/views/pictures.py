"""The picture library: upload, labels, one picture."""

from __future__ import annotations

import logging
from copy import copy
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from generation import actions, queries
from generation.actions import EditRefused
from generation.forms import EMOTION_CHOICES, EmotionListForm, PictureFilterForm, PictureForm, UploadForm
from generation.images.intake import MAX_BYTES, PictureRefused
from generation.models import SourceImage
from generation.views.access import for_researchers, never_stored, wants_json
from generation.views.selection import read_ids
from melodymuse_site.buttons import pressed_on

logger = logging.getLogger(__name__)
PER_PAGE = 48
MOST_ASKED_AT_ONCE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@for_researchers
def pictures(request: HttpRequest) -> HttpResponse:
    """The library as a grid; a POST adds pictures."""
    upload = UploadForm()
    if request.method == "POST":
        upload = UploadForm(request.POST, request.FILES)
        if upload.is_valid():
            return _take_in_all(request, upload)
        if wants_json(request):
            return JsonResponse({"results": [_refusal("", next(iter(upload.errors.values()))[0])]}, status=400)
    filters = PictureFilterForm(request.GET)
    filters.is_valid()
    page = Paginator(queries.find_pictures(filters.cleaned_data), PER_PAGE).get_page(request.GET.get("page"))
    context = {"upload": upload, "filters": filters, "page": page, "filtered": any(filters.cleaned_data.values())}
    context |= {"listing": EmotionListForm(), "emotions": EMOTION_CHOICES}
    return render(request, "generation/pictures.html", context, status=400 if upload.errors else 200)


def _take_in_all(request: HttpRequest, upload: UploadForm) -> HttpResponse:
    results = [_take_in(file, upload, request) for file in upload.cleaned_data["files"]]
    if wants_json(request):
        return JsonResponse({"results": results})
    added = sum(result["outcome"] == "added" for result in results)
    if added:
        messages.success(request, f"{added} picture{'s' if added != 1 else ''} added. The network is labelling.")
    for result in results:
        if result["message"] != "Added.":
            level = messages.ERROR if result["outcome"] == "refused" else messages.WARNING
            messages.add_message(request, level, f"{result['file']}: {result['message']}")
    return redirect("pictures")


def _refusal(name: str, message: str) -> dict[str, str]:
    return {"file": name, "outcome": "refused", "message": message}


def _take_in(file: UploadedFile, upload: UploadForm, request: HttpRequest) -> dict[str, str]:
    """What became of one file, in words for the person who sent it."""
    name = file.name or "picture"
    if (file.size or 0) > MAX_BYTES:
        return _refusal(name, f"This file has {file.size / 2**20:.0f} MB; the limit is {MAX_BYTES // 2**20} MB.")
    try:
        picture, created = actions.add_picture(
            data=file.read(),
            filename=name,
            licence=upload.cleaned_data["licence"],
            attribution=upload.cleaned_data["attribution"],
            by=request.user,
        )
    except PictureRefused as error:
        return _refusal(name, str(error))
    except OSError:
        logger.exception("%s could not be stored", name)
        return _refusal(name, "It could not be stored; the next file was tried. Send it again later.")
    outcome, message = (
        ("added", _say_added(picture)) if created else ("known", f"Already in the library as “{picture}”.")
    )
    return {"file": name, "outcome": outcome, "message": message, "url": picture.get_absolute_url()}


def _say_added(picture: SourceImage) -> str:
    """What is said of a new picture; a file's name becomes its title, which only researchers see."""
    if picture.told_by_title:
        return f"Added. Its title names an emotion: {picture.told_by_title}; participants never see titles."
    return "Added."


@require_safe
@for_researchers
@never_stored
def labels(request: HttpRequest) -> JsonResponse:
    """The labels of the pictures asked for, as the page's own fragments; `whole` adds plane and reasons."""
    template = "generation/_reading.html" if "whole" in request.GET else "generation/_label_short.html"
    asked = read_ids(request.GET.getlist("picture")[:MOST_ASKED_AT_ONCE])
    found = queries.pictures_with_counts().filter(public_id__in=asked)
    return JsonResponse(
        {
            str(picture.public_id): {
                "done": bool(picture.probabilities or picture.labelling_error),
                "html": render_to_string(template, {"picture": picture}, request),
            }
            for picture in found
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_researchers
def picture(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One picture: what it shows, what was made of it; a POST changes its description, if it is one's own."""
    shown = get_object_or_404(queries.pictures_with_counts(), public_id=public_id)
    if request.method != "POST":
        return _show_picture(request, shown, PictureForm(instance=shown))
    form = PictureForm(request.POST, instance=copy(shown))
    if not queries.may_edit_picture(request.user, shown):
        messages.error(request, EditRefused.message)
        return _show_picture(request, shown, form, status=403)
    if not form.is_valid():
        return _show_picture(request, shown, form, status=400)
    _say_saved(request, actions.edit_picture(picture=shown, by=request.user, **form.cleaned_data))
    return redirect(shown)


def _show_picture(request: HttpRequest, shown: SourceImage, form: PictureForm, status: int = 200) -> HttpResponse:
    versions = queries.gallery({"picture": str(shown.public_id)})[:200]
    editable = queries.may_edit_picture(request.user, shown)
    context = {"picture": shown, "form": form if editable else None, "versions": versions}
    return render(request, "generation/picture.html", context, status=status)


def _say_saved(request: HttpRequest, changed: SourceImage) -> None:
    if changed.told_by_description:
        messages.warning(
            request,
            f"Saved. The description names an emotion: {changed.told_by_description}. Participants of new studies "
            "are told only that there is a picture.",
        )
    else:
        messages.success(request, "Saved.")


@pressed_on("picture", "public_id")
@for_researchers
def relabel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(SourceImage, public_id=public_id)
    actions.relabel_picture(picture=found, by=request.user)
    messages.success(request, "The network is labelling this picture again.")
    return redirect(found)

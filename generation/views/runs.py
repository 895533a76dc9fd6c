"""Runs: asking for music, watching it being made, stopping, trying again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from generation import actions, queries
from generation.actions import RunRefused
from generation.emotion_lists import Matched, write_list
from generation.emotions import SLUGS, get_emotion
from generation.forms import EMOTION_CHOICES, EmotionListForm, RegenerateForm, RunForm, RunSizeForm
from generation.models import IN_FRONT, GenerationRun, SourceImage
from generation.views.access import for_researchers, never_stored, wants_json
from generation.views.selection import chosen_pictures, pictures_by_key
from generation.views.states import state_of
from melodymuse_site.buttons import pressed_on

PER_PAGE = 50


@require_safe
@for_researchers
def runs(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.runs_with_counts(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "generation/runs.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@for_researchers
def new_run(request: HttpRequest) -> HttpResponse:
    """The form of a run. Pictures come by GET or POST (a long selection fits no address); `start` starts it.

    A CSV list may come along: it sets emotions of these pictures, or chooses the pictures where none came. `accept`
    and `set_many` fill in emotions, `template` answers with what is filled in as a list, and the page's script is told
    how large the run is.
    """
    if request.method == "POST" and wants_json(request):
        return _say_size(request)
    sent = request.POST if request.method == "POST" else request.GET
    pictures = chosen_pictures(sent.getlist("picture"))
    listing, listed = EmotionListForm(), Matched()
    if EmotionListForm.is_sent(request.POST, request.FILES):
        listing = EmotionListForm(request.POST, request.FILES, pictures=pictures)
        if listing.is_valid():
            listed, listing = listing.matched, EmotionListForm()
            pictures = pictures or pictures_by_key(listed.emotions)
    elif not pictures:
        why = "Choose the pictures first: tick them here, then press “Make music for the selected pictures”."
        messages.warning(request, why)
        return redirect("pictures")
    data = _with_list(request.POST, listed.emotions)
    level, told = _fill_in(data, pictures)
    if "template" in request.POST:
        return _answer_list(RunForm(pictures=pictures, initial=_as_initial(data)))
    starts = "start" in request.POST and not listing.errors
    may_front = request.user.is_superuser
    form = RunForm(data if starts else None, pictures=pictures, initial=_as_initial(data), may_front=may_front)
    if starts and form.is_valid():
        try:
            run = _start(request, form)
        except RunRefused as error:
            form.add_error(None, str(error))
        else:
            return redirect(run)
    context = {"form": form, "listing": listing, "listed": listed, "told": told, "emotions": EMOTION_CHOICES}
    context["level"] = level
    context["many"] = request.POST.getlist("many")
    return render(request, "generation/run_new.html", context, status=400 if form.errors or listing.errors else 200)


def _with_list(sent: QueryDict, emotions: Mapping[int, str]) -> QueryDict:
    """What was sent, with the emotions of the list in the pictures' fields."""
    data = sent.copy()
    for pk, slug in emotions.items():
        data[RunForm.emotion_name(pk)] = slug
    return data


def _as_initial(data: QueryDict) -> dict[str, Any]:
    """What was sent, to fill the form in again; no composer is chosen where all were taken away."""
    initial: dict[str, Any] = data.dict()
    if "composer" in data or "seeds_per_picture" in data:
        initial["composer"] = data.getlist("composer")
        initial["cues"] = data.getlist("cues")
    return initial


def _fill_in(data: QueryDict, pictures: Sequence[SourceImage]) -> tuple[str, str]:
    """Fill what is empty of `data` with the network's guesses, or set one emotion for the pictures chosen.

    Returns the level of what is told of it, as messages are styled, and what that is.
    """
    if "accept" in data:
        empty = [one for one in pictures if data.get(RunForm.emotion_name(one)) not in SLUGS]
        guesses = {one.pk: guess for one in empty if (guess := queries.top_emotion(one))}
        for pk, slug in guesses.items():
            data[RunForm.emotion_name(pk)] = slug
        return (
            "success",
            f"The network's emotion is filled in for {_say_pictures(len(guesses))}; what was chosen stays.",
        )
    if "set_many" not in data and not data.get("intended"):
        return "", ""
    many = set(data.getlist("many")) if "set_many" in data else {str(one.public_id) for one in pictures}
    slug = data.get("many_emotion" if "set_many" in data else "intended", "")
    chosen = [one for one in pictures if str(one.public_id) in many]
    if slug not in SLUGS or not chosen:
        return "warning", "Nothing was set: choose pictures by their boxes, and the emotion to set for them."
    for one in chosen:
        data[RunForm.emotion_name(one)] = slug
    return "success", f"{get_emotion(slug).label} is set for {_say_pictures(len(chosen))}."


def _say_pictures(number: int) -> str:
    return f"{number} picture{'' if number == 1 else 's'}"


def _answer_list(form: RunForm) -> HttpResponse:
    """What is filled in as a CSV list, to be mended elsewhere and sent back."""
    emotions = {picture.pk: field.value() for picture, field in form.rows() if field.value() in SLUGS}
    unsure = {picture.pk for picture in form.guessed()}
    text = write_list(queries.picture_names(form.pictures), emotions, unsure, queries.picture_names())
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="emotions.csv"'
    return response


MOST_DIGITS = 6


def _say_size(request: HttpRequest) -> JsonResponse:
    number = request.POST.get("pictures", "")
    pictures = int(number) if number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS else 0
    return JsonResponse({"words": RunSizeForm(request.POST).describe_size(pictures)})


def _start(request: HttpRequest, form: RunForm) -> GenerationRun:
    return actions.request_runs(
        beside=form.chosen_beside(),
        pictures=form.pictures,
        emotions=form.chosen_emotions(),
        guesses=[picture.pk for picture in form.guessed()],
        composer=tuple(form.cleaned_data["composer"]),
        seeds_per_picture=form.cleaned_data["seeds_per_picture"],
        seed=form.cleaned_data["seed"],
        reason=form.cleaned_data["reason"],
        options={IN_FRONT: True} if form.cleaned_data.get("in_front") else None,
        attribute_targets=form.chosen_targets(),
        cues=form.chosen_cues(),
        by=request.user,
    )


@require_safe
@for_researchers
def run(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _find(public_id)
    context = {
        "run": found,
        "progress": queries.run_progress(found),
        "regenerate": RegenerateForm(),
        "targets": queries.targets_of_run(found),
    }
    return render(request, "generation/run.html", context)


@require_safe
@for_researchers
@never_stored
def progress(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """How far a run is: counts, and every row as the page's own fragment with a key that tells a change."""
    now = queries.run_progress(_find(public_id))
    return JsonResponse(
        {
            "finished": now.finished,
            "total": now.total,
            "is_finished": now.is_finished,
            "counts": now.counts,
            "rows": [state_of(version) for version in now.versions],
        }
    )


@require_safe
@for_researchers
@never_stored
def pace(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """A run in figures, for whoever watches a large one from outside: a few queries, however many pairs it has."""
    found = queries.run_pace(_find(public_id), timezone.now())
    return JsonResponse(
        {**found.counts, "pairs_per_minute": found.pairs_per_minute, "expected_end": found.expected_end}
    )


def _find(public_id: UUID) -> GenerationRun:
    return get_object_or_404(GenerationRun.objects.select_related("requested_by"), public_id=public_id)


@pressed_on("run", "public_id")
@for_researchers
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _find(public_id)
    number = actions.cancel_run(run=found, by=request.user)
    messages.success(request, f"{number} cancelled." if number else "Nothing was waiting any more.")
    return redirect(found)


@pressed_on("run", "public_id")
@for_researchers
def retry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    found = _find(public_id)
    number = actions.retry_failed(run=found, by=request.user)
    messages.success(request, f"{number} queued again." if number else "Nothing has failed.")
    return redirect(found)


@pressed_on("run", "public_id")
@for_researchers
def retry_parked(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """For administrators: whoever tries again what failed three times has read why."""
    if not request.user.is_superuser:
        raise PermissionDenied
    found = _find(public_id)
    number = actions.retry_parked(run=found, by=request.user)
    messages.success(request, f"{number} queued again." if number else "Nothing is parked.")
    return redirect(found)

"""Blind listening: pairs of a played and a composed clip, one after the other, and what all answers say."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from generation import actions, queries
from generation.actions import LEAST_HEARD_SECONDS, ListeningRefused
from generation.forms import ListeningForm, PairAnswerForm
from generation.listening.excerpt import first_seconds
from generation.models import ListeningSeries
from generation.views.access import for_researchers, never_stored
from melodymuse_site.buttons import pressed_on
from melodymuse_site.byte_ranges import send_bytes
from melodymuse_site.spreadsheets import guard

log = logging.getLogger(__name__)
FEWEST_FOR_HITS = 10
"""With fewer answers, how many were right would tell of single clips which one was played."""
COLUMNS = (
    *("series", "listener", "composer", "version", "system", "pair", "played_clip", "composed_clip"),
    *(
        "played_emotion",
        "composed_emotion",
        "played_from_midi",
        "played_is_first",
        "heard_before",
        "chosen",
        "found_played",
    ),
    *("preferred", "prefers_played", "first_seconds", "second_seconds", "answered_at"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_stored
def listen(request: HttpRequest) -> HttpResponseBase:
    """The next pair of a series that runs; else the results so far, and the form that begins one."""
    running = queries.running_series(request.user)
    if running is not None:
        return redirect("listen") if request.method == "POST" else _show_pair(request, running)
    form = ListeningForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _start(request, form)
        except ListeningRefused as error:
            form.add_error(None, str(error))
        else:
            return redirect("listen")
    context = {"form": form, "results": queries.what_was_heard(), **_own(request)}
    return render(request, "generation/listen.html", context, status=400 if form.errors else 200)


def _start(request: HttpRequest, form: ListeningForm) -> None:
    composer, version = form.composer_and_version()
    wanted = form.cleaned_data["pairs"]
    series = actions.start_listening(
        composer=composer, version=version, system=form.cleaned_data["system"], pairs=wanted, by=request.user
    )
    drawn = series.trials.count()
    if drawn < wanted:
        messages.info(request, f"There are clips for {drawn} pairs; no clip comes twice.")


def _own(request: HttpRequest) -> dict[str, Any]:
    """How the person did in the series that they ended last."""
    last = queries.last_series(request.user)
    if last is None:
        return {}
    own = list(queries.listening_answers().filter(trial__series=last))
    found = sum(one.found_played for one in own) if len(own) >= FEWEST_FOR_HITS else None
    return {"last": last, "own_answers": len(own), "own_found": found, "fewest_for_hits": FEWEST_FOR_HITS}


def _show_pair(request: HttpRequest, series: ListeningSeries) -> HttpResponse:
    trial = queries.next_pair(series)
    if trial is None:
        raise Http404
    total = series.trials.count()
    # Tokens and numbers of the series alone: what else the trial knows must not reach the browser.
    context = {
        "pair": trial.token,
        "clips": [("first", "First clip", trial.first_token), ("second", "Second clip", trial.second_token)],
        "position": trial.position,
        "total": total,
        "answered": trial.position - 1,
        "least_heard": LEAST_HEARD_SECONDS,
    }
    return render(request, "generation/listen_pair.html", context)


@pressed_on("listen")
@login_required
def answer(request: HttpRequest) -> HttpResponse:
    form = PairAnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
        return redirect("listen")
    sent = form.cleaned_data
    try:
        actions.answer_pair(
            token=sent["pair"],
            chosen=sent["chosen"],
            preferred=sent["preferred"],
            seconds=[sent["first_seconds"], sent["second_seconds"]],
            by=request.user,
        )
    except ListeningRefused as error:
        messages.error(request, str(error))
    else:
        if queries.running_series(request.user) is None:
            messages.success(request, "That was the last pair; all answers are stored. Thank you.")
    return redirect("listen")


@pressed_on("listen")
@login_required
@never_stored
def stop(request: HttpRequest) -> HttpResponse:
    """Ask once, as one press would end a series that may be of an hour; then stop it."""
    running = queries.running_series(request.user)
    if running is None:  # it was stopped, or its last pair answered, on another page
        messages.info(request, "No series of yours is running; what you answered is stored.")
        return redirect("listen")
    # About this one: a page that asked about another and was left open ends nothing.
    if request.POST.get("sure") != str(running.public_id):
        total, left = running.trials.count(), running.trials.filter(answer__isnull=True).count()
        context = {"series": running, "total": total, "left": left, "answered": total - left}
        return render(request, "generation/listen_stop.html", context)
    actions.stop_listening(series=running, by=request.user)
    messages.success(request, "The series is over; what you answered is stored and counts.")
    return redirect("listen")


@require_safe
@login_required
@never_stored
def clip(request: HttpRequest, token: str) -> HttpResponse:
    """The sound behind a secret token: without the file's name, its date, its ending or anything else that tells."""
    version = queries.clip_of_token(token, request.user)
    if version is None:
        raise Http404
    try:
        with default_storage.open(version.audio) as file:
            data = file.read()
    except FileNotFoundError as error:
        log.error("The file of clip %s is missing: %s.", version.public_id, version.audio)
        raise Http404 from error
    return send_bytes(request, first_seconds(data), "audio/mpeg")


@require_safe
@for_researchers
@never_stored
def answers_csv(request: HttpRequest) -> HttpResponse:
    """One row for every answer of everybody; not while a series of one's own runs."""
    if queries.running_series(request.user) is not None:
        messages.error(request, "Answers can be fetched when your own series is over.")
        return redirect("listen")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="listening-answers.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    writer.writerows(_rows())
    return response


def _rows() -> Iterator[list[Any]]:
    for stored in queries.listening_answers():
        trial = stored.trial
        facts = {
            "series": trial.series.public_id,
            "listener": trial.series.listener_key,
            "composer": trial.series.composer,
            "version": trial.series.version,
            "system": trial.series.system,
            "pair": trial.position,
            "played_clip": trial.played.public_id,
            "composed_clip": trial.composed.public_id,
            "played_emotion": trial.played.pair.emotion.slug,
            "composed_emotion": trial.composed.pair.emotion.slug,
            "played_from_midi": _yes_no(bool(trial.played.midi)),
            "played_is_first": _yes_no(trial.played_is_first),
            "heard_before": _yes_no(trial.heard_before),
            "chosen": stored.chosen,
            "found_played": _yes_no(stored.found_played),
            "preferred": stored.preferred,
            "prefers_played": _yes_no(stored.prefers_played),
            "first_seconds": _number(stored.first_seconds),
            "second_seconds": _number(stored.second_seconds),
            "answered_at": stored.answered_at.isoformat(),
        }
        yield [guard(str(facts[name])) for name in COLUMNS]


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "true" if value else "false"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"

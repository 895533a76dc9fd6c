"""Who is visiting a study: the participation behind the cookie, its language, its next page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language_from_request, override

from melodymuse_site.byte_ranges import has_end, send_bytes
from survey.actions import note_sent
from survey.forms.participant import is_of_somebody_else, issue_ticket, mark_of
from survey.models import Participant, Study
from survey.queries import find_participation, may_edit, next_step
from survey.queries.overview import minutes_to_tell
from survey.recruiting import Sent, sign_outside_id

COOKIE = "participation"
# The cookie after somebody ended in laboratory mode: no participation has such a token.
LEFT = "left"
# In the address after a form was sent that belonged to another person.
ANOTHERS = "anothers"
FORM_METHODS = ["GET", "HEAD", "POST"]
COOKIE_DAYS = 60
View = Callable[..., HttpResponse]


def find_visitor(request: HttpRequest, slug: str) -> Participant | None:
    """Whose browser this is, in the study at `slug`."""
    return admit(request, find_participation(slug, request.COOKIES.get(COOKIE, "")))


def admit(request: HttpRequest, participant: Participant | None) -> Participant | None:
    """A preview is for those who may change the study, at any time of it; for others it is not there."""
    if participant is None or participant.kind != Participant.Kind.PREVIEW:
        return participant
    return participant if may_edit(request.user, participant.study) else None


def remember(response: HttpResponse, participant: Participant) -> HttpResponse:
    """Bind this browser to the participation. The cookie goes to this study's addresses only."""
    return _set_cookie(response, participant.study.slug, participant.token)


def _set_cookie(response: HttpResponse, slug: str, value: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        value,
        max_age=COOKIE_DAYS * 86_400,
        path=f"/study/{slug}/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def clear_in_laboratory(response: HttpResponse, participant: Participant) -> HttpResponse:
    """Where one person comes after the other, a participation that ended is shown once: the browser knows it no more.

    What it keeps is that somebody was here, so that the next one is asked.
    """
    ended = participant.outcome != Participant.Outcome.ACTIVE and not participant.is_test
    if not ended or participant.study.next_person != Study.NextPerson.LABORATORY:
        return response
    return _set_cookie(response, participant.study.slug, LEFT)


def has_been_left(request: HttpRequest) -> bool:
    """Whether somebody ended in this browser, of whom it knows nothing more."""
    return request.COOKIES.get(COOKIE) == LEFT


def forget(response: HttpResponse, slug: str) -> HttpResponse:
    """Bind this browser to nobody."""
    response.delete_cookie(COOKIE, path=f"/study/{slug}/", samesite="Lax")
    return response


def choose_language(request: HttpRequest, study: Study) -> str:
    """What the visitor asked for, else what the browser prefers, where the study speaks it."""
    asked = request.GET.get("language", "")
    if study.speaks(asked):
        return asked
    return study.spoken(get_language_from_request(request))


def go_to_next(participant: Participant, *, trials_left: bool | None = None) -> HttpResponse:
    return redirect(f"study_{next_step(participant, trials_left=trials_left)}", slug=participant.study.slug)


def send_on(participant: Participant) -> HttpResponse:
    """Whoever sends a page of somebody else comes to where this browser's person is, and is told so there."""
    response = go_to_next(participant)
    response.headers["Location"] += f"?page={ANOTHERS}"
    return response


def show(request: HttpRequest, name: str, context: dict[str, Any], *, language: str, status: int = 200) -> HttpResponse:
    """A participant's page in their language, never kept by any cache: Back asks again."""
    with override(language):
        response = render(request, f"survey/participant/{name}.html", context, status=status)
    return as_page(response, language)


def as_page(response: HttpResponse, language: str) -> HttpResponse:
    """What every page of a participant says of itself."""
    add_never_cache_headers(response)
    response.headers["Content-Language"] = language
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def show_start(
    request: HttpRequest,
    study: Study,
    sent: Sent | None = None,
    *,
    preview: bool = False,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The first page: for whoever `sent` names, or for those who try the study out."""
    language = choose_language(request, study)
    sent = sent or Sent()
    if sent.missing:
        return show(request, "missing", {"study": study, "missing": sent.missing}, language=language, status=400)
    context = {
        "study": study,
        "wording": study.wording(language),
        "ticket": issue_ticket(study),
        "language": language,
        "languages": study.spoken_languages,
        "sent": sent,
        "signature": sign_outside_id(study, sent.outside_id) if sent.vouched else "",
        "pilot": request.GET.get("pilot", "")[:200],
        "preview": preview,
        "problem": problem,
        "minutes": minutes_to_tell(study) if study.is_draft else study.minutes_told,
    }
    return show(request, "start", context, language=language, status=status)


def show_step(
    request: HttpRequest, name: str, participant: Participant, status: int = 200, **context: object
) -> HttpResponse:
    study = participant.study
    language = study.spoken(participant.language)
    base = {
        "study": study,
        "participant": participant,
        "wording": study.wording(language),
        "preview": participant.kind == Participant.Kind.PREVIEW,
        "mark": mark_of(participant),
        "sent_on": request.method == "GET" and request.GET.get("page") == ANOTHERS,
        "resume_url": request.build_absolute_uri(reverse("study_resume", args=[study.slug, participant.token])),
    }
    return show(request, name, {**base, **context}, language=language, status=status)


def send_sound(request: HttpRequest, participant: Participant, name: str, data: bytes) -> HttpResponse:
    """A sound of a test, whole or in parts. When its end is first sent is remembered: nobody hears it before.

    The address is the same for everybody, the sound is not: no browser keeps it for the next person.
    """
    response = send_bytes(request, data, "audio/wav")
    response.headers["Cache-Control"] = "private, no-store"
    if request.method == "GET" and has_end(response, len(data)):
        note_sent(participant=participant, sound=name)
    return response


def taking_part(step: str) -> Callable[[View], View]:
    """Let a view run only for a participant who belongs on the page `step`; others go where they belong.

    Two people may have tabs of one browser open: a form from the page of another one than the browser's is not taken.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str) -> HttpResponse:
            participant = find_visitor(request, slug)
            if participant is None:
                return redirect("study_start", slug=slug)
            if is_of_somebody_else(request.POST, participant):
                return send_on(participant)
            if next_step(participant) != step:
                return go_to_next(participant)
            return view(request, participant)

        return guarded

    return decorate

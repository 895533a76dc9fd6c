"""Who may read what by program: a token in a header, the rights that its owner has now, and so often a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from survey.actions import ActionRefused, Gone, note_reading
from survey.models import ApiToken, Study
from survey.queries import find_api_token, studies_of_token
from survey.views.api.problems import Refused

MINUTE = 60
METHODS = ("GET", "HEAD")
IN_ADDRESS = ("token", "access_token", "api_key", "key")
"""How people write a token into an address."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may stand behind the question mark of an address."""

    name: str
    says: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address: what it gives and what it takes. `schema` names what stands in its JSON."""

    name: str
    path: str
    view: Callable[..., HttpResponseBase]
    says: str
    schema: str
    parameters: tuple[Parameter, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    """Further media types, each with what it holds."""
    results: bool = False
    """Whether it tells what the study finds, which is hidden while the study runs."""
    may_wait: bool = False
    is_polled: bool = False
    """Whether programs ask for it again and again: it tells no result, and is not counted as read."""

    @property
    def of_study(self) -> bool:
        return "<slug:slug>" in self.path


def guard(endpoint: Endpoint) -> Callable[..., HttpResponseBase]:
    """The view of an endpoint: what it refuses is a problem, and nothing that it gives is kept or sets a cookie."""

    @csrf_exempt  # nothing is changed, and no cookie is looked at
    def view(request: HttpRequest, **given: Any) -> HttpResponseBase:
        try:
            response = _answer(endpoint, request, given)
        except Refused as refused:
            response = refused.response
        except Http404:
            response = Refused(404, f"There is no such thing here. {where(request)}").response
        except ActionRefused as refused:
            response = Refused(409, str(refused)).response
        return seal(response)

    return view


def seal(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Authorization, Accept"
    return response


@csrf_exempt  # whatever the method is, the answer is a problem
def missing(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Whatever is no address of the API."""
    return seal(Refused(404, f"The API has no such address. {where(request)}").response)


def where(request: HttpRequest) -> str:
    return f"{request.build_absolute_uri(reverse('api_openapi'))} lists every address."


def _answer(endpoint: Endpoint, request: HttpRequest, given: dict[str, Any]) -> HttpResponseBase:
    if request.method not in METHODS:
        allowed = ", ".join(METHODS)
        raise Refused(405, f"The API only reads: send {allowed}.", headers={"Allow": allowed})
    token = _token_of(request)
    _throttle(token)
    _check_names(endpoint, request)
    study = _study_of(endpoint, token, given.pop("slug", None))
    try:
        if not endpoint.is_polled:
            note_reading(key=token, study=study, kind=endpoint.name)
    except Gone:  # the token revoked, or the study removed, between the look and the note
        if find_api_token(_secret_of(request)) is not None:
            raise Http404 from None
        raise _unknown(request) from None
    parts = {"study": study} if study else {"token": token}
    return endpoint.view(request, **parts, **given)


def _token_of(request: HttpRequest) -> ApiToken:
    if any(name in request.GET for name in IN_ADDRESS):
        raise Refused(
            400,
            "A token never stands in an address, which logs and histories keep: revoke this one, make another, and "
            "send it as a header, Authorization: Bearer <token>.",
        )
    secret = _secret_of(request)
    if not secret:
        raise Refused(
            401,
            f"Send a header, Authorization: Bearer <token>. Tokens are made at {_page(request)}.",
            headers={"WWW-Authenticate": 'Bearer realm="MelodyMuse"'},
        )
    token = find_api_token(secret)
    if token is None:
        raise _unknown(request)
    return token


def _secret_of(request: HttpRequest) -> str:
    """What stands in the header; empty where there is none, or none of this kind."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _unknown(request: HttpRequest) -> Refused:
    """The same of every token that opens nothing, whatever the reason is."""
    return Refused(
        401,
        "This token opens nothing: it is mistyped, revoked or past its date, or its owner's account is closed. "
        f"Look at {_page(request)}, or make another one there.",
        headers={"WWW-Authenticate": 'Bearer realm="MelodyMuse", error="invalid_token"'},
    )


def _page(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("api_tokens"))


def _throttle(token: ApiToken) -> None:
    """So many requests of one token a minute, as this process counts them."""
    now = time.time()
    key = f"api:{token.pk}:{int(now // MINUTE)}"
    cache.add(key, 0, 2 * MINUTE)
    try:
        number = cache.incr(key)
    except ValueError:  # thrown out in between, for room: it begins anew
        return
    if number > settings.API_REQUESTS_PER_MINUTE:
        seconds = max(1, round(MINUTE - now % MINUTE))
        raise Refused(
            429,
            f"This token has asked {settings.API_REQUESTS_PER_MINUTE} times within a minute. Wait {seconds} seconds; "
            "for all answers of a study one request is enough, with format=ndjson or format=csv.",
            headers={"Retry-After": str(seconds)},
        )


def _check_names(endpoint: Endpoint, request: HttpRequest) -> None:
    """A name that is misspelt would be passed over, and give something else than was asked for."""
    known = [parameter.name for parameter in endpoint.parameters]
    for name in request.GET:
        if name not in known:
            said = f"it takes {', '.join(known)}" if known else "it takes none"
            raise Refused(400, f"There is no parameter “{name[:40]}” at this address; {said}.")


def _study_of(endpoint: Endpoint, token: ApiToken, slug: str | None) -> Study | None:
    if slug is None:
        return None
    study = studies_of_token(token).filter(slug=slug).first()
    if study is None:
        raise Refused(
            404,
            "There is no such study, or this token may not read it: neither is told apart. "
            "Look at the list of studies, /api/v1/studies.",
        )
    if endpoint.results and not study.shows_results:
        raise Refused(
            403,
            "Results and answers are hidden while people take part: who sees them early may stop, exclude or recruit "
            "because of them. They are here when the study is closed, or when an owner or editor opens them on the "
            "results page, which the log keeps.",
        )
    return study

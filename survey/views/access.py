"""Who may open a study's pages: strangers log in, others see their own and shared studies only.

Results are read by others as well: by whoever holds a link that a researcher has made (`Reader`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from survey.actions import Gone, note_reading
from survey.models import ResultsLink, Study
from survey.queries import find_results_link, may_create, may_edit, studies_for, study_for
from survey.queries.access import with_results
from survey.recruiting import RECRUITERS, given_to_service

View = Callable[..., HttpResponse]
UNCOUNTED = frozenset({"making"})
"""What a page asks for by itself, again and again."""
REGENERATES = "generation.add_generationrun"
"""The right to have clips made anew, which not every member of a study has."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at the results of `study`: a member by their account, or whoever holds `link`, whose secret is known.

    A link shows the results, and nothing else: no answers to take away, no buttons, nobody's name. Views and templates
    ask the reader what they may show, and for the address of every page of the results.
    """

    user: Any
    study: Study
    link: ResultsLink | None = None
    secret: str = ""

    @property
    def is_member(self) -> bool:
        return self.link is None

    @property
    def may_edit(self) -> bool:
        return self.is_member and may_edit(self.user, self.study)

    @property
    def may_regenerate(self) -> bool:
        return self.is_member and bool(self.user.has_perm(REGENERATES))

    def address(self, page: str = "", *parts: Any) -> str:
        """The address of a page of the results (`survey.urls.readable`) as this reader opens it."""
        begin, key = ("results", self.study.slug) if self.is_member else ("shared", self.secret)
        return reverse(f"{begin}_{page}" if page else begin, args=[key, *parts])

    def studies_beside(self) -> QuerySet[Study]:
        """The studies whose results may stand beside this one's; for a link none but its own."""
        if self.is_member:
            return with_results(studies_for(self.user))
        return Study.objects.filter(pk=self.study.pk)


def of_study(*, edit: bool = False, results: bool = False, linked: bool = False) -> Callable[[View], View]:
    """Call the view with the study of the address. A study of others does not exist for whoever asks.

    With `results` the view tells what the study finds: while that is hidden, a page says so in its place. With `linked`
    whoever holds a link to the results may open it too, at an address below /shared/. `request.reader` says who reads.
    """

    def decorate(view: View) -> View:
        def show(request: HttpRequest, reader: Reader, parts: dict[str, Any]) -> HttpResponse:
            request.reader = reader  # type: ignore[attr-defined]
            if results and not reader.study.shows_results:
                return show_hidden(request, reader.study, status=403)
            return view(request, reader.study, **parts)

        @login_required
        def by_account(request: HttpRequest, slug: str, **parts: Any) -> HttpResponse:
            study = study_for(request.user, slug, edit=edit)
            if study is None:
                raise Http404
            return show(request, Reader(request.user, study), parts)

        def by_link(request: HttpRequest, secret: str, **parts: Any) -> HttpResponse:
            link = find_results_link(secret)
            try:
                if link is None:
                    raise Gone
                page = request.resolver_match.url_name.removeprefix("shared").lstrip("_")
                if page not in UNCOUNTED and link.study.shows_results:  # what is hidden is not read
                    note_reading(key=link, study=link.study, kind=page or "page")
            except Gone:
                return _seal(render(request, "survey/results/no_link.html", status=404))
            try:
                return _seal(show(request, Reader(request.user, link.study, link, secret), parts))
            except Http404:
                return _seal(render(request, "404.html", status=404))

        @wraps(view)
        def guarded(request: HttpRequest, **given: Any) -> HttpResponse:
            return by_link(request, **given) if linked and "secret" in given else by_account(request, **given)

        return guarded

    return decorate


def _seal(response: HttpResponse) -> HttpResponse:
    """The address is the key: no other site is told it, no search engine keeps it, and nothing keeps the page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def show_hidden(request: HttpRequest, study: Study, status: int = 200) -> HttpResponse:
    """Why there are no results yet, and the deliberate step to them."""
    reader = getattr(request, "reader", None) or Reader(request.user, study)
    request.reader = reader  # type: ignore[attr-defined]
    return render(request, "survey/results/hidden.html", {"study": study, "editable": reader.may_edit}, status=status)


def given_link(request: HttpRequest, study: Study) -> dict[str, str]:
    """What a researcher copies to let people in (`text`), and what to know about it (`note`; empty: a plain link)."""
    address = request.build_absolute_uri(reverse("study_start", args=[study.slug]))
    return {"text": given_to_service(study, address), "note": RECRUITERS[study.recruiter].note}


def for_creators(view: View) -> View:
    """Logged in and allowed to make studies."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not may_create(request.user):
            raise PermissionDenied
        return view(request)

    return login_required(guarded)

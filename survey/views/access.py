"""Who may open a study's pages: strangers log in, others see their own and shared studies only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from survey.models import Study
from survey.queries import may_create, may_edit, study_for
from survey.recruiting import RECRUITERS, given_to_service

View = Callable[..., HttpResponse]


def of_study(*, edit: bool = False, results: bool = False) -> Callable[[View], View]:
    """Call the view with the study of the address. A study of others does not exist for whoever asks.

    With `results` the view tells what the study finds: while that is hidden, a page says so in its place.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **parts: str) -> HttpResponse:
            study = study_for(request.user, slug, edit=edit)
            if study is None:
                raise Http404
            if results and not study.shows_results:
                return show_hidden(request, study, status=403)
            return view(request, study, **parts)

        return login_required(guarded)

    return decorate


def show_hidden(request: HttpRequest, study: Study, status: int = 200) -> HttpResponse:
    """Why there are no results yet, and the deliberate step to them."""
    context = {"study": study, "editable": may_edit(request.user, study)}
    return render(request, "survey/results/hidden.html", context, status=status)


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

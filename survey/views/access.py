"""Who may open a study's pages: strangers log in, others see their own and shared studies only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from survey.queries import may_create, study_for

View = Callable[..., HttpResponse]


def of_study(*, edit: bool = False) -> Callable[[View], View]:
    """Call the view with the study of the address. A study of others does not exist for whoever asks."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **parts: str) -> HttpResponse:
            study = study_for(request.user, slug, edit=edit)
            if study is None:
                raise Http404
            return view(request, study, **parts)

        return login_required(guarded)

    return decorate


def for_creators(view: View) -> View:
    """Logged in and allowed to make studies."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not may_create(request.user):
            raise PermissionDenied
        return view(request)

    return login_required(guarded)

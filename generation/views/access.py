"""Who may open the pages of generation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]
RESEARCH_PERMISSION = "generation.add_generationrun"


def for_researchers(view: View) -> View:
    """Strangers are asked to log in; a logged-in person without the permission is told so (403)."""
    return login_required(permission_required(RESEARCH_PERMISSION, raise_exception=True)(view))


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's own script asks, and not a person following a link."""
    return request.headers.get("Accept", "").split(",")[0].strip() == "application/json"


def never_stored(view: View) -> View:
    """Progress is asked for again and again; no cache may answer."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered

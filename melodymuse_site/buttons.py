"""Addresses that only take what a button sends: whoever opens one by a link is brought to the page with the button."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

View = Callable[..., HttpResponse]


def pressed_on(page: str, *parts: str) -> Callable[[View], View]:
    """Take POST alone. GET does nothing and leads to `page`, whose address has `parts` of this one.

    It happens where a session ran out between page and button: the login leads back to the address that was sent to.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **given: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **given)
            if request.method in ("GET", "HEAD"):
                return redirect(reverse(page, kwargs={name: given[name] for name in parts}))
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])

        return guarded

    return decorate

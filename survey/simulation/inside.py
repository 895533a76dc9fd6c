"""A simulated browser inside the process: pages are asked of the site's own code, without a network."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client

from survey.simulation.visitor import Timings, VisitFailed, Visitor


def any_host() -> str:
    """A host that the site answers to."""
    named = (host.lstrip(".") for host in settings.ALLOWED_HOSTS if host.strip("*"))
    return next(named, "localhost")


class InsideVisitor(Visitor):
    """One browser whose requests go through the site's middleware and views; `before` is called before each."""

    def __init__(self, before: Callable[[], None]) -> None:
        super().__init__(f"http://{any_host()}", Timings())
        self._before = before
        self._client = Client(SERVER_NAME=any_host(), raise_request_exception=False)

    def _request(
        self, method: str, address: str, values: dict[str, str] | None, extra: dict[str, str]
    ) -> tuple[int, str, bytes]:
        self._before()
        parts = urlsplit(address)
        response = self._client.generic(
            method,
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            urlencode(values or {}) if method == "POST" else "",
            content_type="application/x-www-form-urlencoded",
            secure=settings.HTTPS,
            headers={"User-Agent": "MelodyMuse simulate", **extra},
        )
        body = b"".join(response) if response.streaming else response.content
        if response.status_code >= 500:
            raise VisitFailed(f"{method} {parts.path}: status {response.status_code}")
        return response.status_code, response.headers.get("Location", ""), body

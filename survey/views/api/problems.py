"""What is wrong and what to do, for programs: RFC 9457."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "No valid token",
    403: "Hidden while the study runs",
    404: "Not found",
    405: "Only reading",
    406: "No such format",
    409: "Not possible now",
    429: "Too many requests",
    503: "The report is not there yet",
}


class Refused(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers or {}, more

    @property
    def response(self) -> JsonResponse:
        said = {
            "type": "about:blank",
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
        return JsonResponse(said, status=self.status, content_type=CONTENT_TYPE, headers=self.headers)

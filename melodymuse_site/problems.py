"""A sentence that says what is wrong and what to do: as a page for people, as JSON for scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, and not a person who reads pages."""
    return request.headers.get("Accept", "").split(",")[0].split(";")[0].strip() == "application/json"


def say_problem(request: HttpRequest, problem: str, status: int = 400) -> HttpResponse:
    """What is wrong and what to do, as JSON where JSON is asked for, else as a page; neither looks at the request."""
    if wants_json(request):
        return JsonResponse({"problem": problem}, status=status)
    return HttpResponse(render_to_string("400.html", {"problem": problem}), status=status)

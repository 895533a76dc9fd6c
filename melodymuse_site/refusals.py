"""What was refused is answered with a sentence, wherever it was asked for: never with an error page or a blank one."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render

from melodymuse_site import unavailable
from melodymuse_site.problems import wants_json
from melodymuse_site.turns import ActionRefused, Gone

logger = logging.getLogger(__name__)
CONFLICT = 409


class RefusalMiddleware:
    """Views say more where they can, on the page that was sent; this is for what nobody thought of there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return self._say_not_this_way(request, response)
        return response

    @staticmethod
    def _say_not_this_way(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if wants_json(request):
            said: HttpResponse = JsonResponse({"problem": "This address is not for that."}, status=response.status_code)
        else:
            said = render(request, "405.html", status=response.status_code)
        said.headers["Allow"] = response.headers["Allow"]
        return said

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ObjectDoesNotExist):  # read outside an action, and removed in between
            logger.warning("%s: %s", request.path, exception, exc_info=True)
            exception = Gone()
        if not isinstance(exception, ActionRefused):
            return unavailable.answer(request, exception)
        if wants_json(request):
            return JsonResponse({"problem": str(exception)}, status=CONFLICT)
        return render(request, "refused.html", {"problem": str(exception)}, status=CONFLICT)

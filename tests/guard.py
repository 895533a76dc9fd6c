"""Watches the requests of the tests: what changes studies or answers while a page is made must be an action's doing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from melodymuse_site.turns import is_acting

# `survey_keptreport` is a cache: what is there is computed again where it is missing, and no action depends on it.
# `survey_reportjob` is written by its lease, one conditional update at a time, also where a web process is the worker.
WRITES = re.compile(
    r'\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?((?!survey_(keptreport|reportjob)\b)(survey|generation)_\w+)',
    re.IGNORECASE,
)


class WroteOutsideAnAction(AssertionError):
    """A view, form or query wrote a row: it belongs into an action, which locks, re-reads and checks."""


class OnlyActionsWrite:
    """Middleware of the tests' settings."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with connection.execute_wrapper(_refuse):
            return self.get_response(request)


def _refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    found = WRITES.match(sql)
    if found and not is_acting():
        raise WroteOutsideAnAction(f"{found.group(1)} {found.group(2)} outside an action")
    return execute(sql, params, many, context)

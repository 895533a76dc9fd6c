"""A disk that is full or a database that is away is no fault of a page: 503, and a sentence that says so.

The page is made without the database. Two places hand over to it: what a view raises (`RefusalMiddleware`), and what is
raised around the views, where sessions are read and saved (`handler500`).
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from melodymuse_site.problems import wants_json
from melodymuse_site.storage import StoreUnavailable

logger = logging.getLogger(__name__)
UNAVAILABLE = 503
RETRY_SECONDS = 60
FULL = {errno.ENOSPC, errno.EDQUOT}
SQLITE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
}
# Connection, resources (full disk, too many connections), the server stops, its system fails (manual, appendix A).
POSTGRESQL = ("08", "53", "57P", "58")
DISK = "Nothing can be stored at the moment: the site's disk is full. Nothing you stored before is lost."
DATABASE = "The site's database does not answer at the moment. Nothing you stored before is lost."
STORE = "The store of the site's files does not answer at the moment. Nothing you stored before is lost."
AGAIN = "Keep what you typed, wait a few minutes and try again; if it stays so, tell whoever runs this site."


def why_unavailable(error: BaseException | None) -> str:
    """The sentence for an error that says: not now. Empty for every other one."""
    if isinstance(error, StoreUnavailable):
        return STORE
    if isinstance(error, OSError):
        return DISK if error.errno in FULL else ""
    if not isinstance(error, OperationalError | InterfaceError):
        return ""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code not in SQLITE:
            return ""
        return DISK if code == sqlite3.SQLITE_FULL else DATABASE
    state = getattr(cause, "sqlstate", None)
    if state == "53100":
        return DISK
    return DATABASE if state is None or state.startswith(POSTGRESQL) else ""


def answer(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The page for an error that says: not now; None for every other one."""
    problem = why_unavailable(error)
    if not problem:
        return None
    logger.error("%s cannot be answered now: %s", request.path, error)
    headers = {"Retry-After": str(RETRY_SECONDS)}
    if wants_json(request):
        return JsonResponse({"problem": f"{problem} {AGAIN}"}, status=UNAVAILABLE, headers=headers)
    page = render_to_string("503.html", {"problem": problem, "again": AGAIN})
    return HttpResponse(page, status=UNAVAILABLE, headers=headers)


def handler500(request: HttpRequest) -> HttpResponse:
    """The site's answer to an error that no view and no middleware has answered."""
    return answer(request, sys.exc_info()[1]) or server_error(request)

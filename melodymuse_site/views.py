"""Pages of the site itself: the three doors, health, and media files with byte ranges."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth.views import PasswordResetView
from django.core.exceptions import SuspiciousFileOperation
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

from melodymuse_site.byte_ranges import read_range
from survey.models import Study

YEAR_SECONDS = 31_536_000
CHUNK = 64 * 1024
DEMO_STUDY = "demo"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The three doors. Of the studies only the demo is open to everybody; others are reached by their link."""
    open_study = Study.objects.filter(slug=DEMO_STUDY, status=Study.Status.PUBLISHED).first()
    return render(request, "home.html", {"open_study": open_study})


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers; for load balancers and `make run`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


class PasswordReset(PasswordResetView):
    """Django's own, which says so where the site cannot send mail."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, sends_mail=bool(settings.EMAIL_HOST))


def _part(stream: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        while length > 0 and (block := stream.read(min(CHUNK, length))):
            length -= len(block)
            yield block


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponse | StreamingHttpResponse:
    """A media file, whole or a range of it (Safari plays nothing without 206). Names are content hashes."""
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, name))
        found = path.is_file()
    except (ValueError, OSError, SuspiciousFileOperation) as error:  # OSError: longer than a path can be
        raise Http404 from error
    if not found:
        raise Http404
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    response: HttpResponse | StreamingHttpResponse
    size = path.stat().st_size
    if settings.MEDIA_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX}{name}"
        return response
    try:
        asked = read_range(request.headers.get("Range", ""), size)
    except ValueError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if asked is None:
        response = FileResponse(path.open("rb"), content_type=content_type)
    else:
        start, end = asked
        response = StreamingHttpResponse(
            _part(path.open("rb"), start, end - start + 1), status=206, content_type=content_type
        )
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
        response["Content-Length"] = str(end - start + 1)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response

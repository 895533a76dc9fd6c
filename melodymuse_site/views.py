"""Pages of the site itself: the three doors, health, and media files with byte ranges."""

from __future__ import annotations

import contextlib
import mimetypes
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetView
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from melodymuse_site import glossary as words
from melodymuse_site import health, metrics
from melodymuse_site.byte_ranges import read_range
from melodymuse_site.status import failures, work
from melodymuse_site.storage import StoreUnavailable
from survey.actions.demo import DEMO_STUDY
from survey.figures import to_two_svg
from survey.figures.seed_study import draw_seed_study
from survey.models import Study
from survey.queries.in_front import pairs_to_play

YEAR_SECONDS = 31_536_000
CHUNK = 64 * 1024


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What it does, heard and shown, and a door for each role.

    Of the studies only the demo is open to everybody; others are reached by their link.
    """
    study = Study.objects.filter(slug=DEMO_STUDY, status=Study.Status.PUBLISHED).first()
    figure = draw_seed_study()
    context = {
        "open_study": study,
        "public_create": settings.PUBLIC_CREATE,
        "pairs": pairs_to_play(),
        "figure": figure,
        "figure_svg": to_two_svg(figure, themed=True),
    }
    return render(request, "home.html", context)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part works (of those named in `parts`), else 503; each with a sentence. Never takes long."""
    names = [name for name in request.GET.get("parts", ",".join(health.PARTS)).split(",") if name]
    unknown = sorted(set(names) - set(health.PARTS))
    if unknown or not names:
        return JsonResponse({"status": "unknown part", "known": list(health.PARTS)}, status=400)
    parts = health.look(names)
    fails = [name for name, part in parts.items() if not part.ok]
    said = {name: {"ok": part.ok, "message": part.message} for name, part in parts.items()}
    answer = {"status": "failing" if fails else "ok", "failing": fails, "parts": said}
    return JsonResponse(answer, status=503 if fails else 200)


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """For Prometheus, which shows the token of the settings; to everybody else there is no such page."""
    shown = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


@require_safe
@login_required
def glossary(request: HttpRequest) -> HttpResponse:
    """What the words mean; not for participants, to whom lures and gold trials would be told."""
    groups = [
        {"title": group.title, "entries": [(one, one.others()) for one in group.entries]} for group in words.GROUPS
    ]
    return render(request, "glossary.html", {"introduction": words.INTRODUCTION, "groups": groups})


PART_LABELS = {
    "database": "Database",
    "disk": "Disk",
    "broker": "Broker",
    "workers": "Workers",
    "sweep": "Last sweep",
}


@require_safe
@never_cache
@login_required
def status(request: HttpRequest) -> HttpResponse:
    """How the site's processes and their work stand, for administrators."""
    if not request.user.is_superuser:
        raise PermissionDenied
    return render(request, "status.html", _standing())


@require_safe
def administration(request: HttpRequest) -> HttpResponse:
    """Django's administration, for administrators with how the site stands above its list of tables."""
    standing = _standing() if request.user.is_active and request.user.is_superuser else {}
    return admin.site.admin_view(admin.site.index)(request, extra_context={"standing": standing})


def _standing() -> dict[str, Any]:
    """Parts, work, workers and failures, as the two pages for administrators show them."""
    found = health.look()
    parts = [{"name": name, "label": PART_LABELS[name], "ok": p.ok, "message": p.message} for name, p in found.items()]
    workers, lengths = None, dict[str, int]()
    if found["broker"].ok:
        with contextlib.suppress(RedisError):
            workers, lengths = health.workers(), health.queue_lengths()
    return {
        "parts": parts,
        "failing": not all(part.ok for part in found.values()),
        "work": [
            {"row": row, "messages": sum(lengths[queue] for queue in row.queues) if lengths else None}
            for row in work(settings.CELERY_TASK_DEFAULT_QUEUE)
        ],
        "workers": workers,
        "failures": failures(),
    }


class PasswordReset(PasswordResetView):
    """Django's own, which says so where the site cannot send mail."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, sends_mail=bool(settings.EMAIL_HOST))


class PartResponse(StreamingHttpResponse):
    """A range of a file. As with Django's FileResponse, a server that can send files itself is given the open file."""

    block_size = CHUNK

    def __init__(self, stream: File, start: int, length: int, **options: Any) -> None:
        super().__init__(_Part(stream, length), status=206, **options)
        stream.seek(start)
        self.file_to_stream = stream
        self["Content-Length"] = str(length)


class _Part:
    """So many bytes from where `stream` stands; a response closes what it streams, also where nothing was read."""

    def __init__(self, stream: File, length: int) -> None:
        self.stream, self.length = stream, length
        # Kept now: a server that is given the file has its `close` replaced by that of the response, which calls this.
        self.close = stream.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = bytes(self.stream.read(min(CHUNK, self.length)))
        if not block:
            raise StopIteration
        self.length -= len(block)
        return block


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponse | StreamingHttpResponse:
    """A media file, whole or a range of it (Safari plays nothing without 206). Names are content hashes."""
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response: HttpResponse | StreamingHttpResponse
    stream, size = _open(name)
    if settings.MEDIA_ACCEL_PREFIX:
        stream.close()
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX}{name}"
        return response
    try:
        asked = read_range(request.headers.get("Range", ""), size)
    except ValueError:
        stream.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if asked is None:
        response = FileResponse(stream, content_type=content_type)
    else:
        start, end = asked
        response = PartResponse(stream, start, end - start + 1, content_type=content_type)
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


def _open(name: str) -> tuple[File, int]:
    """A media file, open for reading, and its size; Http404 where there is none."""
    try:
        file = default_storage.open(name)
        return file, file.size
    except StoreUnavailable:  # which says nothing about the file
        raise
    except (ValueError, OSError, SuspiciousFileOperation) as error:  # OSError: a folder, or longer than a path can be
        raise Http404 from error

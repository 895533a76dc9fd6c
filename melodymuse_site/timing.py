"""How long each page takes, counted in every web process and told together at `/metrics`.

Only the processes know it, and each knows its own share: `prometheus_client` keeps the counts in small files that
are mapped into memory, in a folder that gunicorn's master makes when it starts (`melodymuse_site/gunicorn.py`). A
process that ends leaves its counts to one common file, so that the files are never more than the processes and one.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where `prometheus_client` looks for the folder of the files, once, when it is imported."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = ("GET", "POST")
NO_VIEW = "none"
ADMIN = "admin"


class TimingMiddleware:
    """Counts each answer by view, method and kind of status. Addresses are never kept: they hold tokens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        note(name_of_view(request), request.method or "", response.status_code, time.perf_counter() - begun)
        return response


def name_of_view(request: HttpRequest) -> str:
    """The name that the list of addresses gives to the view; one for all of Django's administration."""
    match = request.resolver_match
    if match is None:
        return NO_VIEW
    return ADMIN if match.namespaces else match.url_name or NO_VIEW


def note(view: str, method: str, status: int, seconds: float) -> None:
    """Count one answer."""
    labels = view, method if method in METHODS else "other", f"{status // 100}xx"
    _histogram().labels(*labels).observe(seconds)


@lru_cache(maxsize=1)
def _histogram() -> Any:
    # Imported late: it must find the folder, and who asks for no metrics needs none of it.
    from prometheus_client import Histogram

    return Histogram(
        "melodymuse_request_seconds",
        "Time from a whole request to the beginning of its answer.",
        ["view", "method", "status"],
        buckets=SECONDS,
        registry=None,
    )


def collect() -> Iterator[Any]:
    """The counts of all processes that share a folder; without one, those of this process."""
    folder = os.environ.get(FOLDER)
    if not folder:
        yield from _histogram().collect()
        return
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    with _alone(Path(folder), fcntl.LOCK_SH):
        found = list(MultiProcessCollector(CollectorRegistry(), folder).collect())
    yield from found


def make_folder() -> str:
    """A folder for the files of the processes that this one will start."""
    folder = tempfile.mkdtemp(prefix="melodymuse-metrics-")
    os.environ[FOLDER] = folder
    return folder


def inherit(process: int, folder: Path) -> None:
    """Add what a process that has ended counted to the common file, and remove its own."""
    from prometheus_client.mmap_dict import MmapedDict

    # Nobody collects in between: a sum that falls, or has something twice, reads as a restart.
    with _alone(folder, fcntl.LOCK_EX):
        for file in folder.glob(f"*_{process}.db"):
            kept = MmapedDict(str(file.with_name(file.name.replace(f"_{process}.db", "_0.db"))))
            for key, value, at, _ in MmapedDict.read_all_values_from_file(str(file)):
                kept.write_value(key, kept.read_value(key)[0] + value, at)
            kept.close()
            file.unlink()


@contextmanager
def _alone(folder: Path, kind: int) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, kind)
        yield

"""Gunicorn's settings: processes × threads for synchronous views (docs/deployment.md)."""

import gc
import os
import shutil
from pathlib import Path
from typing import Any

from melodymuse_site import timing
from melodymuse_site.environment import Environment
from melodymuse_site.processes import end_when_orphaned

worker_class = "melodymuse_site.serving.BufferedWorker"
workers = int(os.environ.get("WEB_PROCESSES", min(os.cpu_count() or 1, 4)))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Threads are for Django's work alone; a connection that only waits, or is slow, costs no more than its place here.
worker_connections = 1000
graceful_timeout = 10
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = True
loglevel = "warning"
# Here and not in a hook: the application is loaded before the first of them, and looks for the folder then.
_counts = timing.make_folder() if Environment(os.environ).text("METRICS_TOKEN") else ""


def on_starting(_server: Any) -> None:
    end_when_orphaned()


def post_fork(_server: Any, _worker: Any) -> None:
    """What was loaded before the fork is never garbage; looking through it again and again costs pages their time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def child_exit(server: Any, worker: Any) -> None:
    if not _counts:
        return
    try:
        timing.inherit(worker.pid, Path(_counts))
    except Exception:  # a full disk, half a file: it would end all processes, and only counts of pages are missing
        server.log.exception("What process %s counted is lost.", worker.pid)


def on_exit(_server: Any) -> None:
    if _counts:
        shutil.rmtree(_counts, ignore_errors=True)

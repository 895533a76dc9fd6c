"""Gunicorn's settings: processes × threads for synchronous views (docs/deployment.md)."""

import gc
import os
from typing import Any

worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", min(os.cpu_count() or 1, 4)))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Few waiting connections per process: when many people come at once they queue in the system, first come first
# served, and whichever process is free takes the next one.
worker_connections = 4 * threads
keepalive = 0
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = True
loglevel = "warning"
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def post_fork(_server: Any, _worker: Any) -> None:
    """What was loaded before the fork is never garbage; looking through it again and again costs pages their time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

"""Gunicorn's settings: processes × threads for synchronous views (docs/deployment.md)."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", min(os.cpu_count() or 1, 4)))
threads = int(os.environ.get("WEB_THREADS", "8"))
keepalive = 30
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = True
loglevel = "warning"
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")

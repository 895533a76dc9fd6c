"""A broker of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from melodymuse_site import broker, nudges
from melodymuse_site.celery import app
from melodymuse_site.environment import embedded_broker_socket


@contextmanager
def own_broker(folder: Path, settings: Any) -> Iterator[redis.Redis]:
    """An embedded broker below `folder`, to which this process sends meanwhile."""
    process = broker.start_broker(folder)
    settings.CELERY_BROKER_URL = url = f"redis+socket://{embedded_broker_socket(folder)}"
    before = app.conf.broker_url
    app.conf.broker_url = app.conf.broker_write_url = url
    app._after_fork()  # forget the pools of connections to the other one
    nudges._silent_until = 0.0
    try:
        with broker.connect(url) as client:
            yield client
    finally:
        app.conf.broker_url = app.conf.broker_write_url = before
        app._after_fork()
        process.kill()
        process.wait(10)

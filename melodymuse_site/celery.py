"""The Celery application. Workers start with `celery -A melodymuse_site worker`."""

import contextlib
import os
import time
from typing import Any

import redis
from celery import Celery
from celery.signals import celeryd_init, heartbeat_sent, worker_init
from django.conf import settings

from melodymuse_site.occupancy import Occupied, serve
from melodymuse_site.processes import end_when_orphaned

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "melodymuse_site.settings")

app = Celery("melodymuse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
_said_at = float("-inf")
PATIENCE = {"socket_timeout": 10, "socket_connect_timeout": 3, "max_retries": 2}


@celeryd_init.connect
def be_patient(conf: Any, **_: Any) -> None:
    """Nobody waits for a worker's word to the broker as for a page: a slow disk is no reason to give up."""
    conf.broker_transport_options = {**conf.broker_transport_options, **PATIENCE}


@celeryd_init.connect
def end_with_the_site(**_: Any) -> None:
    end_when_orphaned()


@heartbeat_sent.connect
def say_so(sender: Any, **_: Any) -> None:
    """Tell the site that this worker lives and what it serves, from the loop that also takes its tasks."""
    from celery.worker.state import active_requests

    from melodymuse_site import health

    global _said_at
    if time.monotonic() - _said_at >= health.HEARTBEAT_SECONDS:
        _said_at = time.monotonic()
        with contextlib.suppress(redis.RedisError):
            health.note_worker(sender.eventer.hostname, app.amqp.queues.consume_from, len(active_requests))


@worker_init.connect
def hold_the_data(**_: object) -> None:
    """No worker writes into a site that is being restored."""
    try:
        serve(settings.DATA_DIR)
    except Occupied as error:
        raise SystemExit(f"MelodyMuse cannot start: {error}") from error

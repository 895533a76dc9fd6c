"""Telling the workers, from pages and sweeps. No page waits for the broker: rows are the truth, the sweep re-sends."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from celery import Task
from kombu.exceptions import OperationalError
from redis import RedisError

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0
"""So long nothing is sent after the broker did not answer: of many pages only one waits to find that out."""
_silent_until = 0.0


def send(task: Task, ids: Iterable[int]) -> int:
    """Send one message per id; a broker that is away or hangs costs half a second and no more.

    Returns how many messages went out.
    """
    global _silent_until
    sent = 0
    for identifier in ids:
        if time.monotonic() < _silent_until:
            break
        try:
            task.apply_async((identifier,), retry=False)
        except (OperationalError, RedisError) as error:  # RedisError: it answers, and takes nothing (full disk)
            _silent_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("The broker takes nothing (%s); the sweep will send this later.", error)
            break
        sent += 1
    return sent

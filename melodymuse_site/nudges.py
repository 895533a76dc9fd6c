"""Telling the workers, from pages and sweeps. No page waits for the broker: rows are the truth, the sweep re-sends."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence

from celery import Task, uuid
from kombu import Producer
from kombu.exceptions import BatchPublishError, OperationalError
from redis import RedisError

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 5.0
"""So long nothing is sent after the broker did not answer: of many pages only one waits to find that out."""
TOGETHER = 500
"""So many messages go out in one round trip: some 400 kB, which a broker takes well within the half second it has."""
_REFUSALS = (OperationalError, BatchPublishError, RedisError)  # RedisError: it answers, and takes nothing (full disk)
_silent_until = 0.0


def send(task: Task, ids: Iterable[int | str], *, queue: str = "") -> int:
    """Send one message per id, many in one round trip; a broker that is away or hangs costs half a second and no more.

    `queue` is the queue's name at the broker, where it is not the task's own. Returns how many messages went out; of
    those that went together, none is counted where it is not known which arrived (a message too many does no harm).
    """
    global _silent_until
    keys = list(ids)
    if not keys or time.monotonic() < _silent_until:
        return 0
    sent = 0
    try:
        with task.app.producer_or_acquire() as producer:
            for start in range(0, len(keys), TOGETHER):
                sent += _send_together(task, keys[start : start + TOGETHER], queue, producer)
    except _REFUSALS as error:
        _silent_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("The broker takes nothing (%s); the sweep will send this later.", error)
    return sent


def _send_together(task: Task, keys: Sequence[int | str], queue: str, producer: Producer) -> int:
    # `apply_async` looks options, queue and exchange up anew for every message, which for 2,000 takes longer than
    # writing their rows. What it makes of a task with one argument and no options is this.
    place = queue or task.app.amqp.router.route({}, task.name)["queue"].name
    with producer.batch(max_size=TOGETHER):
        for key in keys:
            message = task.app.amqp.create_task_message(uuid(), task.name, (key,), {}, ignore_result=task.ignore_result)
            producer.publish(
                message.body,
                routing_key=place,
                headers=message.headers,
                serializer=task.serializer,
                delivery_mode=2,
                **message.properties,
            )
    return len(keys)

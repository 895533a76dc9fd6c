"""What Celery workers are told: thin nudges. The row is the truth; making lives in `production`."""

from __future__ import annotations

from collections.abc import Collection

import redis
from celery import shared_task
from django.conf import settings
from django.db.models import Q

from generation import queries
from generation.models import PairVersion
from melodymuse_site import health
from melodymuse_site.jobs import sweeping
from melodymuse_site.nudges import send
from melodymuse_site.queues import BULK, queue_name

__all__ = [
    "import_clips",
    "label_picture",
    "make_pair_version",
    "make_visitors_piece",
    "send",
    "send_pairs",
    "sweep",
]


def send_pairs(ids: Collection[int]) -> None:
    """Have clips made: those that a person waits for at once, those of large runs where nothing else waits."""
    large = queries.of_large_runs(ids)
    send(make_pair_version, [key for key in ids if key not in large])
    send(make_pair_version, [key for key in ids if key in large], queue=_bulk())


def _bulk() -> str:
    return queue_name(settings.CELERY_TASK_DEFAULT_QUEUE, BULK)


@shared_task
def make_pair_version(version_id: int) -> None:
    """Make the music of one pair version, if nobody else has."""
    from generation import production

    if production.make_pair_version(version_id):
        send_pairs([version_id])


@shared_task
def make_visitors_piece(token: str) -> None:
    """Make a piece for somebody without an account, which is kept for a while and never stored."""
    from generation import production

    production.make_visitors_piece(token)


@shared_task
def label_picture(picture_id: int) -> None:
    """Measure a picture and ask the image network for its emotions."""
    from generation import production

    production.label_picture(picture_id)


@shared_task
def import_clips(import_id: int) -> None:
    """Import an archive of clips, a while at a time, and have its pictures labelled."""
    from generation.importing.rounds import work_on_import

    worked = work_on_import(import_id)
    send(label_picture, worked.pictures)
    send(import_clips, worked.waiting)
    if worked.goes_on:
        send(import_clips, [import_id])


@shared_task
def sweep() -> None:
    """Give back what dead workers held and re-send what waited too long."""
    from generation import production
    from generation.importing.rounds import sweep_imports

    # Asked once: a query within the query would be run with every statement.
    large = Q(run__in=list(queries.large_runs_that_wait().values_list("run", flat=True)))
    groups = ((~large, None), (large, _messages_missing(large)))
    send_pairs(sweeping.sweep(PairVersion, groups=groups).to_send)
    send(label_picture, production.pictures_to_send())
    send(import_clips, sweep_imports())
    health.note_sweep()


def _messages_missing(large: Q) -> int | None:
    """How many clips of large runs wait beyond their messages at the broker; None where that cannot be known.

    Of a run of 2,000 each clip waits for minutes, and a message for it as well: none was lost, and none is sent again.
    A message too many hides one that is missing only until a worker has taken it.
    """
    try:
        messages = health.queue_lengths()[_bulk()]
    except redis.RedisError:
        return None
    return max(PairVersion.objects.filter(large, status=PairVersion.Status.QUEUED).count() - messages, 0)

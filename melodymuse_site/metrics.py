"""What Prometheus reads at `/metrics`: how the site stands, and how long its pages take.

What rows and broker know is asked when somebody reads, once, whichever process answers; only times of pages are counted
while they happen (`timing`). Nothing in it is about a person: studies go by their number, workers are only counted,
pages go by the name of their view. A part that does not answer leaves its own figures out and says so.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import django
from django.conf import settings
from django.db import Error, connection
from django.db.models import Count, Sum
from django.utils import timezone
from redis import RedisError

from generation.release import read_version
from melodymuse_site import health, queues, status, timing
from survey.models import Participant, Study, Trial
from survey.models.counters import Fill

LIVE = timedelta(minutes=5)
"""Whoever was seen within so long, and has not finished, is there."""


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector())
    return generate_latest(registry)


class _Collector:
    def collect(self) -> Iterator[Any]:
        yield _build()
        found = health.look()
        yield _gauge("part_ok", "Whether a part of the site works, as /healthz says.", ["part"], _parts(found))
        errors: dict[str, int] = {}
        yield _disk(errors)
        yield from _try("database", found["database"].ok, _rows, Error, errors)
        yield from _try("broker", found["broker"].ok, _broker, RedisError, errors)
        text = "Whether figures of this part are left out, because it did not answer."
        yield _gauge("left_out", text, ["part"], [((part,), n) for part, n in errors.items()])
        yield from timing.collect()


def _try(
    part: str, well: bool, ask: Callable[[], list[Any]], error: type[Exception], errors: dict[str, int]
) -> list[Any]:
    """What a part says; nothing of it where it fails, as half of it would be taken for the whole."""
    errors[part] = 0 if well else 1
    if not well:
        return []
    try:
        return ask()
    except error:
        errors[part] = 1
        return []


def _gauge(name: str, text: str, labels: list[str], values: Any) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"melodymuse_{name}", text, labels=labels)
    for of, value in values:
        family.add_metric([str(one) for one in of], value)
    return family


def _build() -> Any:
    from prometheus_client.core import InfoMetricFamily

    told = {
        "version": read_version(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": connection.vendor,
    }
    return InfoMetricFamily("melodymuse_build", "What runs.", value=told)


def _parts(found: dict[str, health.Part]) -> list[tuple[tuple[str], float]]:
    return [((name,), float(part.ok)) for name, part in found.items()]


def _disk(errors: dict[str, int]) -> Any:
    """Room by place, without those that cannot be asked: Python finds no folder for uploads on a full disk."""
    errors["disk"], free = 0, []
    for name, where in health.places().items():
        try:
            free.append(((name,), shutil.disk_usage(where()).free))
        except OSError:
            errors["disk"] = 1
    return _gauge("disk_free_bytes", "Room that is left.", ["place"], free)


def _rows() -> list[Any]:
    now = timezone.now()
    work = status.work(settings.CELERY_TASK_DEFAULT_QUEUE)
    states = [
        ((one.name.lower(), state), getattr(one, state)) for one in work for state in ("waiting", "running", "failed")
    ]
    ages = [((one.name.lower(),), (now - one.oldest).total_seconds() if one.oldest else 0.0) for one in work]
    held = [((one.name.lower(),), one.held) for one in work]
    trials = Trial.objects.filter(answered_at__isnull=True, lease_expires_at__gt=now).count()
    return [
        _gauge("jobs", "Jobs by what their rows say.", ["kind", "state"], states),
        _gauge("job_oldest_waiting_seconds", "How long the job waits that waits longest.", ["kind"], ages),
        _gauge("leases_open", "Jobs of workers, clips of people.", ["kind"], [*held, (("clips",), trials)]),
        *_studies(now - LIVE),
    ]


def _studies(since: Any) -> list[Any]:
    """Of studies that run: counted by the counters that the answers keep, so that no table of answers is read."""
    running = Study.objects.filter(status=Study.Status.PUBLISHED).order_by().values_list("pk", flat=True)
    zero = dict.fromkeys(running, 0)
    people = {"study__in": list(zero), "kind": Participant.Kind.PERSON}
    answers = Fill.objects.filter(stimulus__study__in=list(zero), kind=Participant.Kind.PERSON)
    sums = dict(answers.order_by().values_list("stimulus__study").annotate(n=Sum("answers")))
    live = Participant.objects.filter(**people, outcome=Participant.Outcome.ACTIVE, last_seen_at__gt=since)
    there = dict(live.order_by().values_list("study").annotate(n=Count("pk")))
    whole = Fill.objects.filter(kind=Participant.Kind.PERSON).aggregate(n=Sum("answers"))["n"] or 0
    return [
        _gauge("answers_kept", "Answers of people, of all studies; fewer when somebody withdraws.", [], [((), whole)]),
        _gauge("study_answers_kept", "The same of a study that runs.", ["study"], _by_study(zero | sums)),
        _gauge("study_participants_live", "People seen within five minutes who have not finished.", ["study"],
               _by_study(zero | there)),
    ]  # fmt: skip


def _by_study(numbers: dict[int, int]) -> list[tuple[tuple[int], int]]:
    return [((study,), number) for study, number in sorted(numbers.items())]


def _broker() -> list[Any]:
    alive = health.workers()
    names = queues.all_queues(settings.CELERY_TASK_DEFAULT_QUEUE)
    serving = [((name,), sum(name in worker.queues for worker in alive)) for name in names]
    lengths = [((name,), length) for name, length in health.queue_lengths().items()]
    swept = health.last_sweep()
    last = [] if swept is None else [((), swept)]
    return [
        _gauge("workers_alive", "Workers heard of within half a minute.", [], [((), len(alive))]),
        _gauge("queue_workers", "Those of them that serve a queue.", ["queue"], serving),
        _gauge("queue_messages", "Messages that wait at the broker.", ["queue"], lengths),
        _gauge("last_sweep_timestamp_seconds", "When the last sweep ended.", [], last),
    ]

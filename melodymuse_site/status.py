"""What the status page shows: how each kind of work stands, by its rows, and what failed lately."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from generation.models import ClipImport, PairVersion, SourceImage
from generation.queries import unlabelled_pictures
from melodymuse_site.jobs.model import Job
from melodymuse_site.queues import BULK, queue_name
from survey.models import ExportJob, ReportJob

MOST_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: what waits, what is being done, since when the oldest waits, and what failed."""

    name: str
    queues: tuple[str, ...]
    waiting: int
    running: int
    oldest: datetime | None
    failed: int
    held: int
    """How many a worker holds now, by a lease that has not run out."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that failed, and why its row says so."""

    kind: str
    name: str
    message: str
    at: datetime | None
    address: str
    again: str = ""
    """Where a button has it tried again, of what is parked."""


def work(site: str) -> list[Work]:
    """Every kind of work, as the database knows it: the rows are the truth, messages are only nudges."""
    labels = unlabelled_pictures()
    return [
        Work(
            "Labels",
            (queue_name(site, "labels"),),
            labels.count(),
            0,
            labels.aggregate(oldest=Min("uploaded_at"))["oldest"],
            SourceImage.objects.exclude(labelling_error="").count(),
            0,
        ),
        _work("Music", site, ("music", BULK), PairVersion),
        _work("Imports", site, ("imports",), ClipImport),
        _work("Exports", site, ("exports",), ExportJob),
        _work("Reports", site, ("exports",), ReportJob),
    ]


def _work(name: str, site: str, queues: Sequence[str], kind: type[Job]) -> Work:
    rows = kind._default_manager.all()
    waiting = rows.filter(status="queued")
    oldest = waiting.aggregate(oldest=Min("queued_at"))["oldest"]
    running = rows.filter(status="running")
    failed = rows.filter(status__in=("failed", "parked")).count()
    held = running.filter(lease_expires_at__gt=timezone.now()).count()  # no other has a lease, and an index finds them
    names = tuple(queue_name(site, queue) for queue in queues)
    return Work(name, names, waiting.count(), running.count(), oldest, failed, held)


def failures() -> list[Failure]:
    """What failed, newest first, of all kinds of work."""
    found = [*_failed_labels(), *_failed_music(), *_failed_imports(), *_failed_exports(), *_failed_reports()]
    return sorted(found, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True)[:MOST_FAILURES]


def _failed_labels() -> Iterable[Failure]:
    for picture in SourceImage.objects.exclude(labelling_error="").order_by("-uploaded_at")[:MOST_FAILURES]:
        address = reverse("picture", args=[picture.public_id])
        yield Failure("Label", str(picture), picture.labelling_error, picture.uploaded_at, address)


def _failed_music() -> Iterable[Failure]:
    rows = PairVersion.objects.filter(status__in=("failed", "parked")).select_related(
        "pair__image", "pair__emotion", "run"
    )
    for version in rows.order_by("-finished_at")[:MOST_FAILURES]:
        run = version.run
        again = reverse("run_retry_parked", args=[run.public_id]) if version.status == "parked" else ""
        kind = "Music, parked" if again else "Music"
        yield Failure(kind, str(version), version.error, version.finished_at, run.get_absolute_url(), again)


def _failed_imports() -> Iterable[Failure]:
    for job in ClipImport.objects.filter(status="failed").order_by("-finished_at")[:MOST_FAILURES]:
        yield Failure("Import", job.name, job.error, job.finished_at, job.get_absolute_url())


def _failed_exports() -> Iterable[Failure]:
    rows = ExportJob.objects.filter(status="failed").select_related("study").order_by("-finished_at")
    for job in rows[:MOST_FAILURES]:
        address = reverse("results_export", args=[job.study.slug])
        yield Failure("Export", job.study.title, job.error, job.finished_at, address)


def _failed_reports() -> Iterable[Failure]:
    rows = ReportJob.objects.filter(status="failed").select_related("study").order_by("-finished_at")
    for job in rows[:MOST_FAILURES]:
        yield Failure("Report", job.study.title, job.error, job.finished_at, reverse("results", args=[job.study.slug]))

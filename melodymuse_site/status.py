"""What the status page shows: how each kind of work stands, by its rows, and what failed lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.urls import reverse

from generation.models import ClipImport, PairVersion, SourceImage
from generation.queries import unlabelled_pictures
from melodymuse_site.jobs.model import Job
from melodymuse_site.queues import queue_name
from survey.models import ExportJob

MOST_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: what waits, what is being done, since when the oldest waits, and what failed."""

    name: str
    queue: str
    waiting: int
    running: int
    oldest: datetime | None
    failed: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that failed, and why its row says so."""

    kind: str
    name: str
    message: str
    at: datetime | None
    address: str


def work(site: str) -> list[Work]:
    """Every kind of work, as the database knows it: the rows are the truth, messages are only nudges."""
    labels = unlabelled_pictures()
    return [
        Work(
            "Labels",
            queue_name(site, ""),
            labels.count(),
            0,
            labels.aggregate(oldest=Min("uploaded_at"))["oldest"],
            SourceImage.objects.exclude(labelling_error="").count(),
        ),
        _work("Music", queue_name(site, "music"), PairVersion),
        _work("Imports", queue_name(site, "imports"), ClipImport),
        _work("Exports", queue_name(site, "exports"), ExportJob),
    ]


def _work(name: str, queue: str, kind: type[Job]) -> Work:
    rows = kind._default_manager.all()
    waiting = rows.filter(status="queued")
    oldest = waiting.aggregate(oldest=Min("queued_at"))["oldest"]
    running, failed = (rows.filter(status=status).count() for status in ("running", "failed"))
    return Work(name, queue, waiting.count(), running, oldest, failed)


def failures() -> list[Failure]:
    """What failed, newest first, of all kinds of work."""
    found = [*_failed_labels(), *_failed_music(), *_failed_imports(), *_failed_exports()]
    return sorted(found, key=lambda one: one.at.timestamp() if one.at else 0.0, reverse=True)[:MOST_FAILURES]


def _failed_labels() -> Iterable[Failure]:
    for picture in SourceImage.objects.exclude(labelling_error="").order_by("-uploaded_at")[:MOST_FAILURES]:
        address = reverse("picture", args=[picture.public_id])
        yield Failure("Label", str(picture), picture.labelling_error, picture.uploaded_at, address)


def _failed_music() -> Iterable[Failure]:
    rows = PairVersion.objects.filter(status="failed").select_related("pair__image", "pair__emotion", "run")
    for version in rows.order_by("-finished_at")[:MOST_FAILURES]:
        yield Failure("Music", str(version), version.error, version.finished_at, version.run.get_absolute_url())


def _failed_imports() -> Iterable[Failure]:
    for job in ClipImport.objects.filter(status="failed").order_by("-finished_at")[:MOST_FAILURES]:
        yield Failure("Import", job.name, job.error, job.finished_at, job.get_absolute_url())


def _failed_exports() -> Iterable[Failure]:
    rows = ExportJob.objects.filter(status="failed").select_related("study").order_by("-finished_at")
    for job in rows[:MOST_FAILURES]:
        address = reverse("results_export", args=[job.study.slug])
        yield Failure("Export", job.study.title, job.error, job.finished_at, address)

"""Making the pack that a row asks for: claimed once, with progress, ready or failed at the end."""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import datetime
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from melodymuse_site.queues import explain
from survey.actions.exporting import export_folder, finish_pack, pack_name
from survey.exports.pack import ExportStopped, count_rows, write_pack
from survey.models import ExportJob

logger = logging.getLogger(__name__)
Status = ExportJob.Status
TICK_SECONDS = 0.5
KEPT_PER_STUDY = 3


def run_export(job_id: int) -> None:
    """Make one pack, unless another worker has it or it was called off. The start names this worker's hold."""
    now = timezone.now()
    free = ExportJob.objects.filter(pk=job_id, status=Status.QUEUED)
    if not free.update(status=Status.RUNNING, started_at=now, alive_at=now):
        return
    job = ExportJob.objects.select_related("study").get(pk=job_id)
    name = pack_name(job)
    for left_behind in export_folder().glob(f".{name}.*.part"):
        left_behind.unlink(missing_ok=True)
    partial = export_folder() / f".{name}.{now:%H%M%S%f}.part"
    try:
        ExportJob.objects.filter(pk=job_id).update(rows_total=count_rows(job.study), rows_done=0)
        _make(job, partial)
    except ExportStopped:
        logger.info("Export %s was called off.", job.public_id)
    except (OSError, ValueError, SoftTimeLimitExceeded) as error:
        told = isinstance(error, SoftTimeLimitExceeded) or not str(error)
        why = explain(error, "survey.tasks.make_export") if told else str(error)
        _held(job).update(status=Status.FAILED, error=why, finished_at=timezone.now())
        logger.exception("Export %s failed.", job.public_id)
    finally:
        partial.unlink(missing_ok=True)


def _held(job: ExportJob) -> QuerySet[ExportJob]:
    """The row, while this worker still holds it."""
    return ExportJob.objects.filter(pk=job.pk, status=Status.RUNNING, started_at=job.started_at)


def _make(job: ExportJob, partial: Path) -> None:
    ticker = _Ticker(job.pk, job.started_at)
    try:
        write_pack(job.study, partial, mark=job.byte_order_mark, progress=ticker)
    finally:
        ticker.close()
    digest = _hash(partial)
    size = partial.stat().st_size
    finish_pack(job=job, held_since=job.started_at, part=partial, sha256=digest, size=size, rows=ticker.done)
    _forget_old(job)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Ticker:
    """Writes progress over a connection of its own: the reading one stays in its snapshot."""

    def __init__(self, job_id: int, started_at: datetime | None) -> None:
        self.job_id, self.started_at, self.done, self.last = job_id, started_at, 0, time.monotonic()
        self.connection = connection.copy()

    def __call__(self, rows: int) -> None:
        self.done += rows
        if time.monotonic() - self.last < TICK_SECONDS:
            return
        self.last = time.monotonic()
        table, write_time = ExportJob._meta.db_table, connection.ops.adapt_datetimefield_value
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET rows_done = %s, alive_at = %s WHERE id = %s AND status = %s AND started_at = %s",
                [self.done, write_time(timezone.now()), self.job_id, Status.RUNNING, write_time(self.started_at)],
            )
            if cursor.rowcount == 0:
                raise ExportStopped

    def close(self) -> None:
        self.connection.close()


def _forget_old(job: ExportJob) -> None:
    old = ExportJob.objects.filter(study=job.study).exclude(status__in=(Status.QUEUED, Status.RUNNING))
    for forgotten in old[KEPT_PER_STUDY:]:
        if forgotten.file:
            (export_folder() / forgotten.file).unlink(missing_ok=True)
        forgotten.delete()

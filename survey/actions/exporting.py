"""Asking for an export pack, calling it off, and giving it to another worker when its own has died."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from survey.actions.acting import on_job, on_study
from survey.actions.audit import record
from survey.models import ExportJob, Study

Status = ExportJob.Status
OPEN = (Status.QUEUED, Status.RUNNING)
MOST_WORKERS = 3
GIVEN_UP = (
    f"{MOST_WORKERS} workers in turn ended in the middle of this pack, perhaps for want of memory, disk or time. "
    "Make a new one; if that fails too, an administrator can write it with: manage.py export {slug} --out FILE"
)
WAITED = timedelta(seconds=20)


@on_study
def request_export(*, study: Study, by: Any, byte_order_mark: bool = False) -> ExportJob:
    """Ask for a pack of `study`; a request that is still open is not doubled."""
    waiting = study.exports.filter(status__in=OPEN, byte_order_mark=byte_order_mark).first()
    if waiting is not None:
        return waiting
    record(study=study, action="export", by=by, format="zip")
    return ExportJob.objects.create(study=study, requested_by=by, byte_order_mark=byte_order_mark)


@on_job
def cancel_export(*, job: ExportJob, by: Any) -> bool:
    """Call off an export that is not finished; the worker notices at its next step."""
    # The worker writes its progress without the study's lock: the status decides, not what was read.
    stopped = ExportJob.objects.filter(pk=job.pk, status__in=OPEN).update(
        status=Status.CANCELLED, finished_at=timezone.now()
    )
    if stopped:
        record(study=job.study, action="cancel_export", by=by)
    return bool(stopped)


@on_job
def note_download(*, job: ExportJob, by: Any) -> bool:
    """Write down that a pack is handed out; False where it must not be any more."""
    if job.status != Status.READY:
        return False
    record(study=job.study, action="download", by=by, sha256=job.sha256)
    return True


@on_job
def finish_pack(*, job: ExportJob, held_since: datetime, part: Path, sha256: str, size: int, rows: int) -> bool:
    """Hand out the pack in the file `part`, unless it was called off or outdated, or another worker has it by now."""
    if job.status != Status.RUNNING or job.started_at != held_since:
        return False
    job.status, job.file, job.finished_at = Status.READY, pack_name(job), timezone.now()
    job.sha256, job.bytes, job.rows_done = sha256, size, rows
    job.save(update_fields=["status", "file", "finished_at", "sha256", "bytes", "rows_done"])
    if part.exists():  # not when the database asked for this transaction once more
        part.replace(export_folder() / job.file)
    return True


def pack_name(job: ExportJob) -> str:
    return f"{job.study.slug}-{job.public_id}.zip"


def outdate_packs(study: Study) -> None:
    """Inside an action that took answers away: finished packs are deleted, and those in the making begin anew."""
    jobs = ExportJob.objects.filter(study=study)
    files = list(jobs.filter(status=Status.READY).values_list("file", flat=True))
    jobs.filter(status=Status.READY).update(status=Status.OUTDATED)
    jobs.filter(status=Status.RUNNING).update(status=Status.QUEUED, rows_done=0, started_at=None, alive_at=None)
    transaction.on_commit(lambda: _delete_packs(files))


def _delete_packs(names: list[str]) -> None:
    for name in names:
        (export_folder() / name).unlink(missing_ok=True)


def export_folder() -> Path:
    """Return where packs lie: not below MEDIA_ROOT, whose files anybody may fetch."""
    folder = Path(settings.DATA_DIR) / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def sweep_packs() -> list[str]:
    """Delete the packs that no row hands out: outdated ones on another machine, or left by a killed process."""
    there = [path for path in export_folder().glob("*.zip") if path.is_file()]
    # A worker moves its file in place right before its row says so.
    wanted = ExportJob.objects.filter(status__in=(*OPEN, Status.READY)).select_related("study")
    kept = {pack_name(job) for job in wanted}
    gone = [path for path in there if path.name not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return [path.name for path in gone]


def sweep_exports(*, now: datetime | None = None) -> list[int]:
    """Queue again what dead workers held, fail what has killed several; the jobs that need a (new) message.

    A worker that lives says so every half second; one that was silent for `EXPORT_LEASE_SECONDS` is dead.
    """
    now = now or timezone.now()
    silent = ExportJob.objects.filter(
        status=Status.RUNNING, alive_at__lt=now - timedelta(seconds=settings.EXPORT_LEASE_SECONDS)
    )
    for job in silent.select_related("study"):
        mine = silent.filter(pk=job.pk)
        if job.interrupted + 1 >= MOST_WORKERS:
            error = GIVEN_UP.format(slug=job.study.slug)
            mine.update(status=Status.FAILED, error=error, finished_at=now, interrupted=F("interrupted") + 1)
        else:
            mine.update(status=Status.QUEUED, rows_done=0, interrupted=F("interrupted") + 1)
    waiting = ExportJob.objects.filter(status=Status.QUEUED, requested_at__lt=now - WAITED)
    return list(waiting.values_list("pk", flat=True))

"""Asking for an export pack, calling it off, handing it out, and deleting it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from melodymuse_site.jobs import leases
from melodymuse_site.jobs.leases import Lease
from melodymuse_site.jobs.model import OPEN
from survey.actions.acting import on_job, on_study
from survey.actions.audit import record
from survey.models import ExportJob, Study

Status = ExportJob.Status


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
    """Call off an export that is not finished; the worker notices at its next heartbeat."""
    # The worker writes its progress without the study's lock: the status decides, not what was read.
    stopped = leases.cancel(ExportJob.objects.filter(pk=job.pk))
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
def finish_pack(*, job: ExportJob, lease: Lease, part: Path, sha256: str, size: int, rows: int) -> bool:
    """Hand out the pack in the file `part`, unless it was called off or outdated, or another worker has it by now.

    The study's lock is held: nobody leaves between the last look at who did and the file's taking its place.
    """
    if not leases.end(lease, Status.READY, file=pack_name(job), sha256=sha256, bytes=size, rows_done=rows):
        return False
    job.refresh_from_db()
    if part.exists():  # not when the database asked for this transaction once more
        part.replace(export_folder() / job.file)
    return True


def pack_name(job: ExportJob) -> str:
    return f"{job.study.slug}-{job.public_id}.zip"


def outdate_packs(study: Study) -> None:
    """Inside an action that took answers away: finished packs are deleted, and those in the making begin anew."""
    packs = ExportJob.objects.filter(study=study)
    files = list(packs.filter(status=Status.READY).values_list("file", flat=True))
    packs.filter(status=Status.READY).update(status=Status.OUTDATED)
    leases.requeue(packs.filter(status=Status.RUNNING), attempts=0)
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

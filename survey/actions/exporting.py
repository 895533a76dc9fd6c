"""Asking for an export pack, calling it off, handing it out, and deleting it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction

from melodymuse_site.jobs import leases
from melodymuse_site.jobs.leases import Lease
from melodymuse_site.jobs.model import OPEN
from melodymuse_site.storage import PACKS, MadeHere, private_storage
from survey.actions.acting import on_job, on_study
from survey.actions.audit import record
from survey.models import ExportJob, Study

Status = ExportJob.Status


@on_study
def request_export(*, study: Study, by: Any, byte_order_mark: bool = False, media: Iterable[str] = ()) -> ExportJob:
    """Ask for a pack of `study` with the files that `media` names (`ExportJob.Media`); an open one is not doubled."""
    asked = {"byte_order_mark": byte_order_mark, "media": ExportJob.write_media(media)}
    waiting = study.exports.filter(status__in=OPEN, **asked).first()
    if waiting is not None:
        return waiting
    told = {"media": asked["media"]} if asked["media"] else {}
    record(study=study, action="export", by=by, format="zip", **told)
    return ExportJob.objects.create(study=study, requested_by=by, **asked)


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
def finish_pack(*, job: ExportJob, lease: Lease, file: str, sha256: str, size: int, rows: int, files: int = 0) -> bool:
    """Hand out the pack that is kept as `file`, unless it was called off or outdated, or another worker has it by now.

    The study's lock is held: nobody leaves between the last look at who did and the row's naming the file.
    """
    return leases.end(lease, Status.READY, file=file, sha256=sha256, bytes=size, rows_done=rows, files_done=files)


def keep_pack(job: ExportJob, lease: Lease, made: Path) -> str:
    """Keep the finished file under a name that no other worker at the same pack uses, and return it."""
    file = f"{job.study.slug}-{job.public_id}-{lease.claim.hex[:8]}.zip"
    with MadeHere(made) as content:
        private_storage().save(f"{PACKS}/{file}", content)
    return file


def open_pack(job: ExportJob) -> File:
    """The pack of a finished job. Raises FileNotFoundError."""
    if not job.file:
        raise FileNotFoundError(job)
    return private_storage().open(f"{PACKS}/{job.file}")


def outdate_packs(study: Study) -> None:
    """Inside an action that took answers away: finished packs are deleted, and those in the making begin anew."""
    packs = ExportJob.objects.filter(study=study)
    files = list(packs.filter(status=Status.READY).values_list("file", flat=True))
    packs.filter(status=Status.READY).update(status=Status.OUTDATED)
    leases.requeue(packs.filter(status=Status.RUNNING), attempts=0)
    transaction.on_commit(lambda: _delete_packs(files))


def _delete_packs(names: Iterable[str]) -> None:
    for name in names:
        delete_pack(name)


def delete_pack(file: str) -> None:
    """Delete the file of a pack; none is no fault."""
    if file:
        private_storage().delete(f"{PACKS}/{file}")


def sweep_packs() -> list[str]:
    """Delete the packs that no row hands out: outdated ones, or left by a killed process, on whichever machine."""
    try:
        _, there = private_storage().listdir(PACKS)
    except FileNotFoundError:  # nothing was ever kept
        return []
    # A worker keeps its file right before its row says so. In one statement: of two, a pack that becomes ready in
    # between would be in neither.
    rows = list(ExportJob.objects.filter(status__in=(*OPEN, Status.READY)).values_list("status", "public_id", "file"))
    kept = {file for status, _, file in rows if status == Status.READY}
    making = [str(key) for status, key, _ in rows if status != Status.READY]
    gone = [
        name for name in there if name.endswith(".zip") and name not in kept and not any(key in name for key in making)
    ]
    _delete_packs(gone)
    return gone

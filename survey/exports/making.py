"""Making the pack that a row asks for: claimed once, with progress, ready or failed at the end."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded

from melodymuse_site.jobs.heartbeat import Heartbeat, beating, connection_beside
from melodymuse_site.jobs.leases import TRANSIENT, Lease, LeaseLost, claim, fail, renew, retry
from melodymuse_site.jobs.model import OPEN
from melodymuse_site.queues import explain
from melodymuse_site.storage import PACKS, scratch_folder
from survey.actions.exporting import delete_pack, finish_pack, keep_pack
from survey.exports.media import count_files
from survey.exports.pack import count_rows, write_pack
from survey.models import ExportJob

logger = logging.getLogger(__name__)
KEPT_PER_STUDY = 3


def run_export(job_id: int) -> None:
    """Make one pack, unless another worker has it or it was called off."""
    lease = claim(ExportJob, job_id)
    if lease is None:
        return
    job = ExportJob.objects.select_related("study").get(pk=job_id)
    folder = scratch_folder(PACKS)
    for left_behind in folder.glob(f".{job.public_id}.*.part"):
        left_behind.unlink(missing_ok=True)
    partial = folder / f".{job.public_id}.{lease.claim.hex}.part"
    try:
        files = count_files(job.study, job.media_choices)
        renew(lease, rows_total=count_rows(job.study), rows_done=0, files_total=files, files_done=0)
        # A thread renews the lease too: while PostgreSQL copies a long table out, or a store takes the pack in, no row
        # is written and nobody is told.
        with beating(lease):
            _make(job, lease, partial)
    except LeaseLost:
        logger.info("Export %s was called off, or given to another worker.", job.public_id)
    except TRANSIENT as error:  # a deadlock, a store that is away
        logger.warning("Export %s: %s", job.public_id, error)
        retry(lease, error)
    except (OSError, ValueError, SoftTimeLimitExceeded) as error:
        told = isinstance(error, SoftTimeLimitExceeded) or not str(error)
        fail(lease, explain(error, "survey.tasks.make_export") if told else str(error))
        logger.exception("Export %s failed.", job.public_id)
    finally:
        partial.unlink(missing_ok=True)


def _make(job: ExportJob, lease: Lease, partial: Path) -> None:
    with connection_beside() as alias:
        progress = _Progress(Heartbeat(lease, using=alias))
        write_pack(
            job.study,
            partial,
            mark=job.byte_order_mark,
            progress=progress,
            media=job.media_choices,
            file_progress=progress.files,
        )
    digest, size = _hash(partial), partial.stat().st_size
    renew(lease)  # or raise LeaseLost: what was called off is not kept
    file = keep_pack(job, lease, partial)
    kept = {"file": file, "sha256": digest, "size": size, "rows": progress.done, "files": progress.files_done}
    if not finish_pack(job=job, lease=lease, **kept):
        delete_pack(file)
        raise LeaseLost(lease)
    _forget_old(job)


class _Progress:
    """Counts the rows and files that are written, and has the lease renewed."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self.heartbeat, self.done, self.files_done = heartbeat, 0, 0

    def __call__(self, rows: int) -> None:
        self.done += rows
        self._beat()

    def files(self, files: int) -> None:
        self.files_done += files
        self._beat()

    def _beat(self) -> None:
        self.heartbeat(rows_done=self.done, files_done=self.files_done)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _forget_old(job: ExportJob) -> None:
    old = ExportJob.objects.filter(study=job.study).exclude(status__in=OPEN)
    for forgotten in old[KEPT_PER_STUDY:]:
        delete_pack(forgotten.file)
        forgotten.delete()

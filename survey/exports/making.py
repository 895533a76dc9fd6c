"""Making the pack that a row asks for: claimed once, with progress, ready or failed at the end."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded

from melodymuse_site.jobs.heartbeat import Heartbeat, connection_beside
from melodymuse_site.jobs.leases import Lease, LeaseLost, claim, fail, renew
from melodymuse_site.jobs.model import OPEN
from melodymuse_site.queues import explain
from survey.actions.exporting import export_folder, finish_pack, pack_name
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
    name = pack_name(job)
    for left_behind in export_folder().glob(f".{name}.*.part"):
        left_behind.unlink(missing_ok=True)
    partial = export_folder() / f".{name}.{lease.claim.hex}.part"
    try:
        renew(lease, rows_total=count_rows(job.study), rows_done=0)
        _make(job, lease, partial)
    except LeaseLost:
        logger.info("Export %s was called off, or given to another worker.", job.public_id)
    except (OSError, ValueError, SoftTimeLimitExceeded) as error:
        told = isinstance(error, SoftTimeLimitExceeded) or not str(error)
        fail(lease, explain(error, "survey.tasks.make_export") if told else str(error))
        logger.exception("Export %s failed.", job.public_id)
    finally:
        partial.unlink(missing_ok=True)


def _make(job: ExportJob, lease: Lease, partial: Path) -> None:
    with connection_beside() as alias:
        progress = _Progress(Heartbeat(lease, using=alias))
        write_pack(job.study, partial, mark=job.byte_order_mark, progress=progress)
    digest, size = _hash(partial), partial.stat().st_size
    if not finish_pack(job=job, lease=lease, part=partial, sha256=digest, size=size, rows=progress.done):
        raise LeaseLost(lease)
    _forget_old(job)


class _Progress:
    """Counts the rows that are written, and has the lease renewed."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self.heartbeat, self.done = heartbeat, 0

    def __call__(self, rows: int) -> None:
        self.done += rows
        self.heartbeat(rows_done=self.done)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _forget_old(job: ExportJob) -> None:
    old = ExportJob.objects.filter(study=job.study).exclude(status__in=OPEN)
    for forgotten in old[KEPT_PER_STUDY:]:
        if forgotten.file:
            (export_folder() / forgotten.file).unlink(missing_ok=True)
        forgotten.delete()

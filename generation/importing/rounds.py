"""An import that was asked for on its page, made by a worker: a while at a time, so that no task runs long."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generation.importing.archives import forget, unpack
from generation.importing.manifest import ManifestRefused, Problem
from generation.importing.storing import import_manifest
from generation.models import ClipImport
from melodymuse_site.jobs.heartbeat import Heartbeat
from melodymuse_site.jobs.leases import TRANSIENT, Lease, LeaseLost, claim, end, give_back, retry
from melodymuse_site.jobs.model import OPEN
from melodymuse_site.jobs.sweeping import sweep
from melodymuse_site.queues import explain
from melodymuse_site.storage import ARCHIVES, private_storage, scratch_folder

logger = logging.getLogger(__name__)
Status = ClipImport.Status
ROUND_SECONDS = 120.0
"""After so long a worker makes room for others and has the import sent once more."""


@dataclass(frozen=True, slots=True)
class Worked:
    """Whether the import has to be sent once more, another that waited for it, and new pictures, to be labelled."""

    goes_on: bool = False
    waiting: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()


class RoundOver(Exception):
    """Time for others: what was prepared so far waits on disk."""


def work_on_import(import_id: int, *, seconds: float = ROUND_SECONDS) -> Worked:
    """Go on with an import, unless another worker is at it or at another. Safe to call any number of times."""
    lease = claim(ClipImport, import_id)
    if lease is None:
        return Worked()
    job = ClipImport.objects.select_related("requested_by").get(pk=import_id)
    folder = _fresh_folder(job)
    try:
        unpacked = folder / "unpacked"
        with private_storage().open(job.archive) as archive:
            manifest = unpack(archive, unpacked)
        progress = _Round(lease, seconds)
        imported = import_manifest(
            manifest, by=job.requested_by, licence=job.licence, name=job.name, progress=progress, folder=unpacked
        )
    except RoundOver:
        give_back(lease)
        return Worked(goes_on=True, waiting=_waiting(besides=import_id))
    except LeaseLost:
        logger.warning("%s was given to another worker; this one stops.", job)
    except ManifestRefused as refused:
        _end(lease, job, Status.REFUSED, problems=_as_rows(refused.problems))
    except TRANSIENT as error:  # a deadlock, a store that is away: begun anew, with what was prepared
        logger.warning("%s: %s", job, error)
        if not retry(lease, error) and not ClipImport.objects.filter(pk=import_id, status__in=OPEN).exists():
            _delete_archive(job)  # it has ended; where another worker has it by now, that one needs the archive
        # The sweep sends it again, and those that waited: at once, all tries would be spent before a store is back.
        return Worked()
    except Exception as error:  # whatever it is, the row says it: the person who asked reads it there
        logger.exception("%s failed", job)
        _end(lease, job, Status.FAILED, error=explain(error, "generation.tasks.import_clips"))
    else:
        told = _as_rows((*imported.left_out, *imported.notes))
        counts = {"imported": imported.clips, "known": imported.known, "faded": imported.faded}
        _end(lease, job, Status.READY, problems=told, **counts)
        return Worked(waiting=_waiting(besides=import_id), pictures=imported.pictures)
    finally:
        forget(folder)
    return Worked(waiting=_waiting(besides=import_id))


def _waiting(*, besides: int) -> tuple[int, ...]:
    """The import that has waited longest, if one does: its own message found this one at work."""
    queued = ClipImport.objects.filter(status=Status.QUEUED).exclude(pk=besides).order_by("queued_at", "pk")
    return tuple(queued.values_list("pk", flat=True)[:1])


def _as_rows(problems: Iterable[Problem]) -> list[list[int | str]]:
    return [[problem.line, problem.message] for problem in problems]


def _fresh_folder(job: ClipImport) -> Path:
    """A folder of this worker's own; what a dead one left is removed."""
    place = scratch_folder(ARCHIVES)
    for left in place.glob(f"{job.public_id}-*"):
        forget(left)
    return Path(tempfile.mkdtemp(dir=place, prefix=f"{job.public_id}-"))


class _Round:
    """How far the import is; called for every row, it has the lease renewed and says when others shall have their turn.

    Raises LeaseLost and RoundOver.
    """

    def __init__(self, lease: Lease, seconds: float) -> None:
        self.heartbeat, self.over = Heartbeat(lease), time.monotonic() + seconds

    def __call__(self, done: int, total: int) -> None:
        over = 0 < done < total and time.monotonic() > self.over
        self.heartbeat(at_once=over or done in (0, total), done=done, total=total)
        if over:
            raise RoundOver


def _end(lease: Lease, job: ClipImport, status: str, **facts: object) -> None:
    """End the import, if it is still ours; nobody needs its archive then."""
    if end(lease, status, **facts):
        _delete_archive(job)


def _delete_archive(job: ClipImport) -> None:
    """An archive whose store is away stays behind, and the log says so; the import has ended all the same."""
    try:
        private_storage().delete(job.archive)
    except OSError:
        logger.warning("The archive %s of %s could not be deleted.", job.archive, job, exc_info=True)


def sweep_imports() -> tuple[int, ...]:
    """Take back the imports of dead workers and throw away what is given up; those that need a message."""
    swept = sweep(ClipImport)
    for job in ClipImport.objects.filter(pk__in=swept.failed):
        _delete_archive(job)
    return swept.to_send

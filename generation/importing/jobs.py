"""An import that was asked for on its page, made by a worker: a while at a time, so that no task runs long."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from generation.importing.archives import forget, unpack
from generation.importing.manifest import ManifestRefused, Problem
from generation.importing.storing import import_manifest
from generation.models import ClipImport
from generation.production import MOST_ATTEMPTS, import_silence
from melodymuse_site.queues import explain

logger = logging.getLogger(__name__)
Status = ClipImport.Status
ROUND_SECONDS = 120.0
"""After so long a worker makes room for others and has the import sent once more."""
TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Worked:
    """Whether the import has to be sent once more, another that waited for it, and new pictures, to be labelled."""

    goes_on: bool = False
    waiting: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()


class RoundOver(Exception):
    """Time for others: what was prepared so far waits on disk."""


class HoldLost(Exception):
    """Another worker has taken the import over: stop, and change nothing."""


def archive_of(job: ClipImport) -> Path:
    """Where the archive that was sent waits for its worker."""
    return Path(settings.DATA_DIR) / "imports" / f"{job.public_id}.zip"


def work_on_import(import_id: int, *, seconds: float = ROUND_SECONDS) -> Worked:
    """Go on with an import, unless another worker is at it. Safe to call any number of times."""
    hold = _claim(import_id, seconds)
    if hold is None:
        return Worked()
    job = ClipImport.objects.select_related("requested_by").get(pk=import_id)
    folder = _fresh_folder(job)
    try:
        if job.attempts > MOST_ATTEMPTS:
            raise RuntimeError(f"The worker died {MOST_ATTEMPTS} times at this import.")
        unpacked = folder / "unpacked"
        manifest = unpack(archive_of(job), unpacked)
        imported = import_manifest(
            manifest, by=job.requested_by, licence=job.licence, name=job.name, progress=hold, folder=unpacked
        )
    except RoundOver:
        hold.change(status=Status.QUEUED, attempts=0)
        return Worked(goes_on=True, waiting=_waiting(besides=import_id))
    except HoldLost:
        logger.warning("%s was given to another worker; this one stops.", job)
    except ManifestRefused as refused:
        hold.end(job, status=Status.REFUSED, problems=_as_rows(refused.problems))
    except Exception as error:  # whatever it is, the row says it: the person who asked reads it there
        logger.exception("%s failed", job)
        hold.end(job, status=Status.FAILED, error=explain(error, "generation.tasks.import_clips"))
    else:
        told = _as_rows((*imported.left_out, *imported.notes))
        hold.end(job, status=Status.READY, imported=imported.clips, known=imported.known, problems=told)
        return Worked(waiting=_waiting(besides=import_id), pictures=imported.pictures)
    finally:
        forget(folder)
    return Worked(waiting=_waiting(besides=import_id))


def _waiting(*, besides: int) -> tuple[int, ...]:
    """The import that has waited longest, if one does: its own message found this one at work."""
    queued = ClipImport.objects.filter(status=Status.QUEUED).exclude(pk=besides).order_by("requested_at", "pk")
    return tuple(queued.values_list("pk", flat=True)[:1])


def _as_rows(problems: Iterable[Problem]) -> list[list[int | str]]:
    return [[problem.line, problem.message] for problem in problems]


def _fresh_folder(job: ClipImport) -> Path:
    """A folder of this worker's own; what a dead one left is removed."""
    place = archive_of(job).parent
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob(f"{job.public_id}-*"):
        forget(left)
    return Path(tempfile.mkdtemp(dir=place, prefix=f"{job.public_id}-"))


def _claim(import_id: int, seconds: float) -> _Hold | None:
    """Take an import, if nobody has it and no other is being worked on: one at a time, so that exports have room."""
    now = timezone.now()
    with transaction.atomic():
        unfinished = ClipImport.objects.select_for_update().filter(status__in=[Status.QUEUED, Status.RUNNING])
        running = {job.pk: job.alive_at for job in unfinished.order_by("pk") if job.status == Status.RUNNING}
        if any(alive_at and alive_at >= now - import_silence() for alive_at in running.values()):
            return None
        mine = ClipImport.objects.filter(pk=import_id, status__in=[Status.QUEUED, Status.RUNNING])
        if not mine.update(status=Status.RUNNING, alive_at=now, attempts=F("attempts") + 1):
            return None
    return _Hold(import_id, now, seconds)


class _Hold:
    """A worker's hold on an import, known by the time it last wrote; called, it says how far the import is."""

    def __init__(self, import_id: int, alive_at: datetime, seconds: float) -> None:
        self.import_id, self.alive_at = import_id, alive_at
        self.last, self.over = 0.0, time.monotonic() + seconds

    def change(self, **fields: object) -> bool:
        """Change the row if it is still ours; whether it was."""
        ours = ClipImport.objects.filter(pk=self.import_id, status=Status.RUNNING, alive_at=self.alive_at)
        return bool(ours.update(**fields))

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        over = 0 < done < total and now > self.over
        if now - self.last >= TICK_SECONDS or done == total or over:
            alive_at = timezone.now()
            if not self.change(done=done, total=total, alive_at=alive_at):
                raise HoldLost(self.import_id)
            self.last, self.alive_at = now, alive_at
        if over:
            raise RoundOver

    def end(self, job: ClipImport, **fields: object) -> None:
        if self.change(finished_at=timezone.now(), **fields):
            archive_of(job).unlink(missing_ok=True)

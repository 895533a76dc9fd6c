"""An import that was asked for on its page, made by a worker: a while at a time, so that no task runs long."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from generation.importing.archives import forget, unpack
from generation.importing.manifest import ManifestRefused
from generation.importing.storing import import_manifest
from generation.models import ClipImport
from generation.production import IMPORT_SILENCE, MOST_ATTEMPTS

logger = logging.getLogger(__name__)
Status = ClipImport.Status
ROUND_SECONDS = 120.0
"""After so long a worker makes room for others and has the import sent once more."""
TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Worked:
    """Whether the import has to be sent once more, and the new pictures, to be labelled."""

    goes_on: bool = False
    pictures: tuple[int, ...] = ()


class RoundOver(Exception):
    """Time for others: what was prepared so far waits on disk."""


def archive_of(job: ClipImport) -> Path:
    """Where the archive that was sent waits for its worker."""
    return Path(settings.DATA_DIR) / "imports" / f"{job.public_id}.zip"


def work_on_import(import_id: int, *, seconds: float = ROUND_SECONDS) -> Worked:
    """Go on with an import, unless another worker is at it. Safe to call any number of times."""
    job = _claim(import_id)
    if job is None:
        return Worked()
    folder = archive_of(job).with_suffix("")
    forget(folder)
    try:
        manifest = unpack(archive_of(job), folder)
        imported = import_manifest(
            manifest, by=job.requested_by, licence=job.licence, name=job.name, progress=_Ticker(job.pk, seconds)
        )
    except RoundOver:
        ClipImport.objects.filter(pk=import_id).update(status=Status.QUEUED, attempts=0)
        return Worked(goes_on=True)
    except ManifestRefused as refused:
        _end(job, status=Status.REFUSED, problems=[[problem.line, problem.message] for problem in refused.problems])
    except Exception as error:  # whatever it is, the row says it: the person who asked reads it there
        logger.exception("%s failed", job)
        _end(job, status=Status.FAILED, error=f"{type(error).__name__}: {error}")
    else:
        _end(job, status=Status.READY, imported=imported.clips, known=imported.known)
        return Worked(pictures=imported.pictures)
    finally:
        forget(folder)
    return Worked()


def _claim(import_id: int) -> ClipImport | None:
    now = timezone.now()
    free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, alive_at__lt=now - IMPORT_SILENCE)
    mine = ClipImport.objects.filter(free, pk=import_id)
    if not mine.update(status=Status.RUNNING, alive_at=now, attempts=F("attempts") + 1):
        return None
    job = ClipImport.objects.select_related("requested_by").get(pk=import_id)
    if job.attempts > MOST_ATTEMPTS:
        _end(job, status=Status.FAILED, error=f"The worker died {MOST_ATTEMPTS} times at this import.")
        return None
    return job


class _Ticker:
    """Writes down how far the import is, and ends the round when its time is over."""

    def __init__(self, import_id: int, seconds: float) -> None:
        self.import_id, self.last, self.end = import_id, 0.0, time.monotonic() + seconds

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        over = 0 < done < total and now > self.end
        if now - self.last >= TICK_SECONDS or done == total or over:
            self.last = now
            ClipImport.objects.filter(pk=self.import_id).update(done=done, total=total, alive_at=timezone.now())
        if over:
            raise RoundOver


def _end(job: ClipImport, **fields: object) -> None:
    ClipImport.objects.filter(pk=job.pk).update(finished_at=timezone.now(), **fields)
    archive_of(job).unlink(missing_ok=True)

"""Asking for an export pack, calling it off, and giving it to another worker when its own has died."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

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


@transaction.atomic
def request_export(*, study: Study, by: Any, byte_order_mark: bool = False) -> ExportJob:
    """Ask for a pack of `study`; a request that is still open is not doubled."""
    Study.objects.select_for_update().get(pk=study.pk)
    waiting = study.exports.filter(status__in=OPEN, byte_order_mark=byte_order_mark).first()
    if waiting is not None:
        return waiting
    record(study=study, action="export", by=by, format="zip")
    return ExportJob.objects.create(study=study, requested_by=by, byte_order_mark=byte_order_mark)


@transaction.atomic
def cancel_export(*, job: ExportJob, by: Any) -> bool:
    """Call off an export that is not finished; the worker notices at its next step."""
    stopped = ExportJob.objects.filter(pk=job.pk, status__in=OPEN).update(
        status=Status.CANCELLED, finished_at=timezone.now()
    )
    if stopped:
        record(study=job.study, action="cancel_export", by=by)
    return bool(stopped)


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

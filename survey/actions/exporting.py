"""Asking for an export pack, and calling it off."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from survey.actions.audit import record
from survey.models import ExportJob, Study

OPEN = (ExportJob.Status.QUEUED, ExportJob.Status.RUNNING)


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
        status=ExportJob.Status.CANCELLED, finished_at=timezone.now()
    )
    if stopped:
        record(study=job.study, action="cancel_export", by=by)
    return bool(stopped)

"""Export packs: ask, watch, cancel, fetch. For those who may change the study."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from melodymuse_site.buttons import pressed_on
from survey.actions.exporting import cancel_export, note_download, open_pack, request_export
from survey.models import ExportJob, Study
from survey.tasks import send_export
from survey.views.access import of_study

NUDGE_AFTER = timedelta(seconds=20)


def _find(study: Study, public_id: Any) -> ExportJob:
    job = study.exports.filter(public_id=public_id).first()
    if job is None:
        raise Http404
    return job


def _back(study: Study) -> HttpResponse:
    response = redirect("results", slug=study.slug)
    response["Location"] += "?open=exports#exports"
    return response


@pressed_on("results", "slug")
@of_study(edit=True, results=True)
def ask(request: HttpRequest, study: Study) -> HttpResponse:
    job = request_export(
        study=study,
        by=request.user,
        byte_order_mark=request.POST.get("bom") == "1",
        media=request.POST.getlist("media"),
    )
    transaction.on_commit(lambda: send_export(job.pk))
    messages.success(request, "The pack is being made; it appears under Export packs.")
    return _back(study)


@require_safe
@of_study(edit=True)
def state(request: HttpRequest, study: Study, public_id: Any) -> JsonResponse:
    """How far the pack is. A request that nobody took is sent again: the row is the truth, a message a nudge."""
    job = _find(study, public_id)
    now = timezone.now()
    if job.status == ExportJob.Status.QUEUED and job.queued_at < now - NUDGE_AFTER:
        send_export(job.pk)
    return JsonResponse(
        {
            "status": job.status,
            "rows_done": job.rows_done,
            "rows_total": job.rows_total,
            "files_done": job.files_done,
            "files_total": job.files_total,
            "steps_done": job.steps_done,
            "steps_total": job.steps_total,
            "error": job.error,
        }
    )


@pressed_on("results", "slug")
@of_study(edit=True)
def cancel(request: HttpRequest, study: Study, public_id: Any) -> HttpResponse:
    if cancel_export(job=_find(study, public_id), by=request.user):
        messages.success(request, "The export is called off.")
    return _back(study)


@require_safe
@of_study(edit=True, results=True)
def fetch(request: HttpRequest, study: Study, public_id: Any) -> HttpResponse | FileResponse:
    job = _find(study, public_id)
    if job.status == ExportJob.Status.OUTDATED:
        messages.error(
            request, "Somebody left or was set aside since this pack was made: it is deleted. Make a new one."
        )
        return _back(study)
    try:
        stream = open_pack(job)
    except FileNotFoundError as error:
        raise Http404 from error
    if not note_download(job=job, by=request.user):
        stream.close()
        raise Http404
    name = f"{study.slug}-{job.finished_at:%Y-%m-%d}.zip"
    return FileResponse(stream, as_attachment=True, filename=name, content_type="application/zip")

"""Importing clips of other systems: an archive is sent, a worker imports it, the page shows how far it is."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from generation.actions import request_import
from generation.emotions import SLUGS
from generation.forms import ImportForm
from generation.models import ClipImport
from generation.views.access import View, never_stored

LATEST = 20


def for_importers(view: View) -> View:
    """Admins, and whoever was given the right to add imports."""
    return login_required(permission_required("generation.add_clipimport", raise_exception=True)(view))


@require_http_methods(["GET", "HEAD", "POST"])
@for_importers
def imports(request: HttpRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if sent else ImportForm()
    if sent and form.is_valid():
        job = request_import(
            archive=form.cleaned_data["archive"], licence=form.cleaned_data["licence"], by=request.user
        )
        return redirect(job)
    latest = ClipImport.objects.select_related("requested_by")[:LATEST]
    context = {"form": form, "latest": latest, "emotions": SLUGS}
    return render(request, "generation/imports.html", context, status=400 if form.errors else 200)


@require_safe
@for_importers
def clip_import(request: HttpRequest, public_id: UUID) -> HttpResponse:
    job = get_object_or_404(ClipImport.objects.select_related("requested_by"), public_id=public_id)
    return render(request, "generation/import.html", {"job": job})


@require_safe
@for_importers
@never_stored
def progress(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """How far an import is, for its page."""
    job = get_object_or_404(ClipImport, public_id=public_id)
    return JsonResponse({"status": job.status, "done": job.done, "total": job.total, "is_finished": not job.is_open})

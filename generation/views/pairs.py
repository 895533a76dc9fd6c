"""The gallery of pairs, one version of a pair, and asking for new versions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from generation import actions, queries
from generation.actions import RunRefused
from generation.forms import GalleryFilterForm, RegenerateForm
from generation.models import PairVersion
from generation.views.access import for_researchers, never_stored
from generation.views.selection import read_ids
from generation.views.states import state_of
from melodymuse_site.buttons import pressed_on

PER_PAGE = 24


@require_safe
@for_researchers
def pairs(request: HttpRequest) -> HttpResponse:
    filters = GalleryFilterForm(request.GET)
    chosen = filters.chosen()
    page = Paginator(queries.gallery(chosen), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "chosen": chosen,
        "page": page,
        "regenerate": RegenerateForm(),
        "regenerable": any(not version.is_imported for version in page),
    }
    return render(request, "generation/pairs.html", context)


def _find(public_id: UUID) -> PairVersion:
    version = queries.pair_version_detail(public_id)
    if version is None:
        raise Http404
    return version


@require_safe
@for_researchers
def pair_version(request: HttpRequest, public_id: UUID) -> HttpResponse:
    version = _find(public_id)
    others = list(queries.pair_versions_of(version.pair))
    ready = [other for other in others if other.pk != version.pk and other.status == PairVersion.Status.READY]
    context = {
        "version": version,
        "versions": others,
        "comparable": ready if version.status == PairVersion.Status.READY else [],
        "regenerate": RegenerateForm(),
    }
    return render(request, "generation/pair_version.html", context)


@require_safe
@for_researchers
@never_stored
def state(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """Status of one version, for a page that waits for it."""
    return JsonResponse(state_of(_find(public_id)))


@pressed_on("pairs")
@for_researchers
def regenerate(request: HttpRequest) -> HttpResponse:
    """New versions of the pairs chosen by `version`, or of every pair of the run named by `run`."""
    form = RegenerateForm(request.POST)
    form.is_valid()
    versions = queries.gallery({}).filter(public_id__in=read_ids(request.POST.getlist("version")))
    runs = read_ids(request.POST.getlist("run"))
    if runs:
        versions = queries.gallery({"run": str(runs[0])})
    try:
        run = actions.regenerate(
            versions=list(versions.defer("notes")),
            reason=form.cleaned_data.get("reason", ""),
            composer=form.cleaned_data.get("composer") or None,
            attribute_targets=form.chosen_targets(),
            by=request.user,
        )
    except RunRefused as error:
        messages.error(request, str(error))
        return redirect(_page_before(request))
    messages.success(request, "New versions are being made; the old ones stay.")
    return redirect(run)


def _page_before(request: HttpRequest) -> str:
    """Where the form stood; its own hidden field says so, and only paths of this site are followed."""
    path = request.POST.get("back", "")
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else "/pairs/"

"""Choosing a draft's clips among the ready pair versions, and its cells."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation.models import PairVersion
from generation.queries import ready_pair_versions
from survey import actions
from survey.actions.building import DraftRefused
from survey.forms import CellsForm, ClipFilterForm
from survey.models import Stimulus, Study
from survey.views.access import of_study
from survey.views.studies import cells_of

MOST_SHOWN = 300
ROLES = Stimulus.Role.values


@require_http_methods(["GET", "HEAD", "POST"])
@of_study(edit=True)
def clips(request: HttpRequest, study: Study) -> HttpResponse:
    if not study.is_draft:
        messages.error(request, "This study is published and frozen. Make a new version to change its clips.")
        return redirect(study)
    form = CellsForm(request.POST if request.method == "POST" else None, current=cells_of(study))
    if form.is_bound and form.is_valid():
        chosen = {role: _read(request.POST.getlist(role)) for role in ROLES}
        try:
            number = actions.set_stimuli(
                study=study,
                by=request.user,
                cells=form.cells(),
                versions=chosen[Stimulus.Role.MAIN],
                practice=chosen[Stimulus.Role.PRACTICE],
                gold=chosen[Stimulus.Role.GOLD],
            )
        except DraftRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{number} stimuli are chosen.")
            return redirect(study)
    return _show(request, study, form)


def _read(public_ids: Iterable[str]) -> list[PairVersion]:
    valid = [text for text in public_ids if _is_uuid(text)]
    return list(ready_pair_versions().filter(public_id__in=valid))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _show(request: HttpRequest, study: Study, form: CellsForm) -> HttpResponse:
    current = {role: set() for role in ROLES}
    for role, version_id in study.stimuli.values_list("role", "pair_version_id"):
        current[role].add(version_id)
    taken = set().union(*current.values())
    ready = ready_pair_versions().defer("notes", "features", "attributes", "scores", "provenance")
    composers = sorted(set(PairVersion.objects.filter(status="ready").values_list("composer", flat=True)))
    filters = ClipFilterForm(request.GET, composers=composers)
    shown = _filtered(ready, filters.chosen())
    shown += [version for version in ready.filter(pk__in=taken) if version not in shown]
    shown.sort(key=lambda version: (version.pk not in taken, version.pair.emotion.position))
    rows = [(version, {role: version.pk in current[role] for role in ROLES}) for version in shown]
    context = {"study": study, "form": form, "filters": filters, "rows": rows, "taken": len(taken)}
    return render(request, "survey/studies/clips.html", context, status=400 if form.is_bound else 200)


def _filtered(ready: Iterable[PairVersion], chosen: dict[str, str]) -> list[PairVersion]:
    versions = ready
    if chosen.get("emotion"):
        versions = versions.filter(pair__emotion__slug=chosen["emotion"])
    if chosen.get("composer"):
        versions = versions.filter(composer=chosen["composer"])
    found = list(versions[:MOST_SHOWN])
    if chosen.get("newest"):
        newest: dict[tuple[int, str], PairVersion] = {}
        for version in found:
            key = (version.pair_id, version.composer)
            if key not in newest or newest[key].number < version.number:
                newest[key] = version
        found = list(newest.values())
    return found

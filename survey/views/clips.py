"""Choosing a draft's clips among the ready pair versions, and its cells."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation.models import PairVersion
from generation.queries import composers_with_clips, ready_pair_versions
from survey import actions
from survey.actions.cells import DraftRefused
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
    sent = request.POST if request.method == "POST" else None
    form = CellsForm(sent, current=cells_of(study), composers=composers_with_clips())
    chosen = {role: _read(request.POST.getlist(role)) for role in ROLES}
    if form.is_bound and form.is_valid():
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
            _warn_of_unused(request, study, chosen[Stimulus.Role.MAIN])
            return redirect(study)
    return _show(request, study, form, chosen if form.is_bound else _stored(study))


def _stored(study: Study) -> dict[str, list[PairVersion]]:
    chosen: dict[str, list[PairVersion]] = {role: [] for role in ROLES}
    for stimulus in study.stimuli.select_related("pair_version"):
        chosen[stimulus.role].append(stimulus.pair_version)
    return chosen


def _warn_of_unused(request: HttpRequest, study: Study, versions: list[PairVersion]) -> None:
    """Say which main clips no cell uses, for instance because they have no picture."""
    used = set(study.stimuli.filter(role=Stimulus.Role.MAIN).values_list("pair_version_id", flat=True))
    unused = [version for version in versions if version.pk not in used]
    if unused:
        composers = ", ".join(sorted({version.composer for version in unused}))
        messages.warning(request, f"{len(unused)} of the chosen clips fit no cell and are left out (of {composers}).")


def _read(public_ids: Iterable[str]) -> list[PairVersion]:
    valid = [text for text in public_ids if _is_uuid(text)]
    return list(ready_pair_versions().filter(public_id__in=valid))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _show(request: HttpRequest, study: Study, form: CellsForm, chosen: dict[str, list[PairVersion]]) -> HttpResponse:
    current = {role: {version.pk for version in versions} for role, versions in chosen.items()}
    taken = set().union(*current.values())
    ready = ready_pair_versions().defer("notes", "features", "attributes", "scores")
    filters = ClipFilterForm(request.GET, composers=composers_with_clips())
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
    if chosen.get("picture"):
        versions = versions.filter(pair__image__isnull=chosen["picture"] == "without")
    found = list(versions[:MOST_SHOWN])
    if chosen.get("newest"):
        newest: dict[tuple[int, str], PairVersion] = {}
        for version in found:
            # Imported clips are no attempts at one thing: each is a clip of its own.
            key = (version.pair_id, version.source_sha256 or version.composer)
            if key not in newest or newest[key].number < version.number:
                newest[key] = version
        found = list(newest.values())
    return found

"""Choosing a draft's clips among the ready pair versions, and its cells, with what that choice would mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation.models import PairVersion
from generation.queries import composers_with_clips, ready_pair_versions, without_measures
from survey import actions
from survey.actions.building import plan_stimuli, spread_out
from survey.actions.cells import CELLS, DraftRefused, cell_key, say_left_out
from survey.actions.comparing import pair_reasons
from survey.actions.publishing import reasons_against_numbers
from survey.design.sentence import Sentence, read_sentence
from survey.forms import CellsForm, ClipFilterForm
from survey.models import Condition, Stimulus, Study
from survey.queries.in_front import in_front
from survey.queries.overview import overview_of
from survey.queries.planned import Planned, stored_plan
from survey.views.access import of_study

MOST_SHOWN = 300
ROLES = Stimulus.Role.values
Chosen = dict[str, list[PairVersion]]


@require_http_methods(["GET", "HEAD", "POST"])
@of_study(edit=True)
def clips(request: HttpRequest, study: Study) -> HttpResponse:
    """The clips and cells of a draft; `reckon` shows what a choice would mean and stores nothing."""
    if not study.is_draft:
        messages.error(request, "This study is published and frozen. Make a new version to change its clips.")
        return redirect(study)
    sent = request.POST if request.method == "POST" else None
    form = CellsForm(sent, study=study, current=cells_of(study), composers=composers_with_clips())
    if not form.is_bound:
        return _show(request, study, form, _stored(study), _tell(study, stored_plan(study), cells_of(study)))
    chosen = {role: read_clips(request.POST.getlist(role)) for role in ROLES}
    if request.POST.get("reckon"):
        told = _reckon(study, form, chosen)
        if request.POST["reckon"] == "part":
            return render(request, "survey/studies/_plan.html", told)
        return _show(request, study, form, chosen, told)
    if form.is_valid():
        try:
            number = _save(request, study, form, chosen)
        except DraftRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{number} stimuli are chosen.")
            for sentence in say_left_out(chosen[Stimulus.Role.MAIN], stored_plan(study)):
                messages.warning(request, sentence)
            return redirect("study_publish" if request.POST.get("next") == "publish" else "study", slug=study.slug)
    return _show(request, study, form, chosen, _reckon(study, form, chosen), status=400)


def _save(request: HttpRequest, study: Study, form: CellsForm, chosen: Chosen) -> int:
    return actions.set_stimuli(
        study=study,
        by=request.user,
        cells=form.cells(),
        versions=chosen[Stimulus.Role.MAIN],
        practice=chosen[Stimulus.Role.PRACTICE],
        gold=chosen[Stimulus.Role.GOLD],
        **form.spreading(),
    )


def _reckon(study: Study, form: CellsForm, chosen: Chosen) -> dict[str, Any]:
    """What the choice on the screen would mean; nothing is stored."""
    if not form.is_valid():
        return {"study": study, "refused": "Mend what is marked in the design, and the numbers come back."}
    spread_out(study, **form.spreading())
    try:
        planned = plan_stimuli(
            study=study,
            versions=chosen[Stimulus.Role.MAIN],
            cells=form.cells(),
            practice=chosen[Stimulus.Role.PRACTICE],
            gold=chosen[Stimulus.Role.GOLD],
        )
    except DraftRefused as refused:
        return {"study": study, "refused": str(refused)}
    return _tell(study, planned, form.cells(), chosen[Stimulus.Role.MAIN])


def _tell(
    study: Study, planned: Planned, cells: dict[str, float], chosen: Sequence[PairVersion] = ()
) -> dict[str, Any]:
    """The design in words, what publishing it would mean, what would be left out, and what is in the way."""
    sentence = read_sentence(cells)
    return {
        "study": study,
        "said": _say(study, sentence) if sentence else "",
        "overview": overview_of(study, planned),
        "left_out": say_left_out(chosen, planned),
        "in_the_way": [*reasons_against_numbers(study, planned), *pair_reasons(study, planned)],
    }


def _say(study: Study, sentence: Sentence) -> str:
    if study.form.compares:
        return sentence.say_pairs(study.form.topic)
    return sentence.say(between=study.spread == Study.Spread.BETWEEN)


def cells_of(study: Study) -> dict[str, float]:
    """The cells a draft has now, by their keys (see `cell_key`)."""
    kinds = {(cell.presentation, cell.matching): kind for kind, cell in CELLS.items()}
    rows = Condition.objects.filter(study=study).values_list("presentation", "matching", "composer", "weight")
    found = {cell_key(kinds[presentation, matching], name): weight for presentation, matching, name, weight in rows}
    return found or {"matched": 1.0}


def _stored(study: Study) -> Chosen:
    chosen: Chosen = {role: [] for role in ROLES}
    for stimulus in study.stimuli.select_related("pair_version"):
        chosen[stimulus.role].append(stimulus.pair_version)
    return chosen


def read_clips(public_ids: Iterable[str]) -> list[PairVersion]:
    """The ready clips among those named; what is no id names none."""
    ids = [found for text in public_ids if (found := read_id(text))]
    return list(without_measures(ready_pair_versions()).filter(public_id__in=ids))


def read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _show(
    request: HttpRequest, study: Study, form: CellsForm, chosen: Chosen, told: dict[str, Any], status: int = 200
) -> HttpResponse:
    current = {role: {version.pk for version in versions} for role, versions in chosen.items()}
    taken = set().union(*current.values())
    ready = without_measures(ready_pair_versions())
    filters = ClipFilterForm(request.GET, composers=composers_with_clips())
    shown = _filtered(ready, filters.chosen())
    shown += [version for version in ready.filter(pk__in=taken) if version not in shown]
    shown.sort(key=lambda version: (version.pk not in taken, version.pair.emotion.position))
    front = in_front(study)
    rows = [(version, {role: version.pk in current[role] for role in ROLES}, front.has(version)) for version in shown]
    context = {**told, "study": study, "form": form, "filters": filters, "rows": rows}
    return render(request, "survey/studies/clips.html", context, status=status)


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

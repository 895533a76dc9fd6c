"""Beginning a study: which kind it is, its form, and the clips that were chosen for it beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generation.models import PairVersion
from generation.queries import ready_pair_versions, without_measures
from survey import actions
from survey.actions.cells import DraftRefused
from survey.design.templates import TEMPLATES, StudyTemplate
from survey.forms import StudyForm
from survey.models import Lesson, Study
from survey.queries.picking import Picked, pick_clips
from survey.queries.taught import lessons_for
from survey.views.access import for_creators
from survey.views.clips import read_clips, read_id

EMPTY = StudyTemplate(name="empty", label="An empty form", for_whom="", cells=("matched",), clips="none")
"""No kind of study at all: the form as it is, whatever clips were chosen."""
TEACH = StudyTemplate(
    name="teach",
    label="Clips that teach",
    for_whom="For whoever wants to learn more: clips that a lesson named, heard alone as those that taught it.",
    cells=("music_only",),
    clips="none",
)
"""What a lesson's page begins where its answers were to clips alone: answers beside pictures would not count."""
UNLISTED = {template.name: template for template in (EMPTY, TEACH)}
"""Without a card of their own."""


@dataclass(frozen=True)
class Begun:
    """What was chosen before the form: a kind of study, and clips by `version` or all of a `run`."""

    template: StudyTemplate | None
    run: str
    versions: list[PairVersion]
    left_out: int

    @cached_property
    def picked(self) -> Picked:
        """The clips that fit and their cells; neither where nothing was chosen."""
        template = self.template or EMPTY
        if template is EMPTY and not self.versions:
            return Picked([], {})
        return pick_clips(template, self.versions)


@require_http_methods(["GET", "HEAD", "POST"])
@for_creators
def new(request: HttpRequest) -> HttpResponse:
    """The kinds of study, then the form of one; a form that is sent makes the draft, with its clips where there are."""
    begun = _read(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and not _only_chooses(request.POST):
        return _make(request, begun)
    if begun.template is None:
        return render(request, "survey/studies/templates.html", {"begun": begun, "templates": TEMPLATES.values()})
    return _show(request, begun, StudyForm(initial=_initial(begun)))


def _only_chooses(sent: QueryDict) -> bool:
    """Whether clips or a kind of study were chosen, and no form was filled in."""
    return "title" not in sent


def _read(sent: QueryDict) -> Begun:
    name, run = sent.get("template", ""), read_id(sent.get("run", ""))
    ids = list(dict.fromkeys(sent.getlist("version")))
    if run:
        asked = PairVersion.objects.filter(run__public_id=run).count()
        versions = list(_in_order(ready_pair_versions().filter(run__public_id=run)))
    else:
        asked, versions = len(ids), read_clips(ids)
    template = UNLISTED.get(name) or TEMPLATES.get(name)
    return Begun(template, str(run or ""), versions, asked - len(versions))


def _in_order(versions: Any) -> Any:
    return without_measures(versions).order_by("pk")


def _initial(begun: Begun) -> dict[str, Any]:
    """What the kind of study sets, with no more clips for each person than there are."""
    assert begun.template is not None
    settings: Mapping[str, Any] = begun.template.settings
    wanted = settings.get("clips_per_participant") or Study._meta.get_field("clips_per_participant").get_default()
    return {**settings, "clips_per_participant": begun.picked.clips_each(wanted)}


def _make(request: HttpRequest, begun: Begun) -> HttpResponse:
    form = StudyForm(request.POST)
    if not form.is_valid():
        return _show(request, begun, form)
    study = actions.create_study(by=request.user, **form.values())
    picked = begun.picked
    if not picked.cells:
        messages.success(request, _say_saved(0))
        return redirect("study_clips", slug=study.slug)
    try:
        actions.set_stimuli(study=study, versions=picked.versions, cells=picked.cells, by=request.user)
    except DraftRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _say_saved(len(picked.versions)))
    if picked.lacking:
        messages.warning(request, picked.lacking)
    return redirect("study_clips", slug=study.slug)


def _say_saved(clips: int) -> str:
    if not clips:
        return "The draft is saved. Now choose its clips."
    those = "One clip that fits is chosen" if clips == 1 else f"{clips} clips that fit are chosen"
    return f"The draft is saved. {those}: look the design over, and change what you like."


def _lesson_to_test(request: HttpRequest, begun: Begun) -> Lesson | None:
    """The lesson whose old and new targets the clips were made for, with its studies; one that may be changed."""
    found = begun.picked.lesson
    return lessons_for(request.user, edit=True).filter(pk=found.pk).first() if found else None


def _show(request: HttpRequest, begun: Begun, form: StudyForm) -> HttpResponse:
    context = {
        "begun": begun,
        "form": form,
        "is_empty": begun.template in (None, EMPTY),
        "picked": begun.picked,
        "lesson": _lesson_to_test(request, begun),
    }
    return render(request, "survey/studies/new.html", context, status=400 if form.is_bound else 200)

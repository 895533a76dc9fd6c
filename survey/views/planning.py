"""The planning page: before a study from assumptions, during it from its own answers."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from survey.analysis.forecast import Spreads, estimate_spreads
from survey.analysis.planned import NEW_TARGETS
from survey.analysis.report import main_trials
from survey.design.planning import Assumptions, PlanRefused, curve, power_curve, preregistration, summary
from survey.figures import to_svg
from survey.figures.curves import draw_plan
from survey.findings import read_ratings
from survey.forms.planning import DEFAULTS, PlanForm
from survey.models import Condition, Stimulus, Study
from survey.queries import studies_for, study_for
from survey.queries.access import with_results
from survey.queries.stimuli import compares_targets
from survey.rehearsal import Outcome, Work, make_plan
from survey.views.access import show_hidden

WORK = Work(studies=500, size=4_000_000)
CURVE_CLIPS = (16, 240)
FILLED_FROM = "filled_from"
"""The form says whose numbers its fields hold, so that a study chosen anew brings its own."""


@require_safe
@login_required
def planning(request: HttpRequest) -> HttpResponse:
    study = study_for(request.user, request.GET.get("study", "")) if request.GET.get("study") else None
    if study and not study.shows_results:
        return show_hidden(request, study, status=403)
    cell = _main_cell(study) if study else None
    # Of right answers to targets and lures no hit rate can be planned.
    spreads = _spreads(study, cell) if study and not study.has_lures else None
    clips = _clips(study, cell) if study else 0
    taken = _from_study(study, spreads, clips)
    if request.GET.get("target") == NEW_TARGETS and study and not compares_targets(study):
        taken.pop("clips", None)  # those of another wave; how many of each the next one takes is what is asked
    form = PlanForm({**DEFAULTS, **_given(request), **_fresh(request, taken, study)})
    context: dict[str, Any] = {
        "form": form,
        "study": study,
        "spreads": spreads,
        "cell": cell if study and study.conditions.count() > 1 else None,
        "studies": with_results(studies_for(request.user)).exclude(status=Study.Status.DRAFT),
    }
    if form.is_valid():
        try:
            assumed = form.assumptions()
            goal = form.goal(assumed)
            outcome = make_plan(assumed, goal, WORK)
            outcome = replace(outcome, plan=replace(outcome.plan, of_targets=form.compares_targets))
        except PlanRefused as refused:
            form.add_error(None, str(refused))
        else:
            context |= _shown(outcome, assumed)
            context["forecast"] = _forecast(outcome, assumed, spreads, clips)
            context["changed"] = [
                form.fields[name].label or name
                for name, value in taken.items()
                if form.cleaned_data[name] != value and not (name == "cells" and form.compares_targets)
            ]
    return render(request, "survey/results/planning.html", context, status=200 if form.is_valid() else 400)


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.GET.items() if name in PlanForm.base_fields and value != ""}


def _fresh(request: HttpRequest, taken: dict[str, Any], study: Study | None) -> dict[str, Any]:
    """The study's numbers that go before what was sent: all where it has just been chosen in the form.

    A form that already holds them sends them back, changed or not. An address without that mark was made by hand or
    is old: what it names stays, unless it is only what the empty form proposes.
    """
    source = request.GET.get(FILLED_FROM)
    if study is None or source == study.slug:
        return {}
    if source is not None:
        return taken
    given = _given(request)
    return {name: value for name, value in taken.items() if given.get(name) in (None, str(DEFAULTS.get(name)))}


def _main_cell(study: Study) -> Condition | None:
    """The cell whose numbers are taken: music alone, else picture and music that belong together, else the first."""
    cells = list(study.conditions.all())
    alone = [cell for cell in cells if cell.plays_music and not cell.shows_picture]
    together = [cell for cell in cells if cell.plays_music and cell.matching != Condition.Matching.MISMATCHED]
    return next(iter([*alone, *together, *cells]), None)


def _spreads(study: Study, cell: Condition | None) -> Spreads | None:
    """From the people whom the rules do not leave out, in one cell."""
    ratings = main_trials(read_ratings(study))
    keep = ratings.included
    if cell is not None and cell.name in ratings.levels("condition"):
        condition = ratings.factors["condition"]
        keep = keep & (condition.codes == condition.levels.index(cell.name))
    return estimate_spreads(ratings.compact(keep))


def _clips(study: Study, cell: Condition | None) -> int:
    """How many clips the cell has, those that nobody has answered yet among them."""
    main = study.stimuli.filter(role=Stimulus.Role.MAIN)
    return (main.filter(condition=cell) if cell is not None else main).count()


def _some(answered: int, clips: int) -> str:
    """The clips that have answers, and of how many where some have none."""
    return f"{clips} clips" if answered == clips else f"{answered} of {clips} clips"


def _from_study(study: Study | None, spreads: Spreads | None, clips: int) -> dict[str, Any]:
    """What a running study tells, in place of assumptions; spreads no larger than can be around its hit rate."""
    if study is None or spreads is None:
        return {}
    share = round(min(0.99, max(0.01, spreads.share)), 3)
    most = 0.9 * math.sqrt(share * (1 - share))
    shrink = min(1.0, most / max(math.hypot(spreads.participants, spreads.clips), 1e-9))
    within = study.spread == Study.Spread.WITHIN
    sides = Counter(study.stimuli.exclude(side="").values_list("side", flat=True))
    return {
        "share": share,
        "spread_participants": round(shrink * spreads.participants, 3),
        "spread_clips": round(shrink * spreads.clips, 3),
        "trials": study.clips_per_participant,
        "clips": min(sides.values()) if sides else clips,
        "cells": max(1, min(study.conditions.count(), study.clips_per_participant)) if within else 1,
    }


def _shown(outcome: Outcome, assumed: Assumptions) -> dict[str, Any]:
    plan = outcome.plan
    people = sorted({max(4, round(plan.participants * step / 8)) for step in range(1, 17)})
    clips = sorted({*CURVE_CLIPS, plan.clips})
    said = summary(plan, assumed, outcome.tried)
    power = plan.target == "effect"
    if power:
        values = power_curve(assumed, plan.value, clips, people, comparisons=plan.comparisons)
        [[height]] = power_curve(assumed, plan.value, [plan.clips], [plan.participants], comparisons=plan.comparisons)
    else:
        values, height = curve(assumed, clips, people), plan.half_width
    return {
        "plan": plan,
        "cells": assumed.cells,
        "summary": [*said, *filter(None, [outcome.reason])],
        "svg": "".join(
            to_svg(
                draw_plan(clips, people, values, (plan.participants, height), narrow=size == "narrow", power=power),
                title="People, clips and power" if power else "People, clips and precision",
                description=said[0],
                name=f"plan-{size}",
                themed=True,
                size=size,
            )
            for size in ("wide", "narrow")
        ),
        "preregistration": preregistration(plan, assumed, outcome.tried),
    }


def _forecast(outcome: Outcome, assumed: Assumptions, spreads: Spreads | None, clips: int) -> str:
    """How far the study is from its target: with those of its clips that have answers, whatever number was planned."""
    if spreads is None:
        return ""
    plan = outcome.plan
    [[now]] = curve(assumed, [spreads.n_clips], [spreads.n_participants])
    said = (
        f"With the {spreads.n_participants} people so far and {_some(spreads.n_clips, clips)} the half-width is about"
        f" {100 * now:.1f} points."
    )
    if plan.clips != clips:
        return f"{said} The plan has {plan.clips} clips, so it is another study."
    more = plan.participants - spreads.n_participants
    if more > 0:
        return f"{said} The plan takes {more} more analysed people."
    return f"{said} The plan needs no more people."

"""The planning page: before a study from assumptions, during it from its own answers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from survey.analysis.forecast import Spreads, estimate_spreads
from survey.analysis.report import main_trials
from survey.design.planning import (
    Assumptions,
    Plan,
    PlanRefused,
    curve,
    expected_half_width,
    plan_power,
    plan_precision,
    preregistration,
    simulate_plan,
    summary,
)
from survey.figures import to_svg
from survey.figures.plancurve import draw_plan
from survey.findings import read_ratings
from survey.forms.planning import DEFAULTS, PlanForm
from survey.models import Study
from survey.queries import studies_for, study_for
from survey.queries.access import with_results
from survey.views.access import show_hidden

SIMULATED = 200
MOST_SIMULATED_ANSWERS = 20_000
CURVE_CLIPS = (16, 240)


@require_safe
@login_required
def planning(request: HttpRequest) -> HttpResponse:
    study = study_for(request.user, request.GET.get("study", "")) if request.GET.get("study") else None
    if study and not study.shows_results:
        return show_hidden(request, study, status=403)
    spreads = estimate_spreads(main_trials(read_ratings(study))) if study else None
    form = PlanForm({**DEFAULTS, **_from_study(study, spreads), **_given(request)})
    context: dict[str, Any] = {
        "form": form,
        "study": study,
        "spreads": spreads,
        "studies": with_results(studies_for(request.user)).exclude(status=Study.Status.DRAFT),
    }
    if form.is_valid():
        try:
            assumed = form.assumptions()
            plan = _make(form, assumed)
        except PlanRefused as refused:
            form.add_error(None, str(refused))
        else:
            context |= _shown(plan, assumed, spreads)
    return render(request, "survey/results/planning.html", context, status=200 if form.is_valid() else 400)


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.GET.items() if name in PlanForm.base_fields and value != ""}


def _from_study(study: Study | None, spreads: Spreads | None) -> dict[str, Any]:
    """What a running study tells, in place of assumptions."""
    if study is None or spreads is None:
        return {}
    return {
        "share": round(min(0.99, max(0.01, spreads.share)), 3),
        "spread_participants": round(spreads.participants, 3),
        "spread_clips": round(spreads.clips, 3),
        "trials": study.clips_per_participant,
        "clips": spreads.n_clips,
    }


def _make(form: PlanForm, assumed: Assumptions) -> Plan:
    values = form.cleaned_data
    if values["target"] == "effect":
        return plan_power(assumed, values["value"], values["power"], values["clips"])
    return plan_precision(assumed, values["value"], values["clips"])


def _shown(plan: Plan, assumed: Assumptions, spreads: Spreads | None) -> dict[str, Any]:
    simulated = None
    if plan.participants * assumed.trials_per_cell <= MOST_SIMULATED_ANSWERS:
        simulated = simulate_plan(assumed, plan.participants, plan.clips, studies=SIMULATED)
    people = sorted({max(4, round(plan.participants * step / 8)) for step in range(1, 17)})
    clips = sorted({*CURVE_CLIPS, plan.clips})
    said = summary(plan, assumed, simulated)
    widths, chosen = curve(assumed, clips, people), (plan.participants, plan.half_width)
    return {
        "plan": plan,
        "summary": said,
        "svg": "".join(
            to_svg(
                draw_plan(clips, people, widths, chosen, narrow=size == "narrow"),
                title="People, clips and precision",
                description=said[0],
                name=f"plan-{size}",
                themed=True,
                size=size,
            )
            for size in ("wide", "narrow")
        ),
        "preregistration": preregistration(plan, assumed),
        "forecast": _forecast(plan, assumed, spreads),
    }


def _forecast(plan: Plan, assumed: Assumptions, spreads: Spreads | None) -> str:
    if spreads is None:
        return ""
    now = expected_half_width(assumed, spreads.n_participants, spreads.n_clips)
    more = max(0, plan.participants - spreads.n_participants)
    return (
        f"With the {spreads.n_participants} people so far and {spreads.n_clips} clips the half-width is about"
        f" {100 * now:.1f} points; {more} more analysed people reach the target."
    )

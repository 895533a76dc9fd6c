"""The report of a study that compares two clips: its comparisons, and nothing about recognition."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np

from survey.analysis.measures import Asked, measure_all
from survey.analysis.paired.answers import Comparisons
from survey.analysis.paired.measure import measure_pairs
from survey.analysis.phases import Told, tell_nobody
from survey.analysis.primary import Plan, Primary, plan_without_result, without_plan
from survey.analysis.ratings import collect
from survey.analysis.report import SCHEMA
from survey.analysis.reported import Report

SEVERAL = (
    "not computed: more than two are compared, and the plan's words alone say which of them are meant; every two stand"
    " in the table of preferences"
)


def analyse_comparisons(pairs: Comparisons, *, plan: Plan | None = None, told: Told = tell_nobody) -> Report:
    """Return the report: every measure but the comparisons is None, as nobody was asked to recognise anything.

    Parameters
    ----------
    pairs : Comparisons
    plan : Plan, optional
        What was fixed before the data came.

    Examples
    --------
    >>> from survey.analysis.paired.answers import of_counts
    >>> report = analyse_comparisons(of_counts(("muse", "paper"), [[0, 64], [36, 0]]))
    >>> report.measures["paired"].n, report.measures["detection"], report.n.responses, report.n.stimuli
    (100, None, 100, 2)
    """
    told("accuracy")
    nothing = collect([])
    asked = Asked(nothing, nothing, nothing, "", 0, 0, pairs=pairs)
    measured = measure_all(asked, lambda measure: told(f"measures {measure}"))
    people = int(np.unique(pairs.people).size)
    assembled = {
        "schema": SCHEMA,
        "notes": measured.failed,
        "primary": primary_preference(pairs, plan).as_json(),
        "n": {
            "responses": len(pairs),
            "participants": people,
            "stimuli": int(np.unique(pairs.sounds).size),
            "missing": 0,
        },
        "settings": {"seed": 0, "replicates": 0, "level": 0.95},
    }
    return msgspec.structs.replace(msgspec.convert(assembled, Report), measures=measured.found)


def primary_preference(pairs: Comparisons, plan: Plan | None) -> Primary:
    """Return how often the first of two cells is preferred to the second, among people whom the planned rules keep.

    `reason` is there wherever anything is None, the result itself, an interval or p.

    Examples
    --------
    >>> from survey.analysis.paired.answers import of_counts
    >>> found = primary_preference(of_counts(("muse", "paper"), [[0, 64], [36, 0]]), Plan("today", measure="muse"))
    >>> round(found.estimate, 3), found.kind, found.cell
    (0.64, 'preference', 'muse over paper')
    """
    if plan is None:
        return without_plan()
    if not plan.names_measure:
        return plan_without_result(plan, "not defined: the plan names no primary measure")
    if len(pairs.names) != 2:
        return plan_without_result(plan, SEVERAL)
    kept = pairs.select(pairs.included) if plan.has_rules else pairs
    found = measure_pairs(kept)
    one = found.preferences[0]
    return replace(
        plan_without_result(plan, found.reason),
        cell=f"{one.a} over {one.b}",
        participants=found.people,
        left_out=int(np.unique(pairs.people[~pairs.included]).size) if plan.has_rules else 0,
        n=found.n,
        estimate=one.probability,
        chance=0.5,
        interval=one.participants_stimuli,
        these_clips=one.participants,
        kind="preference",
        share_a=one.chosen / one.n if one.n else None,
        p_value=one.p_value,
    )

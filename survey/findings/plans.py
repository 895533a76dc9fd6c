"""The plan of analysis that a study fixed at publication, as the report takes it."""

from __future__ import annotations

from survey.analysis.planned import PLANNED
from survey.analysis.primary import Plan
from survey.findings.recruitment import count_people
from survey.models import Study
from survey.preregistration import plan_facts
from survey.queries.numbers import planned_number


def plan_of(study: Study) -> Plan | None:
    """Return what was fixed; None for a draft, and where neither a plan nor a rule was written."""
    facts = plan_facts(study)
    if study.published_at is None or not facts:
        return None
    plan = study.analysis_plan
    return Plan(
        fixed_at=f"{study.published_at:%Y-%m-%d %H:%M} UTC",
        measure=str(plan.get("primary_measure", "")).strip(),
        cell=plan["primary_cell"] if plan.get("primary_cell") in PLANNED else "",
        facts=facts,
        has_rules=bool(study.exclusion_rules),
        planned_n=planned_number(study, "planned_n"),
        complete=count_people(study).complete,
        closed=study.status == Study.Status.CLOSED,
    )

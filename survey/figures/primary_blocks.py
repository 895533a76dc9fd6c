"""What comes first in a report: the plan as it was fixed, and the primary measure under its rules."""

from __future__ import annotations

from survey.analysis.measures.shown import Table
from survey.analysis.primary_words import say_primary
from survey.analysis.reported import Report


def plan_table(report: Report) -> Table:
    """Return the plan as a table; without rows where none was fixed."""
    found = report.primary
    rows = [[what, said] for what, said in found.plan.items()]
    caption = f"Fixed at publication, {found.fixed_at}, before the first answer." if found.fixed_at else ""
    return Table("plan", "Plan of analysis", ["What", "As fixed"], rows, caption, kinds={"As fixed": "remark"})


def primary_sentences(report: Report) -> list[str]:
    """Return the primary measure's result and what is exploratory, sentence by sentence."""
    return say_primary(report.primary)

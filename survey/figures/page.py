"""The page that `manage.py analyse --html` writes."""

from __future__ import annotations

from survey.analysis.reported import Report
from survey.figures.document import StudyFacts, report_blocks
from survey.figures.html_report import to_html


def write_report_page(report: Report, source: str) -> str:
    """Return a self-contained page with the tables and figures of any analysed table."""
    return to_html(report_blocks(report, StudyFacts(title=source)))

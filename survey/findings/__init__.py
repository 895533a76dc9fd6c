"""From a study's answers in the database to its findings: read once, computed once per data version."""

from survey.findings.columns import Choice, read_ratings
from survey.findings.recruitment import Recruitment, count_people
from survey.findings.reports import report_of

__all__ = ["Choice", "Recruitment", "count_people", "read_ratings", "report_of"]

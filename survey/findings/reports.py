"""The report of a study, computed once per version of its data."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from django.core.cache import cache
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from msgspec.structs import replace

from survey.analysis.comparisons import MARGIN
from survey.analysis.course import widths_over_time
from survey.analysis.report import REPLICATES, analyse, main_trials, primary_cell
from survey.analysis.report_file import read_report, write_report
from survey.analysis.reported import Report
from survey.findings.code_version import CODE_VERSION
from survey.findings.columns import Choice, read_ratings
from survey.findings.plans import plan_of
from survey.findings.questions import count_asked
from survey.models import AuditEntry, Fill, Participant, Study, Trial

KEPT_SECONDS = 24 * 3600
SEED = 2024
VERDICTS = ("exclude", "take_back", "judge")
"""What the log says whenever verdicts change without a new answer."""


def report_of(study: Study, choice: Choice | None = None) -> Report:
    """Return the report on the answers that `choice` selects, kept until the data change."""
    choice = choice or Choice()
    key = _key(study, choice)
    kept = _kept(key)
    if kept is not None:
        return kept
    report = compute_report(study, choice)
    cache.set(key, write_report(report), KEPT_SECONDS)
    return report


def _kept(key: str) -> Report | None:
    """The report as it was kept; None where there is none, or one that this code cannot read."""
    data = cache.get(key)
    if not isinstance(data, bytes):
        return None
    try:
        return read_report(data)
    except msgspec.MsgspecError:
        return None


def compute_report(study: Study, choice: Choice) -> Report:
    """Return the report, computed now. The seed is fixed: the same answers give the same numbers."""
    ratings = read_ratings(study, choice)
    plan = plan_of(study)
    report = analyse(ratings, seed=SEED, replicates=REPLICATES, margin=margin_of(study), plan=plan)
    report = replace(report, asked=count_asked(study, choice))
    if choice != Choice():  # what was planned is of the whole study, whatever part of it is looked at
        report = replace(report, primary=report_of(study).primary)
    if study.status == Study.Status.CLOSED:
        primary = primary_cell(main_trials(ratings), plan.cell if plan else "")[1]
        report = replace(report, course=widths_over_time(primary))
    return report


def margin_of(study: Study) -> float:
    """Return the margin of equivalence that the analysis plan fixed, or the usual one."""
    margin = study.analysis_plan.get("margin")
    return float(margin) if isinstance(margin, int | float) and 0 < margin < 1 else MARGIN


def _key(study: Study, choice: Choice) -> str:
    text = repr((CODE_VERSION, study.pk, study.status, data_version(study), study.has_forgotten, choice))
    return f"report:{hashlib.sha256(text.encode()).hexdigest()}"


def data_version(study: Study) -> tuple[Any, ...]:
    """Return what differs whenever an answer, a withdrawal or a verdict comes, or a lease ends; cheap to ask for."""
    people = Participant.objects.filter(study=study, kind=Participant.Kind.PERSON).aggregate(
        n=Count("pk"),
        withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
        excluded=Count("pk", filter=Q(included=False)),
        who=Sum("pk", filter=Q(included=False)),
        finished=Max("finished_at"),
        seen=Max("last_seen_at"),  # moves with every answer, repeats among them
    )
    fills = Fill.objects.filter(stimulus__study=study).aggregate(n=Sum("answers"), seconds=Sum("seconds"))
    judged = AuditEntry.objects.filter(study=study, action__in=VERDICTS).aggregate(last=Max("pk"))
    # An unanswered trial counts as missing once its lease has run out: with no other row changing.
    given = Trial.objects.filter(participant__study=study, answered_at__isnull=True).aggregate(
        open=Count("pk"), on_screen=Count("pk", filter=Q(lease_expires_at__gt=timezone.now()))
    )
    return (*people.values(), *fills.values(), *judged.values(), *given.values())

"""Asking for a report that a worker makes."""

from __future__ import annotations

from django.utils import timezone

from melodymuse_site.jobs.leases import requeue
from survey.actions.acting import on_study
from survey.models import ReportJob, Study


@on_study
def request_report(*, study: Study, cell: str, composer: str, included_only: bool) -> tuple[ReportJob, bool]:
    """Have the report of `study` on a choice of its answers made; whether it was not being made already.

    Not logged, as no look at the results is.
    """
    choice = {"cell": cell, "composer": composer, "included_only": included_only}
    job, is_asked = ReportJob.objects.get_or_create(study=study, **choice)
    if not is_asked and not job.is_open:
        ended = ReportJob.objects.filter(pk=job.pk)
        requeue(ended, attempts=0, queued_at=timezone.now(), finished_at=None, error="")
        job.refresh_from_db()
        is_asked = True
    job.study = study
    return job, is_asked

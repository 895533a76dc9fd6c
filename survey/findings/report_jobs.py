"""Making the report that a row asks for: claimed once, phase by phase, kept for all processes at the end."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

from django.utils import timezone

from melodymuse_site import keeping
from melodymuse_site.jobs.heartbeat import beating
from melodymuse_site.jobs.leases import TRANSIENT, Lease, LeaseLost, claim, fail, finish, give_back, renew, retry
from melodymuse_site.queues import explain
from survey.analysis.report_file import write_report
from survey.analysis.reported import Report
from survey.findings.columns import Choice
from survey.findings.reports import count_answers, grounds_of, keep_report, kept_report, key_of, report_of
from survey.models import ReportJob, Study

logger = logging.getLogger(__name__)
PHASE_LENGTH = ReportJob._meta.get_field("phase").max_length
TASK = "survey.tasks.make_report"
KEEPING = "keeping"
"""What a row says as its phase when its report is computed; one that failed so far was not kept."""
WORKER_SECONDS = 3 * keeping.AWAY_SECONDS
"""A worker offers a report that took minutes for so long: Redis that once was slow is not asked for a third of it."""
HERE_SECONDS = 1.0
"""Somebody who waits for a page is shown the report instead."""
PAUSE_SECONDS = 0.5


class TooLarge(Exception):
    """Nothing will ever keep this report."""


class NotTaken(TimeoutError):
    """Whatever keeps reports took nothing in; later it may."""


def run_report(job_id: int, *, here: bool = False) -> Report | None:
    """Make one report, unless another process has it. Returns it, also where it could not be kept; None without one.

    `here`, in the process that answers a page, nobody waits long until it is kept: it is shown, and the row waits on.
    """
    lease = claim(ReportJob, job_id)
    if lease is None:
        return None
    job = ReportJob.objects.select_related("study").get(pk=job_id)
    report = None
    try:
        with beating(lease):
            study, choice = job.study, choice_of(job)
            stands = _stand(study, choice)
            told = partial(_note, lease)
            report = report_of(study, choice, key=stands["kept_key"], told=told)
            told(KEEPING)
            _keep(stands["kept_key"], report, HERE_SECONDS if here else WORKER_SECONDS)
        finish(lease, phase="", **stands)
    except LeaseLost:
        logger.info("Report %s was given to another process.", job.public_id)
    except NotTaken as error:
        if here:
            give_back(lease)
        else:
            retry(lease, error, str(error))
    except TRANSIENT as error:
        retry(lease, error)
    except TooLarge as error:
        fail(lease, str(error))
    except Exception as error:  # whatever it is, whoever waits is told
        fail(lease, explain(error, TASK))
        logger.exception("Report %s failed.", job.public_id)
    return report


def _note(lease: Lease, phase: str) -> None:
    renew(lease, phase=phase[:PHASE_LENGTH])


def was_not_kept(job: ReportJob) -> bool:
    """Whether the report was computed, and then nothing kept it."""
    return bool(job.status == ReportJob.Status.FAILED and job.phase == KEEPING)


def choice_of(job: ReportJob) -> Choice:
    return Choice(cell=job.cell, composer=job.composer, included_only=job.included_only)


def last_report(job: ReportJob) -> Report | None:
    """The report that was made last, while nothing has happened since but that answers came."""
    study, choice = job.study, choice_of(job)
    if not job.kept_key or job.grounds != grounds_of(study, choice) or count_answers(study) < job.made_of:
        return None
    return kept_report(job.kept_key)


def _stand(study: Study, choice: Choice) -> dict[str, Any]:
    """What the row says of a report that is made now."""
    return {
        "made_at": timezone.now(),
        "grounds": grounds_of(study, choice),
        "made_of": count_answers(study),
        "kept_key": key_of(study, choice),
    }


def _keep(key: str, report: Report, seconds: float) -> None:
    """Wait until the report is kept: others may hold the lock to write, and Redis may be away for a while."""
    if kept_report(key) is not None:
        return
    size = len(write_report(report))
    if size > keeping.MOST_BYTES:
        raise TooLarge(
            f"The report was computed and could not be kept. It has {size / 1e6:.1f} MB, and at most "
            f"{keeping.MOST_BYTES / 1e6:.0f} MB are kept. Every file of it is computed when it is asked for."
        )
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
        keep_report(key, report)
        if kept_report(key) is not None:
            return
    raise NotTaken(
        "The report was computed and could not be kept. The Redis of CACHE_URL, or without one the database, takes "
        "nothing in: see the log."
    )

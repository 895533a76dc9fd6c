"""What Celery workers are told about studies: a thin nudge per export and report; the row is the truth."""

from __future__ import annotations

from celery import shared_task

from melodymuse_site.jobs.sweeping import sweep
from melodymuse_site.nudges import send


@shared_task
def make_export(job_id: int) -> None:
    """Make one export pack, if nobody else has."""
    from survey.exports.making import run_export

    run_export(job_id)


@shared_task
def make_report(job_id: int) -> None:
    """Make one report, if nobody else has."""
    from survey.findings.report_jobs import run_report

    run_report(job_id)


@shared_task
def run_pilot(job_id: int) -> None:
    """Let simulated people take one draft, if nobody else does."""
    from survey.findings.pilots import run_pilot

    run_pilot(job_id)


@shared_task
def learn(lesson_id: int) -> None:
    """Have one lesson, if nobody else does."""
    from survey.findings.lessons import run_lesson

    run_lesson(lesson_id)


@shared_task
def sweep_exports() -> None:
    """Give the packs, reports, trial runs and lessons of dead workers to others, and send again what nobody took."""
    from survey.models import ExportJob, Lesson, PilotJob

    send(make_export, sweep(ExportJob).to_send)
    send(run_pilot, sweep(PilotJob).to_send)
    send(learn, sweep(Lesson).to_send)
    sweep_reports()


@shared_task
def sweep_packs() -> None:
    """Delete the packs that nobody may have any more."""
    from survey.actions.exporting import sweep_packs

    sweep_packs()


@shared_task
def anonymise_due() -> None:
    """Anonymise the studies whose retention date has come."""
    from survey.actions.leaving import anonymise_due

    anonymise_due()


@shared_task
def remind_due() -> None:
    """Remind researchers of what has happened in their studies."""
    from survey.actions.reminding import remind_due

    remind_due()


def send_export(job_id: int) -> None:
    """Send the nudge; where no broker answers, the sweep sends it again."""
    send(make_export, [job_id])


def send_pilot(job_id: int) -> None:
    """Send the nudge; where no broker answers, the sweep sends it again."""
    send(run_pilot, [job_id])


def send_lesson(lesson_id: int) -> None:
    """Send the nudge; where no broker answers, the sweep sends it again."""
    send(learn, [lesson_id])


def send_report(job_id: int) -> bool:
    """Send the nudge; False where no broker takes it."""
    return bool(send(make_report, [job_id]))


def sweep_reports() -> bool:
    """The same sweep for reports alone, at a look of somebody who waits; False where no broker takes what it sends."""
    from survey.models import ReportJob

    waiting = sweep(ReportJob).to_send
    return send(make_report, waiting) == len(waiting)

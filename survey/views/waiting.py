"""Results whose report is not there yet: who has it made, what is shown meanwhile, and the way out without a worker."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_safe
from redis import RedisError

from melodymuse_site import health
from melodymuse_site.queues import KINDS, queue_name
from survey.actions.reporting import request_report
from survey.analysis.phases import PHASES, share_before
from survey.analysis.reported import Report
from survey.findings import Choice, report_of
from survey.findings.report_jobs import KEEPING, TASK, last_report, run_report, was_not_kept
from survey.findings.reports import count_answers, is_large, kept_report, key_of, without_listeners
from survey.models import ReportJob, Study
from survey.tasks import send_report, sweep_reports
from survey.views.access import of_study
from survey.views.choices import choice_query

Status = ReportJob.Status
LOOK_SECONDS = 3
"""The waiting page looks so often."""
PATIENCE = timedelta(seconds=8)
"""A report that nobody took for so long waits for a worker that is busy or not there."""
SILENT = timedelta(seconds=20)
"""A worker says every five seconds, or more often, that it lives."""
RENEW_AFTER = timedelta(seconds=60)
"""While answers come in, a report this old is made anew when somebody looks; a younger one is shown as it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """A report to show; with a job it is an older one, made at `job.made_at` of `job.made_of` answers.

    The job is the row as it was when it named this report: whoever reads the row anew has to look for the report anew.
    """

    report: Report
    job: ReportJob | None = None
    is_told: bool = True
    """False where no broker brings the job to a worker."""

    @property
    def computed(self) -> str:
        """When and of how many answers an older report was made, for what is saved; else empty."""
        if self.job is None:
            return ""
        return f"Computed on {self.job.made_at:%Y-%m-%d at %H:%M} UTC of {self.job.made_of:,} answers"

    @property
    def dated(self) -> Report:
        """The report as it is saved: an older one says so in its first note."""
        if not self.computed:
            return self.report
        return msgspec.structs.replace(
            self.report, notes=[f"{self.computed}; answers that came later are not in it.", *self.report.notes]
        )


def find_report(
    request: HttpRequest, study: Study, choice: Choice, say: Callable[..., HttpResponse] | None = None
) -> Found | HttpResponse:
    """The report to show, or the answer that says how far it is: `say`, or the page that waits.

    Whoever reads by a link gets it without anybody's id.
    """
    found = _find(request, study, choice, say)
    reader = getattr(request, "reader", None)  # the API has none: it knows whose token it is
    if isinstance(found, HttpResponse) or reader is None or reader.is_member:
        return found
    return replace(found, report=without_listeners(found.report, study))


def _find(
    request: HttpRequest, study: Study, choice: Choice, say: Callable[..., HttpResponse] | None
) -> Found | HttpResponse:
    """The report for members.

    A small study's is computed here. A large one's is made by a worker; until it is there the last one is shown, if
    nothing has happened since but that answers came. Where no broker can be reached it is computed here as well, and
    so is every file of one that nothing keeps.
    """
    if not is_large(study):
        return Found(report_of(study, choice))
    key = key_of(study, choice)
    report = kept_report(key)
    if report is not None:
        return Found(report)
    job = study.report_jobs.filter(
        cell=choice.cell, composer=choice.composer, included_only=choice.included_only
    ).first()
    old, old_key = (last_report(job), job.kept_key) if job else (None, "")
    if job is None or _is_due(job, old):
        job, is_told = ask_worker(study, choice)
    else:
        is_told = _look_after(job)
    if job.kept_key != old_key:  # a worker came to its end between the two looks at the row
        old = last_report(job)
    if old is not None:
        return Found(old) if job.kept_key == key else Found(old, job, is_told)
    report = _make_here(request, study, choice, job, is_told)
    return Found(report) if report is not None else (say or _say_waiting)(request, study, choice, job, is_told)


def _make_here(request: HttpRequest, study: Study, choice: Choice, job: ReportJob, is_told: bool) -> Report | None:
    """The report, computed in this process, where no worker is told or nothing keeps what workers make."""
    reader = getattr(request, "reader", None)
    if reader is not None and not reader.is_member:  # a link makes no process work for it
        return None
    if job.status == Status.QUEUED and not is_told:
        report = run_report(job.pk, here=True)
        job.refresh_from_db()
        return report
    if was_not_kept(job) and not (is_told and _is_page(request)):
        return report_of(study, choice)
    return None


def _is_page(request: HttpRequest) -> bool:
    """Whether the results page is asked for, which has a button to compute it, and no file."""
    return request.resolver_match.url_name in ("results", "shared")


def _look_after(job: ReportJob) -> bool:
    """Give what dead workers held to others, as every look does; False where no broker brings the job to a worker.

    A broker is asked also when no message is due: the look before may have tried to send the one that was.
    """
    is_told = True
    if job.is_open:
        is_told = sweep_reports()
        job.refresh_from_db()
    if job.status == Status.QUEUED or was_not_kept(job):
        return is_told and health.look(["broker"])["broker"].ok
    return True


def describe_older(found: Found, study: Study) -> dict[str, Any] | None:
    """What the page says about a report that is older than the last answers; None of one that is not."""
    job = found.job
    if job is None:
        return None
    since = count_answers(study) - job.made_of
    age = timezone.now() - job.made_at
    told = timesince(job.made_at) if age >= timedelta(minutes=1) else "less than a minute"
    return {"job": job, "age": told, "since": since, "state": state_of(job, found.is_told), "look": LOOK_SECONDS}


def _is_due(job: ReportJob, old: Report | None) -> bool:
    """Whether an ended job is to be begun anew by itself; one that failed waits for somebody who presses."""
    if job.is_open or job.status == Status.FAILED:
        return False
    return old is None or job.made_at < timezone.now() - RENEW_AFTER


def ask_worker(study: Study, choice: Choice) -> tuple[ReportJob, bool]:
    """The job, and False where no broker took the message that is due."""
    job, is_asked = request_report(
        study=study, cell=choice.cell, composer=choice.composer, included_only=choice.included_only
    )
    return job, send_report(job.pk) if is_asked else True


def make_here(study: Study, choice: Choice) -> Report | None:
    """The report, computed in this process because somebody asked for that: no worker is told, who would take it."""
    job, _ = request_report(study=study, cell=choice.cell, composer=choice.composer, included_only=choice.included_only)
    return run_report(job.pk, here=True)


def _say_waiting(request: HttpRequest, study: Study, choice: Choice, job: ReportJob, is_told: bool) -> HttpResponse:
    """The page that waits, for browsers; for programs 503 with the time after which to ask again."""
    state = state_of(job, is_told)
    if "text/html" in request.headers.get("Accept", "") or _is_page(request):
        context = {
            "study": study,
            "query": choice_query(choice),
            "is_page": _is_page(request),
            "answers": count_answers(study),
            "state": state,
            "job": job,
            "look": LOOK_SECONDS,
        }
        response = render(request, "survey/results/waiting.html", context)
    else:
        said = f"The report of {count_answers(study):,} answers is not there yet. {state['said']}"
        response = HttpResponse(f"{said}\n", "text/plain; charset=utf-8", status=503)
        if request.path.endswith(".json"):
            response = JsonResponse({"error": said, "share": state["share"]}, status=503)
        response["Retry-After"] = retry_after(job)
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept, Cookie"
    return response


def retry_after(job: ReportJob) -> str:
    """Seconds after which a program asks again."""
    return "10" if job.is_open else "600"


def state_of(job: ReportJob, is_told: bool) -> dict[str, Any]:
    """How far a report is, as the page and its script say it; `is_told` is whether a broker brings it to a worker."""
    now = timezone.now()
    is_lost = job.status == Status.QUEUED and not is_told
    key = job.phase.partition(" ")[0]
    known = [phase.key for phase in PHASES]
    place = known.index(key) if key in known else len(known) if key == KEEPING else -1
    phases = [
        {"words": phase.words, "state": "done" if number < place else "now" if number == place else "ahead"}
        for number, phase in enumerate(PHASES)
    ]
    return {
        "status": job.status,
        "share": 100 if key == KEEPING else share_before(key),
        "phases": phases,
        "said": _say_lost(job, now) if is_lost else _say(job, now, place),
        "is_stuck": is_lost
        or job.status == Status.FAILED
        or (job.status == Status.QUEUED and job.queued_at < now - PATIENCE),
    }


def _say(job: ReportJob, now: datetime, place: int) -> str:
    if was_not_kept(job):
        return job.error
    if job.status == Status.FAILED:
        return f"The report could not be made: {job.error}"
    if job.status == Status.READY:
        return "The report is there."
    if job.status == Status.QUEUED:
        return _say_queued(job, now)
    last = job.lease_expires_at - job.terms.lease()
    if last < now - SILENT:
        return (
            f"Its worker has not been heard of for {_seconds(now - last)} seconds. If it is gone, another one begins "
            f"anew at {job.lease_expires_at:%H:%M:%S} UTC."
        )
    if place < 0:
        return "A worker begins."
    if place == len(PHASES):
        return "It is computed, and is being kept."
    measure = job.phase.partition(" ")[2].replace("_", " ")
    now_at = f" ({measure})" if measure else ""
    since = _seconds(now - job.started_at)
    return f"Phase {place + 1} of {len(PHASES)}{now_at}, {since} s after the beginning."


def _say_queued(job: ReportJob, now: datetime) -> str:
    waited = _seconds(now - job.queued_at)
    if job.queued_at >= now - PATIENCE:
        return "It waits for a worker."
    queue = queue_name(settings.CELERY_TASK_DEFAULT_QUEUE, KINDS[TASK].queue)
    try:
        serving = [worker for worker in health.workers() if queue in worker.queues]
    except RedisError:
        return _say_lost(job, now)
    if not serving:
        return f"Nobody has taken it for {waited} seconds: no worker runs that makes reports ({queue})."
    return f"Nobody has taken it for {waited} seconds: the workers are busy with other reports, packs or imports."


def _say_lost(job: ReportJob, now: datetime) -> str:
    waited = _seconds(now - job.queued_at)
    return f"Nobody has taken it for {waited} seconds: the broker, which brings work to workers, does not answer."


def _seconds(time: timedelta) -> int:
    return max(0, math.floor(time.total_seconds()))


def look_at(study: Study, public_id: Any) -> dict[str, Any]:
    """How far a report is. What a dead worker held, or nobody took, is given to others by the same look."""
    job = study.report_jobs.filter(public_id=public_id).first()
    if job is None:
        raise Http404
    return state_of(job, _look_after(job))


@require_safe
@of_study(results=True, linked=True)
def report_state(request: HttpRequest, study: Study, public_id: Any) -> JsonResponse:
    response = JsonResponse(look_at(study, public_id))
    response["Cache-Control"] = "no-store"
    return response

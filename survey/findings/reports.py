"""The report of a study, computed once per version of its data."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from msgspec.structs import replace

from survey.analysis.comparisons import MARGIN
from survey.analysis.course import widths_over_time
from survey.analysis.paired.report import analyse_comparisons, primary_preference
from survey.analysis.phases import Told, tell_nobody
from survey.analysis.primary import Plan, Primary, measure_primary
from survey.analysis.report import REPLICATES, analyse, main_trials, primary_cell
from survey.analysis.report_file import read_report, write_report
from survey.analysis.reported import Report, as_plain
from survey.findings.code_version import CODE_VERSION
from survey.findings.columns import Choice, read_ratings
from survey.findings.compared import read_comparisons
from survey.findings.plans import plan_of
from survey.findings.questions import count_asked
from survey.models import AuditEntry, Fill, Participant, Study, Trial
from survey.models.counted import IsAmong

Made = TypeVar("Made")
KEPT_SECONDS = 24 * 3600
MAKING_SECONDS = 15
"""So long at most one process waits for another that computes the same report; that one may have been killed."""
LOOK_SECONDS = 0.1
SEED = 2024
VERDICTS = ("exclude", "take_back", "judge")
"""What the log says whenever verdicts change without a new answer."""
LARGE = 4000
"""From so many answers on a worker makes the report: about four seconds of one core, which a page may still take."""


def is_large(study: Study) -> bool:
    """Whether the report of a study is too much for a request."""
    return count_answers(study) >= LARGE


def count_answers(study: Study) -> int:
    """Return how many answers people gave, by the counters that the answers keep."""
    fills = Fill.objects.filter(stimulus__study=study, kind=Participant.Kind.PERSON)
    return int(fills.aggregate(n=Sum("answers"))["n"] or 0)


def report_of(
    study: Study, choice: Choice | None = None, *, key: str | None = None, told: Told = tell_nobody
) -> Report:
    """Return the report on the answers that `choice` selects, kept for all processes until the data change.

    `key` is where it is kept, if that was asked for before (`key_of`); `told` hears of the phases of the computing.
    """
    choice = choice or Choice()
    key = key or key_of(study, choice)

    def make() -> Report:
        report = compute_report(study, choice, told)
        keep_report(key, report)
        return report

    return made_once(key, kept_report, make)


def made_once(key: str, kept: Callable[[str], Made | None], make: Callable[[], Made]) -> Made:
    """Return what `kept` finds under `key`, else what `make` returns and keeps; of many who ask, one makes it."""
    found = kept(key)
    if found is not None:
        return found
    mark, own = f"{key}:making", secrets.token_hex(8).encode()
    mine = _cache().add(mark, own, MAKING_SECONDS)
    try:
        made = kept(key) if mine else _made_by_another(key, mark, kept)
        return make() if made is None else made
    finally:
        # Whoever took longer than a mark lasts leaves the next one's alone.
        if mine and _cache().get(mark) == own:
            _cache().delete(mark)


def _cache() -> BaseCache:
    """The one that all web processes share; where it fails, nothing is kept and nobody makes anything."""
    return caches["reports"]


def _made_by_another(key: str, mark: str, kept: Callable[[str], Made | None]) -> Made | None:
    """Wait for what another makes; None where that one failed, is slow, or cannot keep it."""
    until = time.monotonic() + MAKING_SECONDS
    while (made := kept(key)) is None and _cache().get(mark) is not None and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    # Between the two looks it may have been stored, and the mark taken away.
    return made or kept(key)


def keep_report(key: str, report: Report) -> None:
    """Keep the report for a day, if whatever keeps it takes it."""
    _cache().set(key, write_report(report), KEPT_SECONDS)


def kept_report(key: str) -> Report | None:
    """The report as it was kept; None where there is none, or one that this code cannot read."""
    data = _cache().get(key)
    if not isinstance(data, bytes):
        return None
    try:
        return read_report(data)
    except (msgspec.MsgspecError, TypeError):  # no JSON, other fields, or no fields at all
        return None


def without_listeners(report: Report, study: Study) -> Report:
    """Return the report for whoever may not know who is who: no listener one by one, no id in any of its numbers.

    Ids stand beside people's answers in exports. Whatever names one (of the measures: who moves a result most) says
    “a listener” instead.
    """
    ids = set(study.participants.values_list("public_id", flat=True))

    def hide(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: hide(held) for name, held in value.items()}
        if isinstance(value, list | tuple):
            return [hide(held) for held in value]
        return "a listener" if isinstance(value, str) and value in ids else value

    return read_report(hide({**as_plain(report), "raters": []}))


def compute_report(study: Study, choice: Choice, told: Told = tell_nobody) -> Report:
    """Return the report, computed now. The seed is fixed: the same answers give the same numbers."""
    told("reading")
    plan = plan_of(study)
    if study.form.compares:
        report = analyse_comparisons(read_comparisons(study, choice), plan=plan, told=told)
    else:
        report = _analyse(study, choice, plan, told)
    report = replace(report, asked=count_asked(study, choice))
    if choice != Choice():  # what was planned is of the whole study, whatever part of it is looked at
        report = replace(report, primary=_primary_of_all(study, plan))
    return report


def _analyse(study: Study, choice: Choice, plan: Plan | None, told: Told) -> Report:
    """The report of a study whose trials play one clip."""
    ratings = read_ratings(study, choice)
    report = analyse(ratings, seed=SEED, replicates=REPLICATES, margin=margin_of(study), plan=plan, told=told)
    if study.status == Study.Status.CLOSED:
        primary = primary_cell(main_trials(ratings), plan.cell if plan else "")[1]
        report = replace(report, course=widths_over_time(primary))
    return report


def _primary_of_all(study: Study, plan: Plan | None) -> Primary:
    """The planned measure on all answers, from the kept report on them if there is one."""
    kept = kept_report(key_of(study, Choice()))
    if kept is not None:
        return kept.primary
    if study.form.compares:
        primary = primary_preference(read_comparisons(study), plan)
    else:
        primary = measure_primary(main_trials(read_ratings(study)), plan)
    return msgspec.convert(primary.as_json(), Primary)


def margin_of(study: Study) -> float:
    """Return the margin of equivalence that the analysis plan fixed, or the usual one."""
    margin = study.analysis_plan.get("margin")
    return float(margin) if isinstance(margin, int | float) and 0 < margin < 1 else MARGIN


def key_of(study: Study, choice: Choice) -> str:
    """Return where the report on the answers as they are now is kept."""
    text = repr((*_fixed(study, choice), study.slug, data_version(study)))
    return f"report:{hashlib.sha256(text.encode()).hexdigest()}"


def grounds_of(study: Study, choice: Choice) -> str:
    """Return what stays the same while answers do nothing but come in: as long, an older report may be shown.

    It differs as soon as somebody withdraws or a verdict is given by hand, when the study ends, and for other code.
    """
    withdrawn = Participant.objects.filter(
        study=study, kind=Participant.Kind.PERSON, withdrawn_at__isnull=False
    ).count()
    text = repr((*_fixed(study, choice), withdrawn, _last_verdict(study)))
    return hashlib.sha256(text.encode()).hexdigest()


def _fixed(study: Study, choice: Choice) -> tuple[Any, ...]:
    return CODE_VERSION, study.pk, study.status, study.has_forgotten, choice


def _last_verdict(study: Study) -> int | None:
    verdicts = AuditEntry.objects.filter(study=study, action__in=VERDICTS)
    last: int | None = verdicts.aggregate(last=Max("pk"))["last"]
    return last


def data_version(study: Study) -> tuple[Any, ...]:
    """Return what differs whenever an answer, a withdrawal or a verdict comes, a lease ends, or pictures are measured.

    It is cheap to ask for.
    """
    people = Participant.objects.filter(study=study, kind=Participant.Kind.PERSON).aggregate(
        n=Count("pk"),
        withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
        excluded=Count("pk", filter=Q(included=False)),
        who=Sum("pk", filter=Q(included=False)),
        finished=Max("finished_at"),
        seen=Max("last_seen_at"),  # moves with every answer, repeats among them
    )
    fills = Fill.objects.filter(stimulus__study=study).aggregate(
        n=Sum("answers"),
        seconds=Sum("seconds"),
        # Pictures that are labelled anew are measured anew: until then their lens lacks them.
        unmeasured=Count("pk", filter=Q(stimulus__picture__features={})),
    )
    # An unanswered trial counts as missing once its lease has run out: with no other row changing.
    given = Trial.objects.filter(
        IsAmong("stimulus_id", study.stimuli.values("pk")), participant__study=study, answered_at__isnull=True
    ).aggregate(open=Count("pk"), on_screen=Count("pk", filter=Q(lease_expires_at__gt=timezone.now())))
    return (*people.values(), *fills.values(), _last_verdict(study), *given.values())

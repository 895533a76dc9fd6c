"""What a study's researchers should hear of now: enough people, nobody for days, the end of the retention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from survey.models import Participant, Reminder, Study
from survey.queries.numbers import planned_number, with_numbers

NEARLY: Final = 0.8
"""From this share of the people wanted on it is time to think of the end."""
QUIET: Final = timedelta(days=7)
"""So long nobody came: links may be broken, or a recruiting service may have stopped."""
LATEST: Final = 100
"""Of so many people who came last it is looked when one was seen; those who came before them are taken to be gone.

Simulated people are none of them: a trial run of some hundreds would hide everybody who came before it.
"""
RETENTION: Final = timedelta(days=14)
"""So long before the retention date it is said what will be deleted."""

Kind = Reminder.Kind


class Due(NamedTuple):
    kind: str
    said: str


def wanted(study: Study) -> int | None:
    """How many people are wanted: the plan's number or the quota, whichever is reached first; None without both."""
    numbers = [number for number in (planned_number(study, "planned_n"), study.quota) if number]
    return min(numbers, default=None)


def reminded_studies() -> QuerySet[Study]:
    """Those about which anything may be due: `Study.is_reminded_of`, as a condition on rows."""
    return Study.objects.exclude(status=Study.Status.DRAFT).filter(
        Q(status=Study.Status.PUBLISHED) | Q(retention_until__isnull=False, anonymised_at__isnull=True)
    )


def with_last_seen(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Studies with `last_seen`: when the last one was there of the `LATEST` people who came last; None without any.

    Of a million people no more rows are read than of a hundred.
    """
    people = Participant.objects.filter(study=OuterRef(OuterRef("pk")), kind=Participant.Kind.PERSON)
    latest = people.order_by("-pk").values("pk")[:LATEST]
    seen = Participant.objects.filter(pk__in=latest).order_by("-last_seen_at")
    return studies.annotate(last_seen=Subquery(seen.values("last_seen_at")[:1]))


def due_about(study: Study, now: datetime | None = None) -> list[Due]:
    """What is to be said of `study` now, whether it was said already or not. None of it is a result."""
    return due_of(with_last_seen(with_numbers(Study.objects.filter(pk=study.pk))).get(), now)


def due_of(study: Any, now: datetime | None = None) -> list[Due]:
    """The same of a study that has come with its numbers and `last_seen`: nothing more is read."""
    now = now or timezone.now()
    return [*_about_people(study, now), *_about_retention(study, now)]


def _about_people(study: Any, now: datetime) -> Iterator[Due]:
    if not study.is_open:
        return
    number, complete = wanted(study), study.complete
    if number and complete >= number:
        yield Due(Kind.REACHED, f"{complete} of {number} people wanted are complete: the study can be closed.")
        return
    if number and complete >= NEARLY * number:
        yield Due(Kind.NEARLY, f"{complete} of {number} people wanted are complete.")
    since = max(filter(None, (study.published_at, study.last_seen)), default=now)
    if now - since >= QUIET:
        yield Due(
            Kind.QUIET,
            f"Nobody has come since {since:%Y-%m-%d}: look whether the link still reaches people, or close it.",
        )


def _about_retention(study: Study, now: datetime) -> Iterator[Due]:
    day = study.retention_until
    if study.is_draft or day is None or study.anonymised_at is not None:
        return
    left = day - timezone.localdate(now)
    if timedelta(0) < left <= RETENTION:
        days = "tomorrow" if left.days == 1 else f"in {left.days} days"
        yield Due(
            Kind.RETENTION,
            f"The retention ends {days}, on {day}: free words, background answers, ids and links are deleted then, and "
            "nobody can join any more. Take out before what you may keep.",
        )

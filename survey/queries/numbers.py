"""How many people a study has, for lists of studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from survey.models import Participant, Study

ROUND_NUMBER: Final = 100


@dataclass(frozen=True, slots=True)
class Aim:
    """How many people a study is reckoned with, and who says so: its plan, its quota, or nobody."""

    people: int
    said_by: Literal["plan", "quota", "nobody"]


def aim_of(study: Study) -> Aim:
    """The number of the analysis plan, else the quota, else a round number."""
    if people := planned_number(study, "planned_n"):
        return Aim(people, "plan")
    return Aim(study.quota, "quota") if study.quota else Aim(ROUND_NUMBER, "nobody")


def planned_number(study: Study, name: str) -> int | None:
    """A number of people or answers that the analysis plan names; None where it names none."""
    planned = study.analysis_plan.get(name)
    return planned if isinstance(planned, int) and planned > 0 else None


def with_numbers(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Studies with `started` and `complete`: people who agreed, and who finished. Withdrawals are not counted."""
    # Nothing but the columns of `people_by_outcome`: of a million people no row is read.
    people = (
        Participant.objects.filter(study=OuterRef("pk"), kind=Participant.Kind.PERSON)
        .exclude(outcome=Participant.Outcome.WITHDRAWN)
        .order_by()
        .values("study")
    )
    started = people.annotate(n=Count("study_id", filter=Q(consented_at__isnull=False))).values("n")
    complete = people.annotate(n=Count("study_id", filter=Q(outcome=Participant.Outcome.COMPLETE))).values("n")
    return studies.annotate(
        started=Coalesce(Subquery(started, output_field=IntegerField()), 0),
        complete=Coalesce(Subquery(complete, output_field=IntegerField()), 0),
    )

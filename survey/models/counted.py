"""Whose data count: people's, not those of previews or bots, as long as they have not withdrawn.

The one place that says so. Every table of answers, trials, events or people is asked through `objects.counted(study)`,
so that no export and no statistic can take in somebody who withdrew.

And how one study's rows are found among those of all others: by its people, whose rows lie together (`of_study`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from survey.models.studies import Study

PERSON = "person"


class IsAmong(models.Func):
    """Whether a key is among those that a query finds, which is asked once and first.

    As a join PostgreSQL would rather read the whole table, as soon as it expects many rows. How long an array will be
    it does not guess from the tables: it takes ten for granted, and so the index.
    """

    template = "%(expressions)s"
    arg_joiner = " IN "
    output_field = models.BooleanField()

    def __init__(self, key: str, found: models.QuerySet[Any], **extra: Any) -> None:
        super().__init__(models.F(key), models.Subquery(found.order_by()), **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(ARRAY", **context)


class InOrder(models.Func):
    """A key to sort by, after the rows are found.

    PostgreSQL would walk along the index of all studies' keys, and pass over what is not asked for, where rows are
    wanted in their order and it thinks that the first of them are enough (as of every cursor).
    """

    template = "%(expressions)s"
    output_field = models.BigIntegerField()

    def __init__(self, key: str, **extra: Any) -> None:
        super().__init__(models.F(key), **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s + 0)", **context)


class CountedQuerySet(models.QuerySet[Any]):
    """Rows that hang on a participant. `to_participant` is the way there, from the row: ends with two underscores."""

    to_participant = ""

    def counted(self, study: Study | None = None, *, kind: str = PERSON) -> Self:
        """Rows of people who did not withdraw; of `study`, or of all. `kind` asks for previews' or bots' instead."""
        at = self.to_participant
        those = self.filter(**{f"{at}kind": kind, f"{at}withdrawn_at__isnull": True})
        return those if study is None else those.of_study(study)

    def of_study(self, study: Study) -> Self:
        """Rows of `study`, whoever they are of."""
        those = self.filter(**{f"{self.to_participant}study": study})
        if not self.to_participant:
            return those
        people = apps.get_model("survey", "Participant")._base_manager.filter(study=study)
        return those.filter(IsAmong(f"{self.to_participant.removesuffix('__')}_id", people.values("pk")))

    def in_order(self) -> Self:
        """By their keys, which is the order of storing."""
        return self.order_by(InOrder("pk"))


class CountedThroughParticipant(CountedQuerySet):
    to_participant = "participant__"


class CountedThroughTrial(CountedQuerySet):
    to_participant = "trial__participant__"

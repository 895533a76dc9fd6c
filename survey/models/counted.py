"""Whose data count: people's, not those of previews or bots, as long as they have not withdrawn.

The one place that says so. Every table of answers, trials, events or people is asked through `objects.counted(study)`,
so that no export and no statistic can take in somebody who withdrew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from survey.models.studies import Study

PERSON = "person"


class CountedQuerySet(models.QuerySet[Any]):
    """Rows that hang on a participant. `to_participant` is the way there, from the row: ends with two underscores."""

    to_participant = ""

    def counted(self, study: Study | None = None, *, kind: str = PERSON) -> Self:
        """Rows of people who did not withdraw; of `study`, or of all. `kind` asks for previews' or bots' instead."""
        at = self.to_participant
        those = self.filter(**{f"{at}kind": kind, f"{at}withdrawn_at__isnull": True})
        return those if study is None else those.filter(**{f"{at}study": study})


class CountedThroughParticipant(CountedQuerySet):
    to_participant = "participant__"


class CountedThroughTrial(CountedQuerySet):
    to_participant = "trial__participant__"

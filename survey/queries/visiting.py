"""What an address leads to: the study, and the participation that a visitor's cookie or link opens."""

from __future__ import annotations

import copy
from datetime import datetime
from functools import lru_cache

from survey.models import Participant, Study

LONGEST_TOKEN = 64
# One round trip for the person and for which state of the study is current; `study_as_of` has that state in memory.
PERSON_OF_STUDY = """
    SELECT person.*, study.updated_at AS study_updated_at
    FROM survey_participant person JOIN survey_study study ON study.id = person.study_id
    WHERE person.token = %s AND study.slug = %s
"""


def find_study(slug: str) -> Study | None:
    """The study at an address. Its many texts are read once per process and saved state."""
    rows = Study.objects.filter(slug=slug).order_by().values_list("pk", "updated_at")
    return next((study_as_of(*row) for row in rows), None)


def study_as_of(study_id: int, updated_at: datetime) -> Study:
    """The study as it was saved at `updated_at`, an object of the caller's own."""
    # A copy: callers change their study (an action does, a preview does), and the kept one is everybody's.
    study = copy.copy(_kept_study(study_id, updated_at))
    study._prefetched_objects_cache = dict(study._prefetched_objects_cache)
    return study


@lru_cache(maxsize=64)
def _kept_study(study_id: int, _updated_at: datetime) -> Study:
    # Keyed by `updated_at`: a save makes a new entry, so nothing has to be thrown away in other processes.
    return Study.objects.prefetch_related("choices").get(pk=study_id)


def find_participation(slug: str, token: str) -> Participant | None:
    """The participation with `token`, whatever somebody sent as one, with its study as `find_study` gives it."""
    # NUL cannot be in a text of PostgreSQL: asked for, it would be an error and not "nobody".
    if not token or len(token) > LONGEST_TOKEN or "\x00" in token:
        return None
    participant = next(iter(Participant.objects.raw(PERSON_OF_STUDY, [token, slug])), None)
    if participant:
        participant.study = study_as_of(participant.study_id, participant.study_updated_at)
    return participant

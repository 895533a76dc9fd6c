"""A participant's trials, asked for with every answer and every page.

Written in SQL: for these few questions the ORM takes three to ten times as long as the database.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from survey.models import Participant, Study, Trial

# At most one row: `one_open_trial_each` is unique per person, and its partial index is all this reads.
OPEN = "SELECT * FROM survey_trial WHERE participant_id = %s AND answered_at IS NULL"
WITH_TOKEN = "SELECT * FROM survey_trial WHERE token = %s"
# The person by the trial's token in one round trip, and only where the address names their study.
PERSON_OF_TRIAL = """
    SELECT * FROM survey_participant
    WHERE id = (SELECT participant_id FROM survey_trial WHERE token = %s) AND study_id = %s
"""
GIVEN = (
    "SELECT stimulus_id, kind, clip_key, asked_emotion FROM survey_trial WHERE participant_id = %s ORDER BY position"
)


class Given(NamedTuple):
    """A trial that a participant was given."""

    stimulus_id: int
    kind: str
    clip_key: str
    asked_emotion: str


def open_trial(participant: Participant) -> Trial | None:
    """The trial this person has not answered yet."""
    return next(iter(Trial.objects.raw(OPEN, [participant.pk])), None)


def lock_trial(study: Study, token: str) -> Trial | None:
    """The trial that `token` opens in `study`, with its participant; both locked to the end of the transaction."""
    # NO KEY: rows that point at the person may still be inserted meanwhile. The person before the trial, as everywhere:
    # two transactions that lock in one order never wait for each other. SQLite has no row locks and needs none, as its
    # writing transactions come one after the other (`melodymuse_site.turns`).
    lock = " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
    for participant in Participant.objects.raw(PERSON_OF_TRIAL + lock, [token, study.pk]):
        for trial in Trial.objects.raw(WITH_TOKEN + lock, [token]):
            participant.study = study
            # Set by hand, so that nobody asks the database for what is locked here already.
            trial.participant = participant
            return trial
    return None


def given_trials(participant: Participant) -> list[Given]:
    """Every trial of this person, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [participant.pk])
        return [Given(*row) for row in cursor.fetchall()]

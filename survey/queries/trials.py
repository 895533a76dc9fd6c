"""A participant's trials, asked for with every answer and every page."""

from __future__ import annotations

from survey.models import Participant, Study, Trial
from survey.queries import hot
from survey.queries.hot import Given
from survey.queries.visiting import study_as_of

__all__ = ["Given", "given_trials", "lock_trial", "open_trial"]

# At most one row: `one_open_trial_each` is unique per person, and its partial index is all this reads.
OPEN = "SELECT * FROM survey_trial WHERE participant_id = %s AND answered_at IS NULL"


def open_trial(participant: Participant) -> Trial | None:
    """The trial this person has not answered yet."""
    return next(iter(Trial.objects.raw(OPEN, [participant.pk])), None)


def lock_trial(study: Study, token: str) -> Trial | None:
    """The trial that `token` opens in `study`, with its participant and the study as it is; held to the end."""
    found = hot.lock_trial(study.pk, token)
    if found is None:
        return None
    updated_at, trial = found
    trial.participant.study = study_as_of(study.pk, updated_at)
    return trial


def given_trials(participant: Participant) -> list[Given]:
    """Every trial of this person, in their order."""
    return hot.given_trials(participant.pk)

"""What an address leads to: the study, and the participation that a visitor's cookie or link opens."""

from __future__ import annotations

import copy
from datetime import datetime
from functools import lru_cache

from survey.models import Participant, Study, Trial
from survey.queries import hot

LONGEST_TOKEN = 64


def find_study(slug: str) -> Study | None:
    """The study at an address. Its many texts are read once per process and saved state."""
    # NUL cannot be in a text of PostgreSQL: asked for, it would be an error and not "nobody".
    state = None if "\x00" in slug else hot.find_study_state(slug)
    return None if state is None else study_as_of(*state)


def study_as_of(study_id: int, updated_at: datetime) -> Study:
    """The study as it was saved at `updated_at`, an object of the caller's own."""
    # A copy: callers change their study (an action does, a preview does), and the kept one is everybody's.
    # By hand: `copy` would take Django's way of pickling, which costs as much as a statement.
    kept = _kept_study(study_id, updated_at)
    study = Study.__new__(Study)
    study.__dict__.update(kept.__dict__)
    study._state = copy.copy(kept._state)
    study._state.fields_cache = dict(kept._state.fields_cache)
    study._prefetched_objects_cache = dict(kept._prefetched_objects_cache)
    return study


@lru_cache(maxsize=64)
def _kept_study(study_id: int, _updated_at: datetime) -> Study:
    # Keyed by `updated_at`: a save makes a new entry, so nothing has to be thrown away in other processes.
    return Study.objects.prefetch_related("choices").get(pk=study_id)


def find_participation(slug: str, token: str) -> Participant | None:
    """The participation with `token`, whatever somebody sent as one, with its study as `find_study` gives it."""
    found = find_at_trial(slug, token)
    return found[0] if found else None


def find_at_trial(slug: str, token: str) -> tuple[Participant, Trial | None] | None:
    """As `find_participation`, with the trial that this person has not answered yet."""
    # NUL cannot be in a text of PostgreSQL: asked for, it would be an error and not "nobody".
    if not token or len(token) > LONGEST_TOKEN or "\x00" in token + slug:
        return None
    found = hot.find_visitor(slug, token)
    if found is None:
        return None
    study_id, updated_at, participant, trial = found
    participant.study = study_as_of(study_id, updated_at)
    return participant, trial

"""The one way to change studies and what people do in them.

An action is a function of keyword arguments, and what it is handed is a key: `study`, `participant`, `job`. Before it
begins, its study is locked, then its participant or job, always in this order, so that two actions never wait for each
other; all are read anew, and the action sees them as they are. It checks, writes, and is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Model

from melodymuse_site.turns import Gone, in_turn, lock_row
from survey.models import ExportJob, Participant, PilotJob, Study
from survey.queries import hot, lock_trial, study_as_of

Result = TypeVar("Result")
Action = Callable[..., Result]


def on_study(action: Action[Result]) -> Action[Result]:
    """An action on `study`: locked, and as it is stored."""

    @in_turn
    @wraps(action)
    def run(*, study: Study, **others: Any) -> Result:
        locked = lock_study(study.pk)
        done = action(study=locked, **others)
        _hand_back(study, locked)
        return done

    return run


def on_trial(action: Action[Result]) -> Action[Result]:
    """An action on the `trial` that a `token` opens in `study`, None where it opens none: person and trial are held.

    The study is only shared: people who answer at once do not wait for each other (`wait_for_answers`).
    """

    @in_turn
    @wraps(action)
    def run(*, study: Study, token: str, **others: Any) -> Result:
        trial = lock_trial(study, token)
        # A token that opens nothing changes nothing: whoever sends one waits for nobody.
        locked = trial.participant.study if trial else study
        done = action(study=locked, trial=trial, **others)
        _hand_back(study, locked)
        return done

    return run


def on_person(action: Action[Result]) -> Action[Result]:
    """An action on `participant`, whose `study` is locked too."""
    return _on_part("participant", Participant, action)


def on_job(action: Action[Result]) -> Action[Result]:
    """An action on an export's `job`, whose `study` is locked too."""
    return _on_part("job", ExportJob, action)


def on_pilot(action: Action[Result]) -> Action[Result]:
    """An action on a trial run's `job`, whose `study` is locked too."""
    return _on_part("job", PilotJob, action)


def _on_part(name: str, model: type[Model], action: Action[Result]) -> Action[Result]:
    @in_turn
    @wraps(action)
    def run(**named: Any) -> Result:
        key = named.pop(name)
        # The study before its part, always: in two orders two actions could each hold what the other waits for.
        study = lock_study(key.study_id)
        part = lock_row(model, pk=key.pk)
        part.study = study
        done = action(**{name: part}, **named)
        _hand_back(key, part)
        return done

    return run


def _hand_back(given: Model, row: Model) -> None:
    """Whoever asked sees what is stored now, in the object that they hold."""
    if row.pk is not None:
        given.__dict__.update({field.attname: row.__dict__[field.attname] for field in row._meta.concrete_fields})


def wait_for_answers(study: Study) -> None:
    """Inside an action on `study`: answers that are being stored are there now, and none comes to the action's end.

    For what takes away the answers of others, or words in them: an answer that came between would stay.
    """
    hot.lock_study(study.pk, alone=True)


def lock_study(study_id: int) -> Study:
    """The study as it is, held to the end of the transaction. Always the first lock that is taken. Raises Gone."""
    state = hot.lock_study(study_id)
    if state is None:
        raise Gone
    return study_as_of(study_id, state)

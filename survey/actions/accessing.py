"""Looking at what a study holds, or taking it away: nothing changes but the log."""

from __future__ import annotations

from typing import Any

from survey.actions.acting import on_study
from survey.actions.audit import Actor, record
from survey.models import Study


@on_study
def note_access(*, study: Study, action: str, by: Actor, **detail: Any) -> None:
    """Write down that somebody looked at, or took away, what a study holds."""
    record(study=study, action=action, by=by, **detail)

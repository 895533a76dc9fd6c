"""One line in the audit log for each thing that must be answered for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from survey.models import AuditEntry, Study

Actor = AbstractBaseUser | None


def record(*, study: Study | None, action: str, by: Actor, **detail: Any) -> AuditEntry:
    """Write down that `by` did `action`; `by` is None for participants and for the machine itself."""
    return AuditEntry.objects.create(
        study=study,
        study_slug=study.slug if study else "",
        actor=by,
        actor_name=by.get_username() if by else "",
        action=action,
        detail=detail,
    )

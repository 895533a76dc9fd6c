"""Who else may work on a study, or look at it."""

from __future__ import annotations

from typing import Any

from survey.actions.acting import on_study
from survey.actions.audit import Actor, record
from survey.models import Study, StudyMember


@on_study
def share(*, study: Study, user: Any, role: str, by: Actor) -> StudyMember:
    """Give `user` a role in `study`; the owner keeps being the owner."""
    member, _ = StudyMember.objects.update_or_create(study=study, user=user, defaults={"role": role})
    record(study=study, action="share", by=by, user=user.get_username(), role=role)
    return member


@on_study
def unshare(*, study: Study, username: str, by: Actor) -> None:
    removed, _ = StudyMember.objects.filter(study=study, user__username=username).delete()
    if removed:
        record(study=study, action="unshare", by=by, user=username)

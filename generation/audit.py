"""One line of the log for each thing that somebody did to pictures, runs, clips and networks."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model

from generation.models import ActionRecord

Actor = AbstractBaseUser | None


def record(*, action: str, about: Model | None = None, by: Actor, **detail: Any) -> ActionRecord:
    """Write down that `by` did `action`, in the transaction that does it. `by` is None for the server's commands."""
    return ActionRecord.objects.create(
        action=action,
        kind=str(about._meta.verbose_name) if about is not None else "",
        key=str(getattr(about, "public_id", about.pk)) if about is not None else "",
        about=str(about)[: ActionRecord.LONGEST_ABOUT] if about is not None else "",
        actor=by,
        actor_name=by.get_username() if by else "",
        detail=detail,
    )

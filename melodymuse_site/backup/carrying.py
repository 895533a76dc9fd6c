"""Withdrawals that a backup does not know of: whoever withdrew from the site that is replaced stays withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import DatabaseError

from survey.models import Participant


def withdrawn_people() -> list[str]:
    """Public ids of those who withdrew from the present site; none where it has no such table, or a damaged one."""
    try:
        people = Participant.objects.filter(outcome=Participant.Outcome.WITHDRAWN)
        return list(people.values_list("public_id", flat=True))
    except DatabaseError:
        return []


def withdraw_again(file: str) -> None:
    """Withdraw those in this database whose public ids `file` holds (called on the copy that becomes the new one)."""
    from survey import actions

    wanted = set(json.loads(Path(file).read_text(encoding="utf-8")))
    for participant in Participant.objects.exclude(outcome=Participant.Outcome.WITHDRAWN):
        if participant.public_id in wanted:
            actions.withdraw(participant=participant, by=None)

"""Withdrawals that a backup does not know of: whoever withdrew from the site that is replaced stays withdrawn."""

from __future__ import annotations

import json
import sys
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


def withdraw_again(public_ids: list[str]) -> int:
    """Withdraw those who take part in this database; how many."""
    from survey import actions

    wanted = set(public_ids)
    found = [person for person in Participant.objects.exclude(outcome="withdrawn") if person.public_id in wanted]
    for participant in found:
        actions.withdraw(participant=participant)
    return len(found)


def main() -> None:
    """Run in a process of its own on the copy that becomes the new database; its argument is a file of public ids."""
    import django

    django.setup()
    withdraw_again(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()

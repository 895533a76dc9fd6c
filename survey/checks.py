"""What `manage.py check` says about the measures and the studies of a site."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register
from django.db import DatabaseError, connection, transaction


@register()
def check_measures(**_: Any) -> list[CheckMessage]:
    """A sentence for each declaration of a measure that is refused, with its file and field."""
    from survey.analysis.measures import find_measures

    hint = "docs/extending.md goes through a measure."
    return [Error(problem, hint=hint, id="survey.E001") for problem in find_measures().problems]


@register()
def check_key(**_: Any) -> list[CheckMessage]:
    """Warn where the secret key is another one than outside ids were hashed with."""
    from survey.queries import studies_of_another_key

    was_open = connection.connection is not None
    try:
        with transaction.atomic():
            studies = studies_of_another_key()
    except DatabaseError:  # not migrated yet, or away: other checks and pages say so
        return []
    finally:
        if not was_open:  # a worker checks before it forks, and its children must not share a connection
            connection.close()
    if not studies:
        return []
    names = ", ".join(study.slug for study in studies)
    return [
        Warning(
            f"SECRET_KEY has changed since these studies were published: {names}. They know people by hashes of their "
            "outside ids, so whoever took part before can take part again.",
            hint="Put the old SECRET_KEY back, or close these studies.",
            id="survey.W001",
        )
    ]

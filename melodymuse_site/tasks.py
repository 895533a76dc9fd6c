"""What the timetable does for the site itself."""

from __future__ import annotations

from celery import shared_task


@shared_task
def forget_logins() -> None:
    """Forget old logins and sessions that ran out."""
    from melodymuse_site.logins import forget_logins

    forget_logins()

"""What the timetable does for the site itself."""

from __future__ import annotations

from celery import shared_task


@shared_task
def forget_logins() -> None:
    """Forget old logins and sessions that ran out."""
    from melodymuse_site.logins import forget_logins

    forget_logins()


@shared_task
def forget_reports() -> None:
    """Delete kept reports whose time is over: nobody asks for them any more, and people may have withdrawn since."""
    from django.core.cache import caches

    caches["reports"].forget_expired()  # type: ignore[attr-defined]

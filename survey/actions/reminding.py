"""Reminding researchers of what happens in their studies: noticed once, mailed once, whoever notices it."""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone

from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_study
from survey.actions.audit import record
from survey.models import Reminder, Study
from survey.queries import with_numbers
from survey.queries.reminding import due_about, due_of, reminded_studies, with_last_seen

logger = logging.getLogger(__name__)
STALE: Final = timedelta(days=2)
"""What was noticed longer ago is not mailed any more: a server that gets mail later would send a heap of old news."""


def remind_due(now: datetime | None = None) -> int:
    """Notice what is due in every study, and mail what was noticed; how many mails went out."""
    now = now or timezone.now()
    for study in with_last_seen(with_numbers(reminded_studies())):
        if due_of(study, now):
            _note(study, now)
    return sum(_mail(reminder) for reminder in _to_mail(now)) if settings.EMAIL_HOST else 0


def _note(study: Study, now: datetime) -> None:
    """Note it of one; a study that was deleted or is busy keeps nothing from being noticed of the others."""
    try:
        note_due(study=study, now=now)
    except ActionRefused as refused:
        logger.warning("What is due about %s is looked for again: %s", study.slug, type(refused).__name__)


@on_study
def note_due(*, study: Study, now: datetime) -> list[Reminder]:
    """Write down what is due and was not yet; asked again with the study locked, so that two processes say it once."""
    known = set(study.reminded.values_list("kind", flat=True))
    return [
        Reminder.objects.create(study=study, kind=due.kind, said=due.said, noticed_at=now)
        for due in due_about(study, now)
        if due.kind not in known
    ]


@on_study
def switch_reminders(*, study: Study, by: Any, on: bool) -> bool:
    """Have the owner mailed about the study, or not; whether that changed anything."""
    if study.reminders == on:
        return False
    study.reminders = on
    study.save(update_fields=["reminders"])
    record(study=study, action="remind_owner", by=by, mails=on)
    return True


def _to_mail(now: datetime) -> list[Reminder]:
    waiting = Reminder.objects.filter(taken_at__isnull=True, noticed_at__gt=now - STALE, study__reminders=True)
    return list(
        waiting.exclude(study__owner__email="").filter(study__owner__is_active=True).select_related("study__owner")
    )


def _mail(reminder: Reminder) -> bool:
    """Send one, if nobody else has taken it; whether it went out.

    Taken first: a process that is killed in the middle leaves a mail unsent rather than sent twice, and the pages say
    the same. Where the server refuses, the next sweep tries again.
    """
    row = Reminder.objects.filter(pk=reminder.pk)
    if not row.filter(taken_at__isnull=True).update(taken_at=timezone.now()):
        return False
    study = reminder.study
    subject = f"{' '.join(study.title.split())}: {reminder.get_kind_display()}"
    try:
        send_mail(subject, _letter(reminder), None, [study.owner.email])
    except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: an address that no header can hold
        logger.warning("A reminder about %s was not sent and will be tried again: %s", study.slug, type(error).__name__)
        row.update(taken_at=None)
        return False
    row.update(mailed_at=timezone.now())
    return True


def _letter(reminder: Reminder) -> str:
    study = reminder.study
    return (
        f"{study.title} (version {study.number})\n\n{reminder.said}\n\n"
        f"How it goes: {_address(reverse('study_monitor', args=[study.slug]))}\n\n"
        "This is said once. Mails about this study can be turned off on that page.\n"
    )


def _address(path: str) -> str:
    """The whole address where the site knows its name, else the path."""
    host = next(
        (host for host in settings.ALLOWED_HOSTS if settings.PRODUCTION and not host.startswith((".", "*"))), ""
    )
    return f"{'https' if settings.HTTPS else 'http'}://{host}{path}" if host else path

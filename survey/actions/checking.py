"""Around the answers: what a long pause does, and the optional questions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models.functions import Coalesce
from django.utils import timezone

from survey.actions.acting import on_person
from survey.models import Participant, Trial

Outcome = Participant.Outcome


@on_person
def restart_if_idle(*, participant: Participant, now: datetime | None = None) -> bool:
    """After a long pause the block begins again: instructions and sound check, then the first unanswered trial."""
    now = now or timezone.now()
    if participant.outcome != Outcome.ACTIVE or not participant.sound_checked_at:
        return False
    if now - participant.last_seen_at <= participant.study.patience:
        return False
    participant.sound_checked_at = None
    participant.last_seen_at = now
    participant.restarts += 1
    participant.save(update_fields=["sound_checked_at", "last_seen_at", "restarts"])
    # The answer's time counts anew; that the clip could be heard before stays known.
    before = Coalesce("first_shown_at", "shown_at", "assigned_at")
    Trial.objects.filter(participant=participant, answered_at__isnull=True).update(shown_at=None, first_shown_at=before)
    return True


@on_person
def record_background(*, participant: Participant, answers: Mapping[str, str]) -> None:
    """Store the optional questions once; a repeated form changes nothing, and nothing is told of who has left.

    After the end of the retention only that they were asked is stored.
    """
    if participant.outcome == Outcome.ACTIVE and participant.background_at is None:
        participant.background = {} if participant.study.has_forgotten else dict(answers)
        participant.background_at = timezone.now()
        participant.save(update_fields=["background", "background_at"])

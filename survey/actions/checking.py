"""Between consent and answers: sound check, headphone test, background, and what a long pause does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from survey.actions.acting import on_person
from survey.actions.leaving import end_with
from survey.models import Participant, Study, Trial

Outcome = Participant.Outcome
# Of six trials: Huggins pitch 6 (Milne et al. 2021), antiphase tones 5 (Woods et al. 2017).
PASSED = {Study.HeadphoneTest.HUGGINS: 6, Study.HeadphoneTest.ANTIPHASE: 5}


@on_person
def check_sound(*, participant: Participant) -> None:
    if participant.outcome == Outcome.ACTIVE and participant.sound_checked_at is None:
        participant.sound_checked_at = participant.last_seen_at = timezone.now()
        participant.save(update_fields=["sound_checked_at", "last_seen_at"])


@on_person
def restart_if_idle(*, participant: Participant, now: datetime | None = None) -> bool:
    """After a long pause the block begins again: instructions and sound check, then the first unanswered trial."""
    now = now or timezone.now()
    pause = timedelta(minutes=participant.study.idle_minutes)
    if participant.outcome != Outcome.ACTIVE or not participant.sound_checked_at:
        return False
    if now - participant.last_seen_at <= pause:
        return False
    participant.sound_checked_at = None
    participant.last_seen_at = now
    participant.restarts += 1
    participant.save(update_fields=["sound_checked_at", "last_seen_at", "restarts"])
    Trial.objects.filter(participant=participant, answered_at__isnull=True).update(shown_at=None)
    return True


@on_person
def record_headphones(*, participant: Participant, heard: Sequence[int], asked: Sequence[int]) -> Participant:
    """Store the headphone test once; where it is a gate, who fails is screened out with a code of its own."""
    if participant.outcome != Outcome.ACTIVE or participant.headphones.get("finished"):
        return participant
    right = sum(answer == target for answer, target in zip(heard, asked, strict=True))
    participant.headphones = {
        "test": participant.study.headphone_test,
        "right": right,
        "of": len(asked),
        "passed": right >= PASSED[participant.study.headphone_test],
        "finished": True,
    }
    participant.save(update_fields=["headphones"])
    if not participant.headphones["passed"] and participant.study.headphones == Study.Headphones.GATE:
        end_with(participant, Outcome.SCREENED_OUT)
    return participant


@on_person
def record_background(*, participant: Participant, answers: Mapping[str, str]) -> None:
    """Store the optional questions once; a repeated form changes nothing, and nothing is told of who has left."""
    if participant.outcome == Outcome.ACTIVE and participant.background_at is None:
        participant.background = dict(answers)
        participant.background_at = timezone.now()
        participant.save(update_fields=["background", "background_at"])

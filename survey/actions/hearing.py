"""Sound check and headphone test: nothing counts before its sound can have been heard.

What a browser tells is believed only as far as the server's clock allows; without a script nothing is told, the
clock and the answer alone decide, and the test is marked as not measured.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from survey.actions.acting import on_person
from survey.actions.leaving import screen_out
from survey.design import headphones, tones
from survey.design.listening import CLOCK_TOLERANCE, earliest_end, heard_enough, is_doubtful, seconds_needed
from survey.models import Participant, Study
from survey.models.bounds import MOST_COUNTED
from survey.models.participation import HEADPHONE_TEST

Outcome = Participant.Outcome
# Of six trials: Huggins pitch 6 (Milne et al. 2021), antiphase tones 5 (Woods et al. 2017).
PASSED: Final = {Study.HeadphoneTest.HUGGINS: 6, Study.HeadphoneTest.ANTIPHASE: 5}
PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class HearingOutcome:
    """The participant as stored, and why the test is not over; the problem is empty where it is."""

    participant: Participant
    problem: Any = ""


def check_number(participant: Participant) -> int:
    """Which sound of the check is to be heard: a new one after every wrong answer and every long pause."""
    return participant.sound_wrong + participant.restarts + 1


def tones_of(participant: Participant) -> tuple[int, int]:
    """(number of tones, seed of their places) of the sound to be heard, drawn from the participant's secret."""
    number = check_number(participant)
    text = f"tones:{participant.token}:{number}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()
    # The first byte says how many, the next four where; without the site's key neither can be foreseen. Seeds are odd
    # and even by turns: whatever is drawn, the next sound is another one.
    return tones.COUNTS[digest[0] % len(tones.COUNTS)], 2 * int.from_bytes(digest[1:5]) + number % 2


def targets_of(participant: Participant) -> list[int]:
    """Which part is the odd one in each headphone trial: drawn from the participant's secret, told to nobody."""
    secret = f"{settings.SECRET_KEY}:headphones:{participant.token}".encode()
    return [byte % PARTS for byte in hashlib.sha256(secret).digest()[: headphones.TRIALS]]


def name_check(number: int) -> str:
    return f"check-{number}"


def name_headphones(number: int) -> str:
    return f"headphones-{number}"


def note_sent(*, participant: Participant, sound: str, now: datetime | None = None) -> None:
    """Remember when a test's sound was first sent to its end: before that nobody can have heard it."""
    if sound not in participant.sounds_sent:
        _note_sent(participant=participant, sound=sound, now=now or timezone.now())


@on_person
def _note_sent(*, participant: Participant, sound: str, now: datetime) -> None:
    if participant.outcome == Outcome.ACTIVE and sound not in participant.sounds_sent:
        participant.sounds_sent = {**participant.sounds_sent, sound: now.timestamp()}
        participant.save(update_fields=["sounds_sent"])


@on_person
def check_sound(
    *,
    participant: Participant,
    number: int | None,
    counted: int | None,
    played: float | None = None,
    now: datetime | None = None,
) -> HearingOutcome:
    """Store that the sound check was heard: `counted` tones of the sound `number` is right.

    A wrong number is counted, and the next sound is another one. Without an answer, or before the sound can have
    been heard, nothing is stored; a browser without a script that never fetched the sound is marked as not measured,
    or refused, as the study chose.
    """
    person, now = participant, now or timezone.now()
    if person.sound_checked_at is not None or person.outcome != Outcome.ACTIVE:
        return HearingOutcome(person)
    sound = name_check(check_number(person))
    if _may_be_unheard(person, [sound], [played]):
        return _pass_check(person, measured=False, now=now)
    if number != check_number(person):
        return HearingOutcome(person, _("This page was out of date. Please play this sound and answer again."))
    if _is_unheard(person, sound, tones.SECONDS, played) or not _had_time(person, [sound], tones.SECONDS, now):
        return HearingOutcome(person, _("Play the sound to its end first."))
    if counted is None:
        return HearingOutcome(person, _("Please say how many tones you heard."))
    if counted != tones_of(person)[0]:
        person.sound_wrong = min(person.sound_wrong + 1, MOST_COUNTED)
        person.last_seen_at = now
        person.save(update_fields=["sound_wrong", "last_seen_at"])
        return HearingOutcome(
            person, _("There were more or fewer tones. Here is another sound: please listen and count again.")
        )
    return _pass_check(person, measured=_is_believed(person, [sound], [played], now), now=now)


def _pass_check(person: Participant, *, measured: bool, now: datetime) -> HearingOutcome:
    # A check after a long pause does not make an earlier one measured.
    person.sound_measured = measured and person.sound_measured is not False
    person.sound_checked_at = person.last_seen_at = now
    person.sounds_sent = {}
    person.save(update_fields=["sound_measured", "sound_checked_at", "last_seen_at", "sounds_sent"])
    return HearingOutcome(person)


def _may_be_unheard(person: Participant, sounds: Sequence[str], played: Sequence[float | None]) -> bool:
    """Whether a test without a script and without its sounds is taken and marked, as the study chose."""
    told = any(seconds is not None for seconds in played)
    tried = person.sound_wrong > 0 or any(sound in person.sounds_sent for sound in sounds)
    return not told and not tried and person.study.unheard == Study.Unheard.MARK


@on_person
def record_headphones(
    *,
    participant: Participant,
    heard: Sequence[int | None],
    played: Sequence[float | None],
    now: datetime | None = None,
) -> HearingOutcome:
    """Store the headphone test once; where it is a gate, who fails is screened out with a code of its own.

    `heard` names the odd part (0, 1, 2) of each sound, `played` the seconds that a script measured of each. The
    answer to a sound that cannot have been heard is refused, and the sound is named.
    """
    now = now or timezone.now()
    if participant.headphones.get("finished") or participant.outcome != Outcome.ACTIVE:
        return HearingOutcome(participant)
    if problem := _why_not_yet(participant, heard, played, now):
        return HearingOutcome(participant, problem)
    sounds = [name_headphones(number) for number in range(1, headphones.TRIALS + 1)]
    right = sum(answer == target for answer, target in zip(heard, targets_of(participant), strict=True))
    participant.headphones = {
        "test": participant.study.headphone_test,
        "right": right,
        "of": headphones.TRIALS,
        "passed": right >= PASSED[participant.study.headphone_test],
        "played": [None if seconds is None else round(seconds, 2) for seconds in played],
        "measured": _is_believed(participant, sounds, played, now),
        "finished": True,
    }
    participant.last_seen_at = now
    participant.sounds_sent = {}
    participant.save(update_fields=["headphones", "last_seen_at", "sounds_sent"])
    if not participant.headphones["passed"] and participant.study.headphones == Study.Headphones.GATE:
        screen_out(participant, HEADPHONE_TEST)
    return HearingOutcome(participant)


def _why_not_yet(
    person: Participant, heard: Sequence[int | None], played: Sequence[float | None], now: datetime
) -> Any:
    """What is missing of the headphone test, in a sentence; empty where nothing is."""
    sounds = [name_headphones(number) for number in range(1, headphones.TRIALS + 1)]
    if _may_be_unheard(person, sounds, played):
        return "" if all(answer in range(PARTS) for answer in heard) else _("Please answer all six.")
    for number, (sound, seconds) in enumerate(zip(sounds, played, strict=True), start=1):
        if _is_unheard(person, sound, headphones.SECONDS, seconds):
            return _("Play sound %(number)s to its end first.") % {"number": number}
    if not _had_time(person, sounds, headphones.SECONDS, now):
        return _("Play all sounds to their end, one after the other, before you go on.")
    if not all(answer in range(PARTS) for answer in heard):
        return _("Please answer all six.")
    return ""


def _is_unheard(person: Participant, sound: str, length: float, played: float | None) -> bool:
    """Whether it is certain that the sound was not heard. Simulated participants need not fetch it."""
    never_sent = sound not in person.sounds_sent and person.kind != Participant.Kind.BOT
    return never_sent or not heard_enough(length, played)


def _had_time(person: Participant, sounds: Sequence[str], length: float, now: datetime) -> bool:
    """Whether the sounds can have been heard one after the other since they were sent. Simulated people do not wait."""
    if person.kind == Participant.Kind.BOT:
        return True
    sent = (person.sounds_sent[sound] for sound in sounds)
    return now.timestamp() + CLOCK_TOLERANCE >= earliest_end(sent, seconds_needed(length))


def _is_believed(person: Participant, sounds: Sequence[str], played: Sequence[float | None], now: datetime) -> bool:
    """Whether all of it was measured, and no more than time had passed since the first sound was sent."""
    known = [seconds for seconds in played if seconds is not None]
    sent = [person.sounds_sent[sound] for sound in sounds if sound in person.sounds_sent]
    if len(known) < len(sounds) or not sent:
        return False
    return not is_doubtful(sum(known), now.timestamp() - min(sent))

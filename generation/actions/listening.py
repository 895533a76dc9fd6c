"""The listening page's requests: begin a series of pairs, answer one, stop."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from random import SystemRandom
from typing import Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from generation import queries
from generation.audit import record
from generation.listening.drawing import draw_pairs
from generation.models import ListeningAnswer, ListeningSeries, ListeningTrial
from melodymuse_site.turns import ActionRefused, in_turn, lock_row

MOST_PAIRS: Final = 60
"""A minute each: more than an hour of one person's ears is no longer listening."""
LEAST_HEARD_SECONDS: Final = 5.0
"""So much of both clips must have been played, where the browser measures it."""


class ListeningRefused(ActionRefused):
    """A series or an answer that cannot be taken; the message says what to do."""


@in_turn
def start_listening(*, composer: str, version: str, system: str, pairs: int, by: AbstractBaseUser) -> ListeningSeries:
    """Draw a series of `pairs` pairs, or of as many as there are clips: no clip is heard twice in one.

    `composer` and `version` say who composed, `system` under which name the clips that people played were imported.
    Raises ListeningRefused.
    """
    lock_row(get_user_model(), pk=by.pk)  # one wish of a person after the other: only one series may run
    if queries.running_series(by) is not None:
        raise ListeningRefused("A series of yours is running: finish it or stop it first.")
    if not 1 <= pairs <= MOST_PAIRS:
        raise ListeningRefused(f"A series has 1 to {MOST_PAIRS} pairs.")
    drawn = draw_pairs(
        queries.played_clips(system, by), queries.composed_clips(composer, version, by), pairs, SystemRandom()
    )
    if not drawn:
        raise ListeningRefused("There are no clips of both kinds any more.")
    series = ListeningSeries.objects.create(
        listener=by,
        listener_key=queries.listener_key(by) or secrets.token_hex(8),
        composer=composer,
        version=version,
        system=system,
    )
    ListeningTrial.objects.bulk_create(
        ListeningTrial(
            series=series,
            position=position,
            played_id=pair.played.key,
            composed_id=pair.composed.key,
            played_is_first=pair.played_is_first,
            heard_before=pair.is_known,
            token=_draw_token(),
            first_token=_draw_token(),
            second_token=_draw_token(),
        )
        for position, pair in enumerate(drawn, start=1)
    )
    record(action="start_listening", about=series, by=by, version=version, pairs=len(drawn))
    return series


def _draw_token() -> str:
    return secrets.token_hex(16)


@in_turn
def answer_pair(
    *, token: str, chosen: str, preferred: str, seconds: Sequence[float | None], by: AbstractBaseUser
) -> ListeningAnswer:
    """Store what `by` says of the pair of `token`; the last answer ends the series.

    `chosen` and `preferred` (which may be empty) are places, "first" or "second"; `seconds` says how long each clip
    was played, None where nothing measured it. The same answer sent again is harmless. Raises ListeningRefused.
    """
    trial = ListeningTrial.objects.select_related("series").filter(token=token, series__listener=by).first()
    if trial is None:
        raise ListeningRefused("This pair is not one of yours.")
    series = lock_row(ListeningSeries, pk=trial.series_id)  # answers of one series come one after the other
    before = ListeningAnswer.objects.select_related("trial").filter(trial=trial).first()
    if before is not None:
        if (before.chosen, before.preferred) != (chosen, preferred):
            raise ListeningRefused("This pair was answered before: the first answer stays.")
        return before
    if series.finished_at is not None:
        raise ListeningRefused("This series was stopped: the answer was not taken.")
    if any(heard is not None and heard < LEAST_HEARD_SECONDS for heard in seconds):
        raise ListeningRefused(f"Listen to at least {LEAST_HEARD_SECONDS:.0f} seconds of both clips, then answer.")
    first, second = seconds
    answer = ListeningAnswer.objects.create(
        trial=trial, chosen=chosen, preferred=preferred, first_seconds=first, second_seconds=second
    )
    record(action="answer_pair", about=series, by=by, pair=trial.position)
    if not series.trials.filter(answer__isnull=True).exists():
        _finish(series)
    return answer


@in_turn
def stop_listening(*, series: ListeningSeries, by: AbstractBaseUser) -> None:
    """End a series of `by`: its answers stay and count, the rest is not asked. One that is over stays as it is."""
    lock_row(get_user_model(), pk=by.pk)
    series = lock_row(ListeningSeries, pk=series.pk)
    if series.listener_id == by.pk and series.finished_at is None:
        _finish(series)
        record(action="stop_listening", about=series, by=by)


def _finish(series: ListeningSeries) -> None:
    series.finished_at = timezone.now()
    series.save(update_fields=["finished_at"])

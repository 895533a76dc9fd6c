"""The counters of answers per stimulus, which the balance goes by."""

from __future__ import annotations

from django.db.models import F

from survey.models import Fill

LONG_PAUSE = 300.0


def count_answer(stimulus_id: int, kind: str, *, answers: int, seconds: float) -> None:
    """Move the stimulus' counter; inside the transaction that stores or removes the answer."""
    moved = {"answers": F("answers") + answers, "seconds": F("seconds") + min(seconds, LONG_PAUSE) * answers}
    fills = Fill.objects.filter(stimulus_id=stimulus_id, kind=kind)
    if not fills.update(**moved):
        Fill.objects.get_or_create(stimulus_id=stimulus_id, kind=kind)
        fills.update(**moved)

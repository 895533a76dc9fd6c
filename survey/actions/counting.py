"""The counters that the balance goes by: answers per stimulus, and what was named about it."""

from __future__ import annotations

from collections import Counter

from django.db.models import F

from survey.models import Fill, Named, Participant, Study, Trial

LONG_PAUSE = 300.0


def count_answer(stimulus_id: int, kind: str, *, answers: int, seconds: float) -> None:
    """Move the stimulus' counter; inside the transaction that stores or removes the answer."""
    moved = {"answers": F("answers") + answers, "seconds": F("seconds") + min(seconds, LONG_PAUSE) * answers}
    fills = Fill.objects.filter(stimulus_id=stimulus_id, kind=kind)
    # Usually one UPDATE with F(), which adds in the database and never overwrites another's addition. The row is made
    # the first time; get_or_create leaves it to the unique constraint who makes it.
    if not fills.update(**moved):
        Fill.objects.get_or_create(stimulus_id=stimulus_id, kind=kind)
        fills.update(**moved)


def count_named(stimulus_id: int, kind: str, emotion: str, trials: int) -> None:
    """Move the counter of what was named about the stimulus; inside the transaction that stores or removes answers."""
    moved = {"trials": F("trials") + trials}
    named = Named.objects.filter(stimulus_id=stimulus_id, kind=kind, emotion=emotion)
    if not named.update(**moved):
        Named.objects.get_or_create(stimulus_id=stimulus_id, kind=kind, emotion=emotion)
        named.update(**moved)


def uncount_person(participant: Participant) -> None:
    """Take what this person answered out of the counters, before it is deleted."""
    trials = Trial.objects.filter(participant=participant, answered_at__isnull=False).exclude(kind=Trial.Kind.REPEAT)
    answers = trials.filter(response__isnull=False)
    for stimulus_id, seconds in answers.values_list("stimulus_id", "response__seconds"):
        count_answer(stimulus_id, participant.kind, answers=-1, seconds=seconds)
    # Not of answers alone: practice that was read back from an export has none.
    named = trials.exclude(asked_emotion="").order_by("stimulus_id").values_list("stimulus_id", "asked_emotion")
    for (stimulus_id, emotion), times in Counter(named).items():
        count_named(stimulus_id, participant.kind, emotion, -times)


def forget_counts(study: Study, **which: str) -> None:
    """Delete the counters of `study`, all of them or those of a `kind`, with the trials that they counted."""
    for counter in (Fill, Named):
        counter.objects.filter(stimulus__study=study, **which).delete()

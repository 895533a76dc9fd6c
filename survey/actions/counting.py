"""The counters that the balance goes by: answers per stimulus, and what was named about it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import F

from survey.models import Fill, Load, Named, Participant, Study, Trial
from survey.queries import hot

LONG_PAUSE = 300.0


def answer_counted(stimulus_id: int, kind: str, seconds: float) -> hot.Statement:
    """What counts an answer that took `seconds`; inside the transaction that stores it."""
    return hot.count_answers(stimulus_id, kind, 1, min(seconds, LONG_PAUSE))


def uncount_answer(stimulus_id: int, kind: str, seconds: float) -> None:
    """Take an answer out of the counter again; inside the transaction that removes it."""
    fills = Fill.objects.filter(stimulus_id=stimulus_id, kind=kind)
    fills.update(answers=F("answers") - 1, seconds=F("seconds") - min(seconds, LONG_PAUSE))


def count_named(stimulus_id: int, kind: str, emotion: str, trials: int) -> None:
    """Move the counter of what was named about the stimulus; inside the transaction that stores or removes answers."""
    if trials > 0:
        hot.run([hot.count_named(stimulus_id, kind, emotion, trials)])
    else:
        named = Named.objects.filter(stimulus_id=stimulus_id, kind=kind, emotion=emotion)
        named.update(trials=F("trials") + trials)


def leave_place(participant: Participant) -> None:
    """Whoever goes holds no place any more; inside an action on this person."""
    held = Trial.objects.filter(participant=participant, holds_place=True)
    for trial_id, stimulus_id in held.order_by().values_list("pk", "stimulus_id"):
        # Where another's draw gave it back at this moment, it is counted down already.
        if held.filter(pk=trial_id).update(holds_place=False):
            hot.run([hot.lower_load(stimulus_id, participant.kind, 1)])


def give_back_places(study: Study, kind: str, alive_after: datetime, now: datetime) -> None:
    """Give back the places of those who left, except where somebody else is moving the same: the next draw does it."""
    over = hot.places_over(study.pk, kind, alive_after, now, hold=True)
    if over:
        moved = Counter((one.stimulus_id, one.kind) for one in over)
        loads = [hot.lower_load(*where, places) for where, places in sorted(moved.items())]
        hot.run([*(hot.leave_place(one.trial_id) for one in over), *loads])


def uncount_person(participant: Participant) -> None:
    """Take what this person answered, and the place they hold, out of the counters, before it is deleted."""
    kind = participant.kind
    trials = Trial.objects.filter(participant=participant, answered_at__isnull=False).exclude(kind__in=Trial.AGAIN)
    answers = trials.filter(response__isnull=False).order_by("stimulus_id")
    answered = list(answers.values_list("stimulus_id", "response__seconds"))
    for stimulus_id, seconds in answered:
        uncount_answer(stimulus_id, kind, seconds)
    # Not of answers alone: practice that was read back from an export has none.
    named = trials.exclude(asked_emotion="").order_by("stimulus_id").values_list("stimulus_id", "asked_emotion")
    for (stimulus_id, emotion), times in Counter(named).items():
        count_named(stimulus_id, kind, emotion, -times)
    # Loads last, as with an answer: who holds one waits for no other counter.
    if answered:
        hot.run([hot.lower_load(stimulus_id, kind, 1) for stimulus_id, _ in answered])
    leave_place(participant)


def forget_counts(study: Study, **which: str) -> None:
    """Delete the counters of `study`, all of them or those of a `kind`, with the trials that they counted."""
    for counter in (Fill, Named, Load):
        counter.objects.filter(stimulus__study=study, **which).delete()

"""The next trial: what a participant hears or sees, decided at every trial."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from survey.actions.acting import on_person
from survey.design.assignment import Candidate, draw_repeat, order_by_fill
from survey.models import Participant, Study, Trial
from survey.queries import Given, StimulusFacts, given_trials, open_trial, stimulus_facts, stimulus_loads

REPEAT_DISTANCE = 3
LOADED_AHEAD = 2
SHOWN_AT_ONCE = timedelta(seconds=2)
_random = random.SystemRandom()


def give_trial(*, participant: Participant, now: datetime | None = None) -> Trial | None:
    """The participant's open trial, else a new one; None when the plan is done.

    Usually the trial was given with the answer before it, and there is nothing to write.
    """
    now = now or timezone.now()
    trial = open_trial(participant)
    if trial and trial.lease_expires_at > now:
        return trial
    return _give_in_turn(participant=participant, now=now)


@on_person
def _give_in_turn(*, participant: Participant, now: datetime) -> Trial | None:
    if participant.outcome != Participant.Outcome.ACTIVE:
        return None
    waiting = open_trial(participant)
    if waiting is None:
        return give_next(participant, now)
    Trial.objects.filter(pk=waiting.pk).update(lease_expires_at=_lease_end(participant, now))
    return waiting


def give_next(participant: Participant, now: datetime, told: Sequence[str] = ()) -> Trial | None:
    """The least filled stimulus (answers + live leases per weight), random among ties, becomes the next trial.

    `told` are the sound files that the browser was told to load ahead: they win a tie. Only inside the
    transaction that holds the study, for somebody without an open trial.
    """
    given = given_trials(participant)
    drawn = _draw(participant, given, now, told)
    if drawn is None:
        return None
    return Trial.objects.create(
        participant=participant,
        stimulus_id=drawn.facts.pk,
        position=len(given) + 1,
        kind=drawn.kind,
        clip_key=drawn.facts.clip_key,
        asked_emotion=drawn.facts.emotion if participant.study.mode == Study.Mode.YES_NO else "",
        option_order=participant.option_order,
        ahead=drawn.ahead,
        assigned_at=now,
        lease_expires_at=_lease_end(participant, now),
    )


def _lease_end(participant: Participant, now: datetime) -> datetime:
    return now + timedelta(minutes=participant.study.lease_minutes)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The next trial, and the sound files that will probably come after it."""

    kind: str
    facts: StimulusFacts
    ahead: list[str]


def _draw(participant: Participant, given: Sequence[Given], now: datetime, told: Sequence[str]) -> Drawn | None:
    """The kind and stimulus of the next trial. A planned trial that nothing fits is left out of the plan."""
    while len(given) < len(participant.plan):
        if participant.plan[len(given)] == Trial.Kind.REPEAT:
            drawn = _draw_repeat(participant, given, told)
        else:
            drawn = _draw_new(participant, given, now, told)
        if drawn is not None:
            return drawn
        participant.plan = [*participant.plan[: len(given)], *participant.plan[len(given) + 1 :]]
        participant.save(update_fields=["plan"])
    return None


def _draw_repeat(participant: Participant, given: Sequence[Given], told: Sequence[str]) -> Drawn | None:
    main = [trial.stimulus_id for trial in given if trial.kind == Trial.Kind.MAIN]
    repeated = {trial.stimulus_id for trial in given if trial.kind == Trial.Kind.REPEAT}
    key = draw_repeat(main, repeated, REPEAT_DISTANCE, _random)
    found = next((facts for facts in stimulus_facts(participant.study) if facts.pk == key), None)
    return Drawn(Trial.Kind.REPEAT, found, list(told)) if found else None


def _draw_new(participant: Participant, given: Sequence[Given], now: datetime, told: Sequence[str]) -> Drawn | None:
    """The least filled stimulus of the planned kind that this person has not met, and two that may follow it."""
    kind = participant.plan[len(given)]
    fitting = {facts.pk: facts for facts in _not_met(participant, kind, given)}
    loads, answers = stimulus_loads(participant.study, kind=participant.kind, now=now)
    candidates = [
        Candidate(pk, loads.get(pk, 0), answers.get(pk, 0), facts.weight, facts.emotion, facts.condition_id)
        for pk, facts in fitting.items()
    ]
    preferred = {pk for pk, facts in fitting.items() if facts.audio in told}
    # A sound may come in two cells: a few more than needed, so that two other sounds are among them.
    order = order_by_fill(candidates, random.Random(_random.getrandbits(64)), 2 * LOADED_AHEAD + 1, preferred)
    if not order:
        return None
    drawn, *later = (fitting[candidate.key] for candidate in order)
    ahead = dict.fromkeys(facts.audio for facts in later if facts.has_audio and facts.audio != drawn.audio)
    return Drawn(kind, drawn, list(ahead)[:LOADED_AHEAD])


def _not_met(participant: Participant, kind: str, given: Sequence[Given]) -> list[StimulusFacts]:
    """The stimuli of `kind` that may come next: no clip twice, no picture alone that was seen with music."""
    every = stimulus_facts(participant.study)
    met = {trial.clip_key for trial in given}
    presented = {trial.stimulus_id for trial in given}
    seen = {facts.picture_sha256 for facts in every if facts.pk in presented}
    cell = participant.condition_id if kind == Trial.Kind.MAIN else None
    return [
        facts
        for facts in every
        if facts.role == kind
        and facts.clip_key not in met
        and (facts.has_audio or facts.picture_sha256 not in seen)
        and cell in (None, facts.condition_id)
    ]


def show_trial(*, trial: Trial, participant: Participant, now: datetime | None = None) -> None:
    """Remember when the trial was first on a screen; the answer's time counts from there.

    A page that is shown right after its trial was given needs no writing: the time is the same.
    """
    now = now or timezone.now()
    if trial.shown_at is None and now - trial.assigned_at > SHOWN_AT_ONCE:
        trial.shown_at = now
        _note_showing(participant=participant, trial_id=trial.pk, now=now)


@on_person
def _note_showing(*, participant: Participant, trial_id: int, now: datetime) -> None:
    Trial.objects.filter(pk=trial_id, participant=participant, shown_at__isnull=True).update(shown_at=now)

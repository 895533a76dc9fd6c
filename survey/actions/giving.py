"""The next trial: what a participant hears or sees, decided at every trial."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from survey.actions.acting import on_person
from survey.actions.asking import asked_before, emotion_to_ask
from survey.actions.sessions import clips_in_turn, frame_of, groups_for, offers_to
from survey.design.assignment import draw_repeat
from survey.design.balancing import order_next
from survey.models import Participant, Study, Trial
from survey.queries import Given, StimulusFacts, given_trials, open_trial, stimulus_facts, stimulus_loads

REPEAT_DISTANCE = 3
PRELOADED_CLIPS = 2
SHOWN_AT_ONCE = timedelta(seconds=2)
_random = random.SystemRandom()


def give_trial(*, participant: Participant, now: datetime | None = None) -> Trial | None:
    """The participant's open trial, else a new one; None when the plan is done.

    Usually the trial was given with the answer before it, and there is nothing to write.
    """
    now = now or timezone.now()
    # Without a lock first: a page that is only shown again must not queue behind others' answers.
    trial = open_trial(participant)
    if trial and trial.lease_expires_at > now:
        return trial
    return _give_in_turn(participant=participant, now=now)


@on_person
def _give_in_turn(*, participant: Participant, now: datetime) -> Trial | None:
    if participant.outcome != Participant.Outcome.ACTIVE:
        return None
    # Looked for again under the lock: of two tabs that came at once the second finds the trial of the first.
    waiting = open_trial(participant)
    if waiting is None:
        return give_next(participant, now)
    Trial.objects.filter(pk=waiting.pk).update(lease_expires_at=_lease_end(participant, now))
    return waiting


def give_next(participant: Participant, now: datetime, preloaded: Sequence[str] = ()) -> Trial | None:
    """The next trial: a stimulus of the cell that is due, in it the least filled (answers + live leases).

    `preloaded` are the sound files that the browser was told to preload: they win a tie. Only inside the
    transaction that holds the study, for somebody without an open trial.
    """
    # The study is locked: loads that are read here stay true until this trial is written, so two people who come at
    # once are not both sent to the same emptiest stimulus.
    given = given_trials(participant)
    drawn = _draw(participant, given, now, preloaded)
    if drawn is None:
        return None
    return Trial.objects.create(
        participant=participant,
        stimulus_id=drawn.facts.pk,
        position=len(given) + 1,
        kind=drawn.kind,
        clip_key=drawn.facts.clip_key,
        asked_emotion=drawn.asked,
        option_order=participant.option_order,
        preload=drawn.preload,
        assigned_at=now,
        lease_expires_at=_lease_end(participant, now),
    )


def _lease_end(participant: Participant, now: datetime) -> datetime:
    return now + participant.study.lease


@dataclass(frozen=True, slots=True)
class Drawn:
    """The next trial with the emotion it names, and the sound files that will probably come after it."""

    kind: str
    facts: StimulusFacts
    asked: str
    preload: list[str]


def _draw(participant: Participant, given: Sequence[Given], now: datetime, preloaded: Sequence[str]) -> Drawn | None:
    """The kind and stimulus of the next trial. A planned trial that nothing fits is left out of the plan."""
    while len(given) < len(participant.plan):
        if participant.plan[len(given)] == Trial.Kind.REPEAT:
            drawn = _draw_repeat(participant, given, preloaded)
        else:
            drawn = _draw_new(participant, given, now, preloaded)
        if drawn is not None:
            return drawn
        # Written down, so that progress counts what can still come.
        participant.plan = [*participant.plan[: len(given)], *participant.plan[len(given) + 1 :]]
        participant.save(update_fields=["plan"])
    return None


def _draw_repeat(participant: Participant, given: Sequence[Given], preloaded: Sequence[str]) -> Drawn | None:
    main = [trial.stimulus_id for trial in given if trial.kind == Trial.Kind.MAIN]
    repeated = {trial.stimulus_id for trial in given if trial.kind == Trial.Kind.REPEAT}
    key = draw_repeat(main, repeated, REPEAT_DISTANCE, _random)
    found = next((facts for facts in stimulus_facts(participant.study) if facts.pk == key), None)
    if found is None:
        return None
    return Drawn(Trial.Kind.REPEAT, found, asked_before(given, found), list(preloaded))


def _draw_new(
    participant: Participant, given: Sequence[Given], now: datetime, preloaded: Sequence[str]
) -> Drawn | None:
    """The next stimulus of the planned kind by the design, and two sounds that may follow it."""
    study, left = participant.study, participant.plan[len(given) :]
    frame = frame_of(study)
    found = stimulus_loads(study, kind=participant.kind, now=now)
    loads = found.together
    offers = offers_to(participant, frame, given, loads, found.answers)
    order = order_next(
        offers,
        groups_for(participant, frame, given, loads),
        sum(kind != Trial.Kind.REPEAT for kind in left),
        # One draw of the system's randomness as a seed: the planner draws for every stimulus, and the system is slow.
        random.Random(_random.getrandbits(64)),
        preferred={offer.key for offer in offers if frame.by_key[offer.key].audio in preloaded} if preloaded else (),
        # Twice as many as are preloaded: several may share one sound.
        number=2 * PRELOADED_CLIPS + 1,
        clips=clips_in_turn(participant, frame, given),
        blocks=study.trial_order == Study.Order.CELLS,
    )
    if not order:
        return None
    # The plan gets short at a session's end: then what else might come.
    others = (
        _random.sample(offers, min(2 * PRELOADED_CLIPS, len(offers))) if study.trial_order == Study.Order.RANDOM else ()
    )
    drawn, *later = (frame.by_key[offer.key] for offer in (*order, *others))
    preload = dict.fromkeys(facts.audio for facts in later if facts.has_audio and facts.audio != drawn.audio)
    asked = emotion_to_ask(participant, drawn, left[0], given, found, _random)
    return Drawn(left[0], drawn, asked, list(preload)[:PRELOADED_CLIPS])


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
    # Conditional: the first showing stands, whichever request comes later.
    Trial.objects.filter(pk=trial_id, participant=participant, shown_at__isnull=True).update(shown_at=now)

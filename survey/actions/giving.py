"""The next trial: what a participant hears or sees, decided at every trial."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from survey.actions.acting import on_person
from survey.actions.asking import asked_before, emotion_to_ask
from survey.actions.counting import give_back_places
from survey.actions.looking import Busy, look
from survey.actions.sessions import Frame, clips_in_turn, frame_of, groups_for, offers_to
from survey.design.assignment import draw_repeat
from survey.design.attention import draw_clip, draw_instruction
from survey.design.balancing import Offer, order_next
from survey.design.comparing import order_pairs
from survey.design.ordering import NONE_SLUG
from survey.models import Participant, Response, Study, Trial
from survey.queries import Given, StimulusFacts, facts_of, given_trials, hot, open_trial
from survey.queries.pairs import frame_of_pairs

REPEAT_DISTANCE = 3
PRELOADED_CLIPS = 2
MOST_DRAWS = 20
SHOWN_AT_ONCE = timedelta(seconds=2)
_random = random.SystemRandom()


def give_trial(*, participant: Participant, waiting: Trial | None = None, now: datetime | None = None) -> Trial | None:
    """The participant's open trial, else a new one; None when the plan is done.

    Usually the trial was given with the answer before it, and there is nothing to write. Whoever has read it already
    hands it over as `waiting`.
    """
    now = now or timezone.now()
    # Without a lock first: a page that is only shown again must not queue behind others' answers.
    trial = waiting or open_trial(participant)
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
    # Whoever comes back takes a place again, where theirs was given back meanwhile.
    without_place = Trial.objects.filter(pk=waiting.pk, holds_place=False).exclude(kind__in=Trial.AGAIN)
    if without_place.update(holds_place=True):
        hot.run([hot.add_load(waiting.stimulus_id, participant.kind, 1)])
    return waiting


def give_next(
    participant: Participant, now: datetime, preloaded: Sequence[str] = (), *, waits: bool = True
) -> Trial | None:
    """The next trial: a stimulus of the cell that is due, in it the least filled (answers + live leases).

    `preloaded` are the sound files that the browser was told to preload: they win a tie. Only inside the
    transaction that holds the person, for somebody without an open trial. Whoever has moved a load already may not
    wait for another one, or two people would wait for each other: without `waits` it raises Busy instead.
    """
    given = given_trials(participant)
    drawn = _draw(participant, given, now, preloaded, waits)
    if drawn is None:
        return None
    trial = Trial(
        participant=participant,
        stimulus_id=drawn.facts.pk,
        position=len(given) + 1,
        kind=drawn.kind,
        second_id=drawn.second and drawn.second.pk,
        clip_key=drawn.key,
        asked_emotion=drawn.asked,
        option_order=participant.option_order,
        preload=drawn.preload,
        instructed=drawn.instructed,
        holds_place=drawn.kind not in Trial.AGAIN,
        assigned_at=now,
        lease_expires_at=_lease_end(participant, now),
    )
    trial.pk = hot.insert_one(trial)
    return trial


def _lease_end(participant: Participant, now: datetime) -> datetime:
    return now + participant.study.lease


@dataclass(frozen=True, slots=True)
class Drawn:
    """The next trial with the emotion it names, and the sound files that will probably come after it.

    `key` is what the person must not meet again: the clip, or the pair where there is a `second` clip.
    """

    kind: str
    facts: StimulusFacts
    asked: str
    preload: list[str]
    key: str
    second: StimulusFacts | None = None
    instructed: str = ""


def _draw(
    participant: Participant, given: Sequence[Given], now: datetime, preloaded: Sequence[str], waits: bool
) -> Drawn | None:
    """The kind and stimulus of the next trial. A planned trial that nothing fits is left out of the plan."""
    while len(given) < len(participant.plan):
        planned = participant.plan[len(given)]
        if participant.study.form.compares:
            drawn = _draw_pair(participant, given, now, preloaded, waits)
        elif planned == Trial.Kind.REPEAT:
            drawn = _draw_repeat(participant, given, preloaded)
        elif planned == Trial.Kind.ATTENTION:
            drawn = _draw_attention(participant, given, preloaded)
        else:
            drawn = _draw_new(participant, given, now, preloaded, waits)
        if drawn is not None:
            return drawn
        # Written down, so that progress counts what can still come.
        participant.plan = [*participant.plan[: len(given)], *participant.plan[len(given) + 1 :]]
        participant.save(update_fields=["plan"])
    return None


def _draw_repeat(participant: Participant, given: Sequence[Given], preloaded: Sequence[str]) -> Drawn | None:
    facts = facts_of(participant.study)
    main, repeated = _met(given, Trial.Kind.MAIN), _met(given, Trial.Kind.REPEAT)
    alike = _alike(facts, given, main)
    # A clip that an attention trial played again is the last to be repeated: nobody should hear one three times.
    key = draw_repeat(main, {*repeated, *_met(given, *Trial.AGAIN)}, REPEAT_DISTANCE, _random, alike)
    key = draw_repeat(main, repeated, REPEAT_DISTANCE, _random, alike) if key is None else key
    if key is None:
        return None
    found = facts[key]
    return Drawn(Trial.Kind.REPEAT, found, asked_before(given, found), list(preloaded), found.clip_key)


def _draw_attention(participant: Participant, given: Sequence[Given], preloaded: Sequence[str]) -> Drawn | None:
    """A clip that the person has met, and the answer that the page asks for instead of one about it."""
    facts, main = facts_of(participant.study), _met(given, Trial.Kind.MAIN)
    again = set(_met(given, *Trial.AGAIN))
    key = draw_clip(main, again, REPEAT_DISTANCE, _random, _alike(facts, given, main))
    if key is None:
        return None
    found = facts[key]
    before = Response.objects.filter(trial__participant=participant, trial__stimulus=key).order_by("pk")
    said = before.values_list("choice__slug", flat=True).first() or ""
    instructed = draw_instruction([slug for slug in participant.option_order if slug != NONE_SLUG], said, _random)
    asked = asked_before(given, found)
    return Drawn(Trial.Kind.ATTENTION, found, asked, list(preloaded), found.clip_key, instructed=instructed)


def _met(given: Sequence[Given], *kinds: str) -> list[int]:
    """The stimuli of the trials of some kinds, in their order."""
    return [trial.stimulus_id for trial in given if trial.kind in kinds]


def _alike(facts: Mapping[int, StimulusFacts], given: Sequence[Given], keys: Sequence[int]) -> set[int]:
    """Those of some stimuli that are about a picture of the last trial."""
    last = _last_pictures(facts, given)
    return {key for key in keys if not last.isdisjoint(facts[key].pictures)}


def _last_pictures(facts: Mapping[int, StimulusFacts], given: Sequence[Given]) -> frozenset[str]:
    """The pictures that the last trial was about."""
    return facts[given[-1].stimulus_id].pictures if given else frozenset()


def _draw_new(
    participant: Participant, given: Sequence[Given], now: datetime, preloaded: Sequence[str], waits: bool
) -> Drawn | None:
    """The next stimulus of the planned kind by the design, a place at it taken, and two sounds that may follow it."""
    study, kind = participant.study, participant.kind
    frame = frame_of(study)
    busy: dict[int, int] = {}
    for turn in range(1, MOST_DRAWS + 1):
        seen = look(study, frame.stimuli, kind, now)
        # What another writes at this moment has one more soon; unless that is over, and to be seen.
        found = seen.loads
        if busy or seen.any_over:
            found = {key: load - seen.over[key] + (busy.get(key) == load) for key, load in seen.loads.items()}
        offers = offers_to(participant, frame, given, found, seen.answers)
        order = _order(participant, frame, given, offers, found, preloaded)
        if not order:
            return None
        key = order[0].key
        if not waits and (key in busy or turn == MOST_DRAWS):
            raise Busy
        if hot.take_place(key, kind, found[key] + seen.over[key], wait=key in busy):
            break
        busy[key] = seen.loads[key]
    else:
        hot.run([hot.add_load(key, kind, 1)])
    # After the place was taken, which may have been waited for: with it no load is waited for any more.
    if seen.any_over:
        give_back_places(study, kind, seen.alive_after, now)
    # The plan gets short at a session's end: then what else might come.
    others = (
        _random.sample(offers, min(2 * PRELOADED_CLIPS, len(offers))) if study.trial_order == Study.Order.RANDOM else ()
    )
    drawn, *later = (frame.by_key[offer.key] for offer in (*order, *others))
    preload = dict.fromkeys(facts.audio for facts in later if facts.has_audio and facts.audio != drawn.audio)
    planned = participant.plan[len(given)]
    asked = emotion_to_ask(participant, drawn, planned, given, seen.alive_after, _random)
    return Drawn(planned, drawn, asked, list(preload)[:PRELOADED_CLIPS], drawn.clip_key)


def _draw_pair(
    participant: Participant, given: Sequence[Given], now: datetime, preloaded: Sequence[str], waits: bool
) -> Drawn | None:
    """The next two clips by the design; a place is taken at the one that comes first."""
    study, kind, planned = participant.study, participant.kind, participant.plan[len(given)]
    frame = frame_of_pairs(study)
    had = [trial.clip_key for trial in given]
    in_memory = {key for key, facts in frame.by_key.items() if facts.audio in preloaded}
    busy: set[int] = set()
    for turn in range(1, MOST_DRAWS + 1):
        seen = look(study, frame.stimuli, kind, now)
        order = order_pairs(
            frame.pairs.get(planned, ()),
            hot.judged(study.pk, kind, seen.alive_after),
            had,
            random.Random(_random.getrandbits(64)),
            preferred=in_memory,
            number=2,
            before=frame.pictures.get(had[-1], frozenset()) if had else frozenset(),
        )
        if not order:
            return None
        first = order[0].first
        if not waits and (first in busy or turn == MOST_DRAWS):
            raise Busy
        if hot.take_place(first, kind, seen.loads[first], wait=first in busy):
            break
        busy.add(first)
    else:
        hot.run([hot.add_load(first, kind, 1)])
    if seen.any_over:
        give_back_places(study, kind, seen.alive_after, now)
    facts, second = frame.by_key[first], frame.by_key[order[0].second]
    later = dict.fromkeys(frame.by_key[key].audio for sides in order[1:] for key in sides[:2])
    asked = facts.emotion if study.form.names_emotion else ""
    preload = [audio for audio in later if audio not in (facts.audio, second.audio)]
    return Drawn(planned, facts, asked, preload, order[0].pair.name, second)


def _order(
    participant: Participant,
    frame: Frame,
    given: Sequence[Given],
    offers: Sequence[Offer],
    loads: Mapping[int, int],
    preloaded: Sequence[str],
) -> list[Offer]:
    """What comes next by the design, and what will probably come after it."""
    study, left = participant.study, participant.plan[len(given) :]
    return order_next(
        offers,
        groups_for(participant, frame, given, loads),
        sum(kind not in Trial.AGAIN for kind in left),
        # One draw of the system's randomness as a seed: the planner draws for every stimulus, and the system is slow.
        random.Random(_random.getrandbits(64)),
        preferred={offer.key for offer in offers if frame.by_key[offer.key].audio in preloaded} if preloaded else (),
        # Twice as many as are preloaded: several may share one sound.
        number=2 * PRELOADED_CLIPS + 1,
        clips=clips_in_turn(participant, frame, given),
        blocks=study.trial_order == Study.Order.CELLS,
        before=_last_pictures(frame.by_key, given),
    )


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

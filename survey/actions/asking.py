"""The emotion that a yes/no trial names: the intended one, or a lure."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from generation.emotions import get_emotion
from survey.design.lures import Had, draw_emotion, draw_lure, lures_for
from survey.models import Participant, Stimulus, Study
from survey.queries import Given, StimulusFacts, named_about, stimulus_facts

MOST_NAMED = 3


def emotion_to_ask(
    participant: Participant,
    facts: StimulusFacts,
    kind: str,
    given: Sequence[Given],
    alive: datetime,
    rng: random.Random,
) -> str:
    """The emotion named about the stimulus `facts` in a trial of `kind`; empty where people choose among all.

    Only inside the transaction that took the place: it reads how often each emotion was named about the stimulus, on
    screens whose leases end after `alive` as well.
    """
    study = participant.study
    if not study.form.names_emotion:
        return ""
    if not study.has_lures:
        return facts.emotion
    every = stimulus_facts(study)
    lures = possible_lures(facts, kind, every)
    if not lures:  # published before somebody looked
        return facts.emotion
    own = {one.pk: one.emotion for one in every}
    had = [trial for trial in given if trial.kind == kind]
    named = Counter(one.asked_emotion for one in had if one.asked_emotion != own[one.stimulus_id])
    asked = named_about(facts.pk, participant.kind, alive)
    of_person = Had(len(had) - named.total(), named.total())
    of_clip = Had(asked[facts.emotion], asked.total() - asked[facts.emotion])
    if not draw_lure(of_person, participant.plan[len(given) :].count(kind), of_clip, rng):
        return facts.emotion
    return draw_emotion(lures, asked, named, rng)


def asked_before(given: Sequence[Given], facts: StimulusFacts) -> str:
    """What was asked about a stimulus the first time: a repeat asks it again, or nothing would be repeated."""
    return next(trial.asked_emotion for trial in given if trial.stimulus_id == facts.pk)


def possible_lures(
    facts: StimulusFacts | Stimulus, role: str, stimuli: Sequence[StimulusFacts] | Sequence[Stimulus]
) -> list[str]:
    """The emotions that a lure about one of the study's `stimuli` may name.

    A gold trial needs a right answer that nobody who listens misses: about it only emotions of the other valence are
    named, where the study has some.
    """
    found = lures_for(_main_emotions(stimuli), {facts.emotion, facts.picture_emotion})
    if role != Stimulus.Role.GOLD:
        return found
    side = get_emotion(facts.emotion).valence > 0
    return [emotion for emotion in found if (get_emotion(emotion).valence > 0) != side] or found


def _main_emotions(stimuli: Sequence[StimulusFacts] | Sequence[Stimulus]) -> list[str]:
    return sorted({one.emotion for one in stimuli if one.role == Stimulus.Role.MAIN})


def lure_reasons(study: Study, stimuli: Sequence[Stimulus]) -> Iterator[str]:
    """What stands against publishing: clips about which no lure is left, or whose question gives itself away."""
    if not study.has_lures:
        return
    if without := [one for one in stimuli if not possible_lures(one, one.role, stimuli)]:
        yield (
            "Half of the trials are to name another emotion than the intended one, and none is left for these clips: "
            f"{_name_clips(without)}. Lures name what other main clips express, and neither the music’s emotion nor "
            "that of the picture shown. Choose clips of more emotions, or let every trial name the intended emotion."
        )
    known = _main_emotions(stimuli)
    if strange := [one for one in stimuli if known and one.emotion not in known]:
        yield (
            f"No main clip expresses what these practice or gold clips do: {_name_clips(strange)}. Their questions "
            "would name an emotion that is named about nothing else, which gives the right answer away. Choose clips "
            f"that express what main clips do ({', '.join(known)}), or let every trial name the intended emotion."
        )


def _name_clips(stimuli: Sequence[Stimulus]) -> str:
    names = sorted({str(one.pair_version) for one in stimuli})
    return ", ".join(names[:MOST_NAMED]) + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")

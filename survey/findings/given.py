"""What a study knows of its people, and which trials it gave them, as the statistics take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone

from survey.analysis.ratings import Factor, Given, left_at
from survey.analysis.ratings.about_people import factor_of
from survey.analysis.ratings.container import PEOPLE_FACTS
from survey.models import Participant, Stimulus, Study, Trial
from survey.questions import BACKGROUND, BackgroundKey

BY_RULES, BY_HAND = "rules", "by hand"

KEY_OF_FACT = {q.storage.fact: q.key for q in BACKGROUND if isinstance(q.storage, BackgroundKey)}
IN_BACKGROUND = sorted(KEY_OF_FACT.items(), key=lambda fact: PEOPLE_FACTS.index(fact[0]))
"""(what the statistics call it, key of the background), in the order of `PEOPLE_FACTS`."""


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as the statistics need them; `facts` as `PEOPLE_FACTS` names them, ``""`` where not known."""

    pk: int
    public_id: str
    included: bool | None
    facts: Mapping[str, str]


def people_of(study: Study, kind: str = Participant.Kind.PERSON) -> list[Person]:
    """Everybody who did not withdraw, in the order they came."""
    rows = (
        Participant.objects.counted(study, kind=kind)
        .order_by("study_id", "pk")
        .values_list(
            "pk", "public_id", "included", "verdict", "set_aside", "headphones", "background", "language", "device"
        )
    )
    return [
        Person(pk, name, included, _facts(included, verdict, set_aside, headphones, background, language, device))
        for pk, name, included, verdict, set_aside, headphones, background, language, device in rows
    ]


def _facts(
    included: bool | None,
    verdict: Sequence[str],
    set_aside: str,
    headphones: Mapping[str, Any],
    background: Mapping[str, str],
    language: str,
    device: str,
) -> dict[str, str]:
    passed = headphones.get("passed")
    by_hand_alone = bool(set_aside) and len(verdict) == 1
    return {
        "left_out": "" if included is not False else BY_HAND if by_hand_alone else BY_RULES,
        "headphones": "" if passed is None else "passed" if passed else "not passed",
        **{fact: background.get(key, "") for fact, key in IN_BACKGROUND},
        "language": language,
        "device": device,
    }


def people_facts(people: Sequence[Person]) -> dict[str, Factor]:
    """Every fact that is known of anybody, aligned with `people`."""
    names = people[0].facts if people else ()
    return {
        name: factor_of([person.facts[name] for person in people])
        for name in names
        if any(person.facts[name] for person in people)
    }


def given_of(
    study: Study,
    people: Sequence[Person],
    stimuli: Sequence[Stimulus],
    emotions: Sequence[str],
    now: datetime | None = None,
    kind: str = Participant.Kind.PERSON,
) -> Given:
    """Main trials that were given, in any order.

    While a study runs, a trial on somebody's screen (its lease lasts) is neither answered nor missing. Nobody has two
    open trials, of whatever kind: who left one main trial open went on to nothing.
    """
    trials = Trial.objects.counted(study, kind=kind).filter(kind=Trial.Kind.MAIN).in_order()
    if study.status != Study.Status.CLOSED:
        trials = trials.exclude(answered_at__isnull=True, lease_expires_at__gt=now or timezone.now())
    rows = list(trials.values_list("participant_id", "stimulus_id", "position", "answered_at"))
    person = {one.pk: place for place, one in enumerate(people)}
    clip = {item.pk: place for place, item in enumerate(stimuli)}
    conditions = tuple(dict.fromkeys(item.condition.name for item in stimuli))
    rows = [row for row in rows if row[0] in person]  # somebody may have come since the people were read
    stimulus = np.array([clip[row[1]] for row in rows], np.int64)
    who = np.array([person[row[0]] for row in rows], np.int64)
    answered = np.array([row[3] is not None for row in rows], bool)
    cells = np.array([conditions.index(item.condition.name) for item in stimuli] or [0], np.int64)
    intended = [emotions.index(item.emotion) if item.emotion in emotions else -1 for item in stimuli]
    return Given(
        participants=tuple(one.public_id for one in people),
        stimuli=tuple(str(item.public_id) for item in stimuli),
        conditions=conditions,
        emotions=tuple(emotions),
        participant=who,
        stimulus=stimulus,
        condition=cells[stimulus],
        intended=np.array(intended or [-1], np.int64)[stimulus],
        answered=answered,
        left=left_at(who, np.array([row[2] for row in rows], np.int64), answered),
    )

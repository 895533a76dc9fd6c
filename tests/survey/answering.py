"""Answers in bulk: participants, trials and responses written straight into the tables."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from survey.actions.counting import answer_counted
from survey.models import Participant, Response, Study, Trial
from survey.queries import hot


def count_answer(stimulus_id: int, kind: str, seconds: float) -> None:
    """Count an answer whose trial held no place, as the action that stores it would."""
    hot.run([answer_counted(stimulus_id, kind, seconds), hot.add_load(stimulus_id, kind, 1)])


def answer_study(
    study: Study,
    people: int = 12,
    each: int | None = None,
    *,
    seed: int = 0,
    hit: float = 0.5,
    kind: str = Participant.Kind.PERSON,
    choose: Any = None,
    say: Any = None,
) -> list[Participant]:
    """`people` who each answer `each` clips (all by default); a hit with probability `hit`, else any answer.

    `choose(participant, stimulus, dice)` may return the answer instead; `say(participant, stimulus, chosen)` what else
    is said, as fields of the response.
    """
    generator = random.Random(seed)
    stimuli = list(study.stimuli.filter(role="main").order_by("pk"))
    choices = list(study.choices.all())
    start = timezone.now().replace(microsecond=123_456)
    return [
        _take_part(
            study,
            generator,
            stimuli,
            choices,
            each or len(stimuli),
            hit,
            kind,
            start + timedelta(minutes=i),
            choose,
            say,
        )
        for i in range(people)
    ]


def _take_part(
    study: Study,
    generator: random.Random,
    stimuli: Any,
    choices: Any,
    each: int,
    hit: float,
    kind: str,
    now: Any,
    choose: Any,
    say: Any,
) -> Participant:
    participant = Participant.objects.create(
        study=study,
        kind=kind,
        last_seen_at=now,
        consented_at=now,
        consent_sha256=study.consent_sha256 or "0" * 64,
        option_order=[choice.slug for choice in choices],
        plan=["main"] * each,
        language="en",
        background={"music": "some"},
    )
    by_key = {item.clip_key: item for item in generator.sample(stimuli, len(stimuli))}
    heard = generator.sample(list(by_key.values()), min(each, len(by_key)))
    for position, stimulus in enumerate(heard, start=1):
        then = now + timedelta(seconds=30 * position)
        trial = Trial.objects.create(
            participant=participant,
            stimulus=stimulus,
            position=position,
            clip_key=stimulus.clip_key,
            assigned_at=then,
            lease_expires_at=then + timedelta(minutes=15),
            shown_at=then,
            answered_at=then + timedelta(seconds=9.5),
            option_order=participant.option_order,
        )
        chosen = choose(participant, stimulus, generator) if choose else None
        if chosen is None:
            right = generator.random() < hit
            chosen = stimulus.emotion if right else generator.choice(choices).slug
        Response.objects.create(
            trial=trial,
            choice=next(c for c in choices if c.slug == chosen),
            answered_at=then + timedelta(seconds=9.5),
            played_seconds=1.0,
            plays=1,
            listening_measured=True,
            hidden_seconds=0.0,
            **{
                "confidence": generator.randint(1, 5),
                "seconds": 9.5,
                **(say(participant, stimulus, chosen) if say else {}),
            },
        )
        count_answer(stimulus.pk, kind, 9.5)
    participant.outcome = Participant.Outcome.COMPLETE
    participant.completion_code = "CODE2345"
    participant.finished_at = now + timedelta(minutes=10)
    participant.save()
    return participant

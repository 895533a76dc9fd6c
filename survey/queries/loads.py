"""How full each stimulus is, and how often which emotion was named about it: answers, and trials on screens.

Asked with every trial, so the questions are put in SQL: for them the ORM takes ten times as long. Answers are read from
counters, however many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from survey.design.assignment import lease_seconds
from survey.models import Study

# One row per stimulus, by the unique index of (stimulus, kind).
FILLS = """
    SELECT fill.stimulus_id, fill.answers, fill.seconds
    FROM survey_fill fill JOIN survey_stimulus stimulus ON stimulus.id = fill.stimulus_id
    WHERE stimulus.study_id = %s AND fill.kind = %s
"""
# The partial index `open_trial_leases` holds unanswered trials alone: as many rows as people are at it, not as many as
# there were answers. Repeats are left out, as they are in the counters; so is who ended or withdrew.
LEASES = """
    SELECT trial.stimulus_id, trial.asked_emotion, COUNT(*)
    FROM survey_trial trial JOIN survey_participant person ON person.id = trial.participant_id
    WHERE trial.answered_at IS NULL AND trial.lease_expires_at > %s AND trial.kind <> 'repeat'
        AND person.study_id = %s AND person.kind = %s AND person.outcome = ''
    GROUP BY trial.stimulus_id, trial.asked_emotion
"""
NAMED = "SELECT emotion, trials FROM survey_named WHERE stimulus_id = %s AND kind = %s"


@dataclass(frozen=True, slots=True)
class Loads:
    """What a study's stimuli have of one kind of participant.

    `answers` is stimulus → answers, `on_screens` (stimulus, emotion named) → people who have it on their screen now.
    Whose lease is over, or who took longer than people here usually do, is not among them; see `lease_seconds`.
    """

    answers: Mapping[int, int]
    on_screens: Mapping[tuple[int, str], int]

    @property
    def together(self) -> Counter[int]:
        """Stimulus → answers and people who have it on their screen."""
        loads = Counter(self.answers)
        for (stimulus_id, _), people in self.on_screens.items():
            loads[stimulus_id] += people
        return loads

    def named_on_screens(self, stimulus_id: int) -> Counter[str]:
        """Emotion → people on whose screens it is named about this stimulus."""
        found = {emotion: people for (stimulus, emotion), people in self.on_screens.items() if stimulus == stimulus_id}
        return Counter(found)


def stimulus_loads(study: Study, *, kind: str, now: datetime | None = None) -> Loads:
    """The loads of the stimuli of `study`, among people, previews or bots."""
    with connection.cursor() as cursor:
        cursor.execute(FILLS, [study.pk, kind])
        rows = cursor.fetchall()
        # From the counters: one row per stimulus that has answers.
        answers = {stimulus_id: count for stimulus_id, count, _ in rows}
        longest = study.lease.total_seconds()
        patience = lease_seconds(longest, sum(answers.values()), sum(seconds for *_, seconds in rows))
        # Every lease is written with the longest time, so the time it was given can be told from its end.
        alive_after = (now or timezone.now()) + timedelta(seconds=longest - patience)
        # Times are adapted by hand, as SQLite stores them as text and raw SQL converts nothing.
        cursor.execute(LEASES, [connection.ops.adapt_datetimefield_value(alive_after), study.pk, kind])
        return Loads(answers, {(stimulus_id, named): people for stimulus_id, named, people in cursor.fetchall()})


def named_about(stimulus_id: int, *, kind: str, loads: Loads) -> Counter[str]:
    """Emotion → how often it was named about a stimulus: in answered trials, and on screens as `loads` has them.

    A trial on a screen counts as long here as in the balance of the stimuli: one patience, or clips would look even to
    one rule and uneven to the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [stimulus_id, kind])
        return Counter(dict(cursor.fetchall())) + loads.named_on_screens(stimulus_id)

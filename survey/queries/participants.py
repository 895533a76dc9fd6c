"""The people of a study one by one, without anything that tells how well the clips were recognised."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from survey.design.listening import is_measured, share_played
from survey.models import Participant, Response, Study, Trial

OUTCOMES = {value or "active": label for value, label in Participant.Outcome.choices}
VERDICTS = {
    "included": ("Included", Q(included=True)),
    "excluded": ("Left out", Q(included=False)),
    "by_hand": ("Set aside by hand", ~Q(set_aside="")),
    "none": ("No verdict yet", Q(included__isnull=True)),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One participation with how much was answered and what share of the clips' time was played.

    Of two clips that are compared it is the share of the one that was heard less.

    `unmeasured` and `doubtful` count answers whose listening was not measured, or told beyond the time that passed.
    """

    participant: Participant
    answers: int
    heard: float | None
    unmeasured: int = 0
    doubtful: int = 0

    @property
    def marks(self) -> list[str]:
        """What is to be known of this person's listening, in words; nothing where all was measured and believable."""
        tests = {
            "sound check": self.participant.sound_measured,
            "headphone test": self.participant.headphones.get("measured"),
        }
        wrong = self.participant.sound_wrong
        return [
            *([f"not measured: {_count(self.unmeasured, 'answer')}"] if self.unmeasured else []),
            *([f"doubtful: {_count(self.doubtful, 'answer')}"] if self.doubtful else []),
            *(f"not measured: {name}" for name, measured in tests.items() if measured is False),
            *([f"sound check wrong: {_count(wrong, 'time')}"] if wrong else []),
        ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def people_of(study: Study, *, verdict: str = "", outcome: str = "") -> QuerySet[Participant]:
    """People of `study`, newest first; previews and bots are not among them. Unknown filters count as none."""
    people = study.participants.filter(kind=Participant.Kind.PERSON).order_by("-study_id", "-pk")
    if verdict in VERDICTS:
        people = people.filter(VERDICTS[verdict][1])
    if outcome in OUTCOMES:
        people = people.filter(outcome="" if outcome == "active" else outcome)
    return people


def describe_people(participants: Iterable[Participant]) -> list[Person]:
    """Each of `participants` with their answers counted, in one question to the database."""
    participants = list(participants)
    answers: dict[int, int] = defaultdict(int)
    shares: dict[int, list[float]] = defaultdict(list)
    unmeasured: Counter[int] = Counter()
    doubtful: Counter[int] = Counter()
    rows = Response.objects.filter(trial__participant__in=participants).values_list(
        "trial__participant_id",
        "trial__kind",
        "seconds",
        "listening_doubtful",
        "played_seconds",
        "trial__stimulus__duration_seconds",
        "second_played_seconds",
        "trial__second__duration_seconds",
    )
    # Counted here and not in SQL: four aggregates over joins would each need a condition of their own.
    for person, kind, seconds, doubted, played, length, also, other in rows:
        clips = ((played, length), (also, other))
        answers[person] += 1
        unmeasured[person] += not is_measured(clips)
        doubtful[person] += doubted
        share = share_played(clips, at_most=seconds if doubted else None)
        if kind not in Trial.ASIDE and share is not None:
            shares[person].append(min(share, 1.0))
    return [
        Person(
            participant=participant,
            answers=answers[participant.pk],
            heard=sum(found) / len(found) if (found := shares[participant.pk]) else None,
            unmeasured=unmeasured[participant.pk],
            doubtful=doubtful[participant.pk],
        )
        for participant in participants
    ]

"""What a recruiting service must be told of the people it sent: how each ended, and what they are owed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from survey.design.lures import right_answer
from survey.models import Participant, Response, Study, Trial
from survey.queries.identity import kept_outside_ids, people_of_outside_ids

STATUSES = {value or "active": label for value, label in Participant.Outcome.choices}
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Recruited:
    """One person as the service knows them. No time and no order here joins them to their answers."""

    outside_id: str
    status: str
    code: str
    reason: str
    bonus: Decimal


def recruited(study: Study, *, ids: Iterable[str] = (), per_gold: Decimal = Decimal(0)) -> Iterator[Recruited]:
    """Everybody of `study` whose id is kept, or those of `ids` alone: hashed ids are found when they are shown.

    The bonus is `per_gold` for every gold trial that somebody who finished, and was not left out, answered right.
    """
    asked = list(dict.fromkeys(ids))
    right = _gold_right(study) if per_gold else Counter()
    if asked:
        found = people_of_outside_ids(study, asked)
        people = list(_each_once((value, found.get(value)) for value in asked))
    else:
        # not as they came: so are the answers
        kept = kept_outside_ids(study).select_related("participant").order_by("value")
        people = [(row.value, row.participant) for row in kept]
    for value, person in people:
        if person is None:
            yield Recruited(value, UNKNOWN, "", "", Decimal(0))
            continue
        owed = person.outcome == Participant.Outcome.COMPLETE and person.included is not False
        yield Recruited(
            outside_id=value,
            status=person.outcome or "active",
            code=person.completion_code,
            reason="; ".join(person.verdict),
            bonus=per_gold * right[person.pk] if owed else Decimal(0),
        )


def _each_once(people: Iterable[tuple[str, Participant | None]]) -> Iterator[tuple[str, Participant | None]]:
    """Nobody is owed twice because their id was written in two ways."""
    told: set[int] = set()
    for value, person in people:
        if person is None or person.pk not in told:
            yield value, person
        if person:
            told.add(person.pk)


def _gold_right(study: Study) -> Counter[int]:
    rows = (
        Response.objects.of_study(study)
        .filter(trial__kind=Trial.Kind.GOLD)
        .values_list("trial__participant_id", "choice__slug", "trial__stimulus__emotion", "trial__asked_emotion")
    )
    return Counter(person for person, chosen, emotion, asked in rows if chosen == right_answer(emotion, asked))

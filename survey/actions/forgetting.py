"""What points to a person, in one place: it goes at the end of the retention, and is not stored after it."""

from __future__ import annotations

import re
from typing import Final

from django.db.models import Q, QuerySet

from survey.models import AuditEntry, OutsideId, Participant, QuestionAnswer, Response, Study
from survey.models.participation import make_token
from survey.models.personal import EMPTIED, REPLACED
from survey.queries import further_questions
from survey.questions import RESPONSE_COLUMNS

REASON_GONE: Final = "(reason deleted)"
"""Stands where a researcher's own words stood: that somebody was set aside stays known, and counts."""
BY_HAND: Final = "by hand"
PERSONAL: Final = (
    ~Q(background={}) | ~Q(external_id_hash="") | ~Q(device="") | ~(Q(set_aside="") | Q(set_aside=REASON_GONE))
)
FREE_WORDS: Final = {question.key: question.empty for question in RESPONSE_COLUMNS if question.is_forgotten}
"""Columns of responses that are emptied, and what stands there then."""


def holds_personal(study: Study) -> bool:
    """Whether anything of `study` still points to a person."""
    return (
        OutsideId.objects.filter(study=study).exists()
        or study.participants.filter(PERSONAL).exists()
        or _words_of(study).exists()
        or _forgotten_answers(study).exists()
    )


def _words_of(study: Study) -> QuerySet[Response]:
    """Responses in which people wrote words of their own."""
    written = Q(pk__in=[])
    for name, empty in FREE_WORDS.items():
        written |= ~Q(**{name: empty})
    return Response.objects.of_study(study).filter(written)


def _forgotten_answers(study: Study) -> QuerySet[QuestionAnswer]:
    """Answers to further questions that do not outlast the retention: about people, and free words."""
    gone = [question.storage.row for question in further_questions(study) if question.is_forgotten]
    return QuestionAnswer.objects.of_study(study).filter(question_id__in=gone)


def forget_people(study: Study, *, personal_only: bool = False) -> int:
    """Inside an action: free words, background, device, outside ids, links and reasons in somebody's words go.

    Returns how many people there were; with `personal_only` those alone who still had something of this.
    """
    _words_of(study).update(**FREE_WORDS)
    _forgotten_answers(study).delete()
    OutsideId.objects.filter(study=study).delete()
    people = study.participants.filter(PERSONAL) if personal_only else study.participants.all()
    number = people.count()
    for person in people.order_by("pk").iterator(chunk_size=2000):
        for name in EMPTIED[Participant]:
            setattr(person, name, Participant._meta.get_field(name).get_default())
        # The old link and cookie open nothing any more.
        person.token = make_token()
        _forget_reason(person)
        person.save(update_fields=[*EMPTIED[Participant], *REPLACED[Participant]])
    _forget_written_reasons(AuditEntry.objects.filter(study=study))
    return number


def forget_what_is_said(person: Participant) -> None:
    """Inside an action: no reason that a researcher gave tells of `person` any more, nor names them elsewhere."""
    names = [person.public_id, *OutsideId.objects.filter(participant=person).values_list("value", flat=True)]
    # Only where the name stands by itself: P12 is not named in P123.
    named = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(name)}(?![0-9A-Za-z])" for name in names), re.IGNORECASE)
    entries = AuditEntry.objects.filter(study=person.study_id)
    _forget_written_reasons(entries.filter(detail__participant=person.public_id))
    _forget_written_reasons(entries, named)
    for other in person.study.participants.exclude(pk=person.pk).exclude(set_aside=""):
        if named.search(other.set_aside):
            _forget_reason(other)
            other.save(update_fields=["set_aside", "verdict"])


def _forget_reason(person: Participant) -> None:
    if person.set_aside:
        person.set_aside = REASON_GONE
    said = f"{BY_HAND}: "
    person.verdict = [said + REASON_GONE if reason.startswith(said) else reason for reason in person.verdict]


def _forget_written_reasons(entries: QuerySet[AuditEntry], named: re.Pattern[str] | None = None) -> None:
    for entry in entries.filter(action="exclude"):
        if named is None or named.search(str(entry.detail.get("reason", ""))):
            entry.detail = {**entry.detail, "reason": REASON_GONE}
            entry.save(update_fields=["detail"])

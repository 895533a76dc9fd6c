"""The rows of every table as they were made before columns were: one by one. What the pack is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet

from survey.design.lures import right_answer
from survey.exports.rows import stimuli, stimuli_of  # read one by one to this day
from survey.models import Participant, QuestionAnswer, Response, Stimulus, Study, Trial, TrialEvent
from survey.queries import further_questions
from survey.questions import RESPONSE_COLUMNS, TABLE, AnswerTable, Question

CHUNK = 2000
EXPORTED_KINDS = (Trial.Kind.MAIN, Trial.Kind.GOLD, Trial.Kind.REPEAT, Trial.Kind.ATTENTION)
Row = tuple[Any, ...]


def people_of(study: Study) -> QuerySet[Participant]:
    """People who may be in an export."""
    return Participant.objects.counted(study).order_by("pk")


def responses_of(study: Study) -> QuerySet[Response]:
    """Their answers to all but practice trials, oldest first."""
    return Response.objects.counted(study).filter(trial__kind__in=EXPORTED_KINDS).order_by("pk")


def trials_of(study: Study) -> QuerySet[Trial]:
    """Their trials, practice and unanswered ones among them."""
    return Trial.objects.counted(study).order_by("pk")


def events_of(study: Study) -> QuerySet[TrialEvent]:
    """What their browsers told."""
    return TrialEvent.objects.counted(study).order_by("pk")


RESPONSE_FIELDS = (
    "trial__participant_id",
    "trial__stimulus_id",
    "choice_id",
    "trial__kind",
    "trial__position",
    "trial__asked_emotion",
    *(question.key for question in RESPONSE_COLUMNS),
    "trial__option_order",
    "trial__assigned_at",
    "trial__shown_at",
    "answered_at",
    "seconds",
    "first_choice_seconds",
    "played_seconds",
    "plays",
    "hidden_seconds",
    "listening_measured",
    "listening_doubtful",
)


def responses(study: Study) -> Iterator[Row]:
    """Yield the rows of responses_long; people and stimuli are looked up, not joined."""
    people = {
        pk: rest
        for pk, *rest in people_of(study).values_list("pk", "public_id", "language", "device", "outcome", "included")
    }
    stimuli = {item.pk: item for item in stimuli_of(study)}
    slugs = dict(study.choices.values_list("pk", "slug"))
    further = [question for question in further_questions(study) if not question.about_person]
    found = responses_of(study).values_list("trial_id", *RESPONSE_FIELDS).iterator(chunk_size=CHUNK)
    while batch := list(islice(found, CHUNK)):
        said = _said(further, "trial_id", [row[0] for row in batch])
        for trial, person, stimulus_pk, choice, kind, position, asked, *answer in batch:
            if person in people:  # somebody may have withdrawn since the people were read
                row = _response_row(people[person], stimuli[stimulus_pk], slugs[choice], kind, position, asked, answer)
                yield (*row, *said(trial))


def _said(further: Sequence[Question], by: str, keys: Sequence[int]) -> Callable[[int], Sequence[Any]]:
    """What was said to further questions in the trials, or by the people, `keys`: the cells of each."""
    if not further:
        return lambda _key: ()
    rows = [question.storage.row for question in further if isinstance(question.storage, AnswerTable)]
    answers = QuestionAnswer.objects.filter(**{f"{by}__in": keys}, question__in=rows)
    found = {(getattr(answer, by), answer.question_id): answer for answer in answers}

    def cells(key: int) -> Sequence[Any]:
        return [
            cell
            for question, row in zip(further, rows, strict=True)
            for cell in _cells(question, found.get((key, row)))
        ]

    return cells


def _cells(question: Question, answer: QuestionAnswer | None) -> Iterator[Any]:
    """The columns of one question: its answer, and words beside an option where it asks for them."""
    value = None if answer is None else getattr(answer, question.kind.column)
    yield int(value) if question.kind.export == "integer" and value is not None else value
    if question.own_field:
        yield None if answer is None else answer.text


def _response_row(
    person: list[Any],
    stimulus: Stimulus,
    chosen: str,
    kind: str,
    position: int,
    asked: str,
    answer: list[Any],
) -> Row:
    participant, language, device, outcome, included = person
    cell = stimulus.condition
    intended = right_answer(stimulus.emotion, asked)
    said, (order, assigned, shown, answered, *times) = answer[: len(RESPONSE_COLUMNS)], answer[len(RESPONSE_COLUMNS) :]
    return (
        participant,
        str(stimulus.public_id),
        intended,
        chosen,
        cell.name,
        cell.presentation,
        cell.matching,
        kind,
        position,
        stimulus.emotion,
        stimulus.picture_emotion if cell.shows_picture else "",
        stimulus.emotion if cell.plays_music else "",
        asked,
        chosen == intended,
        *said,
        stimulus.composer,
        order,
        assigned,
        shown,
        answered,
        *times,
        stimulus.audio_sha256,
        stimulus.picture_sha256,
        language,
        device,
        outcome,
        included is not False,
    )


def participants(study: Study) -> Iterator[Row]:
    """Yield the rows of participants."""
    fields = (
        "public_id",
        "language",
        "condition__name",
        "device",
        "created_at",
        "consented_at",
        "consent_sha256",
        "sound_checked_at",
        "sound_wrong",
        "sound_measured",
        "finished_at",
        "last_seen_at",
        "outcome",
        "restarts",
        "headphones",
        "background",
        "option_order",
        "plan",
        "order_row",
        "included",
        "verdict",
    )
    further = [question for question in further_questions(study) if question.about_person]
    screens = any(question.admits for question in further)
    found = people_of(study).values_list("pk", *fields, "screened_by").iterator(chunk_size=CHUNK)
    while batch := list(islice(found, CHUNK)):
        said = _said(further, "participant_id", [row[0] for row in batch])
        for person, *row, screened_by in batch:
            yield (*row, *said(person), *([screened_by] if screens else []))


def question_answers_of(study: Study) -> QuerySet[QuestionAnswer]:
    """Their answers to further questions, those about practice trials left out."""
    answers = QuestionAnswer.objects.counted(study)
    return answers.filter(Q(trial__isnull=True) | Q(trial__kind__in=EXPORTED_KINDS)).order_by("pk")


def question_answers(study: Study) -> Iterator[Row]:
    """Yield the rows of the table of answers to further questions."""
    questions = {q.storage.row: q for q in further_questions(study) if isinstance(q.storage, AnswerTable)}
    answers = question_answers_of(study).select_related("participant", "trial__stimulus")
    for answer in answers.iterator(chunk_size=CHUNK):
        question, trial = questions[answer.question_id], answer.trial
        value, *words = _cells(question, answer)
        yield (
            answer.participant.public_id,
            trial.position if trial else None,
            str(trial.stimulus.public_id) if trial else "",
            trial.kind if trial else "",
            question.key,
            question.kind.name,
            repr(value) if isinstance(value, int | float) else value,
            words[0] if words else "",
            answer.answered_at,
        )


def events(study: Study) -> Iterator[Row]:
    """Yield the rows of events."""
    fields = (
        "trial__participant__public_id",
        "trial__position",
        "trial__stimulus__public_id",
        "sequence",
        "kind",
        "milliseconds",
        "detail",
        "received_at",
    )
    yield from events_of(study).values_list(*fields).iterator(chunk_size=CHUNK)


def assignment(study: Study) -> Iterator[Row]:
    """Yield the rows of assignment."""
    fields = (
        "participant__public_id",
        "position",
        "stimulus__public_id",
        "kind",
        "asked_emotion",
        "option_order",
        "assigned_at",
        "shown_at",
        "answered_at",
    )
    yield from trials_of(study).values_list(*fields).iterator(chunk_size=CHUNK)


ROWS = {
    "responses_long": responses,
    "participants": participants,
    "stimuli": stimuli,
    "events": events,
    "assignment": assignment,
    TABLE: question_answers,
}


def wide_rows(study: Study) -> Iterator[list[Any]]:
    """Yield each participant's answers; a repeated clip keeps its first answer, an unheard clip is empty."""
    counted = stimuli_of(study).exclude(role=Stimulus.Role.PRACTICE)
    places = {item.pk: place for place, item in enumerate(counted, start=1)}
    names = dict(people_of(study).values_list("pk", "public_id"))
    slugs = dict(study.choices.values_list("pk", "slug"))
    answers = (
        responses_of(study)
        .exclude(trial__kind=Trial.Kind.REPEAT)
        .order_by("trial__participant_id", "pk")
        .values_list("trial__participant_id", "trial__stimulus_id", "choice_id")
    )
    for person, given in groupby(answers.iterator(chunk_size=2000), key=itemgetter(0)):
        if person not in names:
            continue
        row: list[Any] = [names[person], *([None] * len(places))]
        for _, stimulus, choice in given:
            row[places[stimulus]] = slugs[choice]
        yield row

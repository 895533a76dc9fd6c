"""Reading an export back into an empty study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_study
from survey.actions.audit import Actor, record
from survey.actions.counting import LONG_PAUSE, count_named
from survey.actions.forgetting import forget_people
from survey.actions.judging import reason_by_hand
from survey.design.following import HERTZ, WHOLE
from survey.models import Course, Participant, QuestionAnswer, Response, Stimulus, Study, Trial, TrialEvent
from survey.models.participation import HEADPHONE_TEST
from survey.queries import further_questions, hot
from survey.queries.pairs import pair_key
from survey.queries.stimuli import met_once
from survey.questions import RESPONSE_COLUMNS, TABLE, Question

BATCH = 1000
Row = Mapping[str, Any]
Rows = Callable[[str], Iterable[Row]]


class RestoreRefused(ActionRefused):
    """An export that does not fit the study; the message says why."""


@dataclass(slots=True)
class _Restored:
    """What was made so far: names of the export → rows here."""

    study: Study
    stimuli: dict[str, Stimulus]
    choices: dict[str, Any]
    people: dict[str, Participant] = field(default_factory=dict)
    trials: dict[tuple[str, int], int] = field(default_factory=dict)
    fills: dict[int, tuple[int, float]] = field(default_factory=dict)
    named: Counter[tuple[int, str]] = field(default_factory=Counter)


@on_study
def restore_answers(*, study: Study, rows: Rows, by: Actor) -> dict[str, int]:
    """Store the people, trials, answers and events of an export in `study`; return how many of each.

    `rows` gives the rows of a table by its name. Stimuli are recognised by their identifier, or by cell, role and
    hashes. Nothing is stored unless everything can be.
    """
    if study.participants.exists():
        raise RestoreRefused(f"The study {study.slug} has participants; answers are read back into an empty one only.")
    restored = _Restored(
        study, _match_stimuli(study, rows("stimuli")), {choice.slug: choice for choice in study.choices.all()}
    )
    _restore_people(restored, rows("participants"))
    _restore_trials(restored, rows("assignment"))
    answers = _restore_answers(restored, rows("responses_long"))
    said = _restore_said(restored, rows(TABLE))
    _restore_passed(study)
    events = _restore_events(restored, rows("events"))
    courses = _restore_courses(restored, rows("courses"))
    for stimulus, (count, seconds) in restored.fills.items():
        # Added up above and counted once per stimulus, not once per answer.
        counted = hot.count_answers(stimulus, Participant.Kind.PERSON, count, seconds)
        hot.run([counted, hot.add_load(stimulus, Participant.Kind.PERSON, count)])
    for (stimulus, emotion), times in restored.named.items():
        count_named(stimulus, Participant.Kind.PERSON, emotion, times)
    counts = {
        "participants": len(restored.people),
        "trials": len(restored.trials),
        "answers": answers,
        "events": events,
        **({"further": said} if said else {}),
        **({"courses": courses} if courses else {}),
    }
    if study.has_forgotten:
        forget_people(study)
    record(study=study, action="restore", by=by, **counts)
    return counts


def _identity(condition: str, role: str, audio: str, picture: str) -> tuple[str, ...]:
    return condition, role, audio, picture


def _match_stimuli(study: Study, rows: Iterable[Row]) -> dict[str, Stimulus]:
    here = list(study.stimuli.select_related("condition"))
    by_name = {str(item.public_id): item for item in here}
    by_content = {
        _identity(item.condition.name, item.role, item.audio_sha256, item.picture_sha256): item for item in here
    }
    matched, missing = {}, []
    for row in rows:
        content = _identity(row["condition"], row["role"], row["audio_sha256"], row["picture_sha256"])
        found = by_name.get(row["stimulus"]) or by_content.get(content)
        if found is None:
            missing.append(row["stimulus"])
        else:
            matched[row["stimulus"]] = found
    if missing:
        raise RestoreRefused(
            f"{len(missing)} stimuli of the export are not in the study {study.slug}: {', '.join(missing[:5])}"
            f"{' …' if len(missing) > 5 else ''}."
        )
    return matched


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    stream = iter(rows)
    # As a stream: the tables of an export are read from the disk as they are stored.
    while batch := list(islice(stream, BATCH)):
        yield batch


PERSON_FIELDS = (
    "language",
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
"""What a pack tells of people as their rows hold it."""


def _screened_by(row: Row) -> str:
    """Packs of studies that screen nobody out by questions do not say by what: it was the headphone test."""
    if row["outcome"] != Participant.Outcome.SCREENED_OUT:
        return ""
    return str(row.get("screened_by") or HEADPHONE_TEST)


def _restore_people(restored: _Restored, rows: Iterable[Row]) -> None:
    conditions = {cell.name: cell for cell in restored.study.conditions.all()}
    for batch in _batches(rows):
        taken = set(
            Participant.objects.filter(public_id__in=[row["participant"] for row in batch]).values_list(
                "public_id", flat=True
            )
        )
        if taken:
            raise RestoreRefused(f"Participants of the export exist in another study: {', '.join(sorted(taken)[:5])}.")
        people = [
            Participant(
                study=restored.study,
                public_id=row["participant"],
                condition=conditions.get(row["condition"]),
                completion_code=restored.study.code_complete if row["outcome"] == "complete" else "",
                set_aside=reason_by_hand(row["verdict"]),
                screened_by=_screened_by(row),
                **{name: row[name] for name in PERSON_FIELDS},
            )
            for row in batch
        ]
        Participant.objects.bulk_create(people)
        restored.people |= {person.public_id: person for person in people}


def _restore_trials(restored: _Restored, rows: Iterable[Row]) -> None:
    lease = restored.study.lease
    for batch in _batches(rows):
        trials = [
            Trial(
                participant=_person(restored, row),
                stimulus=_stimulus(restored, row),
                second=_second(restored, row),
                position=row["position"],
                kind=row["trial_kind"],
                clip_key=_key(restored, row),
                asked_emotion=row["asked_emotion"],
                instructed=row.get("instructed", ""),
                option_order=row["option_order"],
                assigned_at=row["assigned_at"],
                lease_expires_at=row["assigned_at"] + lease,
                shown_at=row["shown_at"],
                answered_at=row["answered_at"],
            )
            for row in batch
        ]
        Trial.objects.bulk_create(trials)
        for trial, row in zip(trials, batch, strict=True):
            # Keys alone and no rows: an export may hold millions of trials.
            restored.trials[row["participant"], row["position"]] = trial.pk
        restored.named.update(
            (trial.stimulus_id, trial.asked_emotion)
            for trial in trials
            if trial.asked_emotion and trial.answered_at and trial.kind not in Trial.AGAIN
        )


def _restore_passed(study: Study) -> None:
    """Whoever came further was let in, and whoever was given a clip had answered what is asked before the clips.

    Answers about a person are kept of those alone who were let in. A pack does not say when: it was not before they
    agreed.
    """
    moment = Coalesce("consented_at", "created_at")
    here, trials = Participant.objects.filter(study=study), Trial.objects.filter(participant=OuterRef("pk"))
    said = QuestionAnswer.objects.filter(participant=OuterRef("pk"))
    here.filter(Q(sound_checked_at__isnull=False) | Exists(said) | Exists(trials)).update(screened_at=moment)
    here.filter(Exists(trials)).update(asked_before_at=moment)


def _person(restored: _Restored, row: Row) -> Participant:
    try:
        return restored.people[row["participant"]]
    except KeyError:
        raise RestoreRefused(f"{row['participant']} is not among the participants of the export.") from None


def _stimulus(restored: _Restored, row: Row) -> Stimulus:
    try:
        return restored.stimuli[row["stimulus"]]
    except KeyError:
        raise RestoreRefused(f"{row['stimulus']} is not among the stimuli of the export.") from None


def _second(restored: _Restored, row: Row) -> Stimulus | None:
    """The clip played second, where the study compares two: then every trial has one."""
    if not restored.study.form.compares:
        return None
    if not row.get("second_stimulus"):
        raise RestoreRefused(f"{row['participant']}, position {row['position']}: the second clip is not named.")
    return _stimulus(restored, {"stimulus": row["second_stimulus"]})


def _key(restored: _Restored, row: Row) -> str:
    """What the person must not meet again."""
    first, second = _stimulus(restored, row), _second(restored, row)
    return met_once(restored.study, first) if second is None else pair_key(restored.study, first, second)


def _trial(restored: _Restored, row: Row) -> int:
    try:
        return restored.trials[row["participant"], row["position"]]
    except KeyError:
        raise RestoreRefused(f"{row['participant']}, position {row['position']}: was never assigned.") from None


RESPONSE_FIELDS = (
    "answered_at",
    "seconds",
    "first_choice_seconds",
    "played_seconds",
    "plays",
    "hidden_seconds",
    "listening_measured",
    "listening_doubtful",
)
"""What a pack tells of answers as their rows hold it, beside what the questions do."""
SECOND_FIELDS = ("second_played_seconds", "second_plays")
"""The same of the clip played second, where two are compared."""


def _restore_answers(restored: _Restored, rows: Iterable[Row]) -> int:
    count = 0
    for batch in _batches(rows):
        responses = []
        for row in batch:
            if row["chosen"] not in restored.choices:
                raise RestoreRefused(f"{row['chosen']!r} is not an answer that the study {restored.study.slug} offers.")
            responses.append(
                Response(
                    trial_id=_trial(restored, row),
                    choice=restored.choices[row["chosen"]],
                    **{question.key: row[question.key] for question in RESPONSE_COLUMNS},
                    **{name: row[name] for name in RESPONSE_FIELDS},
                    **{name: row[name] for name in SECOND_FIELDS if name in row},
                )
            )
            _count(restored, row)
        Response.objects.bulk_create(responses)
        count += len(responses)
    return count


def _count(restored: _Restored, row: Row) -> None:
    if row["trial_kind"] not in Trial.AGAIN:
        stimulus = _stimulus(restored, row).pk
        answers, seconds = restored.fills.get(stimulus, (0, 0.0))
        restored.fills[stimulus] = answers + 1, seconds + min(row["seconds"], LONG_PAUSE)


def _restore_said(restored: _Restored, rows: Iterable[Row]) -> int:
    """Answers to further questions, each of the sort that the study's question of this name takes."""
    study, count = restored.study, 0
    questions = {question.key: question for question in further_questions(study)}
    for batch in _batches(rows):
        answers = []
        for row in batch:
            question = questions.get(row["question"])
            if question is None:
                raise RestoreRefused(f"{row['question']!r} is not a question that the study {study.slug} asks.")
            answers.append(
                QuestionAnswer.of(
                    question,
                    _value(question, row),
                    row["own_words"],
                    participant=_person(restored, row),
                    trial_id=None if row["position"] is None else _trial(restored, row),
                    answered_at=row["answered_at"],
                )
            )
        QuestionAnswer.objects.bulk_create(answers)
        count += len(answers)
    return count


def _value(question: Question, row: Row) -> Any:
    try:
        value = float(row["value"]) if question.kind.column == "number" else row["value"]
    except ValueError:
        value = None
    if question.kind.name != row["kind"] or not question.kind.fits(value):
        raise RestoreRefused(f"{row['value']!r} is no answer to the question {question.key!r} of this study.")
    return value


def _restore_events(restored: _Restored, rows: Iterable[Row]) -> int:
    count = 0
    same = ("sequence", "kind", "milliseconds", "detail")
    for batch in _batches(rows):
        events = [TrialEvent(trial_id=_trial(restored, row), **{name: row[name] for name in same}) for row in batch]
        TrialEvent.objects.bulk_create(events)
        for event, row in zip(events, batch, strict=True):
            event.received_at = row["received_at"]
        # Storing sets `received_at` to now (auto_now_add): put right afterwards, in statements that SQLite can hold.
        TrialEvent.objects.bulk_update(events, ["received_at"], batch_size=200)
        count += len(events)
    return count


def _restore_courses(restored: _Restored, rows: Iterable[Row]) -> int:
    """What was rated while clips played: the samples of one trial stand together, in their order."""
    count, trials = 0, groupby(rows, lambda row: (row["participant"], row["position"]))
    for batch in _batches(_course(restored, list(samples)) for _, samples in trials):
        Course.objects.bulk_create(batch)
        count += len(batch)
    return count


def _course(restored: _Restored, rows: Sequence[Row]) -> Course:
    study, first = restored.study, rows[0]
    names = study.rated_while_playing
    what = f"{first['participant']}, position {first['position']}"
    if not names:
        raise RestoreRefused(f"{what}: the study {study.slug} asks nothing while clips play.")
    if [row["second"] for row in rows] != [sample / HERTZ for sample in range(len(rows))]:
        raise RestoreRefused(f"{what}: the samples of a course do not follow each other every {1 / HERTZ:g} s.")
    told = {name for name in ("valence", "arousal") if any(row.get(name) is not None for row in rows)}
    if told and told != set(names):
        raise RestoreRefused(
            f"{what}: the export tells {' and '.join(sorted(told))} of the clip, and the study {study.slug} asks for "
            f"{' and '.join(sorted(names))}. Read it into a version of the study that it is of."
        )
    values = {name: [_thousandths(row[name], what) for row in rows] for name in names}
    return Course(
        trial_id=_trial(restored, first),
        dimensions=study.continuous,
        hertz=HERTZ,
        samples=len(rows),
        is_whole=first["whole"] is True,
        **values,
    )


def _thousandths(place: float | None, what: str) -> int | None:
    if place is None:
        return None
    if not -1 <= place <= 1:
        raise RestoreRefused(f"{what}: {place} is no place from -1 to 1.")
    return round(place * WHOLE)

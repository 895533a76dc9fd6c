"""Every table, its columns declared once. Withdrawn people and tests are in none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from survey.actions.restoring import PERSON_FIELDS, RESPONSE_FIELDS, SECOND_FIELDS
from survey.design.following import WHOLE
from survey.design.lures import right_answer
from survey.design.variants import number_pieces
from survey.exports.codebook import AFFECT_FORM, COURSES_TABLE, CUES, EXPORTED_KINDS, has_attention, tables_of
from survey.exports.csv_text import Rows
from survey.exports.declared import Looked, Table, Told
from survey.findings.attributes import picture_cues
from survey.first_words import question_about
from survey.models import Course, Participant, QuestionAnswer, Response, Stimulus, Study, Trial, TrialEvent
from survey.queries import further_questions
from survey.queries.stimuli import (
    compares_targets,
    plays_learned_targets,
    plays_variants,
    shows_measured_pictures,
)
from survey.questions import RESPONSE_COLUMNS, TABLE, AnswerTable, Question

if TYPE_CHECKING:
    from survey.exports.batches import Batch

CHUNK = 2000
Row = tuple[Any, ...]


def people_of(study: Study) -> QuerySet[Participant]:
    """People who may be in an export."""
    return Participant.objects.counted(study).order_by("study_id", "pk")


def responses_of(study: Study) -> QuerySet[Response]:
    """Their answers to all but practice trials, oldest first."""
    return Response.objects.counted(study).filter(trial__kind__in=EXPORTED_KINDS).in_order()


def trials_of(study: Study) -> QuerySet[Trial]:
    """Their trials, practice and unanswered ones among them."""
    return Trial.objects.counted(study).in_order()


def events_of(study: Study) -> QuerySet[TrialEvent]:
    """What their browsers told."""
    return TrialEvent.objects.counted(study).in_order()


def responses(study: Study) -> Table:
    """Declare responses_long; people and stimuli are looked up, not joined."""
    people = {
        pk: (*rest, included is not False)
        for pk, *rest, included in people_of(study).values_list(
            "pk", "public_id", "language", "device", "outcome", "included"
        )
    }
    clips = {item.pk: item for item in stimuli_of(study)}
    slugs = dict(study.choices.values_list("pk", "slug"))

    compares = study.form.compares

    def judge(clip: int, asked: str, choice: int, instructed: str) -> tuple[Any, ...]:
        if compares:
            return "", slugs[choice], None
        intended = right_answer(clips[clip].emotion, asked)
        return intended, slugs[choice], None if instructed else slugs[choice] == intended

    def obey(instructed: str, choice: int) -> tuple[Any, ...]:
        return instructed, slugs[choice] == instructed if instructed else None

    return Table(
        found=responses_of(study),
        read={
            "trial_kind": "trial__kind",
            "position": "trial__position",
            "asked_emotion": "trial__asked_emotion",
            **{question.field: question.key for question in RESPONSE_COLUMNS},
            "option_order": "trial__option_order",
            "assigned_at": "trial__assigned_at",
            "shown_at": "trial__shown_at",
            **{name: name for name in (*RESPONSE_FIELDS, *(SECOND_FIELDS if compares else ()))},
        },
        told=(
            Told(
                ("participant", "language", "device", "outcome", "included"),
                ("trial__participant_id",),
                people.get,  # somebody may have withdrawn since the people were read
            ),
            Told(tuple(CLIP_COLUMNS), ("trial__stimulus_id",), lambda clip: _cells_of_clip(clips[clip])),
            Told(
                ("intended", "chosen", "hit"),
                ("trial__stimulus_id", "trial__asked_emotion", "choice_id", "trial__instructed"),
                judge,
            ),
            *_told_of_second(clips, compares),
            *(
                [Told(("instructed", "passed"), ("trial__instructed", "choice_id"), obey)]
                if has_attention(study)
                else ()
            ),
            *_affect_form(study),
        ),
        looked=_said([question for question in further_questions(study) if not question.about_person], "trial_id"),
    )


def _told_of_second(clips: Mapping[int, Stimulus], compares: bool) -> tuple[Told, ...]:
    """What an answer's row says of the clip that was played second."""
    names = ("stimulus", "condition", "composer", "audio_sha256")

    def tell(key: int) -> list[Any]:
        return [CLIP_COLUMNS[name](clips[key]) for name in names]

    return (Told([f"second_{name}" for name in names], ("trial__second_id",), tell),) if compares else ()


def _affect_form(study: Study) -> Iterator[Told]:
    """How valence and arousal were asked for, where it was not by the sliders."""
    if study.asks_on_pad:
        yield Told((AFFECT_FORM.name,), ("trial__stimulus_id",), lambda clip: (study.affect_form,))


CLIP_COLUMNS: dict[str, Callable[[Stimulus], Any]] = {
    "stimulus": lambda clip: str(clip.public_id),
    "condition": lambda clip: clip.condition.name,
    "presentation": lambda clip: clip.condition.presentation,
    "matching": lambda clip: clip.condition.matching,
    "emotion": lambda clip: clip.emotion,
    "picture_emotion": lambda clip: clip.picture_emotion if clip.condition.shows_picture else "",
    "music_emotion": lambda clip: clip.emotion if clip.condition.plays_music else "",
    "composer": lambda clip: clip.composer,
    "audio_sha256": lambda clip: clip.audio_sha256,
    "picture_sha256": lambda clip: clip.picture_sha256,
}
"""What an answer's row says of the clip that was judged."""


def _cells_of_clip(clip: Stimulus) -> list[Any]:
    return [tell(clip) for tell in CLIP_COLUMNS.values()]


def _said(questions: Sequence[Question], by: str) -> tuple[Looked, ...]:
    """What was said to further questions in the trials, or by the people, that `by` names."""
    if not questions:
        return ()
    names = [name for question in questions for name in (question.field, question.own_field) if name]
    rows = [question.storage.row for question in questions if isinstance(question.storage, AnswerTable)]

    def look(keys: list[int]) -> list[list[Any]]:
        found = {}
        for start in range(0, len(keys), CHUNK):
            answers = QuestionAnswer.objects.filter(**{f"{by}__in": keys[start : start + CHUNK]}, question__in=rows)
            found.update({(getattr(answer, by), answer.question_id): answer for answer in answers})
        columns = []
        for question, row in zip(questions, rows, strict=True):
            cells = [_cells(question, found.get((key, row))) for key in keys]
            columns += [list(column) for column in zip(*cells, strict=True)]
        return columns

    return (Looked(names, by if by == "trial_id" else "pk", look),)


def _cells(question: Question, answer: QuestionAnswer | None) -> tuple[Any, ...]:
    """The columns of one question: its answer, and words beside an option where it asks for them."""
    value = None if answer is None else getattr(answer, question.kind.column)
    value = int(value) if question.kind.export == "integer" and value is not None else value
    return (value, None if answer is None else answer.text) if question.own_field else (value,)


READ_OF_PEOPLE = {
    "participant": "public_id",
    "condition": "condition__name",
    **{name: name for name in PERSON_FIELDS},
}


def participants(study: Study) -> Table:
    """Declare participants."""
    further = [question for question in further_questions(study) if question.about_person]
    screened = {"screened_by": "screened_by"} if any(question.admits for question in further) else {}
    return Table(people_of(study), {**READ_OF_PEOPLE, **screened}, looked=_said(further, "participant_id"))


def question_answers_of(study: Study) -> QuerySet[QuestionAnswer]:
    """Their answers to further questions, those about practice trials left out."""
    answers = QuestionAnswer.objects.counted(study)
    return answers.filter(Q(trial__isnull=True) | Q(trial__kind__in=EXPORTED_KINDS)).in_order()


def question_answers(study: Study) -> Table:
    """Declare the table of answers to further questions."""
    questions = {q.storage.row: q for q in further_questions(study) if isinstance(q.storage, AnswerTable)}

    def tell(row: int, number: float | None, choice: str, text: str) -> tuple[Any, ...]:
        question = questions[row]
        value, *words = _cells(question, QuestionAnswer(number=number, choice=choice, text=text))
        told = repr(value) if isinstance(value, int | float) else value
        return question.key, question.kind.name, told, words[0] if words else ""

    return Table(
        found=question_answers_of(study),
        read={
            "participant": "participant__public_id",
            "position": "trial__position",
            "stimulus": "trial__stimulus__public_id",
            "trial_kind": "trial__kind",
            "answered_at": "answered_at",
        },
        told=(Told(("question", "kind", "value", "own_words"), ("question_id", "number", "choice", "text"), tell),),
    )


def stimuli_of(study: Study) -> QuerySet[Stimulus]:
    """The study's stimuli with what made them."""
    return (
        Stimulus.objects.filter(study=study)
        .select_related("condition", "pair_version__run")
        .prefetch_related("pair_version__run__model_versions")
        .defer("pair_version__notes")
        .order_by("pk")
    )


def stimuli(study: Study, *, every_column: bool = False) -> Iterator[Row]:
    """Yield the rows of stimuli, with the columns that only some studies have where this is one, or `every_column`."""
    variants = every_column or plays_variants(study)
    sides = every_column or compares_targets(study)
    targets = variants or sides or plays_learned_targets(study)
    pictures = every_column or shows_measured_pictures(study)
    wording = study.wording(study.language)
    found = list(stimuli_of(study))
    heard = (item.pair_version for item in found if item.audio_sha256)
    pieces = number_pieces(made.base_piece for made in heard if made.cues)
    cues = picture_cues(found) if pictures else {}
    for item in found:
        made = item.pair_version
        models = [str(model) for model in made.run.model_versions.all()]
        heard = bool(item.audio_sha256)
        yield (
            str(item.public_id),
            item.condition.name,
            item.condition.presentation,
            item.condition.matching,
            item.role,
            item.emotion,
            item.picture_emotion,
            item.composer,
            str(made.public_id),
            made.number,
            made.seed,
            models,
            item.audio_sha256,
            made.audio_alternative_sha256 if item.audio_alternative else "",
            made.midi_sha256 if heard else "",
            item.picture_sha256,
            item.duration_seconds,
            item.loudness_lufs,
            item.true_peak_dbtp,
            made.features if heard else {},
            made.attributes if heard else {},
            question_about(wording, item.condition.presentation),
            *(targets_of(made.provenance) if targets else ()),
            *(_variant_of(item, pieces) if variants else ()),
            *((cues.get(item.picture_id, {}),) if pictures else ()),
            *((item.side,) if sides else ()),
        )


def _variant_of(item: Stimulus, pieces: Mapping[str, str]) -> Iterator[Any]:
    """Which piece is varied, then the level of each cue and its value; empty of what was not varied or not heard."""
    made = item.pair_version
    levels = (made.cues or {}) if item.audio_sha256 else {}
    values = made.cue_values if levels else {}
    yield pieces[made.base_piece] if levels else ""
    for cue in CUES:
        yield levels.get(cue, "")
        yield values.get(cue)


def targets_of(provenance: Mapping[str, Any]) -> tuple[str, str]:
    """By which targets a clip was composed: the table's version, and that of what listeners had taught.

    >>> targets_of({"models": {"attribute_targets": {"name": "muse", "version": "1-ab", "learned": "1-cd"}}})
    ('1-ab', '1-cd')
    >>> targets_of({"models": {"rules": "3"}}), targets_of({})
    (('', ''), ('', ''))
    """
    models = provenance.get("models")
    followed = models.get("attribute_targets") if isinstance(models, Mapping) else None
    known = followed if isinstance(followed, Mapping) else {}
    return str(known.get("version") or ""), str(known.get("learned") or "")


def events(study: Study) -> Table:
    """Declare events."""
    return Table(
        found=events_of(study),
        read={
            "participant": "trial__participant__public_id",
            "position": "trial__position",
            "stimulus": "trial__stimulus__public_id",
            **{name: name for name in ("sequence", "kind", "milliseconds", "detail", "received_at")},
        },
    )


def courses_of(study: Study) -> QuerySet[Course]:
    """What was rated while clips played, without practice trials."""
    return Course.objects.counted(study).filter(trial__kind__in=EXPORTED_KINDS).in_order()


def courses(study: Study) -> Iterator[Row]:
    """Yield the rows of courses: one for every sample."""
    at = [f"trial__{name}" for name in ("participant__public_id", "position", "stimulus__public_id", "kind")]
    read = courses_of(study).values_list(*at, "hertz", "samples", "is_whole", "valence", "arousal")
    for person, position, stimulus, kind, hertz, samples, is_whole, valence, arousal in read.iterator(CHUNK):
        for sample in range(samples):
            places = (_place(valence, sample), _place(arousal, sample))
            yield person, position, str(stimulus), kind, sample / hertz, *places, is_whole


def _place(samples: Sequence[int | None], sample: int) -> float | None:
    """A sample as the column tells it; a dimension that was not asked for has none."""
    place = samples[sample] if samples else None
    return None if place is None else place / WHOLE


def assignment(study: Study) -> Table:
    """Declare assignment."""
    return Table(
        found=trials_of(study),
        read={
            "participant": "participant__public_id",
            "stimulus": "stimulus__public_id",
            "trial_kind": "kind",
            **{
                name: name
                for name in ("position", "asked_emotion", "option_order", "assigned_at", "shown_at", "answered_at")
            },
            **({"instructed": "instructed"} if has_attention(study) else {}),
            **({"second_stimulus": "second__public_id"} if study.form.compares else {}),
        },
    )


NOT_AS_READ: dict[str, Callable[[Study], Iterator[Row]]] = {"stimuli": stimuli, COURSES_TABLE: courses}
"""Tables whose rows are not those of the database."""
DECLARED: dict[str, Callable[[Study], Table]] = {
    "responses_long": responses,
    "participants": participants,
    "events": events,
    "assignment": assignment,
    TABLE: question_answers,
}
"""All others."""


def batches_of(study: Study, table: str) -> Iterator[Batch | Rows]:
    """Yield the rows of a table in batches, in the order of its codebook."""
    from survey.exports.reading import read_batches  # Arrow, which the site's pages do without

    if table in DECLARED:
        yield from read_batches(DECLARED[table](study), tables_of(study)[table])
        return
    found = NOT_AS_READ[table](study)
    while some := list(islice(found, CHUNK)):
        yield Rows(some)


def rows_of(study: Study, table: str) -> Iterator[Sequence[Any]]:
    """Yield the rows of a table one by one, as values."""
    for batch in batches_of(study, table):
        yield from batch.rows()

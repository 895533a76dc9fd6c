"""Publishing freezes a study; closing ends it; a new version starts from the old one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import prefetch_related_objects
from django.utils import timezone

from generation.models import PairVersion
from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_study
from survey.actions.asking import lure_reasons
from survey.actions.audit import Actor, record
from survey.actions.building import fit_texts, free_slug
from survey.actions.comparing import comparing_reasons
from survey.actions.languages import language_reasons
from survey.actions.learning import keep_readings, note_tests
from survey.actions.levelling import level_clips, play_as_made
from survey.actions.piloting import forget_pilots
from survey.actions.questions import question_reasons, refresh_questions
from survey.actions.reasons import Reason
from survey.actions.sessions import design_of
from survey.actions.showing import freeze_what_is_shown
from survey.design.contradictions import contradictions
from survey.design.holding import reasons_against
from survey.design.trial_forms import TRIAL_FORMS
from survey.design.variants import reasons_against_variants
from survey.first_words import EMOTION_PLACE, QUESTIONS
from survey.models import Condition, Fill, Participant, Stimulus, Study, StudyChoice, StudyQuestion
from survey.models.bounds import broken_limits
from survey.models.studies import hash_text
from survey.queries import hot, key_fingerprint
from survey.queries.glosses import words_explained
from survey.queries.loudness import reasons_against_levels
from survey.queries.overview import minutes_to_tell
from survey.queries.planned import Planned, stored_plan
from survey.queries.stimuli import met_once, played_as
from survey.wording import choice_label, meanings_of

FIELDS_NOT_COPIED = {
    "id",
    "slug",
    "number",
    "previous",
    "owner",
    "status",
    "consent_sha256",
    "key_fingerprint",
    "anonymised_at",
    "results_opened_at",
    "created_at",
    "updated_at",
    "published_at",
    "closed_at",
    "glosses",
    "minutes_told",
    "code_complete",
    "code_screened_out",
    "code_no_consent",
    "code_quota_full",
}


class PublishRefused(ActionRefused):
    """A draft that is not ready; `reasons` holds every reason at once."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def reasons_against_publishing(study: Study) -> list[str]:
    """Everything that must be mended before `study` can be published; empty when it is ready."""
    planned = stored_plan(study)
    stimuli = list(planned.stimuli)
    return [
        *_wording_reasons(study),
        *broken_limits(study),
        *_question_reasons(study, stimuli),
        *_choice_reasons(study, stimuli),
        *question_reasons(study),
        *lure_reasons(study, stimuli),
        *comparing_reasons(study, planned),
        *variant_reasons(study, planned),
        *_course_reasons(study, stimuli),
        *reasons_against_numbers(study, planned),
        *_file_reasons(stimuli),
        *_length_reasons(stimuli),
        *(reasons_against_levels(study) if study.loudness == Study.Loudness.BY_INTENTION else ()),
    ]


def _wording_reasons(study: Study) -> Iterator[str]:
    if not study.is_draft:
        yield "Only a draft can be published."
    if not study.title.strip():
        yield Reason("Give the study a title.", field="title")
    if not study.consent_text.strip():
        sentence = "Write the consent text: nobody can take part without agreeing to something."
        yield Reason(sentence, field="consent_text")
    if not study.question.strip():
        yield Reason("Write the question that is asked about every clip.", field="question")
    yield from language_reasons(study)
    if study.retention_until and study.retention_until <= timezone.localdate():
        yield Reason(
            "The retention date lies in the past or is today. On that day nobody can join any more: choose a day after "
            "the last one on which people are to take part.",
            field="retention_until",
        )


def _question_reasons(study: Study, stimuli: list[Stimulus]) -> Iterator[str]:
    """Whether every sort of trial has a question that can be asked about it, in every language."""
    presented = {stimulus.condition.presentation for stimulus in stimuli}
    names = {QUESTIONS[presentation]: Condition.Presentation(presentation).label.lower() for presentation in presented}
    if not study.question_picture.strip() and "question_picture" in names:
        yield Reason("Write the question that is asked about pictures alone.", field="question_picture")
    own = {name: getattr(study, name) for name in ("question", *names)}
    for language, texts in {study.language: own, **study.translations}.items():
        for name, what in names.items():
            text = str(texts.get(name, "")).strip()
            if language != study.language and own[name].strip() and not text and name != "question":
                field = _field_of(study, name, language)
                yield Reason(f"The translation into {language!r} lacks the question for {what}.", field=field)
            field = _field_of(study, name if text else "question", language)
            asked = text or str(texts.get("question", "")).strip()
            for sentence in _place_reasons(study, asked, f"{what} ({language})"):
                yield Reason(sentence, field=field)


def _field_of(study: Study, name: str, language: str) -> str:
    """The field of the form that has the text `name` in a language."""
    return name if language == study.language else f"{name}_{language}"


def _place_reasons(study: Study, question: str, what: str) -> Iterator[str]:
    """Whether the emotion that is asked about has its one place in `question`, and only where one is asked about."""
    places = question.count(EMOTION_PLACE)
    if not study.form.names_emotion and places:
        yield (
            f"The question for {what} has a place for one emotion, {EMOTION_PLACE}, but "
            f"{'none is named' if study.form.compares else 'people choose among all'}: take it out, or choose the "
            f"{'form that names one' if study.form.compares else 'yes/no mode'}."
        )
    elif study.form.names_emotion and question and places != 1 and study.form.compares:
        yield (
            f"The question for {what}, “{question}”, does not say once where the emotion is named. Write it with "
            f"{EMOTION_PLACE} in it, as in “Which of the two clips expresses this emotion more: {EMOTION_PLACE}?”"
        )
    elif study.form.names_emotion and question and places != 1:
        yield (
            f"The question for {what}, “{question}”, does not say once where the emotion is named that people say yes "
            f"or no to. Write it with {EMOTION_PLACE} in it, as in “Does this music express {EMOTION_PLACE}?”"
        )


def _course_reasons(study: Study, stimuli: list[Stimulus]) -> Iterator[str]:
    """Nothing can be rated while nothing plays."""
    if study.rated_while_playing and not any(stimulus.audio_sha256 for stimulus in stimuli):
        sentence = "Nothing can be rated while the clip plays: no cell has music."
        yield Reason(f"{sentence} Choose one that has, or ask nothing then.", field="continuous")


def _choice_reasons(study: Study, stimuli: list[Stimulus]) -> Iterator[str]:
    slugs = set(study.choices.values_list("slug", flat=True))
    form = study.form
    if form.answers:
        if slugs != set(form.answers):
            named = " and ".join(choice_label(slug, "en") for slug in form.answers)
            mode = "yes/no mode" if not form.compares else "comparison of two clips"
            yield f"In the {mode} the answers are {named}, but others are stored. Save the study once more."
        return
    if strange := [one for one in TRIAL_FORMS.values() if slugs & set(one.answers)]:
        named = " and ".join(choice_label(slug, "en") for slug in strange[0].answers)
        yield f"People choose an emotion, but {named} are among the answers. Save the study once more."
    if ("none" in slugs) != study.offer_none:
        yield (
            "Whether “None of these / cannot tell” is offered does not fit the answers that are stored. "
            "Save the study once more."
        )
    if len(slugs - {"none"}) < 2:
        yield Reason("Offer at least two answers.", field="emotions")
    missing = sorted({stimulus.emotion for stimulus in stimuli} - slugs)
    if missing:
        sentence = f"Some clips are meant to express what is not among the answers: {', '.join(missing)}."
        yield Reason(sentence, field="emotions")


def variant_reasons(study: Study, planned: Planned) -> Iterator[str]:
    """Whether a cue experiment plays variants alone, and a Latin square whole pieces; nothing where it is none."""
    if not study.varies_cues:
        return
    if study.form.compares:
        yield Reason(
            "What cues do is told from answers to one clip at a time: choose another form of answers, or “No cue "
            "experiment” under “Trials”.",
            field="cue_design",
        )
        return
    played = [played_as(stimulus) for stimulus in planned.main]
    is_between = study.spread == Study.Spread.BETWEEN
    for sentence in reasons_against_variants(played, square=study.hears_pieces_once, is_between=is_between):
        yield Reason(sentence, field="cue_design")
    keys: dict[str, set[str]] = {}
    for stimulus in planned.stimuli:
        if stimulus.audio_sha256:
            keys.setdefault(stimulus.audio_sha256, set()).add(met_once(study, stimulus))
    if any(len(found) > 1 for found in keys.values()):
        yield Reason(
            "One sound stands in two pieces, as runs with one seed make it, or is a practice or gold clip too, so a "
            "person could hear it twice: take one of the two out.",
            field="cue_design",
        )


def reasons_against_numbers(study: Study, planned: Planned) -> Iterator[str]:
    """Where there are too few clips for what one person is to get, cell by cell and role by role."""
    roles = Counter(stimulus.role for stimulus in planned.stimuli)
    if not roles[Stimulus.Role.MAIN]:
        yield "Choose at least one clip."
    elif study.form.compares:
        pass  # `pair_reasons` counts pairs
    elif study.clips_per_participant > (available := _available_to_one(study, planned)):
        ones = "pieces, each in one variant," if study.hears_pieces_once else "different ones"
        yield Reason(
            f"One person would hear {study.clips_per_participant} clips, but only {available} {ones} "
            f"can be given to one person; lower the number or add {'pieces' if study.hears_pieces_once else 'clips'}.",
            field="clips_per_participant",
        )
    else:
        yield from reasons_against(design_of(study, planned))
    for role, wanted in (
        (Stimulus.Role.PRACTICE, study.practice_trials),
        (Stimulus.Role.GOLD, study.gold_trials),
    ):
        if roles[role] < wanted:
            sentence = f"{wanted} {role} trials are planned, but {roles[role]} {role} clips are chosen."
            yield Reason(sentence, field=f"{role}_trials")
    told = {name: getattr(study, name) for name in ("repeat_trials", "clips_per_participant")}
    yield from (Reason(sentence, field=name) for name, sentence in contradictions(told))


def _available_to_one(study: Study, planned: Planned) -> int:
    """How many different clips one person can get: in their one cell, or over all cells."""
    keys: dict[str, set[str]] = {}
    for stimulus in planned.main:
        cell = stimulus.condition.name if study.spread == Study.Spread.BETWEEN else ""
        keys.setdefault(cell, set()).add(met_once(study, stimulus))
    return min((len(cell) for cell in keys.values()), default=0)


def _file_reasons(stimuli: list[Stimulus]) -> Iterator[str]:
    for stimulus in stimuli:
        if stimulus.pair_version.status != PairVersion.Status.READY:
            yield f"{stimulus.pair_version} is not ready."
    wanted = {stimulus.audio: stimulus.audio_sha256 for stimulus in stimuli if stimulus.audio}
    wanted |= {stimulus.picture_file: stimulus.picture_sha256 for stimulus in stimuli if stimulus.picture_file}
    for name, sha256 in wanted.items():
        problem = _file_problem(name, sha256)
        if problem:
            yield f"The file {name} {problem}."


def _length_reasons(stimuli: list[Stimulus]) -> Iterator[str]:
    """Length and size of a file are seen by everybody who takes part: where they differ, they tell who made it."""
    # One stimulus per file: a clip may stand in several cells.
    heard = {stimulus.audio: stimulus for stimulus in stimuli if stimulus.audio}.values()
    lengths: dict[str, list[float]] = {}
    for stimulus in heard:
        lengths.setdefault(stimulus.composer, []).append(round(stimulus.duration_seconds or 0.0, 2))
    if len({length for of_one in lengths.values() for length in of_one}) > 1:
        told = "; ".join(f"{composer} {_tell_range(lengths[composer])}" for composer in sorted(lengths))
        yield (
            f"The clips do not all last equally long ({told}), so their length tells who made them and what they are "
            "meant to express. Regenerate the pairs that were made before all clips had one length (and import those "
            "of other systems again), then choose the new versions."
        )
        return
    # (bytes of the MP3, bytes of the FLAC): each of the two is of one size over all clips.
    sizes = {tuple(_sizes_of(stimulus)) for stimulus in heard}
    if len({size for size, _ in sizes}) > 1 or len({size for _, size in sizes}) > 1:
        yield (
            "The sound files of the clips are not all of one size, and size tells who made them. Regenerate the pairs "
            "(and import those of other systems again), then choose the new versions."
        )


def _tell_range(lengths: list[float]) -> str:
    low, high = min(lengths), max(lengths)
    return f"{low:.1f} s" if low == high else f"{low:.1f} to {high:.1f} s"


def _sizes_of(stimulus: Stimulus) -> Iterator[int]:
    """Bytes of both files; a missing one, which has a reason of its own, counts as empty."""
    for name in (stimulus.audio, stimulus.audio_alternative):
        yield default_storage.size(name) if name and default_storage.exists(name) else 0


def _file_problem(name: str, sha256: str) -> str:
    if not default_storage.exists(name):
        return "is missing"
    found = hashlib.sha256()
    with default_storage.open(name) as stream:
        for block in stream.chunks():
            found.update(block)
    return "" if found.hexdigest() == sha256 else "has changed since it was made"


@on_study
def publish(*, study: Study, by: Actor) -> Study:
    """Freeze `study` and open it to participants. Raises PublishRefused with all reasons at once."""
    reasons = reasons_against_publishing(study)
    if reasons:
        raise PublishRefused(reasons)
    try:
        level_clips(study)
    except ValueError as error:
        raise PublishRefused([f"The level of a clip cannot be changed: {error} Make the pair anew."]) from error
    forget_pilots(study)
    freeze_what_is_shown(study)
    keep_readings(study)
    note_tests(study)
    refresh_questions(study)
    study.glosses = meanings_of(words_explained(study), study.languages)
    study.minutes_told = minutes_to_tell(study)
    study.consent_sha256 = hash_text(study.consent_text)
    study.status = Study.Status.PUBLISHED
    study.published_at = timezone.now()
    study.key_fingerprint = key_fingerprint()
    study.save()
    # The counters of people's answers, so that nobody's first answer has to make one.
    Fill.objects.bulk_create(
        (Fill(stimulus=stimulus, kind=Participant.Kind.PERSON) for stimulus in study.stimuli.all()),
        ignore_conflicts=True,
    )
    hot.run([hot.make_loads(study.pk, Participant.Kind.PERSON)])
    record(study=study, action="publish", by=by, consent_sha256=study.consent_sha256)
    return study


@on_study
def close(*, study: Study, by: Actor) -> Study:
    """End `study`: nobody can join any more; who is in the middle may finish."""
    if study.status != Study.Status.PUBLISHED:
        raise PublishRefused(["Only a published study can be closed."])
    study.status = Study.Status.CLOSED
    study.closed_at = timezone.now()
    study.save(update_fields=["status", "closed_at"])
    record(study=study, action="close", by=by)
    return study


@on_study
def open_results(*, study: Study, by: Actor) -> bool:
    """Show what a running study finds before it is closed: a deliberate step, written down once."""
    if study.status != Study.Status.PUBLISHED or study.results_opened_at is not None:
        return False
    study.results_opened_at = timezone.now()
    study.save(update_fields=["results_opened_at"])
    record(study=study, action="open_results", by=by)
    return True


@on_study
def make_new_version(*, study: Study, by: Any) -> Study:
    """A draft with everything of `study`, one version on. The old one stays as it is."""
    latest = Study.objects.filter(previous=study).order_by("-number").first()
    number = max(study.number, latest.number if latest else 0) + 1
    fields = {
        field.name: getattr(study, field.name)
        for field in Study._meta.concrete_fields
        if field.name not in FIELDS_NOT_COPIED
    }
    base = study.slug.removesuffix(f"-v{study.number}")
    copy = Study.objects.create(
        **fields, owner=study.owner, slug=free_slug(f"{base}-v{number}"), number=number, previous=study
    )
    for membership in study.memberships.all():
        copy.memberships.create(user=membership.user, role=membership.role)
    _copy_parts(study, copy)
    # A study from before there were questions per presentation gets those that it lacks.
    fit_texts(copy)
    copy.save()
    record(study=copy, action="new-version", by=by, previous=study.slug)
    return copy


def copy_answers_and_questions(study: Study, copy: Study) -> None:
    """Give the draft `copy` the answers that `study` offers, and its further questions."""
    StudyChoice.objects.bulk_create(
        StudyChoice(study=copy, slug=c.slug, label=c.label, labels=c.labels, position=c.position)
        for c in study.choices.all()
    )
    asked = [field.attname for field in StudyQuestion._meta.concrete_fields if field.name not in {"id", "study"}]
    StudyQuestion.objects.bulk_create(
        StudyQuestion(study=copy, **{name: getattr(row, name) for name in asked}) for row in study.questions.all()
    )


def _copy_parts(study: Study, copy: Study) -> None:
    copy_answers_and_questions(study, copy)
    conditions: dict[int, Condition] = {}
    for old in study.conditions.all():
        conditions[old.pk] = Condition.objects.create(
            study=copy,
            name=old.name,
            presentation=old.presentation,
            matching=old.matching,
            composer=old.composer,
            weight=old.weight,
            position=old.position,
        )
    copied = [field.attname for field in Stimulus._meta.concrete_fields]
    skipped = {"id", "study_id", "condition_id", "public_id", "side", "picture_reading"}
    stimuli = [
        Stimulus(
            study=copy,
            condition=conditions[old.condition_id],
            **{name: getattr(old, name) for name in copied if name not in skipped},
        )
        for old in study.stimuli.all()
    ]
    if study.loudness != Study.Loudness.EQUAL:
        heard = [stimulus for stimulus in stimuli if stimulus.audio_sha256]
        prefetch_related_objects(heard, "pair_version")
        for stimulus in heard:  # the draft may choose another loudness, and publishing levels what was made
            play_as_made(stimulus)
    Stimulus.objects.bulk_create(stimuli)

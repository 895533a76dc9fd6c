"""Lessons about music or pictures: asked for, called off, finished; and which studies test what was learned."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from generation.emotions import SLUGS
from generation.models import ModelVersion
from generation.queries import default_model
from generation.recalibrating import network_behind, reading_of
from melodymuse_site.jobs import leases
from melodymuse_site.jobs.leases import Lease, held_by
from melodymuse_site.jobs.model import OPEN
from melodymuse_site.turns import ActionRefused, in_turn, lock_row
from survey.actions.acting import lock_study
from survey.actions.audit import Actor, record
from survey.models import Condition, Lesson, LessonStudy, Stimulus, Study
from survey.models.lessons import FULL_STRENGTH, LARGEST_SEED, LEAST_STRENGTH
from survey.queries.sides import lessons_compared
from survey.queries.taught import lessons_for

Role = LessonStudy.Role
Subject = Lesson.Subject
MAIN = Stimulus.Role.MAIN
RECORDED = {Subject.MUSIC: "learn", Subject.PICTURES: "learn_pictures"}
"""What the log of a study calls a lesson from its answers."""


class LessonRefused(ActionRefused):
    """A lesson that cannot be had; the message says why."""


def reasons_against_learning(study: Study, subject: str = Subject.MUSIC) -> list[str]:
    """Why nothing can be learned of a subject from a study, in sentences; empty where it can."""
    reasons = []
    if study.status != Study.Status.CLOSED:
        reasons.append(f"“{study.title}” is not closed: answers that still come would be looked at too early.")
    if study.form.compares or study.form.answers:
        reasons.append(f"“{study.title}” does not let people choose among emotions.")
    elif _offers_too_few(study):
        what = "pictures are read as" if subject == Subject.PICTURES else "the targets are for"
        reasons.append(f"“{study.title}” does not offer all eight emotions, which {what}.")
    if subject == Subject.PICTURES:
        if not _shown_alone(study).exists():
            reasons.append(f"“{study.title}” shows no picture without music.")
    elif not study.stimuli.filter(role=MAIN).exclude(audio_sha256="").exists():
        reasons.append(f"“{study.title}” plays no music.")
    return reasons


def _offers_too_few(study: Study) -> bool:
    return bool(set(SLUGS) - set(study.choices.values_list("slug", flat=True)))


def _shown_alone(study: Study) -> Any:
    """The main stimuli of a study that show a picture without music."""
    return study.stimuli.filter(role=MAIN, condition__presentation=Condition.Presentation.PICTURE)


@in_turn
def request_lesson(
    *,
    studies: Sequence[Study],
    by: Any,
    subject: str = Subject.MUSIC,
    strength: float = FULL_STRENGTH,
    control: str = Lesson.Control.NONE,
    seed: int | None = None,
) -> Lesson:
    """Have what serves now bettered by the answers of closed studies; an open lesson is not doubled.

    A lesson about music betters the targets; where any of the studies taught those already, it starts from the ones
    before. A lesson about pictures corrects the network that labels them, as it was trained, whatever was learned of it
    before. Raises LessonRefused.
    """
    if subject not in Subject.values:
        raise LessonRefused(f"A lesson is about {' or '.join(Subject.values)}, not {subject!r}.")
    if not studies:
        raise LessonRefused("Choose at least one study to learn from.")
    if not LEAST_STRENGTH <= strength <= FULL_STRENGTH:
        raise LessonRefused(f"Strength is {LEAST_STRENGTH} to 1: which part of the way is gone.")
    if subject == Subject.PICTURES and strength != FULL_STRENGTH:
        raise LessonRefused("Strength is for targets of music: readings of pictures go the whole way, or none of it.")
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise LessonRefused(f"A seed is a whole number from 0 to {LARGEST_SEED}.")
    if control not in Lesson.Control.values:
        raise LessonRefused(f"There is no control {control!r}; there is: {Lesson.Control.SHUFFLED.value}.")
    # In the order of keys: two lessons of the same studies would else wait for each other.
    locked = [lock_study(key) for key in sorted({study.pk for study in studies})]
    if reasons := [reason for study in locked for reason in reasons_against_learning(study, subject)]:
        raise LessonRefused(" ".join(reasons))
    if waiting := _open_one(locked, subject, strength, control, seed):
        return waiting
    taught = {study.pk for study in locked}
    base = _start_from(taught) if subject == Subject.MUSIC else None
    lesson = Lesson.objects.create(
        requested_by=by,
        subject=subject,
        strength=strength,
        control=control,
        base=base,
        network=_network_to_correct() if subject == Subject.PICTURES else None,
        seed=secrets.randbits(31) if seed is None else seed,
    )
    roles = dict.fromkeys(_taught_before(base) - taught, Role.TAUGHT_BEFORE) | dict.fromkeys(taught, Role.TAUGHT)
    LessonStudy.objects.bulk_create(LessonStudy(lesson=lesson, study_id=key, role=role) for key, role in roles.items())
    detail = {"lesson": str(lesson.public_id), "control": control}
    if subject == Subject.MUSIC:
        detail["strength"] = strength
    for study in locked:
        record(study=study, action=RECORDED[Subject(subject)], by=by, **detail)
    return lesson


def _network_to_correct() -> ModelVersion:
    """The network that labels pictures now, as it was trained. Raises LessonRefused."""
    serving = default_model(ModelVersion.Kind.IMAGE_EMOTION)
    if serving is None:
        raise LessonRefused("No network that labels pictures is registered here: there is nothing to correct.")
    try:
        return network_behind(serving)
    except ValueError as refused:  # its file is gone, or the network it corrects
        raise LessonRefused(str(refused)) from None


def _start_from(studies: set[int]) -> ModelVersion | None:
    """The targets that serve, or those before them that none of the studies taught: no answer is to count twice."""
    base = ModelVersion.objects.filter(kind=ModelVersion.Kind.ATTRIBUTE_TARGETS, is_default=True).first()
    while base and studies & _taught_before(base):
        base = Lesson.objects.filter(targets=base).order_by("pk")[0].base
    return base


def _open_one(studies: Sequence[Study], subject: str, strength: float, control: str, seed: int | None) -> Lesson | None:
    wanted = {study.pk for study in studies}
    alike = Lesson.objects.filter(status__in=OPEN, subject=subject, strength=strength, control=control)
    for lesson in alike.prefetch_related("roles"):
        taught = {role.study_id for role in lesson.roles.all() if role.role == Role.TAUGHT}
        if taught == wanted and seed in (None, lesson.seed):
            return lesson
    return None


def _taught_before(base: ModelVersion | None) -> set[int]:
    """Studies whose answers are in the targets that a lesson starts from, and in those before them."""
    if base is None:
        return set()
    before = LessonStudy.objects.filter(lesson__targets=base).exclude(role=Role.TESTS)
    return set(before.values_list("study_id", flat=True))


@in_turn
def cancel_lesson(*, lesson: Lesson, by: Actor) -> bool:
    """Call off a lesson that is not finished; its worker notices when it next says how far it is."""
    locked = lock_row(Lesson, pk=lesson.pk)
    stopped = leases.cancel(Lesson.objects.filter(pk=locked.pk))
    if stopped:
        for role in locked.roles.filter(role=Role.TAUGHT).select_related("study"):
            record(study=role.study, action="cancel_lesson", by=by, lesson=str(locked.public_id))
    return bool(stopped)


@in_turn
def finish_lesson(
    *,
    lesson: Lesson,
    lease: Lease,
    result: dict[str, Any],
    answers: dict[int, int],
    make_version: Callable[[], ModelVersion] | None,
) -> bool:
    """Keep what was learned, unless it was called off or another worker has it; whether it was kept.

    `answers` are how many were learned from, by the key of their study. What `make_version` registers is there with the
    lesson, or not at all: nobody finds a version of a lesson that was called off.
    """
    # Whoever asked may have been deleted while it was learned.
    lesson.requested_by_id = lock_row(Lesson, pk=lesson.pk).requested_by_id
    if not held_by(lease).exists():
        return False
    made = {"recalibration" if lesson.is_about_pictures else "targets": make_version() if make_version else None}
    if not leases.end(lease, Lesson.Status.READY, error="", phase="", result=result, **made):
        return False
    for study, number in answers.items():
        LessonStudy.objects.filter(lesson=lesson, study_id=study, role=Role.TAUGHT).update(answers=number)
    return True


def keep_readings(study: Study) -> None:
    """Inside the publishing of `study`: write down what a network said of the pictures that it shows without music.

    They may be labelled anew, by another network, while people answer and after: what is learned of the answers, and
    what they test, is about these readings.
    """
    labelled = _shown_alone(study).filter(picture__labelled_by__isnull=False).select_related("picture__labelled_by")
    read = []
    for stimulus in labelled:
        stimulus.picture_reading = reading_of(stimulus.picture)
        if stimulus.picture_reading is not None:  # stored in bulk, None would be JSON's null and no gap
            read.append(stimulus)
    Stimulus.objects.bulk_update(read, ["picture_reading"], batch_size=200)


def note_tests(study: Study) -> None:
    """Inside the publishing of `study`: it tests the lessons whose old and new versions it can tell apart.

    Of lessons about music those of whose old and new targets it plays fresh clips that were not chosen to teach; of
    lessons about pictures those that its owner knows, where it shows pictures alone that their studies did not show. A
    study that taught a lesson, or the targets it started from, has its row already, and keeps it. What its plan can
    compare, the sides of the newest lesson about music, is written down with its stimuli.
    """
    study.stimuli.exclude(side="").update(side="")
    if study.form.compares or study.form.answers:  # nobody chooses among emotions
        return
    made = study.stimuli.filter(role=MAIN).exclude(audio_sha256="")
    compared = list(lessons_compared(made.values_list("pair_version", flat=True)))
    tested = [*(lesson.pk for lesson, _ in compared), *_picture_lessons_tested(study)]
    LessonStudy.objects.bulk_create(
        (LessonStudy(lesson_id=lesson, study=study, role=Role.TESTS) for lesson in sorted(tested)),
        ignore_conflicts=True,
    )
    sides = compared[0][1] if compared else {}
    for side in Stimulus.Side:
        made.filter(pair_version__in=[key for key, one in sides.items() if one == side]).update(side=side)


def _picture_lessons_tested(study: Study) -> list[int]:
    shown = set(_shown_alone(study).values_list("picture_id", flat=True))
    if not shown or _offers_too_few(study):
        return []
    known = lessons_for(study.owner).filter(recalibration__isnull=False).values_list("pk", flat=True)
    taught: dict[int, set[int]] = {lesson: set() for lesson in known}
    roles = LessonStudy.objects.filter(lesson__in=taught, role=Role.TAUGHT, study__stimuli__picture__isnull=False)
    for lesson, picture in roles.values_list("lesson_id", "study__stimuli__picture_id").distinct():
        taught[lesson].add(picture)
    return [lesson for lesson, pictures in taught.items() if shown - pictures]

"""Lessons: asked for, called off, finished; and which studies test what was learned."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from generation.emotions import SLUGS
from generation.models import ModelVersion
from melodymuse_site.jobs import leases
from melodymuse_site.jobs.leases import Lease, held_by
from melodymuse_site.jobs.model import OPEN
from melodymuse_site.turns import ActionRefused, in_turn, lock_row
from survey.actions.acting import lock_study
from survey.actions.audit import Actor, record
from survey.models import Lesson, LessonStudy, Stimulus, Study
from survey.models.lessons import FULL_STRENGTH, LARGEST_SEED, LEAST_STRENGTH
from survey.queries.taught import sides_tested

Role = LessonStudy.Role


class LessonRefused(ActionRefused):
    """A lesson that cannot be had; the message says why."""


def reasons_against_learning(study: Study) -> list[str]:
    """Why nothing can be learned from a study, in sentences; empty where it can."""
    reasons = []
    if study.status != Study.Status.CLOSED:
        reasons.append(f"“{study.title}” is not closed: answers that still come would be looked at too early.")
    if study.form.compares or study.form.answers:
        reasons.append(f"“{study.title}” does not let people choose among emotions.")
    elif set(SLUGS) - set(study.choices.values_list("slug", flat=True)):
        reasons.append(f"“{study.title}” does not offer all eight emotions, which the targets are for.")
    if not study.stimuli.filter(role=Stimulus.Role.MAIN).exclude(audio_sha256="").exists():
        reasons.append(f"“{study.title}” plays no music.")
    return reasons


@in_turn
def request_lesson(
    *,
    studies: Sequence[Study],
    by: Any,
    strength: float = FULL_STRENGTH,
    control: str = Lesson.Control.NONE,
    seed: int | None = None,
) -> Lesson:
    """Have the targets that serve now bettered by the answers of closed studies; an open lesson is not doubled.

    Where any of the studies taught those targets already, the lesson starts from the ones before. Raises LessonRefused.
    """
    if not studies:
        raise LessonRefused("Choose at least one study to learn from.")
    if not LEAST_STRENGTH <= strength <= FULL_STRENGTH:
        raise LessonRefused(f"Strength is {LEAST_STRENGTH} to 1: which part of the way is gone.")
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise LessonRefused(f"A seed is a whole number from 0 to {LARGEST_SEED}.")
    if control not in Lesson.Control.values:
        raise LessonRefused(f"There is no control {control!r}; there is: {Lesson.Control.SHUFFLED.value}.")
    # In the order of keys: two lessons of the same studies would else wait for each other.
    locked = [lock_study(key) for key in sorted({study.pk for study in studies})]
    if reasons := [reason for study in locked for reason in reasons_against_learning(study)]:
        raise LessonRefused(" ".join(reasons))
    if waiting := _open_one(locked, strength, control, seed):
        return waiting
    base = _start_from({study.pk for study in locked})
    lesson = Lesson.objects.create(
        requested_by=by,
        strength=strength,
        control=control,
        base=base,
        seed=secrets.randbits(31) if seed is None else seed,
    )
    taught = {study.pk for study in locked}
    roles = dict.fromkeys(_taught_before(base) - taught, Role.TAUGHT_BEFORE) | dict.fromkeys(taught, Role.TAUGHT)
    LessonStudy.objects.bulk_create(LessonStudy(lesson=lesson, study_id=key, role=role) for key, role in roles.items())
    for study in locked:
        record(study=study, action="learn", by=by, lesson=str(lesson.public_id), strength=strength, control=control)
    return lesson


def _start_from(studies: set[int]) -> ModelVersion | None:
    """The targets that serve, or those before them that none of the studies taught: no answer is to count twice."""
    base = ModelVersion.objects.filter(kind=ModelVersion.Kind.ATTRIBUTE_TARGETS, is_default=True).first()
    while base and studies & _taught_before(base):
        base = Lesson.objects.filter(targets=base).order_by("pk")[0].base
    return base


def _open_one(studies: Sequence[Study], strength: float, control: str, seed: int | None) -> Lesson | None:
    wanted = {study.pk for study in studies}
    for lesson in Lesson.objects.filter(status__in=OPEN, strength=strength, control=control).prefetch_related("roles"):
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
    make_targets: Callable[[], ModelVersion] | None,
) -> bool:
    """Keep what was learned, unless it was called off or another worker has it; whether it was kept.

    `answers` are how many were learned from, by the key of their study. What `make_targets` registers is there with the
    lesson, or not at all: nobody finds targets of a lesson that was called off.
    """
    lock_row(Lesson, pk=lesson.pk)
    if not held_by(lease).exists():
        return False
    targets = make_targets() if make_targets else None
    if not leases.end(lease, Lesson.Status.READY, error="", phase="", result=result, targets=targets):
        return False
    for study, number in answers.items():
        LessonStudy.objects.filter(lesson=lesson, study_id=study, role=Role.TAUGHT).update(answers=number)
    return True


def note_tests(study: Study) -> None:
    """Inside the publishing of `study`: it tests the lessons of whose old and new targets it plays clips.

    A study that taught a lesson, or the targets it started from, has its row already, and keeps it. What its plan can
    compare, the sides of the newest of these lessons, is written down with its stimuli.
    """
    study.stimuli.exclude(side="").update(side="")
    if study.form.compares or study.form.answers:  # nobody chooses among emotions
        return
    made = Stimulus.objects.filter(study=study, role=Stimulus.Role.MAIN).exclude(audio_sha256="")
    followed = set(
        ModelVersion.objects.filter(
            kind=ModelVersion.Kind.ATTRIBUTE_TARGETS, generationrun__in=made.values("pair_version__run")
        ).values_list("pk", flat=True)
    )
    lessons = Lesson.objects.filter(targets__in=followed, base__in=followed).order_by("pk")
    LessonStudy.objects.bulk_create(
        (LessonStudy(lesson=lesson, study=study, role=Role.TESTS) for lesson in lessons), ignore_conflicts=True
    )
    sides = sides_tested(made.values_list("pair_version", flat=True))
    for side in Stimulus.Side:
        made.filter(pair_version__in=[key for key, one in sides.items() if one == side]).update(side=side)

"""Lessons, who may see them, and the clips that were made for old and for new targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from generation.emotions import EMOTIONS, Emotion
from generation.models import ModelVersion, PairVersion
from generation.queries import ready_pair_versions
from survey.models import Lesson, LessonStudy, Study
from survey.queries.access import studies_for, with_results

TAUGHT = LessonStudy.Role.TAUGHT


def lessons_for(user: Any, *, edit: bool = False) -> QuerySet[Lesson]:
    """Lessons that `user` may look at: of studies all of whose results they may see; with `edit`, may change."""
    seen = with_results(studies_for(user, edit=edit))
    taught = LessonStudy.objects.filter(lesson=OuterRef("pk"), role=TAUGHT)
    found = Lesson.objects.select_related("base", "targets", "requested_by").prefetch_related("roles__study")
    return found.filter(Exists(taught), ~Exists(taught.exclude(study__in=seen.values("pk"))))


def studies_to_learn_from(user: Any) -> QuerySet[Study]:
    """Closed studies that `user` may change and that let people choose among emotions, the last closed first."""
    closed = studies_for(user, edit=True).filter(status=Study.Status.CLOSED, mode=Study.Mode.CHOOSE)
    return closed.order_by("-closed_at", "-pk")


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """The newest clip of an emotion for the new targets, and one of the same pair or emotion for the old ones."""

    emotion: Emotion
    before: PairVersion | None
    after: PairVersion | None


def hear_both(lesson: Lesson) -> list[BeforeAndAfter]:
    """For every emotion that has one a clip made for the new targets, beside one for the old."""
    if lesson.targets_id is None:
        return []
    ready = ready_pair_versions()
    new = ready.filter(run__model_versions=lesson.targets_id)
    old = ready.filter(run__model_versions=lesson.base_id) if lesson.base_id else ready
    found = []
    for emotion in EMOTIONS:
        after = new.filter(pair__emotion__slug=emotion.slug).first()
        if after is None:
            continue
        alike = old.filter(pair__emotion__slug=emotion.slug, composer=after.composer).exclude(
            run__model_versions=lesson.targets_id
        )
        if not lesson.base_id:
            alike = alike.exclude(run__model_versions__kind=ModelVersion.Kind.ATTRIBUTE_TARGETS)
        before = alike.filter(pair=after.pair_id).first() or alike.first()
        found.append(BeforeAndAfter(emotion, before, after))
    return found

"""Lessons, who may see them, and the clips that were made for old and for new targets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from generation.emotions import EMOTIONS, Emotion
from generation.models import ModelVersion, PairVersion, SourceImage
from generation.queries import composers_following_targets, ready_pair_versions
from survey.models import Lesson, LessonStudy, Stimulus, Study
from survey.queries.access import studies_for, with_results

TAUGHT = LessonStudy.Role.TAUGHT


def lessons_for(user: Any, *, edit: bool = False) -> QuerySet[Lesson]:
    """Lessons that `user` may look at: of studies all of whose results they may see; with `edit`, may change.

    Their `roles` are those of studies that the user knows: others may test a lesson with studies of their own.
    """
    seen = with_results(studies_for(user, edit=edit))
    taught = LessonStudy.objects.filter(lesson=OuterRef("pk"), role=TAUGHT)
    known = Prefetch("roles", LessonStudy.objects.filter(study__in=studies_for(user)).select_related("study"))
    found = Lesson.objects.select_related(
        "base", "targets", "network", "recalibration", "requested_by"
    ).prefetch_related(known)
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


MOST_PICTURES: Final = 32
"""Of a next wave; both targets make a clip of each."""


@dataclass(frozen=True, slots=True)
class NextWave:
    """What the next wave is composed for: pictures with the emotion they had, and the composers that follow targets."""

    pictures: list[tuple[SourceImage, str]]
    composers: list[str]


def next_wave(lesson: Lesson) -> NextWave:
    """The pictures of the studies that taught, each with an emotion that it was meant for, emotions in turn."""
    taught = lesson.roles.filter(role=TAUGHT).values("study")
    played = Stimulus.objects.filter(study__in=taught, role=Stimulus.Role.MAIN).exclude(audio_sha256="")
    versions = PairVersion.objects.filter(pk__in=played.values("pair_version"), pair__image__isnull=False)
    by_emotion: dict[str, dict[int, SourceImage]] = {emotion.slug: {} for emotion in EMOTIONS}
    known: set[int] = set()
    for version in versions.select_related("pair__image", "pair__emotion").order_by("pk"):
        image = version.pair.image
        if image.pk not in known:  # a run makes a picture for one emotion
            known.add(image.pk)
            by_emotion[version.pair.emotion.slug][image.pk] = image
    rows = zip_longest(*([(image, slug) for image in own.values()] for slug, own in by_emotion.items()))
    pictures = [one for row in rows for one in row if one is not None][:MOST_PICTURES]
    followers = composers_following_targets()
    heard = set(versions.values_list("composer", flat=True).order_by())
    return NextWave(pictures, [name for name in followers if name in heard] or followers[:1])


def clips_to_teach(lesson: Lesson) -> list[str]:
    """The public ids of those clips that a lesson named as telling most which no study has played since."""
    named = lesson.result.get("to_teach", [])
    played = Stimulus.objects.exclude(audio_sha256="").filter(study__created_at__gt=lesson.queued_at)
    left = ready_pair_versions().filter(public_id__in=named).exclude(pk__in=played.values("pair_version"))
    ready = {str(public_id) for public_id in left.values_list("public_id", flat=True)}
    return [public_id for public_id in named if public_id in ready]


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

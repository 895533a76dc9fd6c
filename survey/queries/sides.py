"""On which side of a comparison of old and new targets a clip stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet

from generation.models import ModelVersion, PairVersion
from survey.models import Lesson, LessonStudy, Stimulus, Study


def not_heard_in(lesson: Lesson, versions: QuerySet[PairVersion]) -> QuerySet[PairVersion]:
    """Those of `versions` that no study played which taught a lesson, or what it starts from.

    Nor did one of them play another clip that sounds the same or has the same notes: a run that was repeated with its
    seed, perhaps with another sound.
    """
    taught = lesson.roles.exclude(role=LessonStudy.Role.TESTS).values("study")
    known = Stimulus.objects.filter(study__in=taught).exclude(audio_sha256="")
    return versions.exclude(audio_sha256__in=known.values("pair_version__audio_sha256")).exclude(
        midi_sha256__in=known.exclude(pair_version__midi_sha256="").values("pair_version__midi_sha256")
    )


def named_to_teach(until: datetime | None = None) -> set[str]:
    """The public ids of clips that any lesson named as telling most; with `until`, that was finished by then."""
    told = Lesson.objects.filter(status=Lesson.Status.READY, result__has_key="to_teach")
    if until is not None:
        told = told.filter(finished_at__lte=until)
    return {name for names in told.values_list("result__to_teach", flat=True) for name in names}


def sides_of(lesson: Lesson, versions: Iterable[int], until: datetime | None = None) -> dict[int, str]:
    """By the key of every fresh clip among `versions` whether it was made for the old or the new targets of a lesson.

    Clips that taught it are none of them (`not_heard_in`); nor are those that a lesson named as telling most, by the
    time that the study was published (`until`; none for a draft), as they were chosen and not drawn; nor variants of a
    cue experiment, which were changed on purpose, and clips for other targets.
    """
    made = not_heard_in(lesson, PairVersion.objects.filter(pk__in=set(versions), cues__isnull=True))
    chosen = named_to_teach(until)
    sides = ((lesson.base_id, Stimulus.Side.OLD), (lesson.targets_id, Stimulus.Side.NEW))
    return {
        key: side.value
        for targets, side in sides
        if targets
        for key, name in made.filter(run__model_versions=targets).values_list("pk", "public_id")
        if str(name) not in chosen
    }


def lessons_compared(versions: Iterable[int]) -> Iterator[tuple[Lesson, dict[int, str]]]:
    """Every lesson of both of whose targets there are fresh clips among `versions`, with `sides_of` it.

    The newest first; a control, whose answers were shuffled, after all others.
    """
    keys = set(versions)
    followed = ModelVersion.objects.filter(
        kind=ModelVersion.Kind.ATTRIBUTE_TARGETS, generationrun__versions__in=keys
    ).values("pk")
    for lesson in Lesson.objects.filter(targets__in=followed, base__in=followed).order_by("control", "-pk"):
        sides = sides_of(lesson, keys)
        if len(set(sides.values())) == len(Stimulus.Side):
            yield lesson, sides


def sides_tested(versions: Iterable[int]) -> dict[int, str]:
    """`sides_of` the first of `lessons_compared`; nothing where there is none."""
    return next((sides for _, sides in lessons_compared(versions)), {})


def sides_of_stimuli(study: Study, stimuli: Sequence[Stimulus]) -> dict[str, str]:
    """By the public id of every stimulus that has one its side: as publication wrote it, of a draft as it would be."""
    if not study.is_draft:
        return {str(one.public_id): one.side for one in stimuli if one.side}
    if study.form.compares or study.form.answers:
        return {}
    heard = [one for one in stimuli if one.role == Stimulus.Role.MAIN and one.audio_sha256]
    sides = sides_tested(one.pair_version_id for one in heard)
    return {str(one.public_id): sides[one.pair_version_id] for one in heard if one.pair_version_id in sides}

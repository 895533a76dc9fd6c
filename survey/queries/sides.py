"""On which side of a comparison of old and new targets a clip stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from generation.models import ModelVersion, PairVersion
from survey.models import Lesson, LessonStudy, Stimulus, Study


def sides_of(lesson: Lesson, versions: Iterable[int]) -> dict[int, str]:
    """By the key of every fresh clip among `versions` whether it was made for the old or the new targets of a lesson.

    Clips that taught it are none of them, nor is another clip that sounds the same or has the same notes (a run that
    was repeated with its seed, perhaps with another sound); nor are variants of a cue experiment, which were changed on
    purpose, and clips for other targets.
    """
    keys = set(versions)
    taught = lesson.roles.exclude(role=LessonStudy.Role.TESTS).values("study")
    known = Stimulus.objects.filter(study__in=taught).exclude(audio_sha256="")
    fresh = PairVersion.objects.filter(pk__in=keys, cues__isnull=True)
    made = fresh.exclude(audio_sha256__in=known.values("pair_version__audio_sha256")).exclude(
        midi_sha256__in=known.exclude(pair_version__midi_sha256="").values("pair_version__midi_sha256")
    )
    sides = ((lesson.base_id, Stimulus.Side.OLD), (lesson.targets_id, Stimulus.Side.NEW))
    return {
        key: side.value
        for targets, side in sides
        if targets
        for key in made.filter(run__model_versions=targets).values_list("pk", flat=True)
    }


def sides_tested(versions: Iterable[int]) -> dict[int, str]:
    """`sides_of` the newest lesson of both of whose targets there are fresh clips among `versions`; else nothing.

    A control, whose answers were shuffled, only where there is no other.
    """
    keys = set(versions)
    followed = ModelVersion.objects.filter(
        kind=ModelVersion.Kind.ATTRIBUTE_TARGETS, generationrun__versions__in=keys
    ).values("pk")
    for lesson in Lesson.objects.filter(targets__in=followed, base__in=followed).order_by("control", "-pk"):
        sides = sides_of(lesson, keys)
        if len(set(sides.values())) == len(Stimulus.Side):
            return sides
    return {}


def sides_of_stimuli(study: Study, stimuli: Sequence[Stimulus]) -> dict[str, str]:
    """By the public id of every stimulus that has one its side: as publication wrote it, of a draft as it would be."""
    if not study.is_draft:
        return {str(one.public_id): one.side for one in stimuli if one.side}
    if study.form.compares or study.form.answers:
        return {}
    heard = [one for one in stimuli if one.role == Stimulus.Role.MAIN and one.audio_sha256]
    sides = sides_tested(one.pair_version_id for one in heard)
    return {str(one.public_id): sides[one.pair_version_id] for one in heard if one.pair_version_id in sides}

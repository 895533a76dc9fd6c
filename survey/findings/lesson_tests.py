"""Whether what was learned is recognised better: fresh clips of old and new targets, heard by the same people.

Only studies that stand as tests of a lesson are read, never one that taught it (`LessonStudy`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from survey.analysis.comparisons import Difference
from survey.analysis.old_and_new import NEITHER, compare_targets, compare_targets_by_emotion, side_codes
from survey.analysis.report import main_trials
from survey.findings.columns import Choice, read_ratings
from survey.findings.reports import margin_of
from survey.models import Lesson, LessonStudy, Stimulus, Study
from survey.queries.sides import sides_of


@dataclass(frozen=True, slots=True)
class LessonTest:
    """The test of one lesson in one study: new − old hit rate, speaking of new people and new clips.

    `by_emotion` has the difference of every emotion that was heard of both, by its slug; Holm over all of them.
    """

    study: Study
    together: Difference
    by_emotion: dict[str, Difference]


def find_tests(lesson: Lesson, studies: Iterable[Study]) -> list[LessonTest]:
    """The tests of a lesson among `studies`, those that the reader may see, oldest first; none without answers."""
    if lesson.targets_id is None:
        return []
    roles = LessonStudy.objects.filter(lesson=lesson, role=LessonStudy.Role.TESTS, study__in=list(studies))
    tested = [role.study for role in roles.select_related("study").order_by("study")]
    return [found for study in tested if study.shows_results and (found := _test(lesson, study))]


def _test(lesson: Lesson, study: Study) -> LessonTest | None:
    ratings = main_trials(read_ratings(study, Choice(included_only=True)))
    ratings = replace(ratings, sides=_sides(lesson, study))
    if not ((side_codes(ratings) != NEITHER) & (ratings.intended >= 0)).any():
        return None
    margin = margin_of(study)
    return LessonTest(study, compare_targets(ratings, margin), compare_targets_by_emotion(ratings, margin))


def _sides(lesson: Lesson, study: Study) -> dict[str, str]:
    """By the id of every fresh clip whether it was made for the old or the new targets; clips that taught are none."""
    clips = Stimulus.objects.filter(study=study, role=Stimulus.Role.MAIN).exclude(audio_sha256="")
    of_clip = dict(clips.values_list("public_id", "pair_version"))
    sides = sides_of(lesson, of_clip.values(), study.published_at)
    return {str(name): sides[version] for name, version in of_clip.items() if version in sides}

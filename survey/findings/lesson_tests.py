"""Whether what was learned is recognised better: fresh clips of old and new targets, heard by the same people.

Only studies that stand as tests of a lesson are read, never one that taught it (`LessonStudy`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from generation.models import ModelVersion
from survey.analysis.comparisons import Difference, adjust_family, compare_shares
from survey.analysis.estimates import Truths
from survey.analysis.report import main_trials
from survey.findings.columns import Choice, read_ratings
from survey.findings.reports import margin_of
from survey.models import Lesson, LessonStudy, Stimulus, Study

OLD, NEW, NEITHER = 0, 1, -1


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
    side = _sides(lesson, study)
    of_clip = np.array([side.get(name, NEITHER) for name in ratings.stimuli] or [NEITHER], np.int64)
    kept = ratings.select((of_clip[ratings.stimulus] != NEITHER) & (ratings.intended >= 0))
    if not len(kept):
        return None
    sides = of_clip[kept.stimulus]
    margin = margin_of(study)

    def compare(chosen: Truths) -> Difference:
        return compare_shares(
            kept.hits,
            chosen & (sides == NEW),
            chosen & (sides == OLD),
            kept.participant,
            kept.pieces(),
            strata=kept.intended,
            a="new targets",
            b="old targets",
            margin=margin,
        )

    heard = {name: kept.intended == code for code, name in enumerate(kept.emotions)}
    both = {name: of for name, of in heard.items() if {OLD, NEW} <= set(sides[of].tolist())}
    by_emotion = dict(zip(both, adjust_family([compare(of) for of in both.values()]), strict=True))
    return LessonTest(study, compare(np.ones(len(kept), bool)), by_emotion)


def _sides(lesson: Lesson, study: Study) -> dict[str, int]:
    """By the id of every fresh clip whether it was made for the old or the new targets; clips that taught are none."""
    taught = lesson.roles.exclude(role=LessonStudy.Role.TESTS).values("study")
    known = Stimulus.objects.filter(study__in=taught).exclude(audio_sha256="")
    clips = Stimulus.objects.filter(study=study, role=Stimulus.Role.MAIN).exclude(audio_sha256="")
    clips = clips.exclude(pair_version__in=known.values("pair_version"))
    targets = ModelVersion.objects.filter(kind=ModelVersion.Kind.ATTRIBUTE_TARGETS)
    used: dict[int, set[int]] = {}
    of_runs = targets.filter(generationrun__in=clips.values("pair_version__run"))
    for version, run in of_runs.values_list("pk", "generationrun"):
        used.setdefault(run, set()).add(version)
    side = {}
    for name, run in clips.values_list("public_id", "pair_version__run"):
        versions = used.get(run, set())
        side[str(name)] = NEW if lesson.targets_id in versions else OLD if lesson.base_id in versions else NEITHER
    return side

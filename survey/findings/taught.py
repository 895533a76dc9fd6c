"""A lesson in sentences and rows, for its page and for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from generation.emotions import get_emotion
from generation.teaching import attribute_kinds
from survey.analysis.lens.words import direction_of
from survey.analysis.wording import counted, points, points_interval
from survey.models import Lesson, LessonStudy

LEAST_WIDTHS: Final = 0.25
"""A shift of less than a quarter of what counts as on target is not told."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One attribute whose target moved."""

    label: str
    unit: str
    says: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class TaughtEmotion:
    """What one emotion's targets were and are; `moved` has the largest shifts first."""

    slug: str
    label: str
    clips: int
    moved: list[Moved]
    reason: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    gain: Mapping[str, float]


def tell_emotions(lesson: Lesson) -> list[TaughtEmotion]:
    """Every emotion of a lesson that is ready."""
    return [_tell_emotion(one) for one in lesson.result.get("emotions", [])]


def _tell_emotion(one: Mapping[str, Any]) -> TaughtEmotion:
    facts = attribute_kinds()
    large = [shift for shift in one["attributes"] if abs(shift["widths"]) >= LEAST_WIDTHS]
    moved = [
        Moved(
            label=facts[shift["name"]].label,
            unit=facts[shift["name"]].unit,
            says=direction_of(shift["name"], shift["widths"]),
            before=shift["before"],
            after=shift["after"],
        )
        for shift in sorted(large, key=lambda shift: -abs(shift["widths"]))
    ]
    return TaughtEmotion(
        slug=one["emotion"],
        label=get_emotion(one["emotion"]).label,
        clips=one["clips"],
        moved=moved if one["moved"] else [],
        reason=one["reason"],
        before=one["before"],
        after=one["after"],
        gain=one["gain"],
    )


def tell_lesson(lesson: Lesson) -> list[str]:
    """What a lesson that is ready rests on and came to, in sentences."""
    found = lesson.result
    titles = [f"“{role.study.title}”" for role in lesson.roles.all() if role.role == LessonStudy.Role.TAUGHT]
    said = [
        f"Learned from {counted(found['answers'], 'answer')} of {counted(found['people'], 'person', 'people')} to"
        f" {counted(found['clips'], 'clip')}, in {' and '.join(titles)}."
    ]
    if lesson.control == Lesson.Control.SHUFFLED:
        said.append("A control: the answers were shuffled among clips first.")
    if found["presented"] != "music_only":
        said.append("The clips were heard with their pictures, which sway what people say of the music.")
    if found["dropped"]:
        said.append(
            f"{counted(found['dropped'], 'answer')} of “none of these” are left out: not every study offered it."
        )
    if alike := found["not_varied"]:
        kinds = attribute_kinds()
        named = ", ".join(kinds[name].label.lower() for name in alike)
        said.append(f"All clips were alike in {named}: what that does is not known, and its targets stay.")
    gain = found["overall_gain"]
    moved = [get_emotion(one["emotion"]).label for one in found["emotions"] if one["moved"]]
    if not moved:
        said.append("Nothing gave reason enough to move any target.")
        return said
    said.append(
        f"Targets moved for {', '.join(moved)}. Expected of fresh clips: {points(gain['mean'])} points more recognised"
        f" (95 % {points_interval((gain['low'], gain['high']))}, over what is known of these listeners), by the same"
        " answers that taught: an expectation, no finding."
    )
    if lesson.targets:
        said.append(f"Kept as targets {lesson.targets}; they serve nobody until somebody chooses them.")
    return said

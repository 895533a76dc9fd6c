"""A lesson in sentences and rows, for its page and for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from generation.emotions import get_emotion
from generation.models import SourceImage
from generation.teaching import attribute_kinds
from survey.analysis.lens.words import direction_of
from survey.analysis.wording import counted, decimal, decimals, points, points_interval, share
from survey.findings.learned import say_beside_pictures
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
    return _tell_pictures(lesson) if lesson.is_about_pictures else _tell_music(lesson)


def _titles(lesson: Lesson) -> str:
    """The studies that taught."""
    taught = [role.study.title for role in lesson.roles.all() if role.role == LessonStudy.Role.TAUGHT]
    return " and ".join(f"“{title}”" for title in taught)


def _tell_music(lesson: Lesson) -> list[str]:
    found = lesson.result
    said = [
        f"Learned from {counted(found['answers'], 'answer')} of {counted(found['people'], 'person', 'people')} to"
        f" {counted(found['clips'], 'clip')}, in {_titles(lesson)}."
    ]
    if lesson.control == Lesson.Control.SHUFFLED:
        said.append("A control: the answers were shuffled among clips first.")
    if found["presented"] != "music_only":
        said.append("The clips were heard with their pictures, which sway what people say of the music.")
    if beside := found.get("beside_pictures", 0):  # earlier lessons did not tell
        said.append(say_beside_pictures(beside))
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
        serve = (
            "in force now: whatever is composed follows them, unless a run chooses others"
            if lesson.targets.is_default
            else "they serve nobody until somebody chooses them"
        )
        said.append(f"Kept as targets {lesson.targets}; {serve}.")
    return said


def _tell_pictures(lesson: Lesson) -> list[str]:
    found = lesson.result
    said = [
        f"Learned from {counted(found['answers'], 'answer')} of {counted(found['people'], 'person', 'people')} to"
        f" {counted(found['pictures'], 'picture')} shown without music, in {_titles(lesson)}."
    ]
    if lesson.control == Lesson.Control.SHUFFLED:
        said.append("A control: the answers were shuffled among pictures first.")
    if found["left_out"]:
        said.append(
            f"{counted(found['left_out'], 'answer')} to pictures that {lesson.network} did not label are left out."
        )
    if found["none_of_these"]:
        said.append(
            f"{counted(found['none_of_these'], 'answer')} of “none of these” are left out:"
            " they do not tell the emotions apart."
        )
    if found["reason"]:
        return [*said, found["reason"], "Nothing is corrected."]
    (loss, less), (gain, low, high) = found["log_loss"], found["gain"]
    off, less_off = found["calibration_error"]
    said.append(
        f"On pictures left out in turn, the corrected network foretells answers better: {decimal(loss, 2)} →"
        f" {decimal(less, 2)} nats an answer, {decimal(gain, 3)} less (95 % {decimals((low, high), 3)}, for new"
        f" pictures and people). Its confidence is off by {share(off)} before and {share(less_off)} after. These are"
        " the answers that taught: an expectation, no finding."
    )
    if lesson.recalibration:
        labels = (
            "in force now: new pictures are labelled by it"
            if lesson.recalibration.is_default
            else "it labels nothing until somebody chooses it"
        )
        said.append(f"Kept as network {lesson.recalibration}; {labels}.")
    return said


@dataclass(frozen=True, slots=True)
class Read:
    """What a picture was said to show by one side, and with which share or probability."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class PictureRead:
    """A picture that taught: what people answered first, and how the network read and reads it."""

    picture: SourceImage
    answers: int
    people: Read
    before: Read
    after: Read


@dataclass(frozen=True, slots=True)
class EmotionRead:
    """What was learned of one emotion: its log-odds, and its mean probability beside how often people chose it."""

    label: str
    bias: str
    before: float
    after: float
    answered: float


@dataclass(frozen=True, slots=True)
class TaughtPictures:
    """A lesson about pictures for its page; `words` has what is seen, with log-odds by emotion, the furthest first."""

    corrected: bool
    temperature: float
    emotions: list[EmotionRead]
    words: list[tuple[str, str]]
    more_words: int
    pictures: list[PictureRead]


MOST_WORDS: Final = 12
LEAST_ODDS: Final = 0.05
"""Log-odds nearer to 0 are not told: they change a probability by less than a twentieth of itself."""


def tell_pictures(lesson: Lesson) -> TaughtPictures:
    """What a lesson about pictures that is ready changed."""
    found = lesson.result
    words = []
    for word, odds in found["words"].items():
        large = sorted((one for one in odds.items() if abs(one[1]) >= LEAST_ODDS), key=lambda one: -abs(one[1]))
        if large:
            told = ", ".join(f"{get_emotion(slug).label} {_signed(odd)}" for slug, odd in large)
            words.append((-abs(large[0][1]), word, told))
    pictures = SourceImage.objects.filter(public_id__in=[one["picture"] for one in found["pictures_read"]])
    shown = {str(picture.public_id): picture for picture in pictures}
    return TaughtPictures(
        corrected=not found["reason"],
        temperature=found["temperature"],
        emotions=[
            EmotionRead(
                get_emotion(one["emotion"]).label, _signed(one["bias"]), one["before"], one["after"], one["answered"]
            )
            for one in found["emotions"]
        ],
        words=[(word, told) for _, word, told in sorted(words)[:MOST_WORDS]],
        more_words=max(len(words) - MOST_WORDS, 0),
        pictures=[
            PictureRead(shown[one["picture"]], one["answers"], *(_read(one[side]) for side in SIDES))
            for one in found["pictures_read"]
            if one["picture"] in shown
        ],
    )


SIDES: Final = ("people", "before", "after")


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _read(side: Mapping[str, Any]) -> Read:
    return Read(get_emotion(side["emotion"]).label, side["share"])

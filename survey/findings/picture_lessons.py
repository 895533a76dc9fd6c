"""A lesson about pictures: what people answered to pictures alone, and what that corrects of the network's readings.

What is learned is tested on pictures that did not teach, in studies that did not teach (`LessonStudy`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from generation.emotions import SLUGS
from generation.models import ModelVersion, SourceImage
from generation.queries import recalibration_of
from generation.recalibrating import Reading, readings_of, register_recalibration
from survey.analysis.report import main_trials
from survey.analysis.wording import counted
from survey.findings.columns import NONE, Choice, read_ratings
from survey.findings.learned import FEWEST_PEOPLE, Learned, NothingToLearn, Tell, refuse_uneven
from survey.models import Condition, Lesson, LessonStudy, Stimulus, Study
from survey.teaching import Correction, PictureAnswers, Recalibrated, judge_correction, recalibrate, shuffle_pictures
from survey.teaching.picture_worth import Tested

FEWEST_PICTURES: Final = 16
"""With fewer pictures, two of every emotion, nothing is learned: what is special to one would be taken for all."""
DIGITS: Final = 4
"""Of what is kept: enough for any label, and a thousand things with eight log-odds each fit in the file."""
MOST_SHOWN: Final = 8
"""Pictures of which the page says how they were read and are read."""
ALONE = Condition.Presentation.PICTURE


@dataclass(frozen=True, slots=True)
class PicturesGathered:
    """Answers of all studies to pictures that the network labelled; `pictures` and `words` name rows and columns."""

    answers: PictureAnswers
    study: np.ndarray
    """Of every answer, the place of its study."""
    pictures: tuple[SourceImage, ...]
    words: tuple[str, ...]
    left_out: int
    """Answers to pictures that another network labelled, or none."""


def learn_pictures(lesson: Lesson, studies: Sequence[Study], say: Tell) -> Learned:
    """What the answers of `studies` to pictures alone correct of the lesson's network. Raises NothingToLearn."""
    assert lesson.network is not None
    gathered = gather_pictures(studies, lesson.network)
    answers = gathered.answers
    telling = answers.of_named()  # who names no emotion says nothing of how they compare
    pictures, people = np.unique(telling.picture).size, np.unique(telling.person).size
    if pictures < FEWEST_PICTURES or people < FEWEST_PEOPLE:
        others = f" {gathered.left_out} answers are to pictures that it did not label." if gathered.left_out else ""
        if answers.none:
            others += f" Not counted: {counted(answers.none, 'answer')} of “none of these”."
        raise NothingToLearn(
            f"There are answers of {people} people to {pictures} pictures that {lesson.network} labelled, shown without"
            f" music; a lesson needs at least {FEWEST_PEOPLE} people and {FEWEST_PICTURES} pictures.{others}"
        )
    refuse_uneven(telling.person)
    if lesson.control == Lesson.Control.SHUFFLED:
        answers = shuffle_pictures(answers, gathered.study, np.random.default_rng(lesson.seed))
    say("Fitting what people see in pictures")
    worth = recalibrate(answers)
    kept = replace(worth.correction, **_rounded(worth.correction))
    result = describe(replace(gathered, answers=answers), worth, kept)
    named = answers.choice < answers.emotions
    of_study = {study.pk: int((gathered.study[named] == place).sum()) for place, study in enumerate(studies)}
    made = None if worth.reason else partial(keep, lesson, studies, worth, kept, gathered.words)
    return Learned(result, of_study, made)


def gather_pictures(
    studies: Sequence[Study], network: ModelVersion, but: Collection[int] = frozenset(), *, now: bool = True
) -> PicturesGathered:
    """All answers that count to pictures shown without music, with what `network`, as it was trained, said of these.

    That is what publication kept of their labels; else, unless `now` is false, what labels them now. Pictures whose
    keys are in `but` are left out, uncounted.
    """
    parts = [_part(study, but) for study in studies]
    shown = {key for keys, *_ in parts for key in keys.tolist()}
    pictures = SourceImage.objects.filter(pk__in=shown).select_related("labelled_by").order_by("pk")
    readings = readings_of(network, pictures, _kept_readings(studies), now=now)
    row_of = {picture.pk: row for row, picture in enumerate(readings.pictures)}
    columns: list[tuple[np.ndarray, ...]] = []
    people = left_out = 0
    for place, (keys, choice, person) in enumerate(parts):
        row = np.array([row_of.get(key, -1) for key in keys.tolist()], np.int64)
        known = row >= 0
        left_out += int((~known).sum())
        columns.append((row[known], choice[known], person[known] + people, np.full(int(known.sum()), place)))
        people += int(person.max(initial=-1)) + 1
    picture, chosen, person, study = (np.concatenate(column) for column in zip(*columns, strict=True))
    answers = PictureAnswers(readings.log_probabilities, picture, chosen, person, readings.shares)
    return PicturesGathered(answers, study, readings.pictures, readings.words, left_out)


def _kept_readings(studies: Sequence[Study]) -> dict[int, list[Reading]]:
    """What publication kept of the labels of pictures shown alone, by the picture's key, the oldest study first."""
    rows = Stimulus.objects.filter(study__in=studies, picture_reading__isnull=False).order_by("study", "pk")
    kept: dict[int, list[Reading]] = {}
    for picture, reading in rows.values_list("picture_id", "picture_reading"):
        if picture is not None and reading not in kept.setdefault(picture, []):
            kept[picture].append(reading)
    return kept


def _part(study: Study, but: Collection[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every answer of one study that counts: the key of its picture, its choice (8: none of these), its person."""
    ratings = main_trials(read_ratings(study, Choice(included_only=True)))
    rows = study.stimuli.filter(condition__presentation=ALONE, picture__isnull=False).exclude(picture__in=but)
    picture_of = {str(name): key for name, key in rows.values_list("public_id", "picture_id")}
    keys = np.array([picture_of.get(name, -1) for name in ratings.stimuli] or [-1], np.int64)[ratings.stimulus]
    codes = [SLUGS.index(name) if name in SLUGS else len(SLUGS) if name == NONE else -1 for name in ratings.choices]
    choice = np.array(codes or [-1], np.int64)[ratings.chosen]
    fits = (keys >= 0) & (choice >= 0)
    return keys[fits], choice[fits], ratings.participant[fits]


def _rounded(correction: Correction) -> dict[str, Any]:
    """What is kept of a correction, and told: the same numbers. Adding 0 makes a −0 of rounding a 0."""
    return {
        "temperature": round(correction.temperature, DIGITS),
        "bias": correction.bias.round(DIGITS) + 0.0,
        "words": correction.words.round(DIGITS) + 0.0,
    }


def describe(gathered: PicturesGathered, worth: Recalibrated, kept: Correction) -> dict[str, Any]:
    """The lesson in plain data: what it rests on, what it corrects, and what that does to the pictures that taught."""
    answers = gathered.answers
    before = Correction.identity(answers.emotions).apply(answers.log_probabilities)
    after = kept.apply(answers.log_probabilities, answers.seen)
    counts = answers.counts
    asked = counts.sum(axis=1)
    total = max(int(asked.sum()), 1)
    return {
        **worth.describe(),
        "left_out": gathered.left_out,
        "temperature": kept.temperature,
        "emotions": [
            {
                "emotion": slug,
                "bias": float(kept.bias[code]),
                # Pictures weigh as many as they have answers: then a network that is right says what people say.
                "before": float(asked @ before[:, code]) / total,
                "after": float(asked @ after[:, code]) / total,
                "answered": int(counts[:, code].sum()) / total,
            }
            for code, slug in enumerate(SLUGS)
        ],
        "words": _odds(gathered.words, kept),
        "pictures_read": [] if worth.reason else _tell_pictures(gathered, before, after),
    }


def _odds(words: Iterable[str], correction: Correction) -> dict[str, dict[str, float]]:
    """Log-odds by thing and emotion; things that nothing was learned of are left out."""
    rows = zip(words, correction.words.tolist(), strict=True)
    return {word: dict(zip(SLUGS, row, strict=True)) for word, row in rows if any(row)}


def _tell_pictures(gathered: PicturesGathered, before: np.ndarray, after: np.ndarray) -> list[dict[str, Any]]:
    """The pictures whose reading changes most, each with the emotion that each side names first."""
    counts = gathered.answers.counts
    changed = np.where(counts.any(axis=1), np.abs(after - before).sum(axis=1), -1.0)
    said = {"people": counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), "before": before, "after": after}
    return [
        {
            "picture": str(gathered.pictures[row].public_id),
            "answers": int(counts[row].sum()),
            **{
                side: {"emotion": SLUGS[int(shares[row].argmax())], "share": float(shares[row].max())}
                for side, shares in said.items()
            },
        }
        for row in np.argsort(-changed, kind="stable")[:MOST_SHOWN].tolist()
        if changed[row] > 0.0
    ]


def keep(
    lesson: Lesson, studies: Sequence[Study], worth: Recalibrated, kept: Correction, words: Sequence[str]
) -> ModelVersion:
    """The correction as a version of its network; what labels pictures now goes on doing so."""
    assert lesson.network is not None
    provenance = {
        "lesson": str(lesson.public_id),
        "control": lesson.control,
        "seed": lesson.seed,
        "studies": [study.slug for study in studies],
        **{name: value for name, value in worth.describe().items() if name != "reason"},
    }
    return register_recalibration(
        network=lesson.network,
        temperature=kept.temperature,
        bias=dict(zip(SLUGS, kept.bias.tolist(), strict=True)),
        words=_odds(words, kept),
        provenance=provenance,
        by=lesson.requested_by,
    )


@dataclass(frozen=True, slots=True)
class PictureTest:
    """The test of one lesson about pictures in one study: on its pictures that did not teach.

    `reason` says why there is no test, `left_out` how many answers are to pictures that the network did not label.
    """

    study: Study
    found: Tested | None
    reason: str = ""
    left_out: int = 0


def find_picture_tests(lesson: Lesson, studies: Iterable[Study]) -> list[PictureTest]:
    """The tests of a lesson among `studies`, those that the reader may see, oldest first; none without answers."""
    if lesson.recalibration is None or lesson.network is None:
        return []
    roles = LessonStudy.objects.filter(lesson=lesson, role=LessonStudy.Role.TESTS, study__in=list(studies))
    tested = [role.study for role in roles.select_related("study").order_by("study")]
    shown = [study for study in tested if study.shows_results]
    if not shown:
        return []
    try:
        learned = recalibration_of(lesson.recalibration)
        assert learned is not None
    except ValueError as refused:  # its file is gone or was changed: the page says so
        return [PictureTest(study, None, str(refused)) for study in shown]
    taught = lesson.roles.exclude(role=LessonStudy.Role.TESTS).values("study")
    known = Stimulus.objects.filter(study__in=taught, picture__isnull=False).values_list("picture_id", flat=True)
    tests = []
    for study in shown:
        gathered = gather_pictures([study], lesson.network, but=set(known), now=False)
        words = [[learned.words.get(word, {}).get(slug, 0.0) for slug in SLUGS] for word in gathered.words]
        correction = Correction(
            learned.temperature,
            np.array([learned.bias[slug] for slug in SLUGS]),
            np.array(words).reshape(len(words), len(SLUGS)),
        )
        found = judge_correction(gathered.answers, correction)
        if found.answers:
            tests.append(PictureTest(study, found, left_out=gathered.left_out))
        elif gathered.left_out:  # another network had labelled them when it was published
            reason = f"its {gathered.left_out} answers are to pictures whose label was not by {lesson.network}."
            tests.append(PictureTest(study, None, reason))
    return tests

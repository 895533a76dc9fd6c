"""A lesson from beginning to end; one about music: what listeners answered, and the targets that come of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from generation.emotions import SLUGS
from generation.models import ModelVersion
from generation.teaching import PresentTargets, present_targets, register_learned_targets
from melodymuse_site.jobs.heartbeat import beating
from melodymuse_site.jobs.leases import TRANSIENT, Lease, LeaseLost, claim, fail, renew, retry
from melodymuse_site.queues import explain
from survey.actions.learning import finish_lesson
from survey.analysis.ratings import ClipAttributes, Ratings
from survey.analysis.report import main_trials
from survey.analysis.wording import counted
from survey.findings.attributes import asked_of
from survey.findings.clips_to_teach import choose_clips
from survey.findings.columns import NONE, Choice, read_ratings
from survey.findings.learned import (
    FEWEST_PEOPLE,
    Learned,
    NothingToLearn,
    Tell,
    refuse_uneven,
    say_beside_pictures,
)
from survey.findings.picture_lessons import learn_pictures
from survey.models import Condition, Lesson, LessonStudy, Study
from survey.teaching import (
    Answers,
    Expected,
    Heard,
    Improved,
    Prior,
    Region,
    Scale,
    fit,
    fit_steering,
    improve,
    shuffle,
)

logger = logging.getLogger(__name__)
TASK: Final = "survey.tasks.learn"
FEWEST_CLIPS: Final = 16
"""With fewer clips, two of every emotion, nothing is learned: an attribute cannot be told from a piece. Variants of a
piece, whose cues were changed on purpose, are one."""
FEWEST_OF_AN_EMOTION: Final = 3
"""With fewer clips of an emotion its clips are taken to lie where they were aimed at."""
LEAST_VARIED: Final = 0.1
"""Share of the spread of real clips of one quadrant below which an attribute tells nothing; judgement."""
FURTHEST: Final = 4.3
"""Targets stay within this Mahalanobis distance of real music, over 19 attributes: half of the real clips lie nearer
(4.28, of the chi distribution), and the shipped targets between 2.0 and 3.9."""
MUSIC, BOTH = Condition.Presentation.MUSIC, Condition.Presentation.BOTH


@dataclass(frozen=True, slots=True)
class Gathered:
    """Answers of all studies of a lesson, and where they come from.

    `presented` says in which presentation the clips were heard: with their pictures only where no study plays them
    alone, as what people see sways what they say of what they hear. Where one does, `beside_pictures` answers to clips
    with their pictures are left out.
    """

    answers: Answers
    intended: np.ndarray
    target: np.ndarray
    clip: np.ndarray
    """Of every row of the answers, the code of its clip: one that several studies played has a row of each."""
    of_study: dict[int, int]
    people: int
    presented: str
    dropped: int
    beside_pictures: int


def run_lesson(lesson_id: int) -> None:
    """Have one lesson, unless another worker has it or it was called off."""
    lease = claim(Lesson, lesson_id)
    if lease is None:
        return
    lesson = Lesson.objects.select_related("base", "requested_by").get(pk=lesson_id)
    try:
        with beating(lease):
            learn(lesson, lease)
    except LeaseLost:
        logger.info("Lesson %s was called off, or another worker has it.", lesson.public_id)
    except NothingToLearn as error:
        fail(lease, str(error))
    except TRANSIENT as error:
        retry(lease, error)
    except Exception as error:  # whatever it is, whoever waits is told
        fail(lease, explain(error, TASK))
        logger.exception("Lesson %s failed.", lesson.public_id)


def learn(lesson: Lesson, lease: Lease, told: Tell = lambda phase: None) -> None:
    """Read, fit, look for something better, and keep it; `told` hears of every phase, as the row does."""

    def say(phase: str) -> None:
        renew(lease, phase=phase)
        told(phase)

    say("Reading the answers")
    taught = lesson.roles.filter(role=LessonStudy.Role.TAUGHT)
    studies = list(Study.objects.filter(pk__in=taught.values("study")).order_by("pk"))
    found = (learn_pictures if lesson.is_about_pictures else learn_music)(lesson, studies, say)
    say("Keeping what was learned")
    if not finish_lesson(
        lesson=lesson, lease=lease, result=found.result, answers=found.answers, make_version=found.make_version
    ):
        raise LeaseLost(lease)


def learn_music(lesson: Lesson, studies: Sequence[Study], say: Tell) -> Learned:
    """Better targets by the answers of `studies`, as far as they tell. Raises NothingToLearn."""
    present = present_targets(lesson.base)
    gathered = gather(studies, present.names)
    random = np.random.default_rng(lesson.seed)
    answers = shuffle(gathered.answers, random) if lesson.control == Lesson.Control.SHUFFLED else gathered.answers
    say("Fitting what listeners go by")
    heard = fit(answers, Prior(present.aims, present.real.within), Scale.of(present.names, answers.attributes))
    say("Looking for better targets")
    improved = seek(heard, gathered, present, strength=lesson.strength, seed=lesson.seed)
    result = describe(gathered, heard, improved, present)
    if lesson.control != Lesson.Control.SHUFFLED:
        say("Choosing clips that would teach most")
        result["to_teach"] = choose_clips(lesson, heard, present.names)
    made = partial(keep, lesson, studies, result, improved, present) if improved.moved.any() else None
    return Learned(result, gathered.of_study, made)


def gather(studies: Sequence[Study], names: Sequence[str]) -> Gathered:
    """All answers that count: of people whom the rules include, to clips with measured attributes.

    Raises NothingToLearn.
    """
    parts = [_part(study, names) for study in studies]
    alone = any(part.alone.any() for part in parts)
    has_none = all(part.none for part in parts)  # where one study did not offer it, its absence would be a finding
    choices = (*SLUGS, NONE) if has_none else SLUGS
    rows: list[tuple[np.ndarray, ...]] = []
    attributes, asked, intended, study_of, sounds, bases = [], [], [], [], [], []
    people = clips = dropped = beside_pictures = 0
    of_study = {}
    for number, (study, part) in enumerate(zip(studies, parts, strict=True)):
        choice = np.array([choices.index(name) if name in choices else -1 for name in part.ratings.choices])[
            part.ratings.chosen
        ]
        known = ~np.isnan(part.measured[part.ratings.stimulus]).any(axis=1)
        fits = known & (part.ratings.intended >= 0) & part.plays
        if alone:
            beside_pictures += int((fits & ~part.alone).sum())
            fits &= part.alone
        dropped += int((fits & (choice < 0)).sum())
        kept = part.ratings.select(fits & (choice >= 0))
        heard, place = np.unique(kept.stimulus, return_inverse=True)
        _, person = np.unique(kept.participant, return_inverse=True)
        rows.append((person + people, place + clips, choice[fits & (choice >= 0)]))
        attributes.append(part.measured[heard])
        asked.append(part.asked[heard])
        intended.append(part.intended[heard])
        study_of.append(np.full(heard.size, number, np.int64))
        sounds += [part.sounds[row] for row in heard]
        bases += [part.pieces[row] for row in heard]
        people += int(person.max(initial=-1)) + 1
        clips += heard.size
        of_study[study.pk] = len(kept)
    clip_of, piece_of = (np.unique(names, return_inverse=True)[1] for names in (sounds, bases))
    _refuse_few(people, clip_of, piece_of, beside_pictures)
    person, clip, choice = (np.concatenate(column) for column in zip(*rows, strict=True))
    refuse_uneven(person)
    table, studies_of = np.concatenate(attributes), np.concatenate(study_of)
    answers = Answers.of(table, person, clip, choice, len(choices), studies_of, piece_of)
    presented = MUSIC if alone else BOTH
    return Gathered(
        answers,
        np.concatenate(intended),
        np.concatenate(asked),
        clip_of,
        of_study,
        people,
        presented.value,
        dropped,
        beside_pictures,
    )


def _refuse_few(people: int, clip: np.ndarray, piece: np.ndarray, beside_pictures: int) -> None:
    """Raise NothingToLearn where people, or the pieces that their clips play, are too few."""
    clips, pieces = (int(np.unique(codes).size) for codes in (clip, piece))
    if people >= FEWEST_PEOPLE and pieces >= FEWEST_CLIPS:
        return
    variants = f", which are variants of {counted(pieces, 'piece')} and count as those" if pieces < clips else ""
    beside = f" {say_beside_pictures(beside_pictures)}" if beside_pictures else ""
    raise NothingToLearn(
        f"There are answers of {people} people to {clips} clips with measured attributes{variants};"
        f" a lesson needs at least {FEWEST_PEOPLE} people and {FEWEST_CLIPS} clips.{beside}"
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One study: its ratings, and of every clip what was measured and asked for, in the order of its stimuli.

    `sounds` has of every stimulus what names its clip, the same in every study, and `pieces` its piece: that of all its
    variants. `alone` and `plays` say of every answer whether the clip was heard without a picture, and whether it was
    heard.
    """

    ratings: Ratings
    measured: np.ndarray
    asked: np.ndarray
    intended: np.ndarray
    sounds: list[str]
    pieces: list[str]
    alone: np.ndarray
    plays: np.ndarray
    none: bool


def _part(study: Study, names: Sequence[str]) -> _Part:
    ratings = main_trials(read_ratings(study, Choice(included_only=True)))
    measured, asked = (_table(found, ratings, names) for found in (ratings.attributes, asked_of(study)))
    codes = np.array([SLUGS.index(name) for name in ratings.emotions if name in SLUGS] or [0], np.int64)
    of_clip = ratings.intended_of_stimuli()
    presentation = ratings.factors["presentation"]
    alone = presentation.codes == _level(presentation.levels, MUSIC)
    versions = {str(one.public_id): one.pair_version for one in study.stimuli.select_related("pair_version")}
    played = [versions[name] for name in ratings.stimuli]
    sounds = [version.midi_sha256 or version.audio_sha256 for version in played]
    return _Part(
        ratings=ratings,
        measured=measured,
        asked=asked,
        intended=np.where(of_clip >= 0, codes[of_clip], -1),
        sounds=sounds,
        pieces=[version.base_piece or sound for version, sound in zip(played, sounds, strict=True)],
        alone=alone,
        plays=alone | (presentation.codes == _level(presentation.levels, BOTH)),
        none=ratings.none is not None,
    )


def _level(levels: Sequence[str], name: str) -> int:
    return levels.index(name) if name in levels else -1


def _table(found: ClipAttributes | None, ratings: Ratings, names: Sequence[str]) -> np.ndarray:
    """Values of `names` for every stimulus of the ratings, NaN where unknown."""
    if found is None:
        return np.full((len(ratings.stimuli), len(names)), np.nan)
    of_all = found.of(ratings.stimuli)
    missing = np.full(len(ratings.stimuli), np.nan)
    columns = [of_all[:, found.names.index(name)] if name in found.names else missing for name in names]
    return np.stack(columns, axis=1)


def seek(heard: Heard, gathered: Gathered, present: PresentTargets, *, strength: float, seed: int) -> Improved:
    """Better targets than the present ones, as far as the answers tell."""
    # Each clip once, however many studies played it.
    rows = np.unique(gathered.clip, return_index=True)[1]
    measured, asked, intended = gathered.answers.attributes[rows], gathered.target[rows], gathered.intended[rows]
    both = ~np.isnan(asked).any(axis=1)
    steering = fit_steering(asked[both], measured[both]).slopes if both.sum() >= FEWEST_CLIPS else None
    slopes = np.ones(len(present.names)) if steering is None else steering
    attained, error = present.aims.copy(), np.zeros(present.aims.shape)
    for code, aim in enumerate(present.aims):
        own = intended == code
        if own.sum() < FEWEST_OF_AN_EMOTION:
            continue
        # As if every clip had been aimed at the present target: earlier ones were not.
        missed = np.where(both[own, None], slopes * (asked[own] - aim), 0.0)
        found = measured[own] - missed
        attained[code], error[code] = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(own.sum())
    return improve(
        heard,
        present.aims,
        region=Region(present.real.mean, present.real.covariance, FURTHEST),
        spread=present.real.within,
        strength=strength,
        limits=(present.minima, present.maxima),
        ties=_ties(present.names),
        steering=steering,
        attained=attained,
        attained_error=error,
        fixed=hardly_varied(measured, present),
        seed=seed,
    )


def hardly_varied(measured: np.ndarray, present: PresentTargets) -> np.ndarray:
    """Attributes of which these clips say nothing, as they are all alike: their targets stay. Shape (A,)."""
    usual = np.sqrt(np.diagonal(present.real.within))
    alike: np.ndarray = measured.std(axis=0) < LEAST_VARIED * usual
    return alike


def _ties(names: Sequence[str]) -> np.ndarray:
    """The density of all notes is that of the melody and of the rest: what moves one moves another. Shape (1, A)."""
    tied = {"density": 1.0, "melody_density": -1.0, "accompaniment_density": -1.0}
    return np.array([[tied.get(name, 0.0) for name in names]])


def describe(gathered: Gathered, heard: Heard, improved: Improved, present: PresentTargets) -> dict[str, Any]:
    """The lesson in plain data: what it rests on, and for every emotion what moved and what is expected of it."""
    return {
        "answers": int(sum(gathered.of_study.values())),
        "people": gathered.people,
        "clips": int(np.unique(gathered.clip).size),
        "presented": gathered.presented,
        "dropped": gathered.dropped,
        "beside_pictures": gathered.beside_pictures,
        "model": heard.describe(),
        "not_varied": [
            name
            for name, alike in zip(present.names, hardly_varied(gathered.answers.attributes, present), strict=True)
            if alike
        ],
        "overall_gain": _told(improved.overall_gain),
        "emotions": [
            {
                "emotion": slug,
                "clips": int(np.unique(gathered.clip[gathered.intended == code]).size),
                "moved": bool(improved.moved[code]),
                "reason": improved.reasons[code],
                "before": _told(improved.before[code]),
                "after": _told(improved.after[code]),
                "gain": _told(improved.gain[code]),
                "attributes": [
                    {
                        "name": name,
                        "before": float(present.aims[code, place]),
                        "after": float(improved.targets[code, place]),
                        "widths": float(improved.shifts[code, place] / present.widths[place]),
                    }
                    for place, name in enumerate(present.names)
                ],
            }
            for code, slug in enumerate(SLUGS)
        ],
    }


def _told(expected: Expected) -> dict[str, float]:
    return {"mean": expected.mean, "low": expected.low, "high": expected.high}


def keep(
    lesson: Lesson, studies: Sequence[Study], result: dict[str, Any], improved: Improved, present: PresentTargets
) -> ModelVersion:
    """The new targets as a version of their own; the present ones go on serving."""
    # From the shipped table, whatever the lesson started from, and within what the composers take.
    whole = np.clip(present.shifts + improved.targets - present.aims, -present.furthest, present.furthest)
    shifts = {slug: dict(zip(present.names, map(float, whole[code]), strict=True)) for code, slug in enumerate(SLUGS)}
    provenance = {
        "lesson": str(lesson.public_id),
        "control": lesson.control,
        "strength": lesson.strength,
        "seed": lesson.seed,
        "studies": [study.slug for study in studies],
        "base": str(lesson.base or ""),
        **{name: result[name] for name in ("answers", "people", "clips", "presented", "overall_gain")},
    }
    return register_learned_targets(shifts=shifts, provenance=provenance, by=lesson.requested_by)

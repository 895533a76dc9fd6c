"""A study's answers as the columns that the statistics take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from survey.analysis.ratings import Factor, Given, Ratings
from survey.analysis.ratings.courses import Courses
from survey.analysis.ratings.texts import one_word
from survey.design.lures import right_answer
from survey.findings.attributes import attributes_of, picture_attributes_of
from survey.findings.courses import courses_of
from survey.findings.cues import cues_of
from survey.findings.given import Person, given_of, people_facts, people_of
from survey.models import Participant, Response, Stimulus, Study, Trial
from survey.queries.sides import sides_of_stimuli

Rows = TypeVar("Rows", Given, Courses)
WORDS_GONE = "People were asked for words of their own, which were deleted at the end of the retention."
KINDS = tuple(kind for kind in Trial.Kind if kind not in Trial.ASIDE)
NONE = "none"
FIELDS = (
    "trial__participant_id",
    "trial__stimulus_id",
    "choice_id",
    "trial__kind",
    "trial__asked_emotion",
    "confidence",
    "seconds",
    "valence",
    "arousal",
    "word",
    "trial__position",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which answers are looked at; a page's address says it."""

    cell: str = ""
    composer: str = ""
    included_only: bool = False


def counted_responses(study: Study, kind: str = Participant.Kind.PERSON) -> Any:
    """Answers of people who did not withdraw, without practice: what may be in a table or an export."""
    return Response.objects.counted(study, kind=kind).filter(trial__kind__in=KINDS).in_order()


def read_ratings(study: Study, choice: Choice | None = None, kind: str = Participant.Kind.PERSON) -> Ratings:
    """Return the answers that count, in the order they were given; those of simulated people where `kind` says so."""
    choice = choice or Choice()
    people = people_of(study, kind)
    stimuli = list(Stimulus.objects.filter(study=study).select_related("condition").order_by("pk"))
    known = {person.pk for person in people}
    rows: list[tuple[Any, ...]] = []
    if not study.form.compares:  # else no answer is about one clip: `findings.compared` reads them
        read = counted_responses(study, kind).values_list(*FIELDS).iterator(chunk_size=20_000)
        rows = [row for row in read if row[0] in known]  # somebody may have come since the people were read
    ratings = _assemble(study, people, stimuli, rows)
    emotions = dict.fromkeys(item.emotion for item in stimuli) if ratings.says_yes_or_no else ratings.emotions
    given = _narrow_given(given_of(study, people, stimuli, tuple(emotions), kind=kind), people, stimuli, choice)
    courses = courses_of(study, people, stimuli, kind)
    if courses is not None:
        courses = _narrow_given(courses, people, stimuli, choice)
    return _narrow(replace(ratings, given=given, courses=courses), choice)


def _narrow(ratings: Ratings, choice: Choice) -> Ratings:
    keep = np.ones(len(ratings), bool)
    for factor, level in (("condition", choice.cell), ("composer", choice.composer)):
        if level:
            column = ratings.factors[factor]
            keep &= column.codes == (column.levels.index(level) if level in column.levels else -1)
    if choice.included_only:
        keep &= ratings.included
    if choice != Choice():
        return _without_empty(ratings.compact(keep))
    return ratings


def _narrow_given(given: Rows, people: Sequence[Person], stimuli: Sequence[Stimulus], choice: Choice) -> Rows:
    """The trials given, or the courses, of the same cell, composer and people."""
    wanted = [
        choice.cell in ("", item.condition.name) and choice.composer in ("", item.composer) for item in stimuli
    ] or [False]
    staying = [not choice.included_only or person.included is not False for person in people] or [False]
    return given.select(np.array(wanted, bool)[given.stimulus] & np.array(staying, bool)[given.participant])


def _without_empty(ratings: Ratings) -> Ratings:
    """A narrowed view lists only what belongs to it."""
    clips = np.unique(ratings.stimulus)
    people = np.unique(ratings.participant)
    return replace(
        ratings,
        stimuli=tuple(ratings.stimuli[code] for code in clips),
        participants=tuple(ratings.participants[code] for code in people),
        stimulus=np.searchsorted(clips, ratings.stimulus),
        participant=np.searchsorted(people, ratings.participant),
        people_facts={name: fact.select(people) for name, fact in ratings.people_facts.items()},
    )


def _assemble(study: Study, people: Sequence[Person], stimuli: Sequence[Stimulus], rows: Sequence[Any]) -> Ratings:
    columns = list(zip(*rows, strict=True)) or [()] * len(FIELDS)
    slugs = dict(study.choices.values_list("pk", "slug"))
    offered = [slug for slug in slugs.values() if slug != NONE]
    none = NONE if NONE in slugs.values() else None
    choices = (*offered, *([none] if none else []))
    participant = _places([person.pk for person in people], columns[0])
    stimulus = _places([item.pk for item in stimuli], columns[1])
    intended = _intended(stimuli, stimulus, columns[4], offered)
    return Ratings(
        participants=tuple(person.public_id for person in people),
        stimuli=tuple(str(item.public_id) for item in stimuli),
        emotions=tuple(offered),
        choices=choices,
        none=none,
        participant=participant,
        stimulus=stimulus,
        intended=intended,
        chosen=_lookup({pk: choices.index(slug) for pk, slug in slugs.items()}, columns[2]),
        factors=_factors(stimuli, stimulus, columns[4], columns[3]),
        included=np.array([person.included is not False for person in people] or [True], bool)[participant],
        confidence=_numbers(columns[5]),
        seconds=_numbers(columns[6]),
        valence=_numbers(columns[7]),
        arousal=_numbers(columns[8]),
        words=_words([""] * len(rows) if study.has_forgotten else columns[9]),
        position=np.array(columns[10], np.int64),
        people_facts=people_facts(people),
        attributes=attributes_of(stimuli),
        picture_attributes=picture_attributes_of(stimuli),
        cues=cues_of(stimuli),
        labels=_labels(study),
        sides=sides_of_stimuli(study, stimuli),
        notes=(WORDS_GONE,) if study.ask_word and study.has_forgotten else (),
    )


def _numbers(column: Sequence[float | None]) -> np.ndarray:
    return np.fromiter((np.nan if value is None else value for value in column), float, len(column))


def _words(column: Sequence[str]) -> Factor:
    """Free words in one spelling, each once."""
    spelling = {text: one_word(text) for text in set(column)}
    place = {word: code for code, word in enumerate(dict.fromkeys(("", *sorted(spelling.values()))))}
    return Factor(tuple(place), np.fromiter((place[spelling[text]] for text in column), np.int64, len(column)))


def _labels(study: Study) -> dict[str, frozenset[str]]:
    """What people read for every emotion, in all languages of the study."""
    return {
        choice.slug: frozenset(one_word(label) for label in (choice.label, *choice.labels.values()) if label)
        for choice in study.choices.all()
    }


def _places(keys: Sequence[int], column: Sequence[int]) -> np.ndarray:
    return _lookup({key: place for place, key in enumerate(keys)}, column)


def _lookup(place: dict[Any, int], column: Sequence[Any]) -> np.ndarray:
    return np.fromiter((place[key] for key in column), np.int64, len(column))


def _intended(
    stimuli: Sequence[Stimulus], stimulus: np.ndarray, asked: Sequence[str], offered: Sequence[str]
) -> np.ndarray:
    """The intended answer: the clip's emotion, or in the yes/no mode whether it is the one asked about."""
    place = {slug: code for code, slug in enumerate(offered)}
    trials = list(zip(stimulus.tolist(), asked, strict=True))
    right = {(s, slug): place.get(right_answer(stimuli[s].emotion, slug), -1) for s, slug in set(trials)}
    return np.fromiter((right[trial] for trial in trials), np.int64, len(trials))


def _factors(
    stimuli: Sequence[Stimulus], stimulus: np.ndarray, asked: Sequence[str], kinds: Sequence[str]
) -> dict[str, Factor]:
    names = {
        "condition": [item.condition.name for item in stimuli],
        "picture": [item.picture_emotion if item.condition.shows_picture else "" for item in stimuli],
        "music": [item.emotion if item.condition.plays_music else "" for item in stimuli],
        "presentation": [item.condition.presentation for item in stimuli],
        "matching": [item.condition.matching for item in stimuli],
        "picture_id": [item.picture_sha256 for item in stimuli],
        "music_id": [item.audio_sha256 for item in stimuli],
        "composer": [item.composer for item in stimuli],
    }
    factors = {name: _factor(values, stimulus) for name, values in names.items()}
    factors["asked"] = _factor_of_text(asked)
    factors["kind"] = _factor(list(KINDS), _places_of_text(kinds))
    return factors


def _factor(names: Sequence[str], codes: np.ndarray) -> Factor:
    levels = tuple(dict.fromkeys(names))
    of_name = np.array([levels.index(name) for name in names] or [0], np.int64)
    return Factor(levels, of_name[codes])


def _factor_of_text(names: Sequence[str]) -> Factor:
    levels = tuple(dict.fromkeys(names))
    return Factor(levels, _lookup({name: place for place, name in enumerate(levels)}, names))


def _places_of_text(kinds: Sequence[str]) -> np.ndarray:
    return _lookup({kind: place for place, kind in enumerate(KINDS)}, kinds)

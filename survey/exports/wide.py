"""Responses wide: one row per participant, one column per stimulus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from survey.exports.batches import join_lines
from survey.exports.csv_text import quote, write_value
from survey.exports.reading import read_columns
from survey.exports.rows import people_of, responses_of
from survey.models import Stimulus, Study, Trial
from survey.models.counted import InOrder

CELLS = 500_000
"""Cells that are held at once: where there are many stimuli, they are of few people."""
PERSON, STIMULUS, CHOICE = "trial__participant_id", "trial__stimulus_id", "choice_id"


def wide_header(study: Study) -> list[str]:
    """Return participant and the identifiers of all stimuli that count."""
    return ["participant", *map(str, _columns(study).values())]


def _columns(study: Study) -> dict[int, UUID]:
    """Keys and identifiers of the stimuli that count, in their order."""
    counted = Stimulus.objects.filter(study=study).exclude(role=Stimulus.Role.PRACTICE).order_by("pk")
    return dict(counted.values_list("pk", "public_id"))


@dataclass(frozen=True, slots=True)
class WideBatch:
    """Some people: their identifiers, and for each of them a number per stimulus, of one of `texts` (0: nothing)."""

    names: list[str]
    answers: np.ndarray[Any, Any]
    texts: pa.Array

    def __len__(self) -> int:
        return len(self.names)

    def text(self) -> bytes:
        people, stimuli = self.answers.shape
        cells = self.texts.take(pa.array(self.answers.ravel()))
        ends = pa.array(np.arange(0, people * stimuli + 1, stimuli, dtype=np.int32))
        return join_lines([pa.array(self.names), pc.binary_join(pa.ListArray.from_arrays(ends, cells), ",")])


def wide_batches(study: Study) -> Iterator[WideBatch]:
    """Yield each participant's answers; a repeated clip keeps its first answer, an unheard clip is empty."""
    places = {pk: place for place, pk in enumerate(_columns(study))}
    names = dict(people_of(study).values_list("pk", "public_id"))
    choices = dict(study.choices.values_list("pk", "slug"))
    numbers = {pk: number for number, pk in enumerate(choices, start=1)}
    texts = pa.array(["", *(quote(write_value(slug)) for slug in choices.values())])
    for person, stimulus, choice in _whole_people(study):
        there, row = np.unique(person, return_inverse=True)
        step = max(1, CELLS // len(places))
        for start in range(0, len(there), step):
            some = (row >= start) & (row < start + step)
            people = there[start : start + step].tolist()
            answers = np.zeros((len(people), len(places)), np.int32)
            answers[row[some] - start, _looked_up(places, stimulus[some])] = _looked_up(numbers, choice[some])
            kept = [place for place, pk in enumerate(people) if pk in names]
            if kept:
                yield WideBatch([quote(write_value(names[people[place]])) for place in kept], answers[kept], texts)


def _looked_up(numbers: dict[int, int], keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    different, places = np.unique(keys, return_inverse=True)
    return np.array([numbers[key] for key in different.tolist()])[places]


def _whole_people(study: Study) -> Iterator[list[np.ndarray[Any, Any]]]:
    """Person, stimulus and choice of the answers, in batches that part nobody's answers."""
    answers = (
        responses_of(study)
        .exclude(trial__kind__in=Trial.AGAIN)
        .order_by(InOrder("trial__participant_id"), InOrder("pk"))
    )
    left = [np.array([], np.int64)] * 3
    for raw in read_columns(answers, (PERSON, STIMULUS, CHOICE)):
        columns = [np.concatenate([old, raw[path].to_numpy()]) for old, path in zip(left, raw, strict=True)]
        last = int(np.searchsorted(columns[0], columns[0][-1]))
        left = [column[last:] for column in columns]
        if last:
            yield [column[:last] for column in columns]
    if left[0].size:
        yield left

"""Responses wide: one row per participant, one column per stimulus."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from survey.exports.rows import people_of, responses_of, stimuli_of
from survey.models import Stimulus, Study, Trial


def wide_header(study: Study) -> list[str]:
    """Return participant and the identifiers of all stimuli that count."""
    return ["participant", *(str(item.public_id) for item in _columns(study))]


def _columns(study: Study) -> list[Stimulus]:
    return list(stimuli_of(study).exclude(role=Stimulus.Role.PRACTICE))


def wide_rows(study: Study) -> Iterator[list[Any]]:
    """Yield each participant's answers; a repeated clip keeps its first answer, an unheard clip is empty."""
    places = {item.pk: place for place, item in enumerate(_columns(study), start=1)}
    names = dict(people_of(study).values_list("pk", "public_id"))
    slugs = dict(study.choices.values_list("pk", "slug"))
    answers = (
        responses_of(study)
        .exclude(trial__kind=Trial.Kind.REPEAT)
        .order_by("trial__participant_id", "pk")
        .values_list("trial__participant_id", "trial__stimulus_id", "choice_id")
    )
    for person, given in groupby(answers.iterator(chunk_size=2000), key=itemgetter(0)):
        if person not in names:
            continue
        row: list[Any] = [names[person], *([None] * len(places))]
        for _, stimulus, choice in given:
            row[places[stimulus]] = slugs[choice]
        yield row

"""What was rated while clips played, as the statistics take it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from survey.analysis.ratings.courses import Courses
from survey.design.following import HERTZ, WHOLE
from survey.findings.given import Person
from survey.models import Course, Participant, Stimulus, Study, Trial


def courses_of(
    study: Study, people: Sequence[Person], stimuli: Sequence[Stimulus], kind: str = Participant.Kind.PERSON
) -> Courses | None:
    """Courses of main trials in the order they were stored; None where the study asks for none, or there are none."""
    if not study.rated_while_playing:
        return None
    found = Course.objects.counted(study, kind=kind).filter(trial__kind=Trial.Kind.MAIN).in_order()
    person = {one.pk: place for place, one in enumerate(people)}
    clip = {item.pk: place for place, item in enumerate(stimuli)}
    read = found.values_list("trial__participant_id", "trial__stimulus_id", "valence", "arousal")
    rows = [row for row in read.iterator(2000) if row[0] in person]
    if not rows:
        return None
    emotions = tuple(dict.fromkeys(item.emotion for item in stimuli if item.emotion))
    stimulus = np.array([clip[row[1]] for row in rows], np.int64)
    intended = np.array([emotions.index(item.emotion) if item.emotion else -1 for item in stimuli], np.int64)
    asked = study.rated_while_playing
    return Courses(
        participants=tuple(one.public_id for one in people),
        stimuli=tuple(str(item.public_id) for item in stimuli),
        emotions=emotions,
        participant=np.array([person[row[0]] for row in rows], np.int64),
        stimulus=stimulus,
        intended=intended[stimulus],
        valence=_samples([row[2] for row in rows]) if "valence" in asked else None,
        arousal=_samples([row[3] for row in rows]) if "arousal" in asked else None,
        hertz=HERTZ,
    )


def _samples(rows: Sequence[Sequence[int | None]]) -> np.ndarray:
    """Rows of different lengths as one table, −1 to 1, NaN where there is nothing."""
    table = np.full((len(rows), max(map(len, rows))), np.nan)
    for place, row in enumerate(rows):
        table[place, : len(row)] = [np.nan if sample is None else sample / WHOLE for sample in row]
    return table

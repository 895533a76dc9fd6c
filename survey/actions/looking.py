"""How full a study's stimuli are, as one draw sees it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from survey.models import Study
from survey.queries import alive_after, hot


class Busy(Exception):
    """Every stimulus that fits is being written by others, and whoever asks may not wait for them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Load of every stimulus, answers where there are any, and how many of its places belong to people who left."""

    loads: dict[int, int]
    answers: dict[int, int]
    over: Counter[int]
    any_over: bool
    alive_after: datetime


def look(study: Study, stimuli: hot.Stimuli, kind: str, now: datetime) -> Seen:
    """How full they are now; stimuli without a counter are given one."""
    full = hot.loads(stimuli, kind)
    if len(full.loads) < len(stimuli.keys):
        hot.run([hot.make_loads(study.pk, kind)])
        full = hot.loads(stimuli, kind)
    alive = alive_after(study, full, now)
    over = hot.places_over(study.pk, kind, alive, now)
    return Seen(
        full.loads,
        full.answers,
        Counter(one.stimulus_id for one in over if one.study_id == study.pk and one.kind == kind),
        bool(over),
        alive,
    )

"""How often each answer was given to each clip of a report: counted once per version of the data, as the report is."""

from __future__ import annotations

import msgspec
import numpy as np
from django.core.cache import caches

from generation.emotions import SLUGS, get_emotion
from survey.analysis.report import main_trials, primary_cell
from survey.findings.columns import Choice, read_ratings
from survey.findings.plans import plan_of
from survey.findings.reports import KEPT_SECONDS, key_of, made_once
from survey.models import Study

Place = tuple[float, float]


class Chosen(msgspec.Struct, frozen=True):
    """Answers to clips, by the clips' ids: `counts` in the order of `choices`.

    `shown` are the clips of the one cell that the figures are about.
    """

    choices: list[str] = []
    counts: dict[str, list[int]] = {}
    shown: set[str] = set()

    def place_of(self, stimulus: str) -> Place | None:
        """Mean valence and arousal of the emotions chosen for a clip; None where no answer has a place."""
        named = [
            (count, get_emotion(choice))
            for choice, count in zip(self.choices, self.counts.get(stimulus, []), strict=False)
            if count and choice in SLUGS
        ]
        n = sum(count for count, _ in named)
        if not n:
            return None
        return (
            sum(count * emotion.valence for count, emotion in named) / n,
            sum(count * emotion.arousal for count, emotion in named) / n,
        )


def count_chosen(study: Study, choice: Choice) -> Chosen:
    """Return what was chosen for the clips that the report of `choice` counts, by the same answers."""

    def make() -> Chosen:
        found = _count(study, choice)
        caches["reports"].set(key, msgspec.json.encode(found), KEPT_SECONDS)
        return found

    key = f"{key_of(study, choice)}:chosen"
    return made_once(key, _kept, make)


def _kept(key: str) -> Chosen | None:
    kept = caches["reports"].get(key)
    if not isinstance(kept, bytes):
        return None
    try:
        return msgspec.json.decode(kept, type=Chosen)
    except msgspec.MsgspecError:  # no JSON, or of other code
        return None


def _count(study: Study, choice: Choice) -> Chosen:
    every_cell, plan = main_trials(read_ratings(study, choice)), plan_of(study)
    if not len(every_cell):
        return Chosen(choices=list(every_cell.choices))
    shown = primary_cell(every_cell, plan.cell if plan else "")[1]
    width = every_cell.k
    cells = every_cell.stimulus * width + every_cell.chosen
    table = np.bincount(cells, minlength=len(every_cell.stimuli) * width).reshape(-1, width)
    counts = {name: row for name, row in zip(every_cell.stimuli, table.tolist(), strict=True) if sum(row)}
    heard = {shown.stimuli[code] for code in np.unique(shown.stimulus)}
    return Chosen(choices=list(every_cell.choices), counts=counts, shown=heard)

"""Why single clips were heard as they were, as the lenses of a report have it."""

from __future__ import annotations

from collections.abc import Mapping

from survey.analysis.lens.results import ClipReading, Lens
from survey.analysis.lens.shown import say_because
from survey.analysis.lens.subjects import CLIPS, PICTURES
from survey.analysis.reported import Report
from survey.models import Stimulus


def readings_of(report: Report, stimuli: Mapping[str, Stimulus]) -> dict[str, list[str]]:
    """Return what the lenses say of every stimulus of the report's cell, by its name; those without are not there.

    A picture's reading stands at every stimulus of that cell that shows it.
    """
    heard = {one.clip: one for one in _readings(report, CLIPS.name)}
    seen = {stimuli[one.clip].picture_sha256: one for one in _readings(report, PICTURES.name) if one.clip in stimuli}
    cells = {stimuli[name].condition_id for name in heard if name in stimuli}
    cells |= {stimuli[one.clip].condition_id for one in seen.values()}
    found: dict[str, list[str]] = {}
    for name, item in stimuli.items():
        said = [say_because(heard[name])] if name in heard else []
        if item.condition_id in cells and item.picture_sha256 in seen:
            said.append(say_because(seen[item.picture_sha256], PICTURES))
        if said:
            found[name] = said
    return found


def _readings(report: Report, measure: str) -> tuple[ClipReading, ...]:
    lens = report.measures.get(measure)
    return lens.readings if isinstance(lens, Lens) else ()

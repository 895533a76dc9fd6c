"""The register of measures: whoever adds one writes one module and its test, and every outlet follows.

To add a measure:

1. Write its module in `survey.analysis`: a frozen dataclass whose fields are ``Annotated[type, "what it is"]``, a pure
   function from `Asked` to it, how it reads as tables, plots and sentences, and a ``MEASURE = Measure(…)``.
2. Add it to `MEASURES` below; its place there is its place on the page.
3. ``python -m tests.survey.report_names --write`` lists its names in docs/report.md; give `analyse` a study that has it
   in `tests/survey/rich_study.py`, and recompute its numbers in `tests/survey/recomputed`.

Results page, figures and their files, report, PDF, terminal and JSON (``report["measures"][name]``) need no line more;
a test compares them with the register.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from survey.analysis import choice_model, effective_answers
from survey.analysis.affect import confidence, rated, times, words
from survey.analysis.detection import shown as detection
from survey.analysis.measures.measure import Asked, Measure
from survey.analysis.measures.shown import Plot, Table
from survey.analysis.mixed import components as variance_components
from survey.analysis.mixed import model as mixed_model
from survey.analysis.sensitivity import groups, halves, leaving_out, missing, rules
from survey.analysis.wording import headline

MEASURES: tuple[Measure[Any], ...] = (
    detection.MEASURE,
    effective_answers.MEASURE,
    choice_model.MEASURE,
    mixed_model.MEASURE,
    variance_components.MEASURE,
    rated.MEASURE,
    words.MEASURE,
    confidence.MEASURE,
    times.MEASURE,
    rules.MEASURE,
    leaving_out.MEASURE,
    halves.MEASURE,
    groups.MEASURE,
    missing.MEASURE,
)


def measure_all(asked: Asked) -> dict[str, dict[str, Any] | None]:
    """Return every measure's result as plain data, by its name; None where the study has nothing of the kind."""
    return {measure.name: measure.as_json(asked) for measure in MEASURES}


def _results(report: dict[str, Any]) -> Iterator[tuple[Measure[Any], Any]]:
    measured = report.get("measures", {})
    for measure in MEASURES:
        if measured.get(measure.name) is not None:
            yield measure, measure.read(measured[measure.name])


def tables_of(report: dict[str, Any]) -> list[Table]:
    """Return the tables of a report's measures that have rows."""
    return [table for measure, found in _results(report) for table in measure.tables(found) if table.rows]


def plots_of(report: dict[str, Any]) -> list[Plot]:
    """Return the plots of a report's measures that have rows."""
    return [plot for measure, found in _results(report) for plot in measure.plots(found) if plot.rows]


def sentences_of(report: dict[str, Any]) -> list[str]:
    """Return what a report's measures say in words."""
    return [text for measure, found in _results(report) for text in measure.sentences(found)]


def headline_of(report: dict[str, Any]) -> str:
    """Return the finding in one or two sentences: the hit rate's, unless a measure speaks in its place."""
    own = [measure.headline(found) for measure, found in _results(report) if measure.headline]
    return own[0] if own else headline(report["accuracy"], report["cell"])


__all__ = [
    "MEASURES",
    "Asked",
    "Measure",
    "Plot",
    "Table",
    "headline_of",
    "measure_all",
    "plots_of",
    "sentences_of",
    "tables_of",
]

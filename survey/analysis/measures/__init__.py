"""The register of measures: whoever adds one writes one module and its test, and every outlet follows.

To add a measure:

1. Write its module in `survey.analysis`: a frozen dataclass whose fields are ``Annotated[type, "what it is"]``, a pure
   function from `Asked` to it, how it reads as tables, plots and sentences, and a ``MEASURE = Measure(…)`` that names
   its plots.
2. Add it to `MEASURES` below; its place there is its place on the page.
3. ``python -m tests.survey.report_names --write`` lists its names in docs/report.md; give `analyse` a study that has it
   in `tests/survey/rich_study.py`, and recompute its numbers in `tests/survey/recomputed`.

Results page, figures and their files, report, PDF, terminal and JSON (``report["measures"][name]``) need no line more;
a test compares them with the register.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from survey.analysis import choice_model, effective_answers
from survey.analysis.affect import confidence, rated, times, words
from survey.analysis.detection import shown as detection
from survey.analysis.measures.measure import Asked, Measure
from survey.analysis.measures.shown import PlanePlot, Plot, Table
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


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of one report, each read once, as every outlet shows them."""

    report: dict[str, Any]
    found: tuple[tuple[Measure[Any], Any], ...]

    @property
    def leading(self) -> Measured:
        """Those that speak in the place of the hit rate: they come before everything else."""
        return replace(self, found=tuple((measure, one) for measure, one in self.found if measure.headline))

    @property
    def others(self) -> Measured:
        """Those that come after what every report has."""
        return replace(self, found=tuple((measure, one) for measure, one in self.found if not measure.headline))

    @property
    def tables(self) -> list[Table]:
        """The tables that have rows."""
        return [table for measure, one in self.found for table in measure.tables(one) if table.rows]

    @property
    def plots(self) -> list[Plot | PlanePlot]:
        """The plots that have rows."""
        return [plot for measure, one in self.found for plot in measure.plots(one) if plot.rows]

    @property
    def paragraphs(self) -> list[str]:
        """What every measure says in words, a paragraph each; a measure without a sentence has none."""
        said = (" ".join(measure.sentences(one)) for measure, one in self.found)
        return [text for text in said if text]

    @property
    def headline(self) -> str:
        """The finding in one or two sentences: the hit rate's, unless a measure speaks in its place."""
        own = [measure.headline(one) for measure, one in self.found if measure.headline]
        return own[0] if own else headline(self.report["accuracy"], self.report["cell"])


def read_measures(report: dict[str, Any], plot: str | None = None) -> Measured:
    """Return the measures of a report; with `plot` only the one that declares a plot of that name.

    Raises
    ------
    msgspec.ValidationError
        Where the report was written by another version.
    """
    measured = report.get("measures", {})
    wanted = MEASURES if plot is None else tuple(measure for measure in MEASURES if plot in measure.plot_names)
    known = (measure for measure in wanted if measured.get(measure.name) is not None)
    return Measured(report, tuple((measure, measure.read(measured[measure.name])) for measure in known))


def plot_names() -> frozenset[str]:
    """Return the names of all plots that measures may have."""
    return frozenset(name for measure in MEASURES for name in measure.plot_names)


__all__ = [
    "MEASURES",
    "Asked",
    "Measure",
    "Measured",
    "PlanePlot",
    "Plot",
    "Table",
    "measure_all",
    "plot_names",
    "read_measures",
]

"""Every measure there is, found by itself, and what a report shows of them.

A measure is a module of `survey.analysis` that holds ``MEASURE = Measure(…)``; a new one lives in this folder. Nothing
else names it: every outlet asks `all_measures`.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import survey.analysis
from survey.analysis.measures.measure import Asked, Measure
from survey.analysis.measures.shown import PlanePlot, Plot, Table
from survey.analysis.wording import headline

if TYPE_CHECKING:
    from survey.analysis.reported import Report


@cache
def all_measures() -> tuple[Measure[Any], ...]:
    """Return every measure in the order of the page.

    Raises
    ------
    ValueError
        Where two have one name: their results would stand in one place.
    """
    # Asked for, not found when this module is imported: the modules of measures import this package themselves.
    modules = pkgutil.walk_packages(survey.analysis.__path__, "survey.analysis.")
    declared = (getattr(import_module(module.name), "MEASURE", None) for module in modules)
    found = {id(measure): measure for measure in declared if isinstance(measure, Measure)}
    measures = sorted(found.values(), key=lambda measure: measure.order)
    names = [measure.name for measure in measures]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Two measures have the name {name}.")
    return tuple(measures)


def measure_all(asked: Asked) -> dict[str, Any]:
    """Return every measure's result by its name; None where the study has nothing of the kind."""
    return {measure.name: measure.measure(asked) for measure in all_measures()}


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of one report, as every outlet shows them."""

    report: Report
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
        return [table for measure, one in self.found for table in measure.tables_of(one) if table.rows]

    @property
    def plots(self) -> list[Plot | PlanePlot]:
        """The plots that have rows."""
        return [plot for measure, one in self.found for plot in measure.plots_of(one) if plot.rows]

    @property
    def paragraphs(self) -> list[str]:
        """What every measure says in words, a paragraph each; a measure without a sentence has none."""
        said = (" ".join(measure.sentences_of(one)) for measure, one in self.found)
        return [text for text in said if text]

    @property
    def headline(self) -> str:
        """The finding in one or two sentences: the hit rate's, unless a measure speaks in its place."""
        own = [measure.headline(one) for measure, one in self.found if measure.headline]
        return own[0] if own else headline(self.report.accuracy, self.report.cell)


def read_measures(report: Report, plot: str | None = None) -> Measured:
    """Return the measures that a report has; with `plot` only the one that declares a plot of that name."""
    wanted = [measure for measure in all_measures() if plot is None or plot in measure.plot_names]
    known = (measure for measure in wanted if report.measures.get(measure.name) is not None)
    return Measured(report, tuple((measure, report.measures[measure.name]) for measure in known))


def plot_names() -> frozenset[str]:
    """Return the names of all plots that measures may have."""
    return frozenset(name for measure in all_measures() for name in measure.plot_names)

"""Every measure there is, found by itself, and what a report shows of them.

A measure is a module of `survey.analysis` that holds ``MEASURE = Measure(…)``; a new one lives in this folder. Nothing
else names it: every outlet asks `all_measures`.
"""

from __future__ import annotations

import logging
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import survey.analysis
from survey.analysis.measures.declared import TABLES_OF_EVERY_REPORT, problems_of, shared_names
from survey.analysis.measures.measure import Asked, Measure
from survey.analysis.measures.showing import Shown, show
from survey.analysis.measures.shown import AnyPlot, Table
from survey.analysis.wording import headline

if TYPE_CHECKING:
    from survey.analysis.reported import Report

LOG = logging.getLogger(__name__)
FOLDER = "survey.analysis.measures."
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Found:
    """The measures whose declarations are right, in the order of the page, and a sentence for every other."""

    measures: tuple[Measure[Any], ...]
    problems: tuple[str, ...]


@cache
def find_measures() -> Found:
    """Return every measure there is; one whose declaration has a problem is left out, and the problem said."""
    declared, problems = _declared()
    good: dict[str, Measure[Any]] = {}
    for file, measure in declared.items():
        wrong = [f"{file}: MEASURE.{said}" for said in problems_of(measure)]
        problems += wrong
        if not wrong:
            good[file] = measure
    twice = shared_names(good)
    problems += [f"{file}: MEASURE.{said}" for file, said in twice.items()]
    kept = (measure for file, measure in good.items() if file not in twice)
    return Found(tuple(sorted(kept, key=lambda measure: measure.order)), tuple(problems))


def _declared() -> tuple[dict[str, Measure[Any]], list[str]]:
    """Every declaration by its file, those beside the folder of measures first; and files that cannot be imported."""
    # Asked for, not found when this module is imported: the modules of measures import this package themselves.
    walked = pkgutil.walk_packages(survey.analysis.__path__, "survey.analysis.", onerror=lambda name: None)
    names = [module.name for module in walked]
    found: dict[int, tuple[str, Measure[Any]]] = {}
    problems = []
    for name in sorted(names, key=lambda name: name.startswith(FOLDER)):
        file = f"{name.replace('.', '/')}.py"
        try:
            measure = getattr(import_module(name), "MEASURE", None)
        except Exception as error:  # one file of a stranger's: the others stand
            LOG.exception("The module %s cannot be imported", name)
            problems.append(f"{file} cannot be imported: {said_of(error)}")
            continue
        if isinstance(measure, Measure):
            found[id(measure)] = (file, measure)  # the last: a package names its module's again
        elif measure is not None:
            problems.append(f"{file}: MEASURE is {measure!r}: write MEASURE = Measure(…).")
    return dict(found.values()), problems


def all_measures() -> tuple[Measure[Any], ...]:
    """Return every measure in the order of the page."""
    return find_measures().measures


REFUSED: Final = "A measure is left out."
FAILED: Final = "failed and is left out"


@dataclass(frozen=True, slots=True)
class Results:
    """Every measure's result by its name, None where the study has nothing of the kind; and what failed, in words."""

    found: dict[str, Any]
    failed: list[str]


def measure_all(asked: Asked, told: Callable[[str], None] = lambda name: None) -> Results:
    """Return every measure's result. One that fails is left out and said; nothing else falls with it.

    `told` is called with the name of every measure before it is computed.
    """
    failed = [f"{REFUSED} {problem}" for problem in find_measures().problems]
    found: dict[str, Any] = {}
    tables = dict.fromkeys(TABLES_OF_EVERY_REPORT, "every report")
    for measure in sorted(all_measures(), key=_is_added):
        told(measure.name)
        try:
            result = measure.measure(asked)
            if result is not None:
                _take_tables(show(measure, result), tables)  # one that cannot be shown has failed as well
        except Exception as error:  # noqa: BLE001 (whatever a stranger's measure raises)
            result = None
            failed.append(say_failed(measure, error))
        found[measure.name] = result
    return Results({measure.name: found[measure.name] for measure in all_measures()}, failed)


def _is_added(measure: Measure[Any]) -> bool:
    """Whether it came in a file of its own beside what was there: then it is the one to take another name."""
    module = getattr(measure.compute, "__module__", "")
    return module.startswith(FOLDER) or not module.startswith("survey.analysis.")


def _take_tables(shown: Shown, taken: dict[str, str]) -> None:
    """Note whose the tables are: two of one name would be one anchor of the page."""
    for name in (table.name for table in shown.tables):
        if name in taken:
            raise ValueError(f"table {name!r} is a table of {taken[name]} too: give each a name of its own.")
        taken[name] = f"the measure {shown.measure.name}"


def say_failed(measure: Measure[Any], error: Exception) -> str:
    """Return the sentence about a measure that failed, and log the error with its traceback.

    The end of a task's time is no fault of the measure: it is raised again.
    """
    if type(error).__name__ == "SoftTimeLimitExceeded":  # Celery's, which these packages do not know
        raise error
    LOG.error("The measure %s failed", measure.name, exc_info=error)
    file = f"{getattr(measure.compute, '__module__', '').replace('.', '/')}.py"
    return f"The measure {measure.name} ({file}) {FAILED}: {said_of(error)}"


def failures_in(notes: Iterable[str]) -> list[str]:
    """Return those of a report's notes that tell of a measure that is left out because it failed."""
    return [note for note in notes if note.startswith(REFUSED) or f") {FAILED}: " in note]


def said_of(error: Exception) -> str:
    """Return an error in one line with its kind.

    >>> said_of(RuntimeError("no  such\\nthing")), said_of(KeyError())
    ('RuntimeError: no such thing.', 'KeyError.')
    """
    text = " ".join(str(error).replace("\0", " ").split())[:LONGEST]
    said = ": ".join(part for part in (type(error).__name__, text) if part)
    return said if said.endswith(".") else f"{said}."


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of one report, as every outlet shows them."""

    report: Report
    shown: tuple[Shown, ...]

    @property
    def found(self) -> tuple[tuple[Measure[Any], Any], ...]:
        """Every measure with its result."""
        return tuple((one.measure, one.result) for one in self.shown)

    @property
    def leading(self) -> Measured:
        """Those that speak in the place of the hit rate: they come before everything else."""
        return replace(self, shown=tuple(one for one in self.shown if one.measure.headline))

    @property
    def others(self) -> Measured:
        """Those that come after what every report has."""
        return replace(self, shown=tuple(one for one in self.shown if not one.measure.headline))

    @property
    def tables(self) -> list[Table]:
        """The tables that have rows."""
        return [table for one in self.shown for table in one.tables]

    @property
    def plots(self) -> list[AnyPlot]:
        """The plots that have rows."""
        return [plot for one in self.shown for plot in one.plots]

    @property
    def paragraphs(self) -> list[str]:
        """What every measure says in words, a paragraph each; a measure without a sentence has none."""
        return [one.paragraph for one in self.shown if one.paragraph]

    @property
    def headline(self) -> str:
        """The finding in one or two sentences: the hit rate's, unless a measure speaks in its place."""
        own = [one.headline for one in self.shown if one.measure.headline]
        return own[0] if own else headline(self.report.accuracy, self.report.cell)


def read_measures(report: Report, plot: str | None = None) -> Measured:
    """Return the measures that a report has; with `plot` only the one that declares a plot of that name."""
    wanted = [measure for measure in all_measures() if plot is None or plot in measure.plot_names]
    shown = []
    for measure in wanted:
        found = report.measures.get(measure.name)
        try:
            shown += [] if found is None else [show(measure, found)]
        except Exception as error:  # noqa: BLE001 (a report of another version; `measure_all` tries its own)
            say_failed(measure, error)
    return Measured(report, tuple(shown))


def plot_names() -> frozenset[str]:
    """Return the names of all plots that measures may have."""
    return frozenset(name for measure in all_measures() for name in measure.plot_names)

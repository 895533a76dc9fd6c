"""What a measure shows, made at one place and looked at: a table, plot or sentence that nobody could draw is a fault.

Every outlet takes what stands here, so that none of them meets a row that is too short or a plot without an axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from survey.analysis.measures.declared import PLOT_NAME
from survey.analysis.measures.measure import Measure
from survey.analysis.measures.shown import (
    STANDINGS,
    AnyPlot,
    CoursePlot,
    Curve,
    LensCue,
    LensPlot,
    Place,
    PlanePlot,
    Plot,
    Row,
    Table,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one measure of a report shows; a table or plot without rows is left out."""

    measure: Measure[Any]
    result: Any
    tables: tuple[Table, ...]
    plots: tuple[AnyPlot, ...]
    paragraph: str
    headline: str


def show(measure: Measure[Any], found: Any) -> Shown:
    """Return what a measure shows of its result.

    Raises
    ------
    ValueError
        Where it is none of what `survey.analysis.measures.shown` has, with the place and what to do; any error of the
        measure's own functions passes as it is.

    Examples
    --------
    >>> from survey.analysis.affect.over_people import OverPeople
    >>> one = Measure("ratio", "how much longer", OverPeople, lambda asked: None)
    >>> show(one, OverPeople(2.0, (1.5, 2.5), participants=3)).paragraph
    'How much longer: 2.000 (95 % interval 1.500 to 2.500).'
    """
    tables = _several("tables", measure.tables_of(found), (Table,))
    plots = _several("plots", measure.plots_of(found), tuple(KINDS_OF_ROWS))
    sentences = _several("sentences", measure.sentences_of(found), (str,))
    headline = measure.headline(found) if measure.headline else ""
    if not isinstance(headline, str):
        raise ValueError(f"headline returned {_kind(headline)}, and should return a text.")
    for fault in (*chain(*map(_faults_of_table, tables)), *chain(*(_faults_of_plot(measure, one) for one in plots))):
        raise ValueError(fault)
    shown = tuple(table for table in tables if table.rows), tuple(plot for plot in plots if len(plot.rows))
    return Shown(measure, found, *shown, " ".join(sentences), headline)


def _several(name: str, given: Any, kinds: tuple[type, ...]) -> list[Any]:
    wanted = " or ".join(kind.__name__ for kind in kinds)
    if isinstance(given, str | Table | AnyPlot) or not isinstance(given, Sequence):
        raise ValueError(f"{name} returned {_kind(given)}, and should return a list of {wanted}.")
    for place, one in enumerate(given):
        if not isinstance(one, kinds):
            raise ValueError(f"{name}[{place}] is {_kind(one)}, and should be {wanted}.")
    return list(given)


def _kind(given: Any) -> str:
    return "None" if given is None else f"a {type(given).__name__}"


def _faults_of_table(table: Table) -> Iterator[str]:
    if not (isinstance(table.name, str) and PLOT_NAME.fullmatch(table.name)):
        yield f"a table has the name {table.name!r}: use small letters, digits, - and _, a letter first."
    where = f"table {table.name!r}"
    if not (isinstance(table.title, str) and table.title and isinstance(table.caption, str)):
        yield f"{where} needs a title and a caption that are texts."
    if not table.header or not all(isinstance(name, str) for name in table.header):
        yield f"{where} needs a header, a list of texts."
    for number, row in enumerate(table.rows):
        if len(row) != len(table.header):
            yield f"{where}, row {number + 1} has {len(row)} cells, and its header has {len(table.header)}."
        for cell in row:
            if not isinstance(cell, str):
                yield f"{where}, row {number + 1} has the cell {cell!r}: write every cell as a text (Unit.write)."
    if not all(isinstance(note, str) for note in table.notes):
        yield f"{where} has a note that is no text."


def _faults_of_plot(measure: Measure[Any], plot: AnyPlot) -> Iterator[str]:
    if plot.name not in measure.plot_names:
        yield f"plots returned {plot.name!r}, which plot_names does not name: it would have no address."
    where = f"plot {plot.name!r}"
    if not all(isinstance(text, str) and text for text in (plot.title, plot.finding)):
        yield f"{where} needs a title and a finding, its alternative text."
    kind, numbers = KINDS_OF_ROWS[type(plot)]
    for place, row in enumerate(plot.rows, start=1):
        if not isinstance(row, kind):
            yield f"{where}, row {place} is {_kind(row)}, and should be a {kind.__name__}."
            return
        if not all(_is_number(number) for number in numbers(row)):
            yield f"{where}, row {place} has something that is no finite number: what is not defined is None."
    if isinstance(plot, Plot) and not (plot.scale.low < plot.scale.high):
        yield f"{where} has an axis from {plot.scale.low} to {plot.scale.high}: it must go up."
    if isinstance(plot, LensPlot):
        yield from (
            f"{where}, cue {cue.name!r} has the standing {cue.standing!r}: one of {', '.join(STANDINGS)}."
            for cue in plot.cues
            if cue.standing not in STANDINGS
        )


def _numbers_of_row(row: Any) -> list[Any]:
    ends = [end for pair in (row.interval, row.second) if pair is not None for end in pair]
    return [number for number in (row.estimate, row.reference, row.n, *ends) if number is not None]


def _numbers_of_place(row: Any) -> list[Any]:
    pairs = [pair for pair in (row.at, row.across, row.up, row.intended) if pair is not None]
    return [*(number for pair in pairs for number in pair), row.n]


def _numbers_of_curve(row: Any) -> list[Any]:
    values = (*row.mean, *row.low, *row.high, *row.n, row.intended)
    return [number for number in values if number is not None]


def _numbers_of_cue(row: Any) -> list[Any]:
    values = (row.sender, *(row.sender_interval or ()), row.listener, *(row.listener_interval or ()))
    return [number for number in values if number is not None]


KINDS_OF_ROWS: dict[type, tuple[type, Callable[[Any], list[Any]]]] = {
    Plot: (Row, _numbers_of_row),
    PlanePlot: (Place, _numbers_of_place),
    CoursePlot: (Curve, _numbers_of_curve),
    LensPlot: (LensCue, _numbers_of_cue),
}
"""What the rows of each kind of plot are, and which numbers they hold."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)

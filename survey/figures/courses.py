"""Courses over the seconds of a clip: a panel for each, a line with its band, all on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from survey.analysis.measures.shown import CoursePlot, Curve
from survey.figures.axes import round_ticks
from survey.figures.drawing import NARROW, Drawing, Label, Line, Mark, Rect, Shape
from survey.figures.figure import Figure, draw_both

HEADER = ("emotion", "second", "people", "mean", "low", "high")
EVERY = 1.0
"""Seconds between the rows of the figure's data; the report has every sample."""
COLUMNS_WIDE, COLUMNS_NARROW = 3, 2
LETTER = 0.6
"""Width of a letter for its size, where the type runs wide."""
MEAN, BEARINGS = "mean, 95 %", "bearings until then"


@dataclass(frozen=True, slots=True)
class Panel:
    """One square of the figure; `last` is the second at its right edge."""

    left: float
    top: float
    width: float
    height: float
    last: float

    def x(self, second: float) -> float:
        """Return the place of a second."""
        return self.left + min(second, self.last) / self.last * self.width

    def y(self, value: float) -> float:
        """Return the place of a rating, −1 to 1."""
        return self.top + (1 - value) / 2 * self.height


def figure_of_courses(plot: CoursePlot) -> Figure:
    """Return a measure's courses as a figure, with a row of data for every second."""
    step = max(1, round(EVERY * plot.hertz))
    rows: list[tuple[Any, ...]] = [
        (curve.label, sample / plot.hertz, curve.n[sample], curve.mean[sample], curve.low[sample], curve.high[sample])
        for curve in plot.rows
        for sample in range(0, len(curve.mean), step)
    ]
    drawings = draw_both(draw_courses, plot)
    return Figure(plot.name, plot.title, *drawings, plot.caption, plot.finding, HEADER, rows)


def draw_courses(plot: CoursePlot, *, narrow: bool = False) -> Drawing:
    """Return the panels, with what each stands for."""
    columns = COLUMNS_NARROW if narrow else COLUMNS_WIDE
    width, size = (NARROW, 11.0) if narrow else (720.0, 12.0)
    edge, gap, head = (30.0, 12.0, 22.0) if narrow else (44.0, 20.0, 26.0)
    side = (width - edge - gap * columns) / columns
    height = side * (0.8 if narrow else 0.68)
    lines = -(-len(plot.rows) // columns)
    drawing = Drawing(width, lines * (height + head) + 46 + 22)
    last = max([1 / plot.hertz, *((len(curve.mean) - 1) / plot.hertz for curve in plot.rows)])
    for place, curve in enumerate(plot.rows):
        row, column = divmod(place, columns)
        panel = Panel(edge + column * (side + gap), row * (height + head) + head, side, height, last)
        is_lowest = place + columns >= len(plot.rows)
        drawing.add(*_frame(panel, curve.label, size, plot.left_out, ticks=column == 0, seconds=is_lowest))
        drawing.add_told(_say(curve), *_curve(curve, panel, plot.hertz))
        if curve.intended is not None:
            y = panel.y(curve.intended)
            drawing.add(Line(panel.left, y, panel.left + panel.width, y, "second", 1.0, dashed=True))
    drawing.add(*_legend(plot, 8.0 if narrow else edge, drawing.height - 10, size, 8.0 if narrow else 24.0))
    drawing.add(Label(edge + (width - edge) / 2, drawing.height - 28, "Seconds of the clip", size + 1, "middle"))
    return drawing


def _frame(panel: Panel, label: str, size: float, left_out: float, *, ticks: bool, seconds: bool) -> Iterator[Mark]:
    bottom = panel.top + panel.height
    yield Rect(panel.left, panel.top, panel.width, panel.height, "surface", "line")
    yield Label(panel.left, panel.top - 6, label, size + 1, bold=True)
    yield Line(panel.left, panel.y(0), panel.left + panel.width, panel.y(0), "line")
    yield Line(panel.x(left_out), panel.top, panel.x(left_out), bottom, "soft", 0.8, dashed=True)
    if ticks:
        for value, written in ((-1.0, "−1"), (0.0, "0"), (1.0, "1")):
            yield Label(panel.left - 6, panel.y(value) + 4, written, size, "end", "soft")
    if seconds:
        for second in round_ticks(panel.last, 3):
            yield Label(panel.x(second), bottom + 15, f"{second:g}", size, "middle", "soft")


def _legend(plot: CoursePlot, x: float, y: float, size: float, gap: float) -> Iterator[Mark]:
    """What line with band, upright and level dashes stand for, in one row below the panels."""
    middle, wide = y - 4, LETTER * size
    yield Shape(((x, middle - 5), (x + 18, middle - 5), (x + 18, middle + 5), (x, middle + 5)), "heat-2")
    yield Line(x, middle, x + 18, middle, "accent", 2.0)
    yield Label(x + 22, y, MEAN, size, "start", "soft")
    x += 22 + wide * len(MEAN) + gap
    yield Line(x, middle - 6, x, middle + 6, "soft", 0.8, dashed=True)
    yield Label(x + 6, y, BEARINGS, size, "start", "soft")
    if any(curve.intended is not None for curve in plot.rows):
        x += 6 + wide * len(BEARINGS) + gap
        yield Line(x, middle, x + 18, middle, "second", 1.0, dashed=True)
        yield Label(x + 22, y, "intended", size, "start", "soft")


def _curve(curve: Curve, panel: Panel, hertz: int) -> Iterator[Mark]:
    """The band below, the line above, in pieces where something is not defined."""
    for samples in _pieces([None not in pair for pair in zip(curve.low, curve.high, strict=True)]):
        upper = [(panel.x(sample / hertz), panel.y(curve.high[sample] or 0.0)) for sample in samples]
        lower = [(panel.x(sample / hertz), panel.y(curve.low[sample] or 0.0)) for sample in samples]
        yield Shape((*upper, *reversed(lower)), "heat-2")
    for samples in _pieces([value is not None for value in curve.mean]):
        points = [(panel.x(sample / hertz), panel.y(curve.mean[sample] or 0.0)) for sample in samples]
        for a, b in pairwise(points):
            yield Line(*a, *b, "accent", 2.0)


def _pieces(there: Sequence[bool]) -> list[list[int]]:
    """Return runs of places where there is something, at least two long.

    >>> _pieces([False, True, True, False, True])
    [[1, 2]]
    """
    runs = [list(run) for is_there, run in groupby(range(len(there)), lambda place: there[place]) if is_there]
    return [run for run in runs if len(run) > 1]


def _say(curve: Curve) -> str:
    """What the line and its band stand for."""
    intended = "" if curve.intended is None else f"; its own coordinate {curve.intended:.2f}".replace("-", "−")
    return f"{curve.label}: {curve.note or 'no mean'}{intended}"

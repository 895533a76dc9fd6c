"""A row of estimates with their intervals on one scale: forest plot, agreement panel, effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.figures.drawing import Dot, Drawing, Label, Line, Mark, Rect, diamond

WIDTH = 720.0
LEFT, RIGHT = 210.0, 110.0
ROW = 34.0
TOP = 22.0


@dataclass(frozen=True, slots=True)
class Row:
    """One estimate. `second` is a further interval, drawn thin below; `summary` draws a diamond."""

    label: str
    estimate: float | None
    interval: tuple[float, float] | None = None
    second: tuple[float, float] | None = None
    note: str = ""
    summary: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis: from…to, where ticks stand and how they are written."""

    low: float
    high: float
    ticks: Sequence[float]
    percent: bool = True

    def x(self, value: float) -> float:
        """Return the place of a value, cut at the ends of the axis."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def write(self, value: float) -> str:
        """Return the value as the axis writes it."""
        return (f"{100 * value:.0f} %" if self.percent else f"{value:.2f}").replace("-", "−")


SHARES = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
COEFFICIENTS = Scale(-0.25, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), percent=False)


def draw_intervals(
    rows: Sequence[Row], scale: Scale, *, reference: float | None = None, reference_label: str = "", axis: str = ""
) -> Drawing:
    """Return one line per row: name, interval, estimate, and its number at the right."""
    height = TOP + ROW * len(rows) + 62
    drawing = Drawing(WIDTH, height)
    bottom = TOP + ROW * len(rows) + 4
    for tick in scale.ticks:
        drawing.add(Line(scale.x(tick), TOP, scale.x(tick), bottom, "line"))
        drawing.add(Label(scale.x(tick), bottom + 18, scale.write(tick), 12, "middle", "soft"))
    if reference is not None:
        x = scale.x(reference)
        drawing.add(Line(x, TOP - 4, x, bottom, "second", 1.5, dashed=True))
        drawing.add(Label(x + 4, TOP - 8, reference_label, 12, "start", "second"))
    for place, row in enumerate(rows):
        drawing.add(*_row(row, scale, TOP + ROW * place + ROW / 2))
    drawing.add(Label((LEFT + WIDTH - RIGHT) / 2, bottom + 42, axis, 13, "middle"))
    return drawing


def _row(row: Row, scale: Scale, y: float) -> list[Mark]:
    marks: list[Mark] = [Label(LEFT - 12, y + 4.5, row.label, 13, "end", bold=row.summary)]
    if row.summary:
        marks.insert(0, Rect(0, y - ROW / 2, WIDTH, ROW, "sunken"))
    if row.estimate is None:
        return [*marks, Label(LEFT + 6, y + 4.5, row.note or "not defined", 12, "start", "soft")]
    if row.second:
        marks += [Line(scale.x(row.second[0]), y + 7, scale.x(row.second[1]), y + 7, "soft", 1.5)]
    if row.interval:
        low, high = (scale.x(end) for end in row.interval)
        marks += [Line(low, y, high, y, "accent", 3), *(Line(x, y - 5, x, y + 5, "accent", 2) for x in (low, high))]
    x = scale.x(row.estimate)
    marks.append(diamond(x, y, 8, "accent") if row.summary else Dot(x, y, 5.5, "accent"))
    marks.append(Label(WIDTH - RIGHT + 14, y + 4.5, row.note or scale.write(row.estimate), 13, "start", "ink"))
    return marks

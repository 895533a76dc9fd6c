"""A row of estimates with their intervals on one scale: forest plot, agreement panel, effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.analysis.measures.shown import Row, Scale
from survey.figures.drawing import NARROW, Dot, Drawing, Label, Line, Mark, Rect, diamond

ROW = 34.0
TOP = 22.0


@dataclass(frozen=True, slots=True)
class Page:
    """Width of the page, of the names at the left and of the numbers at the right; size of the text."""

    width: float
    left: float
    right: float
    text: float

    def x(self, scale: Scale, value: float) -> float:
        """Return the place of a value, cut at the ends of the axis."""
        return self.left + scale.place(value) * (self.width - self.left - self.right)


WIDE = Page(720.0, 210.0, 110.0, 13.0)
SMALL = Page(NARROW, 132.0, 62.0, 12.0)


def draw_intervals(
    rows: Sequence[Row],
    scale: Scale,
    *,
    reference: float | None = None,
    reference_label: str = "",
    axis: str = "",
    narrow: bool = False,
) -> Drawing:
    """Return one line per row: name, interval, estimate, and its number at the right."""
    page = SMALL if narrow else WIDE
    bottom = TOP + ROW * len(rows) + 4
    drawing = Drawing(page.width, bottom + 58)
    for tick in scale.ticks:
        drawing.add(Line(page.x(scale, tick), TOP, page.x(scale, tick), bottom, "line"))
    for tick in scale.ticks[:: 2 if narrow else 1]:
        drawing.add(Label(page.x(scale, tick), bottom + 18, scale.write(tick), page.text - 1, "middle", "soft"))
    if reference is not None:
        x = page.x(scale, reference)
        drawing.add(Line(x, TOP - 4, x, bottom, "second", 1.5, dashed=True))
        drawing.add(Label(x + 4, TOP - 8, reference_label, page.text - 1, "start", "second"))
    elif reference_label:
        first = next((row.reference for row in rows if row.reference is not None), None)
        if first is not None:
            drawing.add(Label(page.x(scale, first), TOP - 8, reference_label, page.text - 1, "middle", "second"))
    for place, row in enumerate(rows):
        drawing.add(*_row(row, scale, page, TOP + ROW * place + ROW / 2))
    centre = page.width / 2 if narrow else (page.left + page.width - page.right) / 2
    drawing.add(Label(centre, bottom + 42, axis, page.text, "middle"))
    return drawing


def _row(row: Row, scale: Scale, page: Page, y: float) -> list[Mark]:
    marks: list[Mark] = [Label(page.left - 10, y + 4.5, row.label, page.text, "end", bold=row.summary)]
    if row.summary:
        marks.insert(0, Rect(0, y - ROW / 2, page.width, ROW, "sunken"))
    if row.estimate is None:
        return [*marks, Label(page.left + 6, y + 4.5, row.note or "not defined", page.text - 1, "start", "soft")]
    if row.second:
        low, high = (page.x(scale, end) for end in row.second)
        marks.append(Line(low, y + 7, high, y + 7, "soft", 1.5))
    if row.reference is not None:
        x = page.x(scale, row.reference)
        marks.append(Line(x, y - ROW / 2 + 3, x, y + ROW / 2 - 3, "second", 2, dashed=True))
    if row.interval:
        low, high = (page.x(scale, end) for end in row.interval)
        marks += [Line(low, y, high, y, "accent", 3), *(Line(x, y - 5, x, y + 5, "accent", 2) for x in (low, high))]
    x = page.x(scale, row.estimate)
    marks.append(diamond(x, y, 8, "accent") if row.summary else Dot(x, y, page.text * 0.42, "accent"))
    note = row.note or scale.write(row.estimate)
    beside = page.width - page.right + 12
    marks.append(Label(beside, y + (4.5 if row.n is None else -1), note, page.text, "start", "ink"))
    if row.n is not None:
        marks.append(Label(beside, y + 12.5, f"n {row.n}", page.text - 1, "start", "soft"))
    return marks

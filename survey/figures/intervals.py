"""A row of estimates with their intervals on one scale: forest plot, agreement panel, effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey.analysis.measures.shown import Row, Scale
from survey.figures.drawing import NARROW, Dot, Drawing, Label, Line, Mark, Rect, Shape, diamond

ROW = 34.0
TOP = 22.0


@dataclass(frozen=True, slots=True)
class Page:
    """Width of the page, of what is left of the axis and of the numbers at the right; size of the text; a row's height.

    `fits` is how many characters of a name there is room for. On a narrow page names stand above their marks.
    """

    width: float
    left: float
    right: float
    text: float
    row: float
    fits: int

    @property
    def above(self) -> float:
        """How far below a row's upper edge the middle of its marks lies beyond half of what a wide row has."""
        return self.row - ROW

    def x(self, scale: Scale, value: float) -> float:
        """Return the place of a value, cut at the ends of the axis."""
        return self.left + scale.place(value) * (self.width - self.left - self.right)


WIDE = Page(720.0, 210.0, 110.0, 13.0, ROW, 25)
SMALL = Page(NARROW, 22.0, 78.0, 12.0, ROW + 18.0, 44)
BEYOND = "Arrow heads: the interval goes on beyond the axis."
"""What a caption says where something is cut."""


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
    bottom = TOP + page.row * len(rows) + 4
    drawing = Drawing(page.width, bottom + 58)
    for tick in scale.ticks:
        drawing.add(Line(page.x(scale, tick), TOP, page.x(scale, tick), bottom, "line"))
    for tick in scale.ticks[:: 2 if narrow else 1]:
        drawing.add(Label(page.x(scale, tick), bottom + 18, scale.write_tick(tick), page.text - 1, "middle", "soft"))
    if reference is not None:
        x = page.x(scale, reference)
        drawing.add(Line(x, TOP - 4, x, bottom, "second", 1.5, dashed=True))
        beside, anchor = (x - 4, "end") if x > page.width / 2 else (x + 4, "start")
        drawing.add(Label(beside, TOP - 8, reference_label, page.text - 1, anchor, "second"))
    own = reference_label if reference is None else ""
    for place, row in enumerate(rows):
        middle = TOP + page.row * place + page.above + ROW / 2
        drawing.add_told(say_row(row, scale, reference_label), *_row(row, scale, page, middle, own))
    centre = page.width / 2 if narrow else (page.left + page.width - page.right) / 2
    drawing.add(Label(centre, bottom + 42, axis, page.text, "middle"))
    return drawing


def say_row(row: Row, scale: Scale, reference_label: str = "") -> str:
    """What a row's marks stand for, for those who point at them.

    >>> say_row(Row("fear", 0.5, (0.4, 0.61), n=96, reference=0.12), Scale(0.0, 1.0, ()), "chance")
    'fear: 50 %, 95 % interval 40 % to 61 %; chance 12 %; 96 answers'
    >>> say_row(Row("awe", None), Scale(0.0, 1.0, ()))
    'awe: not defined'
    """
    if row.estimate is None:
        return f"{row.label}: {row.note or 'not defined'}"
    parts = [f"{row.label}: {scale.write(row.estimate)}"]
    if row.interval:
        parts[0] += f", 95 % interval {scale.write(row.interval[0])} to {scale.write(row.interval[1])}"
    if row.second:
        parts.append(f"thin line {scale.write(row.second[0])} to {scale.write(row.second[1])}")
    if row.reference is not None and reference_label:
        parts.append(f"{reference_label} {scale.write(row.reference)}")
    if row.n is not None:
        parts.append(f"{row.n} answer{'' if row.n == 1 else 's'}")
    return "; ".join(parts)


def is_cut(rows: Sequence[Row], scale: Scale) -> bool:
    """Return whether any estimate or end of an interval lies beyond the axis, where an arrow head is drawn."""
    values = [value for row in rows for value in (row.estimate, *(row.interval or ()), *(row.second or ()))]
    return any(_beyond(value, scale) for value in values if value is not None)


def said_if_cut(rows: Sequence[Row], scale: Scale) -> str:
    """Return what explains arrow heads, where there are any."""
    return f"{BEYOND} " if is_cut(rows, scale) else ""


def _beyond(value: float, scale: Scale) -> int:
    """−1 left of the axis, 1 right of it, else 0."""
    return int(value > scale.high + 1e-9) - int(value < scale.low - 1e-9)


def _row(row: Row, scale: Scale, page: Page, y: float, reference_label: str) -> list[Mark]:
    """Name, chance or the like below it; interval, second interval, reference and estimate; number, n below it."""
    says_reference = bool(reference_label) and row.reference is not None and row.estimate is not None
    said = f"{reference_label} {scale.write(row.reference or 0.0)}" if says_reference else ""
    marks: list[Mark] = list(_names(row, page, y, said))
    if row.summary:
        marks.insert(0, Rect(0, y - ROW / 2 - page.above, page.width, page.row, "sunken"))
    if row.estimate is None:
        return [*marks, Label(page.left + 6, y + 4.5, row.note or "not defined", page.text - 1, "start", "soft")]
    if row.second:
        marks += _span(row.second, scale, page, y + 7, "soft", 1.5)
    if row.reference is not None:
        x = page.x(scale, row.reference)
        marks.append(Line(x, y - ROW / 2 + 3, x, y + ROW / 2 - 3, "second", 2.5))
    if row.interval:
        marks += _span(row.interval, scale, page, y, "accent", 3, cap=5)
    marks.append(_estimate(row, scale, page, y))
    note = row.note or scale.write(row.estimate)
    beside = page.width - page.right + 16
    marks.append(Label(beside, y + (4.5 if row.n is None else -1), note, page.text, "start", "ink"))
    if row.n is not None:
        marks.append(Label(beside, y + 12.5, f"n {row.n}", page.text - 1, "start", "soft"))
    return marks


def _names(row: Row, page: Page, y: float, said: str) -> Iterator[Mark]:
    """The name with what `said` tells of chance: left of the marks, or above them where a page is narrow."""
    if page.above:
        above = y - ROW / 2 - 2
        yield Label(4, above, cut(row.label, page.fits - len(said)), page.text, "start", bold=row.summary)
        if said:
            yield Label(page.width - 4, above, said, page.text - 1, "end", "second")
        return
    beside = page.left - 12
    yield Label(beside, y + (-1 if said else 4.5), cut(row.label, page.fits), page.text, "end", bold=row.summary)
    if said:
        yield Label(beside, y + 12.5, said, page.text - 1, "end", "second")


def cut(label: str, most: int) -> str:
    """Return a name that has room; the marks say it whole to who points at them, and so do the figure's data.

    >>> cut("Yes, I use a hearing aid", 10), cut("No", 10)
    ('Yes, I us…', 'No')
    """
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _span(
    ends: tuple[float, float], scale: Scale, page: Page, y: float, role: str, width: float, cap: float = 0
) -> list[Mark]:
    """A line from end to end; ends have caps, and arrow heads where they lie beyond the axis."""
    low, high = (page.x(scale, end) for end in ends)
    marks: list[Mark] = [Line(low, y, high, y, role, width)]
    for x, end in zip((low, high), ends, strict=True):
        side = _beyond(end, scale)
        if side:
            marks.append(_head(x, y, side, width + 2.5, role))
        elif cap:
            marks.append(Line(x, y - cap, x, y + cap, role, 2))
    return marks


def _head(x: float, y: float, side: int, size: float, role: str) -> Shape:
    """An arrow head whose tip lies just outside the axis."""
    return Shape(((x + side * 1.6 * size, y), (x, y - size), (x, y + size)), role)


def _estimate(row: Row, scale: Scale, page: Page, y: float) -> Mark:
    value = row.estimate or 0.0
    x, side = page.x(scale, value), _beyond(value, scale)
    if side:
        return _head(x, y, side, page.text * 0.55, "accent")
    return diamond(x, y, 8, "accent") if row.summary else Dot(x, y, page.text * 0.42, "accent")

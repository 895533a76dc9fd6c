"""The confusion matrix as a heat map: rows intended, columns chosen, shade by row share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlencode

from survey.figures.drawing import HEAT_STEPS, NARROW, Drawing, Label, Line, Mark, Rect, heat, heat_ink

KEY_HEIGHT, KEY_WIDTH = 48.0, 23.0
"""What the colour key takes below the matrix, and from its left edge in sizes of the text."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Size of the cells and of what is around them; `turn` of the columns' names in degrees."""

    cell: float
    height: float
    left: float
    top: float
    right: float
    text: float
    turn: float


WIDE = Grid(62.0, 38.0, 128.0, 108.0, 56.0, 13.0, 38.0)


def _fit(columns: int) -> Grid:
    """A grid for a phone's screen; with many options its cells are narrow."""
    return Grid((NARROW - 86 - 34) / max(columns, 1), 30.0, 86.0, 104.0, 34.0, 11.0, 60.0)


def draw_heatmap(
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Sequence[Sequence[int]],
    *,
    row_title: str,
    column_title: str,
    intervals: Mapping[tuple[str, str], str] | None = None,
    narrow: bool = False,
) -> Drawing:
    """Return the matrix: percentage of each row in every cell, intended cells framed, n at the right; a colour key.

    `intervals` are what is known of a cell's interval, in words, for pages whose figures answer.
    """
    grid = _fit(len(columns)) if narrow else WIDE
    width, text = grid.left + grid.cell * len(columns) + grid.right, grid.text
    page = max(width, grid.left + KEY_WIDTH * text)
    drawing = Drawing(page, grid.top + grid.height * len(rows) + KEY_HEIGHT)
    drawing.add(Label(grid.left + grid.cell * len(columns) / 2, 18, column_title, text + 1, "middle", bold=True))
    drawing.add(Label(8, grid.top - 10, row_title, text + 1, "start", bold=True))
    drawing.add(Label(width - 4, grid.top - 10, "n", text, "end", "soft"))
    for place, name in enumerate(columns):
        x = grid.left + grid.cell * (place + 0.5) - 4
        drawing.add(Label(x, grid.top - 8, name, text, "start", turn=grid.turn))
    for place, (name, row) in enumerate(zip(rows, counts, strict=True)):
        y = grid.top + grid.height * place
        baseline = y + grid.height / 2 + text * 0.38
        drawing.add(Label(grid.left - 8, baseline, name, text, "end"))
        drawing.add(Label(width - 4, baseline, str(sum(row)), text, "end", "soft"))
        for column, count in enumerate(row):
            said = _say_cell(name, columns[column], count, sum(row), (intervals or {}).get((name, columns[column]), ""))
            key = urlencode({"intended": name, "chosen": columns[column]}) if count else ""
            drawing.add_told(said, *_cell(grid, grid.left + grid.cell * column, y, count, sum(row)), key=key)
    for place, name in enumerate(rows):  # after all cells, so that no neighbour covers a frame
        if name in columns:
            drawing.add(*_frame(grid, list(columns).index(name), place))
    drawing.add(*_key(grid, grid.top + grid.height * len(rows) + 16))
    return drawing


def _say_cell(row: str, column: str, count: int, total: int, interval: str) -> str:
    """What a cell counts, for those who point at it.

    >>> _say_cell("fear", "awe", 5, 12, "")
    'fear → awe: 5 of 12 answers (42 %)'
    """
    if total == 0:
        return f"{row} → {column}: no answers"
    ends = f"; {interval}" if interval else ""
    return f"{row} → {column}: {count} of {total} answer{'' if total == 1 else 's'} ({100 * count / total:.0f} %{ends})"


def _cell(grid: Grid, x: float, y: float, count: int, total: int) -> list[Mark]:
    if total == 0:
        return [Rect(x, y, grid.cell, grid.height, "sunken", "line")]
    share = count / total
    baseline = y + grid.height / 2 + grid.text * 0.38
    number = f"{100 * share:.0f}" if count else "·"
    text = Label(x + grid.cell / 2, baseline, number, grid.text, "middle", heat_ink(share))
    return [Rect(x, y, grid.cell, grid.height, heat(share), "surface"), text]


def _key(grid: Grid, y: float) -> list[Mark]:
    """The steps of the scale from 0 to 100 %, and what a dot stands for."""
    step, high = grid.text * 1.15, grid.text * 1.1
    x, baseline = grid.left, y + grid.text * 0.95
    marks: list[Mark] = [Label(x - 8, baseline, "0 %", grid.text, "end", "soft")]
    marks += [Rect(x + place * step, y, step, high, heat(place / HEAT_STEPS)) for place in range(HEAT_STEPS + 1)]
    end = x + (HEAT_STEPS + 1) * step
    ends = ((end + 6, "100 %"), (end + 4.8 * grid.text, "· nobody"))
    return [*marks, *(Label(place, baseline, said, grid.text, "start", "soft") for place, said in ends)]


def _frame(grid: Grid, column: int, row: int) -> list[Mark]:
    x, y = grid.left + grid.cell * column, grid.top + grid.height * row
    outer = _outline(x, y, x + grid.cell, y + grid.height, "second", 2.2)
    inner = _outline(x + 2, y + 2, x + grid.cell - 2, y + grid.height - 2, "surface", 1.2)  # parts it from dark steps
    return [*inner, *outer]


def _outline(x: float, y: float, right: float, bottom: float, role: str, width: float) -> list[Mark]:
    corners = ((x, y), (right, y), (right, bottom), (x, bottom), (x, y))
    return [Line(*a, *b, role, width) for a, b in pairwise(corners)]

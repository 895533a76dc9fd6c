"""The confusion matrix as a heat map: rows intended, columns chosen, shade by row share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from survey.figures.drawing import NARROW, Drawing, Label, Line, Mark, Rect, heat

READABLE_ON_DARK = 0.45


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
    narrow: bool = False,
) -> Drawing:
    """Return the matrix: percentage of each row in every cell, the intended cell framed, n at the right."""
    grid = _fit(len(columns)) if narrow else WIDE
    width, text = grid.left + grid.cell * len(columns) + grid.right, grid.text
    drawing = Drawing(width, grid.top + grid.height * len(rows) + 16)
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
            drawing.add(*_cell(grid, grid.left + grid.cell * column, y, count, sum(row)))
    for place, name in enumerate(rows):  # after all cells, so that no neighbour covers a frame
        if name in columns:
            drawing.add(*_frame(grid, list(columns).index(name), place))
    return drawing


def _cell(grid: Grid, x: float, y: float, count: int, total: int) -> list[Mark]:
    if total == 0:
        return [Rect(x, y, grid.cell, grid.height, "sunken", "line")]
    share = count / total
    role = "heat-dark" if share >= READABLE_ON_DARK else "heat-light"
    baseline = y + grid.height / 2 + grid.text * 0.38
    text = Label(x + grid.cell / 2, baseline, f"{100 * share:.0f}" if count else "·", grid.text, "middle", role)
    return [Rect(x, y, grid.cell, grid.height, heat(share), "surface"), text]


def _frame(grid: Grid, column: int, row: int) -> list[Mark]:
    x, y = grid.left + grid.cell * column, grid.top + grid.height * row
    right, bottom = x + grid.cell, y + grid.height
    corners = ((x, y), (right, y), (right, bottom), (x, bottom), (x, y))
    return [Line(*a, *b, "second", 2.2) for a, b in pairwise(corners)]

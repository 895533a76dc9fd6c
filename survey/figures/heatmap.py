"""The confusion matrix as a heat map: rows intended, columns chosen, shade by row share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from survey.figures.drawing import Drawing, Label, Line, Mark, Rect, heat

CELL_WIDTH, CELL_HEIGHT = 62.0, 38.0
LEFT, TOP = 128.0, 108.0
RIGHT = 56.0
READABLE_ON_DARK = 0.45


def draw_heatmap(
    rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]], *, row_title: str, column_title: str
) -> Drawing:
    """Return the matrix: percentage of each row in every cell, the intended cell framed, n at the right."""
    width = LEFT + CELL_WIDTH * len(columns) + RIGHT
    drawing = Drawing(width, TOP + CELL_HEIGHT * len(rows) + 16)
    drawing.add(Label(LEFT + CELL_WIDTH * len(columns) / 2, 18, column_title, 14, "middle", bold=True))
    drawing.add(Label(8, TOP - 10, row_title, 14, "start", bold=True))
    drawing.add(Label(width - 8, TOP - 10, "n", 13, "end", "soft"))
    for place, name in enumerate(columns):
        drawing.add(Label(LEFT + CELL_WIDTH * (place + 0.5) - 4, TOP - 8, name, 13, "start", turn=38))
    for place, (name, row) in enumerate(zip(rows, counts, strict=True)):
        y = TOP + CELL_HEIGHT * place
        drawing.add(Label(LEFT - 10, y + 24, name, 13, "end"))
        drawing.add(Label(width - 8, y + 24, str(sum(row)), 13, "end", "soft"))
        for column, count in enumerate(row):
            drawing.add(*_cell(LEFT + CELL_WIDTH * column, y, count, sum(row)))
    for place, name in enumerate(rows):  # after all cells, so that no neighbour covers a frame
        if name in columns:
            drawing.add(*_frame(LEFT + CELL_WIDTH * list(columns).index(name), TOP + CELL_HEIGHT * place))
    return drawing


def _cell(x: float, y: float, count: int, total: int) -> list[Mark]:
    if total == 0:
        return [Rect(x, y, CELL_WIDTH, CELL_HEIGHT, "sunken", "line")]
    share = count / total
    role = "heat-dark" if share >= READABLE_ON_DARK else "heat-light"
    text = Label(x + CELL_WIDTH / 2, y + 24, f"{100 * share:.0f}" if count else "·", 13, "middle", role)
    return [Rect(x, y, CELL_WIDTH, CELL_HEIGHT, heat(share), "surface"), text]


def _frame(x: float, y: float) -> list[Mark]:
    right, bottom = x + CELL_WIDTH, y + CELL_HEIGHT
    corners = ((x, y), (right, y), (right, bottom), (x, bottom), (x, y))
    return [Line(*a, *b, "second", 2.2) for a, b in pairwise(corners)]

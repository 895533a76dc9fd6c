"""The report as PDF: the same blocks laid out on A4 pages with matplotlib."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from survey.analysis.measures.shown import Table
from survey.figures.catalogue import Figure
from survey.figures.document import Block, Heading, Paragraph
from survey.figures.raster import paint

WIDTH, HEIGHT = 595.0, 842.0  # A4 in points
MARGIN = 52.0
INNER = WIDTH - 2 * MARGIN
HEADINGS = {1: 19.0, 2: 14.0, 3: 11.0}
INK, SOFT, LINE = "#1d2126", "#565d66", "#d9d5cb"
CELL_GAP = 7.0


def to_report_pdf(blocks: Iterable[Block], *, title: str) -> bytes:
    """Return the blocks as PDF with selectable text and numbered pages."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    buffer = io.BytesIO()
    with rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}):
        metadata = {"Title": title, "Creator": "MelodyMuse"}
        with PdfPages(buffer, metadata=metadata) as pages:
            layout = _Layout(pages)
            for block, following in pairwise([*blocks, None]):
                layout.place(block, following)
            layout.finish()
    return buffer.getvalue()


class _Layout:
    """A page that fills from top to bottom and turns when it is full."""

    def __init__(self, pages: Any) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas

        self.pages, self.number = pages, 0
        measuring = Canvas(figsize=(1, 1), dpi=72)
        self.renderer = FigureCanvasAgg(measuring).get_renderer()
        self.widths: dict[tuple[str, float, bool], float] = {}
        self._turn()

    def _turn(self) -> None:
        from matplotlib.figure import Figure as Canvas

        self.figure = Canvas(figsize=(WIDTH / 72, HEIGHT / 72), facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        self.axes.set_axis_off()
        self.number += 1
        self.y = MARGIN

    def finish(self) -> None:
        """Write the page with its number."""
        self.write(WIDTH / 2, HEIGHT - MARGIN / 2, str(self.number), 8, colour=SOFT, anchor="center")
        self.pages.savefig(self.figure)

    def room(self, height: float) -> None:
        """Turn the page unless `height` is left."""
        if self.y + height > HEIGHT - MARGIN:
            self.finish()
            self._turn()

    def place(self, block: Block | None, following: Block | None) -> None:
        match block:
            case Heading():
                keep = 70.0 if not isinstance(following, Figure) else 480.0
                self.heading(block.text, HEADINGS[block.level], keep)
            case Paragraph():
                self.text(block.text, 9.5, bold=block.strong)
                self.y += 7
            case Table():
                self.table(block)
            case Figure():
                self.drawing(block)

    def heading(self, text: str, size: float, keep: float = 70.0) -> None:
        self.room(size * 2 + keep)
        self.y += size * 0.8
        self.text(text, size, bold=True)
        self.y += size * 0.4

    def write(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, colour: str = INK, anchor: str = "left"
    ) -> None:
        weight = "bold" if bold else "normal"
        self.axes.text(
            x, y, text.replace("$", r"\$"), fontsize=size, fontweight=weight, color=colour, ha=anchor, va="baseline"
        )

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Width of a text in points."""
        from matplotlib.font_manager import FontProperties

        key = (text, size, bold)
        if key not in self.widths:
            font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
            self.widths[key] = self.renderer.get_text_width_height_descent(text, font, False)[0]
        return self.widths[key]

    def wrap(self, text: str, size: float, width: float, bold: bool = False) -> list[str]:
        lines: list[str] = []
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.width(longer, size, bold) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        return [*lines, line] if line else lines

    def text(self, text: str, size: float, *, bold: bool = False, colour: str = INK) -> None:
        for line in self.wrap(text, size, INNER, bold):
            self.room(size * 1.45)
            self.y += size * 1.45
            self.write(MARGIN, self.y, line, size, bold=bold, colour=colour)

    def drawing(self, figure: Figure) -> None:
        scale = min(INNER / figure.drawing.width, 330 / figure.drawing.height)
        height = figure.drawing.height * scale
        self.room(height + 75)
        self.heading(figure.title, HEADINGS[3], keep=height)
        paint(self.axes, figure.drawing, MARGIN, self.y, scale, points=1.0)
        self.y += height + 4
        self.text(figure.finding, 8.5, bold=True)
        self.text(figure.caption, 8, colour=SOFT)
        self.y += 8

    def table(self, table: Table) -> None:
        if not table.lines:
            return
        self.heading(table.title, HEADINGS[3])
        if table.caption:
            self.text(table.caption, 8, colour=SOFT)
            self.y += 3
        size, widths = self.fit(table)
        self.row([(name, kind) for name, kind in table.columns], widths, size, bold=True)
        for line in table.lines:
            self.row(line, widths, size)
        for note in table.notes:
            self.text(note, 8, colour=SOFT)
        self.y += 8

    def fit(self, table: Table) -> tuple[float, list[float]]:
        """The largest type size at which the columns fit; columns of remarks share what is left."""
        lines = [table.columns, *table.lines]
        kinds = [kind for _, kind in table.columns]
        for size in (8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0):
            widths = [max(self.width(line[i][0], size, True) for line in lines) + CELL_GAP for i in range(len(kinds))]
            remarks = [i for i, kind in enumerate(kinds) if kind == "remark"]
            fixed = sum(width for i, width in enumerate(widths) if i not in remarks)
            left = INNER - fixed
            if not remarks and left >= 0:
                return size, widths
            if remarks and left >= 110 * len(remarks):
                return size, [left / len(remarks) if i in remarks else width for i, width in enumerate(widths)]
        scale = INNER / sum(widths)
        return 5.0, [width * scale for width in widths]

    def row(self, line: list[tuple[str, str]], widths: list[float], size: float, *, bold: bool = False) -> None:
        cells = [
            self.wrap(text, size, width - CELL_GAP + 0.5, bold) or [""]
            for (text, _), width in zip(line, widths, strict=True)
        ]
        height = max(len(cell) for cell in cells) * size * 1.35 + 3
        self.room(height)
        x = MARGIN
        for cell, (_, kind), width in zip(cells, line, widths, strict=True):
            right = kind == "number"
            for place, text in enumerate(cell, start=1):
                y = self.y + place * size * 1.35
                at = x + width - CELL_GAP if right else x
                self.write(at, y, text, size, bold=bold or kind == "head", anchor="right" if right else "left")
            x += width
        self.y += height
        self.axes.plot([MARGIN, WIDTH - MARGIN], [self.y, self.y], color=LINE, lw=0.5)

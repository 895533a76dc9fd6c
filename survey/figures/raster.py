"""A drawing as PNG or PDF, painted with matplotlib from the same marks as the SVG."""

from __future__ import annotations

import io
import logging
from typing import Any

from survey.figures.drawing import Dot, Drawing, Label, Line, Rect, Shape, colour

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every step of embedding a font
UNITS_PER_INCH = 96.0
PNG_DPI = 200
ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def to_png(drawing: Drawing, *, title: str = "") -> bytes:
    """Return the drawing as PNG, 200 dots per inch."""
    return _save(drawing, "png", {"Title": title, "Software": "MelodyMuse"})


def to_pdf(drawing: Drawing, *, title: str = "") -> bytes:
    """Return the drawing as one page of PDF with embedded fonts."""
    return _save(drawing, "pdf", {"Title": title, "Creator": "MelodyMuse", "CreationDate": None})


def _save(drawing: Drawing, kind: str, metadata: dict[str, Any]) -> bytes:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"pdf.fonttype": 42, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(drawing.width / UNITS_PER_INCH, drawing.height / UNITS_PER_INCH), facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, drawing.width), ylim=(drawing.height, 0))
        axes.set_axis_off()
        paint(axes, drawing)
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=PNG_DPI, metadata=metadata)
    return buffer.getvalue()


def paint(
    axes: Any, drawing: Drawing, left: float = 0.0, top: float = 0.0, scale: float = 1.0, points: float = 0.75
) -> None:
    """Paint the marks on matplotlib axes whose y runs down, moved and scaled; a unit is `points` points."""
    from matplotlib import patches
    from matplotlib.lines import Line2D

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * scale, top + y * scale

    for order, mark in enumerate(drawing.marks, start=2):
        match mark:
            case Rect():
                edge = colour(mark.outline) if mark.outline else "none"
                corner = at(mark.x, mark.y)
                size = mark.width * scale, mark.height * scale
                axes.add_patch(patches.Rectangle(corner, *size, fc=colour(mark.fill), ec=edge, lw=0.7, zorder=order))
            case Line():
                (x1, y1), (x2, y2) = at(mark.x1, mark.y1), at(mark.x2, mark.y2)
                style = (0, (4, 3)) if mark.dashed else "-"
                width = mark.width * scale * points
                axes.add_line(Line2D([x1, x2], [y1, y2], color=colour(mark.role), lw=width, ls=style, zorder=order))
            case Shape():
                corners = [at(x, y) for x, y in mark.points]
                axes.add_patch(patches.Polygon(corners, fc=colour(mark.fill), ec="none", zorder=order))
            case Dot():
                axes.add_patch(
                    patches.Circle(
                        at(mark.x, mark.y), mark.radius * scale, fc=colour(mark.fill), ec="none", zorder=order
                    )
                )
            case Label():
                _write(axes, mark, at(mark.x, mark.y), scale * points, order)


def _write(axes: Any, mark: Label, place: tuple[float, float], size: float, order: int) -> None:
    axes.text(
        *place,
        mark.text.replace("$", r"\$"),
        fontsize=mark.size * size * 0.9,  # DejaVu runs wider than the fonts of a system
        ha=ANCHORS[mark.anchor],
        va="baseline",
        color=colour(mark.role),
        fontweight="bold" if mark.bold else "normal",
        rotation=mark.turn,
        rotation_mode="anchor",
        zorder=order,
    )

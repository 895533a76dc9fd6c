"""One figure as a file of its own, PNG or PDF, set from the same marks as the SVG."""

from __future__ import annotations

from typing import Any

from survey.figures.drawing import Drawing
from survey.figures.svg import to_svg
from survey.figures.typesetting import FONT, set_pdf, set_png

POINTS_PER_UNIT = 0.75  # a CSS pixel


def to_png(drawing: Drawing, *, title: str, description: str) -> bytes:
    """Return the drawing as PNG, 200 dots per inch."""
    return set_png("figure.typ", _page(drawing, title, description))


def to_pdf(drawing: Drawing, *, title: str, description: str) -> bytes:
    """Return the drawing as one tagged page of PDF; the description is what screen readers read."""
    return set_pdf("figure.typ", _page(drawing, title, description))


def _page(drawing: Drawing, title: str, description: str) -> dict[str, Any]:
    return {
        "title": title,
        "alt": description,
        "svg": to_svg(drawing, title=title, description=description, font=FONT),
        "width": drawing.width * POINTS_PER_UNIT,
        "height": drawing.height * POINTS_PER_UNIT,
    }

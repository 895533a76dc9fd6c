"""The report as PDF: the same blocks set on A4 pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from survey.analysis.measures.shown import Table
from survey.figures.document import Block, Heading, Paragraph
from survey.figures.drawing import Drawing
from survey.figures.figure import Figure
from survey.figures.svg import to_svg
from survey.figures.typesetting import FONT, POINTS_PER_UNIT, set_pdf

WIDEST, HIGHEST = 487.0, 330.0
"""What a figure may take of an A4 page, in points: the width, and half the height, so that two fit below each other."""


def to_report_pdf(blocks: Iterable[Block], *, title: str) -> bytes:
    """Return the blocks as tagged PDF (PDF/UA-1): outline, language, table heads, figures with their findings in words.

    Where a character has no glyph in any font, the first page names it, and the file does not claim PDF/UA.
    """
    heading, *rest = _written(blocks)

    def noted(missing: str) -> dict[str, Any]:
        said = _block(Paragraph(f"No font has these characters, boxes stand for them: {missing}.", strong=True))
        return {"title": title, "blocks": [heading, said, *rest]}

    return set_pdf("report.typ", {"title": title, "blocks": [heading, *rest]}, noted)


def _written(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """What the layout reads of the blocks; titles of tables and figures are one level below the heading before them."""
    found, level = [], 0
    for block in blocks:
        if isinstance(block, Heading):
            level = block.level
        if not isinstance(block, Table) or block.lines:
            found.append({**_block(block), "level": level if isinstance(block, Heading) else level + 1})
    return found


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text}
        case Paragraph():
            return {"kind": "paragraph", "strong": block.strong, "text": block.text}
        case Table():
            return {
                "kind": "table",
                "title": block.title,
                "caption": block.caption,
                "notes": block.notes,
                "columns": block.columns,
                "lines": [[text for text, _ in line] for line in block.lines],
            }
        case Figure():
            return {
                "kind": "figure",
                "title": block.title,
                "alt": block.finding,
                "caption": block.caption,
                "svg": to_svg(block.drawing, title=block.title, description=block.finding, font=FONT),
                "width": _width(block.drawing),
            }


def _width(drawing: Drawing) -> float:
    """Points that a drawing takes: its own size, or less where the page is narrower or lower."""
    return min(drawing.width * POINTS_PER_UNIT, WIDEST, HIGHEST * drawing.width / drawing.height)

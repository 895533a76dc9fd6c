"""How a score is laid out: for a wide window, for a telephone, for paper. 72 units are the height of a staff."""

from __future__ import annotations

from typing import Any, Final

WIDE, NARROW, PAPER = "wide", "narrow", "paper"
SCREENS: Final = (WIDE, NARROW)
ANSWER_BYTES: Final = 16_000_000
"""The most that the engraving process may write."""
UNREADABLE_EXIT: Final = 3
"""The engraving process finds no music in what it was given."""
MISSING_EXIT: Final = 4
"""It finds no Verovio, or one that does not load."""
ENGRAVING: Final = "1"
"""Part of the name under which drawings are kept: raise it when they change."""
_WIDTHS: Final = {WIDE: 2400, NARROW: 1080, PAPER: 2000}
_PAPER_HEIGHT: Final = 2620
"""What is left of A4 below the title, at the scale of `sheet.typ`: 180 mm are 2000 units."""
_ENDLESS: Final = 60_000


def options_of(layout: str) -> dict[str, Any]:
    """Verovio's options. Ids are drawn from a fixed seed: the same score gives the same drawing."""
    return {
        "adjustPageHeight": True,
        "breaks": "auto",
        "expandNever": True,
        "font": "Leland",
        "footer": "none",
        "header": "none",
        "pageHeight": _PAPER_HEIGHT if layout == PAPER else _ENDLESS,
        "pageMarginBottom": 20,
        "pageMarginLeft": 45,
        "pageMarginRight": 15,
        "pageMarginTop": 20,
        "pageWidth": _WIDTHS[layout],
        "svgRemoveXlink": True,
        "svgViewBox": True,
        "xmlIdSeed": 1,
    }

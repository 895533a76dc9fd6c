"""A score on paper: pages of A4 with a title, set by Typst; notes stay outlines, and words stay text."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

LAYOUT = Path(__file__).parent / "sheet.typ"
FONT_PACKAGES = ("manimgx_fonts", "noto_cjk_sans_otc")


def set_pdf(sheets: list[str], title: str, subtitle: str) -> bytes:
    """Return `sheets` (SVG) as tagged PDF; PDF/UA-1 is promised where every character of the title has a glyph."""
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(files(package)) for package in FONT_PACKAGES],
    )
    inputs = {"document": json.dumps({"title": title, "subtitle": subtitle, "sheets": sheets}, ensure_ascii=False)}
    folder = LAYOUT.parent
    try:
        return bytes(typst.compile(LAYOUT, root=folder, font_paths=fonts, sys_inputs=inputs, pdf_standards=["ua-1"]))
    except typst.TypstError:
        return bytes(typst.compile(LAYOUT, root=folder, font_paths=fonts, sys_inputs=inputs))

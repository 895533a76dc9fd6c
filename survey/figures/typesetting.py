"""Documents set by Typst: tagged PDF after PDF/UA-1, and PNG, from layouts of our own and data that is only data.

What people wrote reaches a layout as strings inside JSON, never as markup; a layout can read no file but its
neighbours in `layouts/`. No subprocess is started, and the interpreter is free for other threads meanwhile.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from survey.figures.drawing import LANGUAGE, Drawing
from survey.figures.svg import to_svg, writable

log = logging.getLogger(__name__)
LAYOUTS = Path(__file__).parent / "layouts"
POINTS_PER_UNIT = 0.75  # a CSS pixel
FONT_PACKAGES = ("manimgx_fonts", "noto_cjk_sans_otc")
FONT = "Noto Sans"
PNG_DPI = 200
REMEMBERED = 10
"""The typesetter keeps what the last ten documents were made of, 30 MB for a report; empty ones push it out."""
_NO_GLYPH = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


def font_families(text: str) -> list[str]:
    """Return the families of a text: Chinese characters are drawn as the language of their neighbours draws them.

    >>> font_families("感情の音楽")[-1], font_families("감정 音樂")[-1], font_families("情感")[-1]
    ('Noto Sans CJK JP', 'Noto Sans CJK KR', 'Noto Sans CJK SC')
    """
    kana = re.search("[\u3040-\u30ff]", text)
    hangul = re.search("[\u1100-\u11ff\uac00-\ud7af]", text)
    return [FONT, f"Noto Sans CJK {'JP' if kana else 'KR' if hangul else 'SC'}"]


@lru_cache(maxsize=2)
def _fonts(of_the_system: bool) -> Any:
    """The fonts of our packages; with those of the machine where ours lack a character."""
    folders = [str(files(package)) for package in FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=of_the_system, include_embedded_fonts=True, font_paths=folders)


def set_pdf(layout: str, data: dict[str, Any], note: Callable[[str], dict[str, Any]] | None = None) -> bytes:
    """Return the layout filled with data as tagged PDF.

    PDF/UA-1 is promised in the file where every character has a glyph, in our fonts or in those of the machine. Where
    one has none the document is made all the same, without that promise, boxes stand for those characters, and `note`
    is asked for the data that name them: it gets "U+0F56 TIBETAN LETTER BA, …".
    """
    for of_the_system in (False, True):
        try:
            return _compile(layout, data, of_the_system, pdf_standards=["ua-1"])
        except typst.TypstError as error:
            why = error
    missing = _without_glyph(why)
    log.warning("A PDF is made without the promise of PDF/UA: %s.", name_characters(missing) or why.message)
    return _compile(layout, note(name_characters(missing)) if missing and note else data, True)


def set_png(layout: str, data: dict[str, Any]) -> bytes:
    """Return the layout filled with data as PNG, 200 dots per inch."""
    return _compile(layout, data, True, format="png", ppi=float(PNG_DPI))


def _compile(layout: str, data: dict[str, Any], of_the_system: bool, **options: Any) -> bytes:
    clean = _clean(data)
    families = font_families(json.dumps(clean, ensure_ascii=False))
    inputs = {"document": json.dumps({**clean, "fonts": families, "language": LANGUAGE}, ensure_ascii=False)}
    fonts = _fonts(of_the_system)
    try:
        made, _ = typst.compile_with_warnings(
            LAYOUTS / layout, root=LAYOUTS, font_paths=fonts, sys_inputs=inputs, **options
        )
    finally:
        for _ in range(REMEMBERED):
            typst.compile(b"", root=LAYOUTS, font_paths=fonts, format="png", ppi=1.0)
    return bytes(made)


def _clean(value: Any) -> Any:
    """The same data with every text such as a document can hold."""
    match value:
        case str():
            return writable(value)
        case dict():
            return {name: _clean(part) for name, part in value.items()}
        case list() | tuple():
            return [_clean(part) for part in value]
    return value


def _without_glyph(error: typst.TypstError) -> tuple[str, ...]:
    """The characters that the typesetter names as those without a glyph, each once."""
    texts = [_ESCAPED.sub(_unescape, text) for text in _NO_GLYPH.findall(error.diagnostic)]
    return tuple(dict.fromkeys("".join(texts)))


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def name_characters(characters: tuple[str, ...]) -> str:
    """Return characters as code points with their names, for a sentence.

    >>> name_characters(("བ",))
    'U+0F56 TIBETAN LETTER BA'
    """
    return ", ".join(f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip() for character in characters)


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

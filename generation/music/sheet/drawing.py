"""Verovio's SVG built anew from a list of what may be in it.

No style sheet, style attribute, embedded font or script is left, so that the drawing may stand within a page whose
policy forbids them; colours are `currentColor`, so that it follows light and dark. Notes and bars are numbered in the
order in which they are drawn (`data-note`, `data-bar`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

SPACE: Final = "{http://www.w3.org/2000/svg}"
SHAPES: Final = {
    "path": ("d", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "transform"),
    "ellipse": ("cx", "cy", "rx", "ry", "stroke-width"),
    "polygon": ("points", "stroke-width", "stroke-linecap", "stroke-linejoin"),
    "polyline": ("points", "stroke-width", "stroke-linecap", "stroke-linejoin", "fill"),
    "rect": ("x", "y", "width", "height", "rx", "stroke-width"),
}
BOLD: Final = frozenset({"ending", "fing", "reh", "tempo"})
ITALIC: Final = frozenset({"dir", "dynam", "mNum"})
TEXT_FONT: Final = "Times, 'Times New Roman', 'Liberation Serif', serif"
PAPER_FONT: Final = "Libertinus Serif"
"""The typesetter brings it along."""
_SMUFL: Final = re.compile("[\ue000-\uf8ff]")
_NUMBERS: Final = re.compile(r"-?\d+(?:\.\d+)?")
_SPACE_WIDTH: Final = 0.12
"""Of a space among music glyphs, in ems: between a note value and its dot."""


class Glyphs(Protocol):
    """The outlines of the music font."""

    def outline(self, character: str) -> str:
        """The path of a glyph, 1000 units to the em, drawn upwards; empty where the font has none."""

    def advance(self, character: str) -> float:
        """How far the next one stands to its right, in ems."""


@dataclass(slots=True)
class Drawing:
    """Pages below each other: what stands within the `svg` element, and how large it is."""

    width: float = 0.0
    height: float = 0.0
    body: str = ""
    notes: list[str] = field(default_factory=list)
    """Verovio's ids of the notes, in the order of `data-note`."""
    bars_of_notes: list[int] = field(default_factory=list)
    """The `data-bar` of each note."""
    staves_of_notes: list[int] = field(default_factory=list)
    """The staff of each note, 0 being the upper one."""
    bars: int = 0


def draw(pages: list[str], prefix: str, glyphs: Glyphs) -> Drawing:
    """One drawing of all `pages`; `prefix` keeps its ids apart from those of other drawings."""
    made = Drawing()
    writer = _Writer(made, prefix, glyphs)
    parts = []
    for page in pages:
        root = ElementTree.fromstring(page)
        inner = root.find(f"{SPACE}svg")
        if inner is None:
            continue
        _, _, width, height = map(float, inner.get("viewBox", "0 0 0 0").split())
        written = "".join(writer.write(inner))
        parts.append(f'<g transform="translate(0 {made.height:g})">{written}</g>' if made.height else written)
        made.width = max(made.width, width)
        made.height += height
        parts.insert(0, writer.define(root))
    made.body = "".join(parts)
    return made


def frame(drawing: Drawing, *, font: str = TEXT_FONT) -> str:
    """The drawing as a file of its own."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width:g} {drawing.height:g}" '
        f'fill="currentColor" font-family={quoteattr(font)}>{drawing.body}</svg>'
    )


@dataclass(slots=True)
class _Writer:
    made: Drawing
    prefix: str
    glyphs: Glyphs
    defined: set[str] = field(default_factory=set)
    staff: int = -1

    def define(self, root: ElementTree.Element) -> str:
        """The outlines of the glyphs that a page uses, each once for all pages."""
        found = []
        for group in root.iterfind(f"{SPACE}defs/{SPACE}g"):
            name = self._glyph(group.get("id", ""))
            outline = group.find(f"{SPACE}path")
            if name and outline is not None and name not in self.defined:
                self.defined.add(name)
                found.append(f'<path id="{name}" transform="scale(1,-1)" d={quoteattr(outline.get("d", ""))}/>')
        return f"<defs>{''.join(found)}</defs>" if found else ""

    def _glyph(self, identifier: str) -> str:
        match = re.match(r"#?([0-9A-F]{4,5})-", identifier)
        return f"{self.prefix}-{match[1]}" if match else ""

    def write(self, element: ElementTree.Element, kind: str = "") -> Iterator[str]:
        for child in element:
            name = child.tag.removeprefix(SPACE)
            if name == "g":
                yield from self._group(child, kind)
            elif name == "use":
                glyph = self._glyph(child.get("href", ""))
                if glyph:
                    yield f'<use href="#{glyph}" transform={quoteattr(child.get("transform", ""))}/>'
            elif name == "text":
                yield self._text(child, kind)
            elif name in SHAPES:
                yield _shape(name, child)

    def _group(self, group: ElementTree.Element, kind: str) -> Iterator[str]:
        words = group.get("class", "").split()
        if "placeholder" in words:
            return
        kind = words[0] if words else kind
        opening = self._open(group, kind)
        inside = "".join(self.write(group, kind))
        if not inside:
            return
        yield f"<g{opening}>{inside}</g>" if opening else inside

    def _open(self, group: ElementTree.Element, kind: str) -> str:
        """The attributes of a group: none where nobody asks for it."""
        if kind == "measure":
            self.staff = -1
            self.made.bars += 1
            return f' class="bar" data-bar="{self.made.bars - 1}"'
        if kind == "staff":
            self.staff += 1
        if kind == "note":
            self.made.notes.append(group.get("id", ""))
            self.made.bars_of_notes.append(max(self.made.bars - 1, 0))
            self.made.staves_of_notes.append(max(self.staff, 0))
            return f' class="note" data-note="{len(self.made.notes) - 1}"'
        if kind == "system":
            return ' class="system"'
        move = group.get("transform")
        return f" transform={quoteattr(move)}" if move else ""

    def _text(self, text: ElementTree.Element, kind: str) -> str:
        """Words as text; glyphs of the music font before them as outlines, because a page may embed no font."""
        x, y = (_number(text.get(name)) for name in ("x", "y"))
        drawn: list[str] = []
        words: list[str] = []
        for run, style in _runs(text, {}):
            size = _number(style.get("font-size"))
            if _SMUFL.search(run):
                for character in run:
                    outline = self.glyphs.outline(character) if _SMUFL.match(character) else ""
                    if outline:
                        place = f"translate({x:g} {y:g}) scale({size / 1000:g} {-size / 1000:g})"
                        drawn.append(f'<path transform="{place}" d={quoteattr(outline)}/>')
                    x += size * (self.glyphs.advance(character) if outline else _SPACE_WIDTH)
            elif run.strip() or words or drawn:
                words.append(f"<tspan{_style(style, kind)}>{_escape(run)}</tspan>")
        if words:
            anchor = text.get("text-anchor")
            anchored = f" text-anchor={quoteattr(anchor)}" if anchor in ("middle", "end") else ""
            drawn.append(f'<text x="{x:g}" y="{y:g}"{anchored} xml:space="preserve">{"".join(words)}</text>')
        return "".join(drawn)


def _shape(name: str, element: ElementTree.Element) -> str:
    kept = [f" {key}={quoteattr(element.get(key, ''))}" for key in SHAPES[name] if element.get(key) is not None]
    stroke = ' stroke="currentColor"' if element.get("stroke-width") else ""
    return f"<{name}{''.join(kept)}{stroke}/>"


def _runs(element: ElementTree.Element, style: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Stretches of text that look alike, with their looks. White space between elements is Verovio's indentation."""
    own = {**style, **{name: value for name, value in element.items() if name.startswith("font-")}}
    if element.text and ("\n" not in element.text or element.text.strip()):
        yield element.text, own
    for child in element:
        yield from _runs(child, own)


def _style(style: Mapping[str, str], kind: str) -> str:
    looks = [f' font-size="{_number(style.get("font-size")):g}"']
    if style.get("font-weight", "bold" if kind in BOLD else "") == "bold":
        looks.append(' font-weight="bold"')
    if style.get("font-style", "italic" if kind in ITALIC else "") == "italic":
        looks.append(' font-style="italic"')
    return "".join(looks)


def _number(text: str | None) -> float:
    match = _NUMBERS.search(text or "")
    return float(match[0]) if match else 0.0


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""The process that engraves one score and ends: `python -m generation.music.sheet.engraver`.

It reads a request as JSON and writes an answer as JSON. It limits itself before it reads a note, because what Verovio
does with a broken score is anybody's guess: a note of a million quarters keeps it busy for minutes.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from contextlib import suppress
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from generation.music.sheet.drawing import PAPER_FONT, Drawing, draw, frame
from generation.music.sheet.layouts import (
    ANSWER_BYTES,
    MISSING_EXIT,
    PAPER,
    SCREENS,
    UNREADABLE_EXIT,
    options_of,
)

CPU_SECONDS = 10
GRACE_SECONDS = 2
"""Between the signal that says "too long" (SIGXCPU) and the one that ends it: were they one, nobody could tell why."""
MEMORY_BYTES = 400_000_000
"""Of addresses, on Linux; macOS does not enforce it. What is used is less: docs/decisions/engraving.md."""
MEI = "{http://www.music-encoding.org/ns/mei}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
ACCIDENTALS = {"s": "♯", "f": "♭", "x": "𝄪", "ss": "𝄪", "ff": "𝄫", "n": ""}


class Unreadable(Exception):
    """Verovio finds no music in it."""


class MusicFont:
    """Leland's outlines as Verovio ships them."""

    def __init__(self) -> None:
        self.folder = Path(str(files("verovio"))) / "data"

    @cached_property
    def _advances(self) -> dict[str, float]:
        glyphs = ElementTree.parse(self.folder / "Leland.xml").getroot()
        return {one.get("c", ""): float(one.get("h-a-x", 0)) / 1000 for one in glyphs.iter("g")}

    def outline(self, character: str) -> str:
        file = self.folder / "Leland" / f"{ord(character):04X}.xml"
        path = ElementTree.parse(file).getroot().find("path") if file.is_file() else None
        return path.get("d", "") if path is not None else ""

    def advance(self, character: str) -> float:
        return self._advances.get(f"{ord(character):04X}", 0.0)


def limit() -> None:
    """Bounds on time, memory and what is written; where the system knows one of them not, the caller's clock stays."""
    import resource

    for kind, soft, hard in (
        (resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + GRACE_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES, ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (soft, hard))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What a request asks for: the drawings for screens, by layout, with their notes; or a PDF."""
    import verovio

    verovio.enableLog(verovio.LOG_WARNING)
    # Verovio reads what is cut off as if it ended there, and something else would come of it than was written.
    try:
        ElementTree.fromstring(request["musicxml"])
    except ElementTree.ParseError:
        raise Unreadable from None
    musicxml = _nameless(request["musicxml"])
    font = MusicFont()
    if request["for"] == PAPER:
        from generation.music.sheet.paper import set_pdf

        _, pages = _lay_out(verovio.toolkit(), musicxml, PAPER)
        sheets = [frame(draw([page], f"p{number}", font), font=PAPER_FONT) for number, page in enumerate(pages)]
        return {"pdf": base64.b64encode(set_pdf(sheets, request["title"], request["subtitle"])).decode()}
    told = {}
    for layout in SCREENS:
        toolkit, pages = _lay_out(verovio.toolkit(), musicxml, layout)
        told[layout] = describe(toolkit, draw(pages, layout, font))
    return told


def _lay_out(toolkit: Any, musicxml: str, layout: str) -> tuple[Any, list[str]]:
    """A toolkit that has read the score, and its pages as SVG."""
    toolkit.setOptions(options_of(layout))
    if not toolkit.loadData(musicxml) or not toolkit.getPageCount():
        raise Unreadable
    return toolkit, [toolkit.renderToSVG(number) for number in range(1, toolkit.getPageCount() + 1)]


def _nameless(musicxml: str) -> str:
    """Without the names of parts: before the staves of one piano they say nothing and take room."""
    return re.sub(r"<part-(name|abbreviation)\b[^<]*</part-\1>", r"<part-\1/>", musicxml)


def describe(toolkit: Any, drawing: Drawing) -> dict[str, Any]:
    """The drawing, what `process.Sheet` says of each note, and the starts and names of the bars."""
    starts: dict[str, float] = {}
    ends: dict[str, float] = {}
    bars = []
    for moment in toolkit.renderToTimemap({"includeMeasures": True}):
        starts |= dict.fromkeys(moment.get("on", ()), moment["qstamp"])
        ends |= dict.fromkeys(moment.get("off", ()), moment["qstamp"])
        if "measureOn" in moment:
            bars.append(moment["qstamp"])
    mei = toolkit.getMEI()
    tied = set(re.findall(r'<tie\b[^>]*\bendid="#([^"]+)"', mei))
    names = _spelling(ElementTree.fromstring(mei))
    notes = []
    for name, bar, staff in zip(drawing.notes, drawing.bars_of_notes, drawing.staves_of_notes, strict=True):
        pitch = toolkit.getMIDIValuesForElement(name).get("pitch", -1)
        start = starts.get(name, 0.0)
        notes.append([start, ends.get(name, start), pitch, name not in tied, bar, staff, names.get(name, "")])
    return {
        "width": drawing.width,
        "height": drawing.height,
        "body": drawing.body,
        "notes": notes,
        "bars": bars,
        "numbers": re.findall(r'<measure\b[^>]*\bn="([^"]*)"', mei),
    }


def _spelling(mei: ElementTree.Element) -> dict[str, str]:
    """What each note is called, by its id: C♯4."""
    called = {}
    for note in mei.iter(f"{MEI}note"):
        inside = note.find(f"{MEI}accid")
        marks = [note, *([inside] if inside is not None else [])]
        signs = [one.get(name) for one in marks for name in ("accid", "accid.ges")]
        sign = next((ACCIDENTALS[one] for one in signs if one in ACCIDENTALS), "")
        called[note.get(XML_ID, "")] = f"{note.get('pname', '').upper()}{sign}{note.get('oct', '')}"
    return called


def main() -> int:
    limit()
    request = json.loads(sys.stdin.buffer.read())
    try:
        told = answer(request)
    except Unreadable:
        return UNREADABLE_EXIT
    except ImportError as error:
        print(error, file=sys.stderr)
        return MISSING_EXIT
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())

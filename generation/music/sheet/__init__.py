"""A score engraved to be looked at: MusicXML becomes drawings and PDF, and its notes get their times in the clip.

Verovio engraves, in a process of its own that ends with the score: no MusicXML, however broken, reaches the caller's
parsers (docs/decisions/engraving.md). music21 is not needed.
"""

from __future__ import annotations

from generation.music.sheet.process import EngravingFailed, Sheet, engrave, engraver_name, print_pdf, slot
from generation.music.sheet.timing import Timing, time_notes
from generation.music.sheet.words import BarInWords, say_bars

__all__ = [
    "BarInWords",
    "EngravingFailed",
    "Sheet",
    "Timing",
    "engrave",
    "engraver_name",
    "print_pdf",
    "say_bars",
    "slot",
    "time_notes",
]

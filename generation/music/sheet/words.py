"""A score in words, bar by bar, for those who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass

from generation.music.sheet.process import Sheet

NOTHING_STRUCK = "nothing is struck"


@dataclass(frozen=True, slots=True)
class BarInWords:
    """One bar: what it is called, and what each staff strikes in it, in order; what sounds together joined by +."""

    number: str
    upper: str
    lower: str


def say_bars(sheet: Sheet) -> list[BarInWords]:
    """Every bar of a score in words."""
    struck: dict[tuple[int, int], dict[float, list[str]]] = {}
    for start, _, _, is_struck, bar, staff, name in sheet.notes:
        if is_struck:
            struck.setdefault((bar, staff), {}).setdefault(start, []).append(name)
    return [
        BarInWords(number, *(_say(struck.get((bar, staff), {})) for staff in (0, 1)))
        for bar, number in enumerate(sheet.numbers)
    ]


def _say(moments: dict[float, list[str]]) -> str:
    return ", ".join(" + ".join(names) for _, names in sorted(moments.items())) or NOTHING_STRUCK

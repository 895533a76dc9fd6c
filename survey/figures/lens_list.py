"""The lens as a list, for a phone's screen: under each cue two bars that go out from the middle, one for each side."""

from __future__ import annotations

from collections.abc import Iterator

from survey.analysis.measures.shown import LensCue, LensPlot
from survey.analysis.wording import decimals
from survey.figures.drawing import NARROW, Drawing, Label, Line, Mark, Rect
from survey.figures.intervals import cut
from survey.figures.lens_parts import (
    BOLD,
    FAINT,
    LETTER,
    MOST_CUES,
    Sides,
    broken,
    in_order,
    is_sure,
    said_of_arcs,
    say_cue,
    say_legend,
    say_rest,
    say_standing,
    sides_of,
    stroke,
    unit_of,
    write_weight,
)

MIDDLE = NARROW / 2
EDGE, NUMBER = 6.0, 44.0
"""Space at both edges, and for a weight beside its bar."""
LONGEST = MIDDLE - EDGE - NUMBER
"""Length of the bar of the largest weight."""
BAR = 10.0
ROW = 58.0
TEXT, SMALL = 12.0, 11.0


def draw_list(plot: LensPlot) -> Drawing:
    """Return the lens for a phone; a bar is as long as its weight is large."""
    unit = unit_of(plot)
    above, below = (broken(said, TEXT, NARROW - 2 * EDGE) for said in said_of_arcs(plot))
    drawing, y = Drawing(NARROW, 0.0), 6.0
    drawing.add(*_said(above, y))
    y += len(above) * (TEXT + 4)
    if above:
        drawing.add(*_bracket(y + 5, y + 13))
        y += 14
    drawing.add(*_heads(plot, y))
    y += 40
    cues = in_order(plot.cues)[:MOST_CUES]
    for place, cue in enumerate(cues):
        drawing.add_told(say_cue(cue, sides_of(plot)), *_cue(cue, y + place * ROW, unit, sides_of(plot)))
    y += len(cues) * ROW
    if rest := say_rest(plot):
        drawing.add(Label(MIDDLE, y + SMALL + 3, rest, SMALL, "middle", "soft"))
        y += SMALL + 8
    if below:
        drawing.add(*_bracket(y + 14, y + 6), *_said(below, y + 16))
        y += 16 + len(below) * (TEXT + 4)
    drawing.add(*_legend(unit, y + 24))
    drawing.height = y + 34
    return drawing


def _said(lines: list[str], y: float) -> Iterator[Mark]:
    for place, text in enumerate(lines):
        yield Label(MIDDLE, y + TEXT + place * (TEXT + 4), text, TEXT, "middle", bold=True)


def _bracket(y: float, ends: float) -> Iterator[Mark]:
    """A line across, bent towards both emotions."""
    left, right = EDGE + 30, NARROW - EDGE - 30
    yield Line(left, y, right, y, "soft", 1.5)
    for x in (left, right):
        yield Line(x, y, x, ends, "soft", 1.5)


def _heads(plot: LensPlot, y: float) -> Iterator[Mark]:
    """The emotion at both ends, and whose weights stand below it."""
    sides = ((EDGE, "start", "intended", plot.sender), (NARROW - EDGE, "end", "chosen", plot.receiver))
    name = cut(plot.emotion, int((MIDDLE - EDGE - 8) / (BOLD * (TEXT + 1))))
    for x, anchor, said, who in sides:
        yield Label(x, y + 14, name, TEXT + 1, anchor, bold=True)
        yield Label(x, y + 29, f"{said} · {who}", SMALL, anchor, "soft")


def _cue(cue: LensCue, y: float, unit: float, names: Sides) -> Iterator[Mark]:
    agrees, disagrees = cue.standing == "agree", cue.standing == "disagree"
    if agrees:
        yield Rect(0, y, NARROW, ROW - 2, "heat-1")
    else:
        yield Line(0, y - 1, NARROW, y - 1, "line")
    if agrees or disagrees:
        yield Line(1.5, y, 1.5, y + ROW - 2, "accent" if agrees else "second", 3.0)
    ink, words = ("heat-low", "heat-low") if agrees else ("ink", "second" if disagrees else "soft")
    standing = say_standing(cue, names)
    room = int((NARROW - 2 * EDGE - 8 - BOLD * SMALL * len(standing)) / (BOLD * TEXT))
    yield Label(EDGE, y + 15, cut(cue.label, room), TEXT, "start", ink, bold=True)
    yield Label(NARROW - EDGE, y + 15, standing, SMALL, "end", words, bold=agrees or disagrees)
    sides = (
        (-1, "start", cue.sender, cue.sender_interval),
        (1, "end", cue.listener, cue.listener_interval),
    )
    middle = y + 29
    for side, anchor, weight, interval in sides:
        sure, edge = is_sure(weight, interval), MIDDLE + side * (MIDDLE - EDGE)
        yield Label(edge, middle + 4, write_weight(weight), TEXT, anchor, ink if sure else "soft", bold=sure)
        if interval:
            yield Label(edge, middle + 20, decimals(interval, 2), SMALL, anchor, "soft")
        if weight is not None:
            end = MIDDLE + side * abs(weight) / unit * LONGEST
            yield stroke((MIDDLE, middle), (end, middle), weight, BAR, sure=sure)
    yield Line(MIDDLE, middle - BAR / 2 - 2, MIDDLE, middle + BAR / 2 + 2, "soft")


def _legend(unit: float, y: float) -> Iterator[Mark]:
    """A bar of each kind, as long as that of the weight it stands for."""
    entries = say_legend(unit, BAR)
    length = 26.0
    widths = [length + 5 + LETTER * SMALL * len(said) for _, said in entries]
    gap = (NARROW - 2 * EDGE - sum(widths)) / (len(entries) - 1)
    x = EDGE
    for (line, said), width in zip(entries, widths, strict=True):
        thick = BAR if line.width > FAINT else FAINT
        yield Line(x, y - 4, x + length, y - 4, line.role, thick, line.dashed)
        yield Label(x + length + 5, y, said, SMALL, "start", "soft")
        x += width + gap

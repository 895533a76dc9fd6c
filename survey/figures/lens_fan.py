"""The lens as a fan: lines from the intended emotion to its cues, one below the other, and on to the chosen emotion."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from survey.analysis.measures.shown import LensCue, LensPlot
from survey.analysis.wording import decimals
from survey.figures.drawing import Drawing, Label, Line, Mark, Rect
from survey.figures.intervals import cut
from survey.figures.lens_parts import (
    BOLD,
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

WIDTH = 720.0
NODE, FAN, NUMBER = 104.0, 90.0, 56.0
"""Widths of an emotion's box, of the lines beside it, and of a weight at each end of a cue's box."""
ROW, GAP = 36.0, 5.0
HIGHEST_NODE, LOWEST_NODE = 190.0, 56.0
MOST = 15.0
"""Width of the line of the largest weight."""
TEXT, SMALL = 13.0, 11.0


@dataclass(frozen=True, slots=True)
class Stack:
    """The cues, one below the other, from `top` on; the boxes of the emotions stand beside their middle."""

    top: float
    cues: int

    @property
    def left(self) -> float:
        """Left edge of the cues' boxes."""
        return NODE + FAN

    @property
    def right(self) -> float:
        """Right edge of the cues' boxes."""
        return WIDTH - self.left

    @property
    def height(self) -> float:
        """Height of all cues, at least that of an emotion's box."""
        return max(self.cues * (ROW + GAP) - GAP, LOWEST_NODE)

    @property
    def node(self) -> tuple[float, float]:
        """Upper and lower edge of an emotion's box."""
        middle, half = self.top + self.height / 2, min(HIGHEST_NODE, self.height) / 2
        return middle - half, middle + half

    def y(self, place: int) -> float:
        """Return the middle of a cue."""
        above = (self.height - (self.cues * (ROW + GAP) - GAP)) / 2
        return self.top + above + place * (ROW + GAP) + ROW / 2

    def y_at_node(self, place: int) -> float:
        """Return where a cue's lines meet the emotions' boxes: in the order of the cues, from edge to edge."""
        top, bottom = self.node
        return top + (bottom - top) * (place + 0.5) / self.cues


def draw_fan(plot: LensPlot) -> Drawing:
    """Return the lens for a page; a line is as wide as its weight is large."""
    cues, unit = in_order(plot.cues)[:MOST_CUES], unit_of(plot)
    above, below = (broken(said, TEXT, WIDTH - 2 * (NODE + 12)) for said in said_of_arcs(plot))
    stack = Stack(len(above) * (TEXT + 4) + (38.0 if above else 24.0), len(cues))
    drawing = Drawing(WIDTH, 0.0)
    drawing.add(*_heads(stack, sides_of(plot)))
    for place, cue in enumerate(cues):
        drawing.add_told(say_cue(cue, sides_of(plot)), *_cue(cue, place, stack, unit, sides_of(plot)))
    drawing.add(*_nodes(stack, plot.emotion))
    drawing.add(*_said(above, TEXT + 3), *(_arc(stack, stack.top - 22, -1) if above else ()))
    bottom = stack.top + stack.height
    if rest := say_rest(plot):
        bottom += SMALL + 7
        drawing.add(Label(WIDTH / 2, bottom - 2, rest, SMALL, "middle", "soft"))
    if below:
        bottom += 14
        drawing.add(*_arc(stack, bottom, 1), *_said(below, bottom + TEXT + 4))
        bottom += len(below) * (TEXT + 4)
    drawing.add(*_legend(unit, bottom + 26))
    drawing.height = bottom + 38
    return drawing


def _heads(stack: Stack, sides: Sides) -> Iterator[Mark]:
    """Whose weights stand at which end of the cues."""
    y = stack.top - 6
    yield Label(stack.left + 8, y, sides[0], SMALL, "start", "soft")
    yield Label(WIDTH / 2, y, "Cues", SMALL, "middle", "soft")
    yield Label(stack.right - 8, y, sides[1], SMALL, "end", "soft")


def _cue(cue: LensCue, place: int, stack: Stack, unit: float, sides: Sides) -> Iterator[Mark]:
    y, beside = stack.y(place), stack.y_at_node(place)
    if cue.sender is not None:
        sure, width = is_sure(cue.sender, cue.sender_interval), abs(cue.sender) / unit * MOST
        yield stroke((NODE, beside), (stack.left, y), cue.sender, width, sure=sure)
    if cue.listener is not None:
        sure, width = is_sure(cue.listener, cue.listener_interval), abs(cue.listener) / unit * MOST
        yield stroke((stack.right, y), (WIDTH - NODE, beside), cue.listener, width, sure=sure)
    agrees, disagrees = cue.standing == "agree", cue.standing == "disagree"
    fill, ink = ("heat-1", "heat-low") if agrees else ("surface", "second" if disagrees else "soft")
    yield Rect(stack.left, y - ROW / 2, stack.right - stack.left, ROW, fill, "line")
    if agrees or disagrees:
        yield from _frame(stack, y, "accent" if agrees else "second")
    room = int((stack.right - stack.left - 2 * NUMBER) / (BOLD * TEXT))
    yield Label(WIDTH / 2, y - 2, cut(cue.label, room), TEXT, "middle", "heat-low" if agrees else "ink", bold=True)
    yield Label(WIDTH / 2, y + 12, say_standing(cue, sides), SMALL, "middle", ink, bold=agrees or disagrees)
    ends = (
        (stack.left + 8, "start", cue.sender, cue.sender_interval),
        (stack.right - 8, "end", cue.listener, cue.listener_interval),
    )
    for x, anchor, weight, interval in ends:
        sure = is_sure(weight, interval)
        role = ("heat-low" if agrees else "ink") if sure else "soft"
        yield Label(x, y + (-2 if interval else 4.5), write_weight(weight), TEXT, anchor, role, bold=sure)
        if interval:
            yield Label(x, y + 12, decimals(interval, 2), SMALL, anchor, "soft")


def _frame(stack: Stack, y: float, role: str) -> Iterator[Mark]:
    left, right, top, bottom = stack.left, stack.right, y - ROW / 2, y + ROW / 2
    for a, b in pairwise(((left, top), (right, top), (right, bottom), (left, bottom), (left, top))):
        yield Line(*a, *b, role, 2.0)


def _nodes(stack: Stack, emotion: str) -> Iterator[Mark]:
    """The emotion at both ends: as intended, as chosen."""
    top, bottom = stack.node
    middle = (top + bottom) / 2
    for left, said in ((0.0, "intended"), (WIDTH - NODE, "chosen")):
        yield Rect(left + 1, top, NODE - 2, bottom - top, "sunken", "line")
        name = cut(emotion, int((NODE - 8) / (BOLD * TEXT)))
        yield Label(left + NODE / 2, middle - 2, name, TEXT, "middle", bold=True)
        yield Label(left + NODE / 2, middle + 14, said, SMALL, "middle", "soft")


def _arc(stack: Stack, y: float, side: int) -> Iterator[Mark]:
    """From emotion to emotion at height `y` above (−1) or below (1) all cues: quarters of ellipses, and a line."""
    start = stack.node[0] if side < 0 else stack.node[1]
    across, steps = FAN + NODE / 2 - 12, 24
    turns = [math.pi / 2 * step / steps for step in range(steps + 1)]
    quarter = [(NODE / 2 + across * (1 - math.cos(turn)), start + (y - start) * math.sin(turn)) for turn in turns]
    points = [*quarter, *((WIDTH - x, height) for x, height in reversed(quarter))]
    for a, b in pairwise(points):
        yield Line(*a, *b, "soft", 1.5)


def _said(lines: list[str], y: float) -> Iterator[Mark]:
    for place, text in enumerate(lines):
        yield Label(WIDTH / 2, y + place * (TEXT + 4), text, TEXT, "middle", bold=True)


def _legend(unit: float, y: float) -> Iterator[Mark]:
    """A line of each kind, in the middle of the page."""
    entries = say_legend(unit, MOST)
    widths = [26 + 6 + LETTER * SMALL * len(said) for _, said in entries]
    x = (WIDTH - sum(widths) - 28 * (len(entries) - 1)) / 2
    for (line, said), width in zip(entries, widths, strict=True):
        yield Line(x, y - 4, x + 26, y - 4, line.role, line.width, line.dashed)
        yield Label(x + 32, y, said, SMALL, "start", "soft")
        x += width + 28

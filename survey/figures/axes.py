"""A frame with round ticks for curves of a half-width, or another share, over a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from survey.figures.drawing import NARROW, Drawing, Label, Line, Mark, Rect

LABEL_GAP = 15.0


def round_ticks(most: float, about: int = 4) -> list[float]:
    """Return 0 and the multiples of 1, 2, 2.5 or 5 × a power of ten up to `most`, about `about` of them.

    >>> round_ticks(17.8), round_ticks(1420), round_ticks(0.7)
    ([0.0, 5.0, 10.0, 15.0], [0.0, 500.0, 1000.0], [0.0, 0.2, 0.4, 0.6])
    """
    raw = most / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * min((1, 2, 2.5, 5, 10), key=lambda factor: abs(math.log(factor * power / raw)))
    return [round(step * place, 10) for place in range(int(most / step + 1e-9) + 1)]


@dataclass(frozen=True, slots=True)
class Axes:
    """The frame: n from 0 to `last` to the right, half-widths (shares) from 0 to `most` upwards.

    `beside` says what is drawn upwards; `sign` stands before its ticks.
    """

    last: float
    most: float
    narrow: bool = False
    beside: str = "Half-width in points"
    sign: str = "± "

    @property
    def width(self) -> float:
        """Width of the page."""
        return NARROW if self.narrow else 720.0

    @property
    def height(self) -> float:
        """Height of the page."""
        return 270.0 if self.narrow else 370.0

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge of the frame."""
        if self.narrow:
            return 46.0, 14.0, self.width - 76, self.height - 50
        return 70.0, 20.0, self.width - 130, self.height - 60

    def place(self, n: float, value: float) -> tuple[float, float]:
        """Return where a point lies."""
        left, top, right, bottom = self.edges
        return left + n / self.last * (right - left), bottom - min(value, self.most) / self.most * (bottom - top)

    def line(self, points: Sequence[tuple[float, float]], role: str) -> list[Mark]:
        """Return the lines from point to point."""
        return [Line(*a, *b, role, 2) for a, b in pairwise(points)]

    def draw(self, below: str) -> Drawing:
        """Return a page with the frame, its ticks, and what they count."""
        drawing = Drawing(self.width, self.height)
        left, top, right, bottom = self.edges
        size = 11 if self.narrow else 12
        drawing.add(Rect(left, top, right - left, bottom - top, "surface", "line"))
        for points in round_ticks(100 * self.most):
            y = self.place(0, points / 100)[1]
            drawing.add(
                Line(left, y, right, y, "line"), Label(left - 6, y + 4, f"{self.sign}{points:g}", size, "end", "soft")
            )
        for n in round_ticks(self.last, 3 if self.narrow else 5):
            drawing.add(Label(self.place(n, 0)[0], bottom + 18, f"{n:,.0f}", size, "middle", "soft"))
        drawing.add(Label((left + right) / 2, self.height - 10, below, size + 1, "middle"))
        turned = 10 if self.narrow else 16
        drawing.add(Label(turned, (top + bottom) / 2, self.beside, size + 1, "middle", turn=90))
        return drawing


def keep_apart(heights: Sequence[float], gap: float = LABEL_GAP) -> list[float]:
    """Return the heights moved down as little as needed, so that labels do not touch; the order stays.

    >>> keep_apart([10.0, 12.0, 40.0])
    [10.0, 25.0, 40.0]
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    moved, least = list(heights), -math.inf
    for place in order:
        moved[place] = max(heights[place], least)
        least = moved[place] + gap
    return moved

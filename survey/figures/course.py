"""How wide the intervals were as answers came in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from survey.figures.drawing import Drawing, Label, Line, Rect, diamond, square

WIDTH, HEIGHT = 720.0, 360.0
LEFT, TOP, RIGHT, BOTTOM = 70.0, 20.0, 150.0, 60.0
SERIES = (("participants", "these clips", "soft"), ("participants_stimuli", "new clips", "accent"))


def draw_course(points: Sequence[dict[str, Any]]) -> Drawing:
    """Return half-widths over the number of answers, one line per claim."""
    drawing = Drawing(WIDTH, HEIGHT)
    known = [point[name] for point in points for name, *_ in SERIES if point[name] is not None]
    most = max([0.05, *known])
    last = max([1, *(point["n"] for point in points)])

    def place(n: float, value: float) -> tuple[float, float]:
        return (
            LEFT + n / last * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM),
        )

    drawing.add(Rect(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, "surface", "line"))
    for step in range(5):
        value = most * step / 4
        y = place(0, value)[1]
        drawing.add(
            Line(LEFT, y, WIDTH - RIGHT, y, "line"), Label(LEFT - 8, y + 4, f"± {100 * value:.0f}", 12, "end", "soft")
        )
        n = last * step / 4
        drawing.add(Label(place(n, 0)[0], HEIGHT - BOTTOM + 20, f"{n:.0f}", 12, "middle", "soft"))
    for name, label, role in SERIES:
        line = [place(point["n"], point[name]) for point in points if point[name] is not None]
        drawing.add(*(Line(*a, *b, role, 2) for a, b in pairwise(line)))
        marker = diamond if role == "accent" else square
        drawing.add(*(marker(x, y, 4.5, role) for x, y in line))
        if line:
            drawing.add(Label(line[-1][0] + 10, line[-1][1] + 4, label, 13, "start", role))
    drawing.add(Label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "Answers", 13, "middle"))
    drawing.add(Label(18, (TOP + HEIGHT - BOTTOM) / 2, "Half-width in points", 13, "middle", turn=90))
    return drawing

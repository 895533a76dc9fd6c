"""The curve of a plan: half-width over people, one line per number of clips."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from survey.figures.drawing import Drawing, Label, Line, Rect, diamond

WIDTH, HEIGHT = 720.0, 380.0
LEFT, TOP, RIGHT, BOTTOM = 70.0, 20.0, 120.0, 60.0


def draw_plan(
    clips: Sequence[int], people: Sequence[int], widths: Sequence[Sequence[float]], chosen: tuple[int, float]
) -> Drawing:
    """Return the curves; `chosen` is the plan's number of people and its half-width, marked by a diamond."""
    drawing = Drawing(WIDTH, HEIGHT)
    most = max(0.05, *(width for row in widths for width in row if width < 1), chosen[1])
    last = max(*people, chosen[0])

    def place(n: float, width: float) -> tuple[float, float]:
        x = LEFT + n / last * (WIDTH - LEFT - RIGHT)
        return x, HEIGHT - BOTTOM - min(width, most) / most * (HEIGHT - TOP - BOTTOM)

    drawing.add(Rect(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, "surface", "line"))
    for step in range(5):
        y = place(0, most * step / 4)[1]
        drawing.add(Line(LEFT, y, WIDTH - RIGHT, y, "line"))
        drawing.add(Label(LEFT - 8, y + 4, f"± {100 * most * step / 4:.0f}", 12, "end", "soft"))
        drawing.add(
            Label(place(last * step / 4, 0)[0], HEIGHT - BOTTOM + 20, f"{last * step / 4:.0f}", 12, "middle", "soft")
        )
    for count, row in zip(clips, widths, strict=True):
        line = [place(n, width) for n, width in zip(people, row, strict=True) if width <= most]
        drawing.add(*(Line(*a, *b, "accent", 1.8) for a, b in pairwise(line)))
        if line:
            drawing.add(Label(line[-1][0] + 8, line[-1][1] + 4, f"{count} clips", 12, "start", "soft"))
    drawing.add(diamond(*place(*chosen), 8, "second"))
    drawing.add(Label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "People analysed", 13, "middle"))
    drawing.add(Label(18, (TOP + HEIGHT - BOTTOM) / 2, "Half-width in points", 13, "middle", turn=90))
    return drawing

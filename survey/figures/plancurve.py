"""The curve of a plan: half-width or power over people, one line per number of clips."""

from __future__ import annotations

from collections.abc import Sequence

from survey.figures.axes import Axes, keep_apart
from survey.figures.drawing import Drawing, Label, diamond


def draw_plan(
    clips: Sequence[int],
    people: Sequence[int],
    widths: Sequence[Sequence[float]],
    chosen: tuple[int, float],
    *,
    narrow: bool = False,
    power: bool = False,
) -> Drawing:
    """Return the curves; `chosen` is the plan's number of people and its half-width or power, marked by a diamond."""
    most = 1.0 if power else max(0.05, *(width for row in widths for width in row if width < 1), chosen[1])
    axes = Axes(max(*people, chosen[0]), most, narrow, *(("Power in %", "") if power else ()))
    drawing = axes.draw("People analysed")
    ends = []
    for count, row in zip(clips, widths, strict=True):
        line = [axes.place(n, width) for n, width in zip(people, row, strict=True) if width <= most]
        drawing.add(*axes.line(line, "accent"))
        if line:
            ends.append((*line[-1], f"{count} clips"))
    for (x, _, label), y in zip(ends, keep_apart([end[1] for end in ends], 13), strict=True):
        drawing.add(Label(x + 8, y + 4, label, 11 if narrow else 12, "start", "soft"))
    drawing.add(diamond(*axes.place(*chosen), 8, "second"))
    return drawing

"""How wide the intervals were as answers came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from survey.analysis.reported import WidthPart
from survey.figures.axes import Axes, keep_apart
from survey.figures.drawing import Drawing, Label, diamond, square

SERIES: tuple[tuple[Callable[[WidthPart], float | None], str, str], ...] = (
    (lambda point: point.participants, "these clips", "soft"),
    (lambda point: point.participants_stimuli, "new clips", "accent"),
)


def draw_course(points: Sequence[WidthPart], *, narrow: bool = False) -> Drawing:
    """Return half-widths over the number of answers, one line per claim."""
    known = [half for point in points for half_of, *_ in SERIES if (half := half_of(point)) is not None]
    axes = Axes(max([1, *(point.n for point in points)]), max([0.05, *known]), narrow)
    drawing = axes.draw("Answers")
    ends = []
    for half_of, label, role in SERIES:
        line = [axes.place(point.n, half) for point in points if (half := half_of(point)) is not None]
        marker = diamond if role == "accent" else square
        drawing.add(*axes.line(line, role), *(marker(x, y, 3.5 if narrow else 4.5, role) for x, y in line))
        if line:
            ends.append((*line[-1], label, role))
    for (x, _, label, role), y in zip(ends, keep_apart([end[1] for end in ends]), strict=True):
        drawing.add(Label(x + 9, y + 4, label, 11 if narrow else 13, "start", role))
    return drawing

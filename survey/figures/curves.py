"""Curves over numbers of people or answers: what a plan promises, and how wide intervals were as answers came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from survey.analysis.reported import WidthPart
from survey.figures.axes import Axes, keep_apart
from survey.figures.drawing import Drawing, Label, diamond, square

ROLES = ("accent", "soft", "ink")
"""Colours of lines in turn; each has its label in the same."""
SAME = 0.002
"""Lines nowhere farther apart than this, in share, are drawn as one line with both numbers."""
SERIES: tuple[tuple[Callable[[WidthPart], float | None], str, str], ...] = (
    (lambda point: point.participants, "these clips", "soft"),
    (lambda point: point.participants_stimuli, "new clips", "accent"),
)


def _joined(clips: Sequence[int], widths: Sequence[Sequence[float]]) -> list[tuple[list[int], Sequence[float]]]:
    """Numbers of clips with the line that they share."""
    found: list[tuple[list[int], Sequence[float]]] = []
    for count, row in zip(clips, widths, strict=True):
        if found and all(abs(a - b) <= SAME for a, b in zip(found[-1][1], row, strict=True)):
            found[-1][0].append(count)
        else:
            found.append(([count], row))
    return found


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
    for place, (counts, row) in enumerate(_joined(clips, widths)):
        line = [axes.place(n, width) for n, width in zip(people, row, strict=True) if width <= most]
        role = ROLES[place % len(ROLES)]
        drawing.add(*axes.line(line, role))
        if line:
            ends.append((*line[-1], f"{', '.join(map(str, counts))} clips", role))
    for (x, _, label, role), y in zip(ends, keep_apart([end[1] for end in ends], 13), strict=True):
        drawing.add(Label(x + 8, y + 4, label, 11 if narrow else 12, "start", role))
    drawing.add(diamond(*axes.place(*chosen), 8, "second"))
    return drawing


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

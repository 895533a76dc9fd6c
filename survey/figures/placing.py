"""Where the name of a point goes: beside it, off everything else on the page."""

from __future__ import annotations

from collections.abc import Sequence

from survey.figures.drawing import Label

LETTER = 0.56
"""Mean width of a letter as a share of the type size."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Segment = tuple[float, float, float, float]
"""From x, y to x, y."""


def box_of(label: Label) -> Box:
    """Return about what a label covers.

    >>> [round(end, 2) for end in box_of(Label(100.0, 50.0, "awe", 10.0, "end"))]
    [83.2, 42.5, 100.0, 52.0]
    """
    width = LETTER * label.size * len(label.text)
    left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    return left, label.y - 0.75 * label.size, left + width, label.y + 0.2 * label.size


def name_point(
    x: float, y: float, text: str, size: float, *, frame: Box, boxes: Sequence[Box], lines: Sequence[Segment]
) -> Label:
    """Return the name of a point where it covers least: inside the frame, off other names and dots, off lines.

    Of places as good as each other the first wins: to the right, to the left, above, below, then between them.

    Examples
    --------
    >>> name_point(50, 50, "awe", 10, frame=(0, 0, 100, 100), boxes=[], lines=[]).anchor
    'start'
    >>> name_point(95, 50, "awe", 10, frame=(0, 0, 100, 100), boxes=[], lines=[]).anchor
    'end'
    """
    beside, middle, above, below = 0.7 * size, y + 0.35 * size, y - 0.65 * size, y + 1.35 * size
    places = (
        *((x + beside, middle, "start"), (x - beside, middle, "end"), (x, above, "middle"), (x, below, "middle")),
        *((x + beside, above, "start"), (x - beside, above, "end")),
        *((x + beside, below, "start"), (x - beside, below, "end")),
    )
    labels = [Label(across, down, text, size, anchor) for across, down, anchor in places]
    return min(labels, key=lambda label: _cost(box_of(label), frame, boxes, lines))


def _cost(box: Box, frame: Box, boxes: Sequence[Box], lines: Sequence[Segment]) -> float:
    """How bad a place is: beyond the frame, over a name or a dot, over a line."""
    over = max(0.0, frame[0] - box[0], frame[1] - box[1], box[2] - frame[2], box[3] - frame[3])
    covered = sum(_overlap(box, other) for other in boxes)
    return 1e6 * over + 1e3 * covered + sum(_crosses(box, line) for line in lines)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _crosses(box: Box, line: Segment, steps: int = 60) -> bool:
    """Whether a line runs through a box, by points along it."""
    x1, y1, x2, y2 = line
    parts = (place / steps for place in range(steps + 1))
    return any(box[0] < x1 + part * (x2 - x1) < box[2] and box[1] < y1 + part * (y2 - y1) < box[3] for part in parts)

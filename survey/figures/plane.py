"""The valence–arousal map: where an emotion was meant to lie, and where listeners put it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from survey.figures.drawing import NARROW, Dot, Drawing, Label, Line, Rect, arrow

LETTER = 0.29
"""About half the width of a letter, as a share of the type size."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The square of −1…1 × −1…1 on the page."""

    size: float
    left: float
    top: float
    text: float

    def x(self, valence: float) -> float:
        """Return the place of a valence."""
        return self.left + (valence + 1) / 2 * self.size

    def y(self, arousal: float) -> float:
        """Return the place of an arousal."""
        return self.top + (1 - arousal) / 2 * self.size


WIDE = Plane(480.0, 70.0, 24.0, 13.0)
SMALL = Plane(NARROW - 62, 54.0, 14.0, 12.0)


def draw_plane(points: Sequence[dict[str, Any]], *, narrow: bool = False) -> Drawing:
    """Return the plane with an arrow per emotion from intended to mean perceived."""
    plane = SMALL if narrow else WIDE
    drawing = Drawing(NARROW if narrow else plane.left + plane.size + 120, plane.top + plane.size + 56)
    _draw_axes(drawing, plane)
    for point in points:
        x, y = plane.x(point["at"][0]), plane.y(point["at"][1])
        if point["perceived"] is not None:
            drawing.add(*arrow(x, y, plane.x(point["perceived"][0]), plane.y(point["perceived"][1]), "second"))
        drawing.add(Dot(x, y, plane.text * 0.42, "accent" if point["perceived"] is not None else "line"))
    for point in points:  # after all arrows
        drawing.add(_name(drawing, plane, point, narrow))
    return drawing


def _draw_axes(drawing: Drawing, plane: Plane) -> None:
    size, left, top, small = plane.size, plane.left, plane.top, plane.text - 1
    drawing.add(Rect(left, top, size, size, "surface", "line"))
    drawing.add(
        Line(plane.x(0), top, plane.x(0), top + size, "line"), Line(left, plane.y(0), left + size, plane.y(0), "line")
    )
    for value in (-1.0, -0.5, 0.0, 0.5, 1.0):
        written = f"{value:g}".replace("-", "−")
        drawing.add(Label(plane.x(value), top + size + 18, written, small, "middle", "soft"))
        drawing.add(Label(left - 6, plane.y(value) + 4, written, small, "end", "soft"))
    drawing.add(Label(plane.x(0), top + size + 44, "Valence: unpleasant → pleasant", plane.text, "middle"))
    drawing.add(Label(plane.text, plane.y(0), "Arousal: calm → excited", plane.text, "middle", turn=90))


def _name(drawing: Drawing, plane: Plane, point: dict[str, Any], narrow: bool) -> Label:
    """Beside the dot; on a narrow page above or below it, away from its arrow, within the page."""
    x, y, text = plane.x(point["at"][0]), plane.y(point["at"][1]), point["intended"]
    if narrow:
        half = LETTER * plane.text * len(text)
        rises = point["perceived"] is not None and point["perceived"][1] > point["at"][1]
        x = min(max(x, plane.left + half), drawing.width - half)
        return Label(x, y + (plane.text + 6 if rises else -8), text, plane.text, "middle")
    left = point["at"][0] < 0
    return Label(x + (-9 if left else 9), y - 8, text, plane.text, "end" if left else "start")

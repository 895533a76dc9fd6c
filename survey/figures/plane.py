"""The valence–arousal map: where an emotion was meant to lie, and where listeners put it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from survey.figures.drawing import Dot, Drawing, Label, Line, Rect, arrow

SIZE, LEFT, TOP = 480.0, 70.0, 24.0


def _x(valence: float) -> float:
    return LEFT + (valence + 1) / 2 * SIZE


def _y(arousal: float) -> float:
    return TOP + (1 - arousal) / 2 * SIZE


def draw_plane(points: Sequence[dict[str, Any]]) -> Drawing:
    """Return the plane with an arrow per emotion from intended to mean perceived."""
    drawing = Drawing(LEFT + SIZE + 120, TOP + SIZE + 64)
    drawing.add(Rect(LEFT, TOP, SIZE, SIZE, "surface", "line"))
    drawing.add(Line(_x(0), TOP, _x(0), TOP + SIZE, "line"), Line(LEFT, _y(0), LEFT + SIZE, _y(0), "line"))
    for value in (-1.0, -0.5, 0.0, 0.5, 1.0):
        written = f"{value:g}".replace("-", "−")
        drawing.add(Label(_x(value), TOP + SIZE + 20, written, 12, "middle", "soft"))
        drawing.add(Label(LEFT - 8, _y(value) + 4, written, 12, "end", "soft"))
    drawing.add(Label(_x(0), TOP + SIZE + 48, "Valence: unpleasant → pleasant", 13, "middle"))
    drawing.add(Label(20, _y(0), "Arousal: calm → excited", 13, "middle", turn=90))
    for point in points:
        x, y = _x(point["at"][0]), _y(point["at"][1])
        if point["perceived"] is not None:
            drawing.add(*arrow(x, y, _x(point["perceived"][0]), _y(point["perceived"][1]), "second"))
        drawing.add(Dot(x, y, 5.5, "accent" if point["perceived"] is not None else "line"))
        left = point["at"][0] < 0
        drawing.add(Label(x + (-9 if left else 9), y - 8, point["intended"], 13, "end" if left else "start"))
    return drawing

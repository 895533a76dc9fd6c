"""The valence–arousal map: where an emotion was meant to lie, and where the emotions chosen for it lie on average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.analysis.reported import PlacePart, Report
from survey.analysis.wording import counted, decimal, decimals
from survey.figures.drawing import NARROW, Dot, Drawing, Label, Line, Rect, arrow, square
from survey.figures.figure import Figure, draw_both, size_of
from survey.figures.placing import Box, Segment, box_of, name_point

GUESSER = "guesser"


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

    def at(self, place: Sequence[float]) -> tuple[float, float]:
        """Return where a valence and an arousal lie."""
        return self.x(place[0]), self.y(place[1])

    @property
    def frame(self) -> Box:
        """Left, top, right and bottom of the square."""
        return self.left, self.top, self.left + self.size, self.top + self.size


WIDE = Plane(480.0, 110.0, 24.0, 13.0)
SMALL = Plane(NARROW - 62, 54.0, 14.0, 12.0)


def guess(points: Sequence[PlacePart]) -> tuple[float, float]:
    """Return the mean of the emotions offered: where the answers of somebody who guesses lie on average.

    >>> guess([PlacePart("joy", 1, (0.5, 0.0)), PlacePart("awe", 1, (-0.1, 0.4))])
    (0.2, 0.2)
    """
    valences, arousals = zip(*(point.at for point in points), strict=True)
    return sum(valences) / len(points), sum(arousals) / len(points)


def draw_plane(points: Sequence[PlacePart], *, narrow: bool = False) -> Drawing:
    """Return the plane: an arrow per emotion from the intended to the mean of the chosen, and a guesser's square."""
    plane = SMALL if narrow else WIDE
    drawing = empty_plane(plane, narrow=narrow)
    lines: list[Segment] = []
    for point in points:
        if point.perceived is not None:
            lines.append((*plane.at(point.at), *plane.at(point.perceived)))
            drawing.add(*arrow(*lines[-1], "second"))
    radius = plane.text * 0.42
    places = [plane.at(point.at) for point in points]
    for point, place in zip(points, places, strict=True):
        drawing.add_told(_say_point(point), Dot(*place, radius, "accent" if point.perceived is not None else "line"))
    named = [*((*place, point.intended) for point, place in zip(points, places, strict=True))]
    middle = plane.at(guess(points))
    drawing.add(square(*middle, radius, "ink"))
    named.append((*middle, GUESSER))
    taken: list[Box] = [(x - radius, y - radius, x + radius, y + radius) for x, y, _ in named]
    for x, y, text in named:
        label = name_point(x, y, text, plane.text, frame=plane.frame, boxes=taken, lines=lines)
        taken.append(box_of(label))
        drawing.add(label)
    return drawing


def _say_point(point: PlacePart) -> str:
    """What a dot and its arrow stand for."""
    said = f"{point.intended}: meant at valence {decimal(point.at[0], 2)}, arousal {decimal(point.at[1], 2)}"
    if point.perceived is None:
        return f"{said}; no answers"
    across, up = (decimal(value, 2) for value in point.perceived)
    return f"{said}; chosen on average at {across}, {up}; {counted(point.n, 'answer')}"


def empty_plane(plane: Plane, *, narrow: bool) -> Drawing:
    """Return the plane with its axes and nothing in it."""
    drawing = Drawing(NARROW if narrow else plane.size + 2 * plane.left, plane.top + plane.size + 56)
    drawing.axes = (plane.x(-1), plane.y(-1), plane.x(1), plane.y(1))
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
    drawing.add(Label(left - 3.6 * small, plane.y(0), "Arousal: calm → excited", plane.text, "middle", turn=90))
    return drawing


def draw_map(report: Report) -> Figure | None:
    """Intended emotions, and the mean of the emotions chosen for them, by the coordinates of the words."""
    points = report.valence_arousal.map
    distance = report.valence_arousal.distance
    if not points or distance.estimate is None:
        return None
    ends = f" (95 % interval {decimals(distance.interval, 2)})" if distance.interval else ""
    return Figure(
        "map",
        "Chosen emotions in the plane of valence and arousal",
        *draw_both(draw_plane, points),
        "Not ratings: every emotion has fixed coordinates, a judgement that rests on norms for English words (NRC-VAD,"
        " Mohammad 2018; Warriner, Kuperman & Brysbaert 2013). Dots: the intended emotion. Arrow heads: the mean of the"
        " emotions chosen for it. Square: the mean of all emotions offered, where a guesser's arrows end; errors of any"
        f" kind pull towards it. “None of these” has no place (answers left out: {distance.without_coordinates})."
        f" {size_of(report)}.",
        f"The chosen emotion lies {decimal(distance.estimate, 2)} from the intended one on average{ends};"
        f" a guesser's lies {decimal(distance.chance, 2)} from it.",
        ("intended", "n", "valence", "arousal", "mean_chosen_valence", "mean_chosen_arousal"),
        [(p.intended, p.n, *p.at, *(p.perceived or (None, None))) for p in points],
    )

"""The map of ratings: where clips of an emotion lie for listeners on both scales, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from survey.analysis.measures.shown import Place, PlanePlot
from survey.analysis.wording import counted, decimal, decimals
from survey.figures.drawing import Dot, Drawing, Line, Mark, square
from survey.figures.figure import Figure, draw_both, ends_of
from survey.figures.placing import Box, Segment, box_of, name_point
from survey.figures.plane import SMALL, WIDE, Plane, empty_plane

SINGLE = "single ratings"
SMALLEST, LARGEST = 0.005, 0.022
"""Radius of a single rating, and at most of many at one place, as parts of the plane's side; areas go with numbers."""
HEADER = (
    *("emotion", "n", "valence", "valence_low", "valence_high", "arousal", "arousal_low", "arousal_high"),
    *("intended_valence", "intended_arousal"),
)


def figure_of_plane(plot: PlanePlot) -> Figure:
    """Return a measure's map as a figure, its places as its data."""
    rows = [
        (
            place.label,
            place.n,
            place.at[0],
            *ends_of(place.across),
            place.at[1],
            *ends_of(place.up),
            *ends_of(place.intended),
        )
        for place in plot.rows
    ]
    nothing = (None, None)
    rows += [(SINGLE, n, valence, *nothing, arousal, *nothing, *nothing) for valence, arousal, n in plot.points]
    drawings = draw_both(draw_ratings, plot.rows, plot.points)
    return Figure(plot.name, plot.title, *drawings, plot.caption, plot.finding, HEADER, rows)


def draw_ratings(
    places: Sequence[Place], points: Sequence[tuple[float, float, int]] = (), *, narrow: bool = False
) -> Drawing:
    """Return the plane: single ratings; every place with two intervals, and a line from where it was meant to lie."""
    plane = SMALL if narrow else WIDE
    drawing, radius = empty_plane(plane, narrow=narrow), plane.text * 0.38
    lines: list[Segment] = []
    for valence, arousal, n in points:
        said = f"{counted(n, 'rating')} near valence {decimal(valence, 1)}, arousal {decimal(arousal, 1)}"
        size = min(LARGEST, SMALLEST * math.sqrt(n)) * plane.size
        drawing.add_told(said, Dot(plane.x(valence), plane.y(arousal), size, "heat-2"))
    for place in places:
        drawing.add(*_meant(place, plane, radius))
    for place in places:
        crosses = [*_cross(place, plane)]
        lines += [(mark.x1, mark.y1, mark.x2, mark.y2) for mark in crosses]
        drawing.add(*crosses)
    dots = [plane.at(place.at) for place in places]
    for place, (x, y) in zip(places, dots, strict=True):
        drawing.add_told(_say_place(place), Dot(x, y, radius, "accent"))
    aims = [plane.at(place.intended) for place in places if place.intended]
    taken: list[Box] = [(x - radius, y - radius, x + radius, y + radius) for x, y in (*dots, *aims)]
    for place, (x, y) in zip(places, dots, strict=True):
        label = name_point(x, y, place.label, plane.text, frame=plane.frame, boxes=taken, lines=lines)
        taken.append(box_of(label))
        drawing.add(label)
    return drawing


def _say_place(place: Place) -> str:
    """What a dot and its cross stand for."""
    ends = [f" ({decimals(pair, 2)})" if pair else "" for pair in (place.across, place.up)]
    return (
        f"{place.label}: rated valence {decimal(place.at[0], 2)}{ends[0]}, arousal {decimal(place.at[1], 2)}{ends[1]};"
        f" 95 % intervals; {counted(place.n, 'answer')}"
    )


def _meant(place: Place, plane: Plane, radius: float) -> list[Mark]:
    """A square where the emotion has its own place, and a thin line from it."""
    if place.intended is None:
        return []
    aim = plane.at(place.intended)
    return [Line(*aim, *plane.at(place.at), "second", 1.0), square(*aim, radius * 0.8, "second")]


def _cross(place: Place, plane: Plane) -> list[Line]:
    x, y = plane.at(place.at)
    across = [Line(plane.x(place.across[0]), y, plane.x(place.across[1]), y, "accent", 2.0)] if place.across else []
    up = [Line(x, plane.y(place.up[0]), x, plane.y(place.up[1]), "accent", 2.0)] if place.up else []
    return [*across, *up]

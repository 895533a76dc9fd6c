"""What the image network says of a picture and why: likely emotions, the valence–arousal plane, the map.

Rows of older networks lack some of this, and JSON may hold anything: what cannot be drawn is left out. Coordinates
are written as text here, because templates would write decimal commas in some languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import template

from generation.emotions import EMOTIONS, get_emotion
from generation.guesses import DIMENSIONS, Point, best_guess, find_point, likely_emotions, name_guess, number, signed
from generation.models import SourceImage

register = template.Library()

PLANE: Final = 300.0
EDGE: Final = 34.0
CELLS: Final = 7
MOST_THINGS: Final = 5
VIEW: Final = 700.0
"""Width of the map's drawing; a cell is 100 wide."""
FLATTEST: Final = 210.0
TALLEST: Final = 1400.0
FAINTEST: Final = 0.12
"""Cells below this part of the strongest one are left uncovered."""
STRONG: Final = 0.5
NEAR_THE_MIDDLE: Final = 0.1
ROWS: Final = ("upper", "middle", "lower")
COLUMNS: Final = ("left", "centre", "right")


@register.filter
def guess(picture: SourceImage) -> str:
    """The likely emotions in words: ``fear or awe``."""
    return name_guess(picture.probabilities)


@register.filter
def likely_slugs(picture: SourceImage) -> list[str]:
    return [likely.emotion.slug for likely in likely_emotions(picture.probabilities)]


@register.filter
def implied_rows(picture: SourceImage) -> list[dict[str, str]]:
    """Valence, arousal and (where the network gave it) dominance with their 80 % intervals."""
    point = find_point(picture.implied, picture.probabilities)
    if point is None:
        return []
    given = [name for name in DIMENSIONS if number(picture.implied.get(name)) is not None]
    return [{"name": name.capitalize(), "value": _with_interval(point, name)} for name in given]


def _with_interval(point: Point, name: str) -> str:
    value = signed(getattr(point, name))
    if name not in point.intervals:
        return value
    low, high = point.intervals[name]
    return f"{value} (80 % interval {signed(low)} to {signed(high)})"


def _x(valence: float) -> float:
    return EDGE + (valence + 1) / 2 * (PLANE - 2 * EDGE)


def _y(arousal: float) -> float:
    return EDGE + (1 - arousal) / 2 * (PLANE - 2 * EDGE)


@register.inclusion_tag("generation/_plane.html")
def emotion_plane(picture: SourceImage) -> dict[str, Any]:
    """The plane with the eight emotions, the picture's point, and its interval as an ellipse."""
    point = find_point(picture.implied, picture.probabilities)
    if point is None:
        return {"point": None}
    return {
        **_plane(likely_slugs(picture)),
        **pad_read(point),
        "id": f"plane-{picture.public_id}",
        "place": _place_on_plane(point),
        "words": point_words(point),
    }


@register.inclusion_tag("generation/_pad.html")
def emotion_pad(point: Point | None, alone: bool = False) -> dict[str, Any]:
    """The plane to move on, with what the network read, if it has; `alone` where no picture and no take lies on it."""
    return {**_plane(()), **pad_read(point), "words": point_words(point), "alone": alone}


@register.filter
def target_words(target: Mapping[str, float]) -> str:
    """The point that a piece was asked for at: ``valence 0.50, arousal −0.20``."""
    return ", ".join(f"{name} {signed(target[name])}" for name in ("valence", "arousal"))


@register.filter
def read_words(told: Mapping[str, Any]) -> str:
    """What the network read in a visitor's picture, as `point_words` says it; empty where it said nothing."""
    return point_words(find_point(told.get("implied") or {}, told.get("probabilities") or {}))


def point_words(point: Point | None) -> str:
    """Valence and arousal that the network read, with their intervals; empty where there are none."""
    return ", ".join(f"{name} {_with_interval(point, name)}" for name in ("valence", "arousal")) if point else ""


def pad_read(point: Point | None) -> dict[str, Any]:
    """Where the picture lies, and its interval as an ellipse; None where there is neither."""
    if point is None:
        return {"point": None, "ellipse": None}
    return {"point": {"x": f"{_x(point.valence):.1f}", "y": f"{_y(point.arousal):.1f}"}, "ellipse": _ellipse(point)}


def _plane(likely: Sequence[str]) -> dict[str, Any]:
    """The square and the eight emotions on it."""
    emotions = [
        {
            "label": emotion.label,
            "x": f"{_x(emotion.valence):.1f}",
            "y": f"{_y(emotion.arousal):.1f}",
            "text_x": f"{_x(emotion.valence) + (8 if emotion.valence < 0 else -8):.1f}",
            "text_y": f"{_y(emotion.arousal) + 4:.1f}",
            "anchor": "start" if emotion.valence < 0 else "end",
            "likely": emotion.slug in likely,
        }
        for emotion in EMOTIONS
    ]
    return {
        "emotions": emotions,
        "size": f"{PLANE:.0f}",
        "low": f"{EDGE:.0f}",
        "high": f"{PLANE - EDGE:.0f}",
        "side": f"{PLANE - 2 * EDGE:.0f}",
        "middle": f"{PLANE / 2:.0f}",
    }


def _place_on_plane(point: Point) -> str:
    """Where the point lies, in words."""
    sides = [(point.valence, "pleasant", "unpleasant"), (point.arousal, "excited", "calm")]
    told = [high if value > 0 else low for value, high, low in sides if abs(value) >= NEAR_THE_MIDDLE]
    return " and ".join(told) or "near the middle"


def _ellipse(point: Point) -> dict[str, str] | None:
    if "valence" not in point.intervals or "arousal" not in point.intervals:
        return None
    (left, right), (bottom, top) = point.intervals["valence"], point.intervals["arousal"]
    return {
        "cx": f"{(_x(left) + _x(right)) / 2:.1f}",
        "cy": f"{(_y(bottom) + _y(top)) / 2:.1f}",
        "rx": f"{max((_x(right) - _x(left)) / 2, 2.0):.1f}",
        "ry": f"{max((_y(bottom) - _y(top)) / 2, 2.0):.1f}",
    }


@register.inclusion_tag("generation/_why.html")
def why(picture: SourceImage) -> dict[str, Any]:
    """Things, words and the map; nothing where the network gave none of them."""
    seen = picture.seen if isinstance(picture.seen, Mapping) else {}
    top = best_guess(picture.probabilities)
    words = seen.get("words")
    return {
        "picture": picture,
        "emotion": get_emotion(top).label.lower() if top else "the label",
        "things": _things(seen.get("things")),
        "words": words.strip() if isinstance(words, str) else "",
        "map": _map(seen.get("map"), picture) if top else None,
    }


def _things(found: object) -> list[dict[str, str]]:
    rows = []
    for thing in found if isinstance(found, list) else ():
        name = thing.get("name") if isinstance(thing, Mapping) else None
        if not isinstance(name, str) or not name.strip():
            continue
        probability = number(thing.get("probability"))
        share = min(max(probability or 0.0, 0.0), 1.0)
        facts = [(key, number(thing.get(key))) for key in ("valence", "arousal")]
        rows.append(
            {
                "name": name.strip(),
                "percent": "" if probability is None else f"{100 * share:.0f} %",
                "width": f"{100 * share:.1f}",
                "facts": ", ".join(f"{key} {signed(value)}" for key, value in facts if value is not None),
            }
        )
    return rows[:MOST_THINGS]


def _map(found: object, picture: SourceImage) -> dict[str, Any] | None:
    values = _read_map(found)
    if values is None:
        return None
    strongest = max(abs(value) for row in values for value in row)
    if strongest <= 0:
        return None
    height = min(max(VIEW * picture.height / max(picture.width, 1), FLATTEST), TALLEST)
    step = height / CELLS
    cells = []
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            share = abs(value) / strongest
            if share < FAINTEST:
                continue
            cells.append(
                {
                    "kind": "for" if value > 0 else "against",
                    "sign": ("+" if value > 0 else "−") if share >= STRONG else "",
                    "x": f"{100 * x}",
                    "y": f"{step * y:.1f}",
                    "height": f"{step:.1f}",
                    "text_x": f"{100 * x + 50}",
                    "text_y": f"{step * (y + 0.5):.1f}",
                    "opacity": f"{0.15 + 0.5 * share:.2f}",
                }
            )
    return {
        "cells": cells,
        "width": f"{VIEW:.0f}",
        "height": f"{height:.1f}",
        "font": f"{min(step * 0.9, 60):.0f}",
        "outline": f"{min(step * 0.1, 6):.1f}",
        "description": _describe_map(values, strongest),
    }


def _read_map(found: object) -> list[list[float]] | None:
    if not isinstance(found, list) or len(found) != CELLS:
        return None
    rows = []
    for row in found:
        if not isinstance(row, list) or len(row) != CELLS:
            return None
        values = [number(value) for value in row]
        rows.append([value if value is not None else 0.0 for value in values])
    return rows


def _describe_map(values: Sequence[Sequence[float]], strongest: float) -> dict[str, str]:
    """Where the strongest cells lie, in words, for those who cannot see the map."""
    told = {}
    for name, sign in (("for", 1.0), ("against", -1.0)):
        strong = sorted(
            ((-sign * value, y, x) for y, row in enumerate(values) for x, value in enumerate(row)),
        )
        places = [_place(y, x) for value, y, x in strong if -value >= STRONG * strongest]
        told[name] = ", ".join(list(dict.fromkeys(places))[:3])
    return told


def _place(y: int, x: int) -> str:
    row, column = ROWS[min(y * 3 // CELLS, 2)], COLUMNS[min(x * 3 // CELLS, 2)]
    return "centre" if (row, column) == ("middle", "centre") else f"{row} {column}"

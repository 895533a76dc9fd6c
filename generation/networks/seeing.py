"""What a composer of the muse sees in a request: where its emotion lies, and what its picture does to a piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generation.music.attributes.picture import (
    Moved,
    Place,
    add_shifts,
    blend_place,
    find_moves,
    picture_number,
    usable,
)
from generation.networks.composers import ComposeRequest


@dataclass(frozen=True, slots=True)
class Sight:
    """What a picture does to a piece: what was used of it, its number, its moves, and their sums.

    Without a picture, or with one of which nothing is known, everything is empty and nothing changes.
    """

    used: dict[str, float] = field(default_factory=dict)
    number: int = 0
    moves: tuple[Moved, ...] = ()
    shifts: dict[str, float] = field(default_factory=dict)


BLIND: Final = Sight()


def look(picture: Mapping[str, float]) -> Sight:
    """Find what a picture does to a piece."""
    used = usable(picture)
    if not used:
        return BLIND
    moves = tuple(find_moves(used))
    return Sight(used, picture_number(used), moves, add_shifts(moves))


def locate(request: ComposeRequest) -> Place:
    """Valence, arousal and dominance asked for, before the picture: the request's own, else the emotion's."""
    emotion = request.emotion
    return (
        emotion.valence if request.valence is None else request.valence,
        emotion.arousal if request.arousal is None else request.arousal,
        emotion.dominance if request.dominance is None else request.dominance,
    )


def draw_place(request: ComposeRequest, sight: Sight) -> Place:
    """The place to compose for: the emotion's drawn by the picture, but coordinates asked for stay as they are."""
    if any(value is not None for value in (request.valence, request.arousal, request.dominance)):
        return locate(request)
    return blend_place(request.emotion, sight.used)


def name_learned(request: ComposeRequest) -> dict[str, str]:
    """Which learned targets moved the table of a composer, for the record; nothing where it is as shipped."""
    return {"learned": request.learned.version} if request.learned else {}


def describe_sight(sight: Sight, home: Place, place: Place) -> dict[str, Any]:
    """What was used of a picture and how it moved the music, for the record; nothing without a picture."""
    if not sight.used:
        return {}
    return {
        "features": sight.used,
        "home": [round(value, 4) for value in home],
        "place": [round(value, 4) for value in place],
        "moved": [move.as_dict() for move in sight.moves],
        "shifts": {name: round(value, 4) for name, value in sight.shifts.items()},
    }

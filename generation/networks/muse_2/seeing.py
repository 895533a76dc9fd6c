"""What a picture does to a piece of Muse 2: where it draws the emotion, and which cues it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generation.music.attributes.picture import (
    LIMITS,
    Moved,
    add_shifts,
    blend_place,
    find_moves,
    move_attributes,
    usable,
)
from generation.music.notes import Mode
from generation.networks.composers import ComposeRequest
from generation.networks.muse_2.intentions import READ_AS_IS, Cues, Place, to_attributes

MODE_MOVED: Final = 0.35
"""By how much the furthest shift of majorness moves the chance of major; judgement."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Where the emotion lies, where the picture draws it, what was used of the picture, its moves and their sums."""

    home: Place = (0.0, 0.0, 0.0)
    place: Place = (0.0, 0.0, 0.0)
    used: dict[str, float] = field(default_factory=dict)
    moves: tuple[Moved, ...] = ()
    shifts: dict[str, float] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """For the record of the clip; nothing without a picture."""
        if not self.used:
            return {}
        return {
            "features": self.used,
            "home": [round(value, 4) for value in self.home],
            "place": [round(value, 4) for value in self.place],
            "moved": [move.as_dict() for move in self.moves],
            "shifts": {name: round(value, 4) for name, value in self.shifts.items()},
        }


NOTHING_SEEN: Final = Sight()


def look(request: ComposeRequest) -> Sight:
    """Find what a request's picture does; coordinates asked for stay as they are."""
    emotion = request.emotion
    given = (request.valence, request.arousal, request.dominance)
    own = (emotion.valence, emotion.arousal, emotion.dominance)
    home = (
        own[0] if given[0] is None else given[0],
        own[1] if given[1] is None else given[1],
        own[2] if given[2] is None else given[2],
    )
    used = usable(request.picture)
    if not used:
        return Sight(home, home)
    place = home if any(value is not None for value in given) else blend_place(emotion, used)
    moves = tuple(find_moves(used))
    return Sight(home, place, used, moves, add_shifts(moves))


def move_cues(cues: Cues, shifts: Mapping[str, float]) -> dict[str, float]:
    """The cues as a picture moves them: attributes by its table, tempi and the chance of major with them."""
    if not shifts:
        return dict(cues)
    mode: Mode = "major" if cues["major"] >= 0.5 else "minor"
    tempo = (cues["tempo_low"] + cues["tempo_high"]) / 2.0
    moved = move_attributes(to_attributes(cues, mode, tempo), shifts).to_dict()
    mine = {**cues, **{name: moved[name] for name in READ_AS_IS}}
    for bound in ("tempo_low", "tempo_high"):
        mine[bound] = cues[bound] + moved["tempo"] - tempo
    lean = shifts.get("majorness", 0.0) / LIMITS["majorness"]
    mine["major"] = min(max(cues["major"] + MODE_MOVED * lean, 0.02), 0.98)
    return mine

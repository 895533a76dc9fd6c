"""How a picture moves the cues of Muse 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from generation.music.attributes.picture import LIMITS, move_attributes
from generation.music.notes import Mode
from generation.networks.muse_2.intentions import READ_AS_IS, Cues, to_attributes

MODE_MOVED: Final = 0.35
"""By how much the furthest shift of majorness moves the chance of major; judgement."""


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

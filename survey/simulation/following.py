"""How a simulated person moves the mark while a clip plays: after a while towards a place, and not quite steadily."""

from __future__ import annotations

import json
import math
import random
from typing import Final

from generation.emotions import SLUGS, get_emotion
from survey.design.following import HERTZ, WHOLE, samples_of

DIMENSIONS: Final = {"plane": ("valence", "arousal"), "valence": ("valence",), "arousal": ("arousal",)}
REACTION: Final = (1.0, 3.0)
"""Seconds before the first move, in a clip of 10 s or more."""
SLOWNESS: Final = 2.5
"""Seconds in which two thirds of the way are gone."""
UNSTEADY: Final = 0.02


def follow(followed: str, seconds: float, heard: str, rng: random.Random) -> str:
    """Return what the page of such a person would send; towards the place of the emotion `heard`, else to any place.

    >>> json.loads(follow("valence", 0.3, "joy", random.Random(1)))["valence"]
    [None, -20, 8, 13]
    >>> len(json.loads(follow("plane", 28.0, "joy", random.Random(1)))["arousal"])
    281
    """
    starts = rng.uniform(*REACTION) * min(1.0, seconds / 10)
    values = {
        name: _towards(_place(name, heard, rng), starts, samples_of(seconds), rng) for name in DIMENSIONS[followed]
    }
    return json.dumps({"hertz": HERTZ, "whole": True, **values})


def _place(name: str, heard: str, rng: random.Random) -> float:
    meant = getattr(get_emotion(heard), name) if heard in SLUGS else rng.uniform(-1, 1)
    return float(meant) + rng.gauss(0, 0.2)


def _towards(place: float, starts: float, samples: int, rng: random.Random) -> list[int | None]:
    found: list[int | None] = []
    drift = 0.0
    for sample in range(samples):
        passed = sample / HERTZ - starts
        drift += rng.gauss(0, UNSTEADY)
        at = place * (1 - math.exp(-passed / SLOWNESS)) + drift
        found.append(None if passed < 0 else round(max(-1.0, min(1.0, at)) * WHOLE))
    return found

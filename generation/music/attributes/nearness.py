"""Between emotions: what each of the eight has at its place, blended where a place lies between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from generation.emotions import EMOTIONS, Emotion
from generation.music.attributes.picture import Place

NEARNESS_POWER: Final = 6
"""An emotion's weight falls with this power of its distance (Shepard 1968): exact at its place, and continuous."""
NEAREST: Final = 1e-4
"""Within this distance a place is the emotion's own."""
DOMINANCE_COUNTS: Final = 0.5
"""How much a distance in dominance counts beside one in valence or arousal; judgement."""


def blend_near(place: Place, values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Values of a place: an emotion's own at its coordinates, between emotions a mean weighed by nearness.

    Inverse distance weighting (Shepard 1968, "A two-dimensional interpolation function for irregularly-spaced data"):
    no value goes beyond the lowest and highest of the eight, and it changes without a jump.

    Parameters
    ----------
    place : tuple of float
        Valence, arousal and dominance, each in −1…1.
    values : mapping of str to mapping of str to float
        By the slug of each of the eight emotions, and by name; the names of all are those of the first.

    Raises
    ------
    KeyError
        When an emotion or one of its names is missing.

    Examples
    --------
    >>> slow = {emotion.slug: {"tempo": 60.0 if emotion.slug == "sadness" else 100.0} for emotion in EMOTIONS}
    >>> blend_near((-0.7, -0.55, -0.65), slow)
    {'tempo': 60.0}
    >>> round(blend_near((-0.5, -0.4, -0.5), slow)["tempo"], 1)
    60.1
    """
    away = {emotion.slug: _measure_way(place, emotion) for emotion in EMOTIONS}
    nearest = min(away, key=lambda slug: away[slug])
    if away[nearest] < NEAREST:  # all others would weigh less than 1e-18 of it
        return dict(values[nearest])
    weights = {slug: way**-NEARNESS_POWER for slug, way in away.items()}
    total = sum(weights.values())
    return {name: sum(weights[slug] * values[slug][name] for slug in weights) / total for name in values[nearest]}


def _measure_way(place: Place, emotion: Emotion) -> float:
    return math.hypot(
        place[0] - emotion.valence, place[1] - emotion.arousal, DOMINANCE_COUNTS * (place[2] - emotion.dominance)
    )

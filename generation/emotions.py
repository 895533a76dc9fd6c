"""The eight emotions, as plain data.

The slug is the contract between networks, database, pages and CSV files. The order is EmoSet's own
label order (index 0 to 7), which is not alphabetical; every network's softmax follows it.

Valence, arousal and dominance lie on −1…1. They rest on NRC-VAD (Mohammad 2018) and Warriner,
Kuperman & Brysbaert (2013); the cells themselves are *judgement* on those two, to be refitted with
listeners' answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

Quadrant = Literal["Q1", "Q2", "Q3", "Q4"]
TurkishClass = Literal["happy", "angry", "sad", "relax"]


@dataclass(frozen=True, slots=True)
class Emotion:
    """One of the eight emotions.

    Parameters
    ----------
    slug : str
        Lower-case English word; the identifier everywhere.
    label : str
        The word shown to people, in English.
    valence, arousal, dominance : float
        Coordinates in −1…1.
    quadrant : {"Q1", "Q2", "Q3", "Q4"}
        Fold to Russell's four quadrants, as EMOPIA labels its clips.
    turkish_class : {"happy", "angry", "sad", "relax"}
        Fold to the four classes of Turkish Music Emotion, used by the `paper` composer.
    fold_certainty : str
        How sure the two folds are: ``"sure"``, ``"weak"`` or ``"convention"``.
    """

    slug: str
    label: str
    valence: float
    arousal: float
    dominance: float
    quadrant: Quadrant
    turkish_class: TurkishClass
    fold_certainty: str


EMOTIONS: Final[tuple[Emotion, ...]] = (
    Emotion("amusement", "Amusement", 0.80, 0.35, 0.60, "Q1", "happy", "sure"),
    Emotion("awe", "Awe", 0.45, 0.00, -0.40, "Q4", "relax", "weak"),
    Emotion("contentment", "Contentment", 0.65, -0.45, 0.55, "Q4", "relax", "convention"),
    Emotion("excitement", "Excitement", 0.75, 0.70, 0.45, "Q1", "happy", "sure"),
    Emotion("anger", "Anger", -0.65, 0.75, 0.30, "Q2", "angry", "sure"),
    Emotion("disgust", "Disgust", -0.65, 0.35, -0.35, "Q2", "angry", "weak"),
    Emotion("fear", "Fear", -0.70, 0.60, -0.40, "Q2", "angry", "weak"),
    Emotion("sadness", "Sadness", -0.70, -0.55, -0.65, "Q3", "sad", "sure"),
)

SLUGS: Final[tuple[str, ...]] = tuple(emotion.slug for emotion in EMOTIONS)


def nearest_emotion(valence: float, arousal: float, dominance: float) -> Emotion:
    """Return the emotion whose coordinates lie closest (Euclidean) to a point of −1…1 cubed.

    Examples
    --------
    >>> nearest_emotion(-0.6, -0.5, -0.5).slug
    'sadness'
    """
    point = (valence, arousal, dominance)
    return min(EMOTIONS, key=lambda emotion: math.dist(point, (emotion.valence, emotion.arousal, emotion.dominance)))


_BY_SLUG: Final = {emotion.slug: emotion for emotion in EMOTIONS}


def get_emotion(slug: str) -> Emotion:
    """Return the emotion called `slug`.

    Raises
    ------
    ValueError
        When `slug` is none of the eight; the message lists them.

    Examples
    --------
    >>> get_emotion("fear").quadrant
    'Q2'
    """
    try:
        return _BY_SLUG[slug]
    except KeyError:
        raise ValueError(f"{slug!r} is not one of the eight emotions; choose from: {', '.join(SLUGS)}.") from None


def emotions_on_pad() -> dict[str, dict[str, Any]]:
    """What a page with the emotion pad tells its script: where the emotions lie, and their names, by slug."""
    return {
        "points": {emotion.slug: [emotion.valence, emotion.arousal, emotion.dominance] for emotion in EMOTIONS},
        "labels": {emotion.slug: emotion.label for emotion in EMOTIONS},
    }

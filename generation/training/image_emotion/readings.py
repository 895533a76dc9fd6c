"""One machine's reading: the emotion each photograph of OASIS evokes, as a reader named it without the norms.

No human named emotions for these pictures. Every photograph was looked at twice on contact sheets, in two random
orders, without its name, theme or norms; each time the most fitting of the eight emotions and the runner-up were
written down. ``oasis_reading.csv`` holds both. It says what one reader thought, not what people feel.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import EMOTIONS, SLUGS, get_emotion

TABLE: Final = Path(__file__).with_name("oasis_reading.csv")
FIRST_SHARE: Final = 0.7
"""How one reading is divided between first choice and runner-up; judgement."""


@dataclass(frozen=True, slots=True)
class Reading:
    """First choice and runner-up of both readings of one picture, as slugs."""

    first: str
    second: str
    again_first: str
    again_second: str


def read_readings(path: Path = TABLE) -> dict[str, Reading]:
    """Readings by file name. Raises ValueError, with the line, where a word is none of the eight emotions."""
    found = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=2):
            words = (row["first"], row["second"], row["again_first"], row["again_second"])
            try:
                found[row["file"]] = Reading(*(get_emotion(word).slug for word in words))
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from None
    return found


def soften(readings: Sequence[Reading]) -> NDArray[np.float64]:
    """Soft labels of shape (pictures, 8): the mean of both readings.

    Examples
    --------
    >>> label = soften([Reading("fear", "awe", "awe", "fear")])[0]
    >>> [round(float(label[SLUGS.index(slug)]), 3) for slug in ("fear", "awe", "anger")]
    [0.5, 0.5, 0.0]
    """
    labels = np.zeros((len(readings), len(SLUGS)))
    for row, reading in enumerate(readings):
        for first, second in ((reading.first, reading.second), (reading.again_first, reading.again_second)):
            labels[row, SLUGS.index(first)] += FIRST_SHARE / 2
            labels[row, SLUGS.index(second)] += (1.0 - FIRST_SHARE) / 2
    return labels


def imply_dominance(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dominance that soft labels imply through the emotions' coordinates, shape (pictures,): nobody rated it."""
    return np.asarray(labels @ np.array([emotion.dominance for emotion in EMOTIONS]))


def measure_agreement(first: Sequence[str], second: Sequence[str]) -> dict[str, float]:
    """Share of equal words, and Cohen's κ.

    Examples
    --------
    >>> measure_agreement(["awe", "awe", "fear", "fear"], ["awe", "awe", "fear", "awe"])
    {'agreement': 0.75, 'kappa': 0.5}
    """
    from sklearn.metrics import cohen_kappa_score

    return {
        "agreement": round(float(np.mean([a == b for a, b in zip(first, second, strict=True)])), 4),
        "kappa": round(float(cohen_kappa_score(first, second)), 4),
    }

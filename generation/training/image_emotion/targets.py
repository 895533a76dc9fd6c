"""What the heads are to answer: affect and soft emotions of each picture, and who called it what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.emotions import EMOTIONS, SLUGS
from generation.training.image_emotion.looks import Looks
from generation.training.image_emotion.readings import Reading, imply_dominance, read_readings, soften

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets of a data set's pictures.

    Parameters
    ----------
    values : array, shape (pictures, 11)
        Valence, arousal, dominance (−1…1), then the soft label of the eight emotions.
    named : array of int, shape (pictures, readers)
        Number of the emotion each reader named first; right is who agrees with a reader.
    source : str
        In words, for report and manifest.
    """

    values: Table
    named: NDArray[np.int64]
    source: str

    @property
    def labels(self) -> Table:
        """The soft labels, shape (pictures, 8)."""
        return self.values[:, 3:]


def target_oasis(looks: Looks, *, rule: bool = False) -> Targets:
    """Human valence and arousal; emotions by the reading (or, with `rule`, by the rule on the norms).

    A picture that the reading does not hold falls back to the rule.
    """
    table = {} if rule else read_readings()
    by_rule = np.asarray(looks.labels, np.float64)
    labels, named = by_rule.copy(), np.repeat(by_rule.argmax(axis=1)[:, None], 2, axis=1)
    known = [(row, table[name]) for row, name in enumerate(looks.names.tolist()) if name in table]
    if known:
        rows = [row for row, _ in known]
        readings = [reading for _, reading in known]
        labels[rows] = soften(readings)
        named[rows] = [_number(reading) for reading in readings]
    values = np.column_stack([np.asarray(looks.affect, np.float64), imply_dominance(labels), labels])
    source = "rule on the norms and a weak table of themes" if rule else "one machine's reading, twice"
    return Targets(values, named.astype(np.int64), source)


def _number(reading: Reading) -> tuple[int, int]:
    return SLUGS.index(reading.first), SLUGS.index(reading.again_first)


def target_emoset(looks: Looks, labels: tuple[str, ...]) -> Targets:
    """EmoSet's labels; affect by the emotions' own coordinates, because nobody rated it."""
    order = [labels.index(slug) for slug in SLUGS]
    soft = np.asarray(looks.labels, np.float64)[:, order]
    plane = np.array([(emotion.valence, emotion.arousal, emotion.dominance) for emotion in EMOTIONS])
    return Targets(np.column_stack([soft @ plane, soft]), soft.argmax(axis=1)[:, None], "EmoSet's labels")

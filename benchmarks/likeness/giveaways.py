"""What gives made clips away: the features that alone tell them from real ones best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import mannwhitneyu

from benchmarks.likeness.families import FeatureTable

MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Giveaway:
    """A feature with its area under the curve (above .5: larger in made clips) and its means."""

    feature: str
    area: float
    made: float
    real: float


def find_giveaways(made: FeatureTable, real: FeatureTable, most: int = MOST) -> list[Giveaway]:
    """The features whose area under the curve is farthest from .5, the farthest first."""
    # The area is the Mann–Whitney statistic over the number of pairs; shape (features,).
    areas = mannwhitneyu(made.values, real.values).statistic / (len(made.values) * len(real.values))
    order = np.argsort(-np.abs(areas - 0.5), kind="stable")[:most]
    return [
        Giveaway(
            real.names[column],
            float(areas[column]),
            float(made.values[:, column].mean()),
            float(real.values[:, column].mean()),
        )
        for column in order
    ]

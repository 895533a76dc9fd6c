"""Can one hear which of the emotions was meant? A judge learns a composer's clips of some seeds and hears the others.

It hears the families' features, of the notes as played; nothing of what the composer aimed at or measured. Chance is
one over the number of emotions. It says that the emotions are different and keep their promise from seed to seed, not
that people hear them by those names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.intervals import Measured, from_draws

FloatArray = NDArray[np.float64]

FOLDS: Final = 6
FEWEST_PER_EMOTION: Final = 4
DRAWS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Intentions:
    """Balanced accuracy, and how often each emotion (row) is heard as each (column); shape (emotions, emotions)."""

    accuracy: Measured
    emotions: tuple[str, ...]
    confusion: NDArray[np.int64]

    def most_confused(self) -> tuple[str, str, int] | None:
        """The two emotions that are taken for each other most often, and how often, either way; None without errors."""
        both = self.confusion + self.confusion.T
        np.fill_diagonal(both, 0)
        if not both.any():
            return None
        one, other = np.unravel_index(int(both.argmax()), both.shape)
        return self.emotions[min(one, other)], self.emotions[max(one, other)], int(both.max())


def judge_intentions(values: FloatArray, emotions: Sequence[str], seeds: Sequence[str]) -> Intentions | None:
    """Hear every clip by a judge that learnt clips of other seeds; None where there are too few clips or seeds.

    Parameters
    ----------
    values : array, shape (clips, features)
    emotions, seeds : sequence of str, shape (clips,)
        What was meant; clips of one seed are never on both sides.
    """
    names, meant, clips = np.unique(emotions, return_inverse=True, return_counts=True)
    folds = min(FOLDS, int(clips.min()), len(set(seeds)))
    if len(names) < 2 or clips.min() < FEWEST_PER_EMOTION or folds < 2:
        return None
    judge = VotingClassifier(
        [
            ("linear", LogisticRegression(C=0.05, max_iter=2000)),
            ("trees", ExtraTreesClassifier(300, max_features=0.2, random_state=0)),
        ],
        voting="soft",
    )
    split = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    heard = cross_val_predict(make_pipeline(StandardScaler(), judge), values, meant, groups=seeds, cv=split)
    confusion = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(confusion, (meant, heard), 1)
    return Intentions(_bootstrap(heard == meant, meant), tuple(str(name) for name in names), confusion)


def _bootstrap(hits: NDArray[np.bool_], meant: NDArray[np.int64]) -> Measured:
    """Mean over emotions of the share of hits; clips of each emotion are drawn anew for the interval."""
    random = np.random.default_rng(0)
    own = [hits[meant == one] for one in range(int(meant.max()) + 1)]
    drawn = np.mean([random.binomial(len(part), part.mean(), DRAWS) / len(part) for part in own], axis=0)
    return from_draws(float(np.mean([part.mean() for part in own])), drawn)

"""What `muse` would measure for wanted attributes, without composing: a model fitted to clips that it composed.

`muse` draws the mode of a clip, major with a chance that rises with the majorness wanted; so the measured attributes
are two regressions, one for clips heard as major and one for minor, with the chance of major between them (logistic).
What the regressions leave is drawn from the clips themselves, whole rows at a time, so that it keeps its shape and what
hangs together stays together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from benchmarks.loop.composing import PAIRS, own_targets
from benchmarks.loop.listeners import Ear
from generation.music.attributes import KINDS, NAMES

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MAJORNESS: Final = NAMES.index("majorness")
LOWEST: Final = np.array([kind.minimum for kind in KINDS], dtype=np.float64)
HIGHEST: Final = np.array([kind.maximum for kind in KINDS], dtype=np.float64)
EMOTIONS: Final = 8
DERIVED: Final = NAMES.index("accompaniment_density")
DENSITY, MELODY = NAMES.index("density"), NAMES.index("melody_density")
FREE: Final = np.array([place for place in range(len(NAMES)) if place != DERIVED])
"""Attributes that can be asked for freely: the accompaniment has what the melody leaves of the density."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """What was asked of `muse` and what was measured on its clips, with the place of real music.

    `emotion` and `candidates` have shape (clips,), `wanted` and `measured` (clips, attributes), `mean` (attributes,),
    `covariance` (attributes, attributes); `furthest` is the Mahalanobis distance within which .99 of real clips lie.
    """

    emotion: Codes
    candidates: Codes
    wanted: Floats
    measured: Floats
    mean: Floats
    covariance: Floats
    furthest: float

    @property
    def ear(self) -> Ear:
        """The scale of real music, by which listeners hear."""
        return Ear(self.mean, np.sqrt(np.diag(self.covariance)))


def read_pairs(path: Path = PAIRS) -> Pairs:
    """Read what `benchmarks.loop.composing` wrote.

    Raises
    ------
    ValueError
        When the attributes are others than today's.
    """
    with np.load(path) as kept:
        if tuple(kept["names"]) != NAMES:
            raise ValueError(f"{path.name} has other attributes; make it anew: python -m benchmarks.loop.composing.")
        return Pairs(
            kept["emotion"].astype(np.int64),
            kept["candidates"].astype(np.int64),
            kept["wanted"].astype(np.float64),
            kept["measured"].astype(np.float64),
            kept["real_mean"],
            kept["real_covariance"],
            float(kept["real_furthest"]),
        )


@dataclass(frozen=True, slots=True)
class Surrogate:
    """The fitted model; `draw` composes with it.

    Parameters
    ----------
    chance : array, shape (emotions + 1,)
        Logistic regression of major: the slope on wanted majorness, and an intercept per emotion.
    coefficients : array, shape (2, free + emotions, attributes)
        Of minor and major clips: from wanted free attributes and the emotion to measured attributes.
    residuals : tuple of two arrays, each of shape (clips, attributes)
        What they leave.
    explained : array, shape (attributes,)
        R² of wanted on measured attributes, in clips that the fit did not see.
    """

    chance: Floats
    coefficients: Floats
    residuals: tuple[Floats, Floats]
    explained: Floats

    def chance_of_major(self, wanted: Floats, emotion: Codes) -> Floats:
        """Chance that clips are heard as major, shape (clips,)."""
        chance: Floats = 1.0 / (1.0 + np.exp(-self.chance[0] * wanted[:, MAJORNESS] - self.chance[1:][emotion]))
        return chance

    def expect(self, wanted: Floats, emotion: Codes) -> Floats:
        """Measured attributes before chance, if heard as minor and as major, shape (2, clips, attributes)."""
        design = _design(wanted, emotion)
        means: Floats = design @ self.coefficients
        return means

    def draw(self, wanted: Floats, emotion: Codes, random: np.random.Generator) -> Floats:
        """Compose: measured attributes of one clip per row, shape (clips, attributes)."""
        major = (random.random(len(wanted)) < self.chance_of_major(wanted, emotion)).astype(np.int64)
        clips = self.expect(wanted, emotion)[major, np.arange(len(wanted))]
        for mode, left in enumerate(self.residuals):
            rows = np.flatnonzero(major == mode)
            clips[rows] += left[random.integers(len(left), size=len(rows))]
        return np.clip(clips, LOWEST, HIGHEST)


def fit_surrogate(pairs: Pairs, *, explained: bool = True) -> Surrogate:
    """Fit the model to what `muse` composed; R² by five-fold cross-validation."""
    major = (pairs.measured[:, MAJORNESS] > 0).astype(np.int64)
    steps = np.eye(EMOTIONS)[pairs.emotion]
    features = np.column_stack([pairs.wanted[:, MAJORNESS], steps])
    found = LogisticRegression(C=10.0, fit_intercept=False, max_iter=2000).fit(features, major)
    design = _design(pairs.wanted, pairs.emotion)
    coefficients, residuals = [], []
    for mode in (0, 1):
        rows = major == mode
        own: Any = np.linalg.lstsq(design[rows], pairs.measured[rows], rcond=1e-9)[0]
        coefficients.append(own)
        residuals.append(pairs.measured[rows] - design[rows] @ own)
    made = Surrogate(found.coef_[0], np.stack(coefficients), (residuals[0], residuals[1]), np.zeros(len(NAMES)))
    if not explained:
        return made
    return Surrogate(made.chance, made.coefficients, made.residuals, _cross_validate(pairs))


def _design(wanted: Floats, emotion: Codes) -> Floats:
    """Free wanted attributes, and the emotion, which has an intercept of its own, shape (clips, free + emotions)."""
    return np.column_stack([wanted[:, FREE], np.eye(EMOTIONS)[emotion]])


def _cross_validate(pairs: Pairs, folds: int = 5) -> Floats:
    part = np.random.default_rng(0).integers(folds, size=len(pairs.wanted))
    expected = np.empty_like(pairs.measured)
    for fold in range(folds):
        seen, left = part != fold, part == fold
        fitted = fit_surrogate(
            Pairs(
                pairs.emotion[seen],
                pairs.candidates[seen],
                pairs.wanted[seen],
                pairs.measured[seen],
                pairs.mean,
                pairs.covariance,
                pairs.furthest,
            ),
            explained=False,
        )
        wanted, emotion = pairs.wanted[left], pairs.emotion[left]
        share = fitted.chance_of_major(wanted, emotion)[:, None]
        minor, major = fitted.expect(wanted, emotion)
        expected[left] = (1.0 - share) * minor + share * major
    around = ((pairs.measured - pairs.measured.mean(0)) ** 2).sum(0)
    explained: Floats = 1.0 - ((pairs.measured - expected) ** 2).sum(0) / around
    return explained


def steered_within(pairs: Pairs) -> Floats:
    """Squared correlation of wanted and measured among clips of one emotion, shape (attributes,).

    What an emotion's place, its chords and the critic do to all of its clips alike is not in it.
    """
    means = [[part[pairs.emotion == one].mean(0) for one in range(EMOTIONS)] for part in (pairs.wanted, pairs.measured)]
    wanted, measured = (
        pairs.wanted - np.stack(means[0])[pairs.emotion],
        pairs.measured - np.stack(means[1])[pairs.emotion],
    )
    squared: Floats = (wanted * measured).sum(0) ** 2 / ((wanted**2).sum(0) * (measured**2).sum(0))
    return squared


@lru_cache(maxsize=1)
def shipped_surrogate() -> tuple[Pairs, Surrogate]:
    """The committed pairs, and the surrogate fitted to them."""
    pairs = read_pairs()
    return pairs, fit_surrogate(pairs)


def spread_of_clips(pairs: Pairs, surrogate: Surrogate, per_emotion: int = 400) -> Floats:
    """Covariance of clips of one emotion at its shipped target, shape (attributes, attributes)."""
    emotion = np.repeat(np.arange(EMOTIONS), per_emotion)
    clips = surrogate.draw(own_targets()[emotion], emotion, np.random.default_rng(1))
    means = np.stack([clips[emotion == one].mean(0) for one in range(EMOTIONS)])
    away = clips - means[emotion]
    covariance: Floats = away.T @ away / (len(away) - EMOTIONS)
    return covariance

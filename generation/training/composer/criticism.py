"""Fitting the selection critic and collecting hashes of tunes, from labelled clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes import measure_arrays
from generation.networks.critic import FEATURE_INDEX, QUADRANTS
from generation.training.datasets.emopia import PianoClip
from generation.training.datasets.songs import share_of_song

FloatArray = NDArray[np.float64]

CRITIC_SHARE: Final = 0.6
"""The critic hears songs with `share_of_song` below this; the rest are left to judges."""
FEWEST_PER_QUADRANT: Final = 20
SHRINKAGE: Final = 0.2
REGULARISATION: Final = 0.3


def is_critics_song(song: str) -> bool:
    """Whether the critic may hear this song."""
    return share_of_song(song) < CRITIC_SHARE


def fit_critic(clips: Sequence[PianoClip]) -> dict[str, NDArray[Any]] | None:
    """Fit the critic on labelled clips of its songs; None where a quadrant has too few.

    Returns the arrays `generation.networks.critic.Critic` reads.
    """
    heard = [clip for clip in clips if clip.quadrant in QUADRANTS and is_critics_song(clip.song)]
    labels = np.array([QUADRANTS.index(str(clip.quadrant)) for clip in heard], dtype=np.int64)
    if len(heard) == 0 or np.bincount(labels, minlength=4).min() < FEWEST_PER_QUADRANT:
        return None
    attributes = np.stack([measure_arrays(clip.table, pedal=clip.pedal).to_array() for clip in heard])
    return fit_critic_on(attributes, labels)


def fit_critic_on(attributes: FloatArray, labels: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Fit on measured attributes, shape (clips, attributes), and quadrant indices."""
    from sklearn.linear_model import LogisticRegression

    features = attributes[:, FEATURE_INDEX]
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    scaled = (features - mean) / spread
    regression = LogisticRegression(C=REGULARISATION, max_iter=5000).fit(scaled, labels)
    groups = [scaled[labels == index] for index in range(4)]
    centres = np.stack([group.mean(axis=0) for group in groups])
    precisions, typical = [], []
    for group, centre in zip(groups, centres, strict=True):
        covariance = np.cov(group.T)
        covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.diag(np.diag(covariance) + 0.05)
        precision = np.linalg.inv(covariance)
        away = group - centre
        precisions.append(precision)
        typical.append(np.median(np.einsum("ij,jk,ik->i", away, precision, away)))
    return {
        "mean": mean,
        "spread": spread,
        "coefficients": regression.coef_,
        "intercepts": regression.intercept_,
        "centres": centres,
        "precisions": np.stack(precisions),
        "typical": np.array(typical),
    }


def measure_residuals(attributes: FloatArray, labels: NDArray[np.int64]) -> FloatArray:
    """Covariance of attributes within the labels' groups; shape (attributes, attributes)."""
    groups = [attributes[labels == label] for label in np.unique(labels)]
    residuals = np.concatenate([group - group.mean(axis=0) for group in groups])
    covariance: FloatArray = np.cov(residuals.T) if len(residuals) > 1 else np.zeros((attributes.shape[1],) * 2)
    return covariance

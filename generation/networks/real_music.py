"""Where real piano music lies among the attributes: mean and covariance of EMOPIA's clips, from the composer's weights.

Weights of the network itself are not read, so that a page may ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.music.attributes import NAMES, neutral
from generation.networks.artifacts import ArtifactRefused, default_artifact, load_artifact
from generation.networks.composer import CRITIC_FILE, KIND, TUNES_FILE
from generation.networks.critic import FEATURE_INDEX, QUADRANTS

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RealMusic:
    """A region of attributes, in their units and in the order of `NAMES`.

    Parameters
    ----------
    mean : ndarray, shape (attributes,)
        Of real clips of all quadrants. Tempo, repetition and pedal are not measured on all of them: there it is the
        neutral value of the table, which was rounded from EMOPIA's.
    centres : ndarray, shape (4, attributes)
        The same of each quadrant, in the order of `QUADRANTS`.
    within : ndarray, shape (attributes, attributes)
        Covariance among clips of one quadrant, all quadrants pooled.
    covariance : ndarray, shape (attributes, attributes)
        Of clips of all quadrants, each counted alike: `within`, and what lies between the centres. Its rank is one less
        than its size: all notes are those of the melody and of the accompaniment.
    """

    mean: FloatArray
    centres: FloatArray
    within: FloatArray
    covariance: FloatArray


@lru_cache(maxsize=2)
def find_real_music(folder: Path | None = None) -> RealMusic:
    """Read the region that the composer in `folder`, or the default one, was fitted on; kept in memory.

    Raises
    ------
    ArtifactRefused
        When the folder is no intact composer artifact, or it knows nothing of real clips.

    Examples
    --------
    >>> real = find_real_music()
    >>> real.covariance.shape, bool(np.linalg.eigvalsh(real.covariance).min() > -1e-9)
    ((19, 19), True)
    """
    artifact = load_artifact(folder or default_artifact(KIND), kind=KIND)
    if CRITIC_FILE not in artifact.manifest["files"]:
        raise ArtifactRefused(f"{artifact.folder} has no critic: it does not know where real music lies.")
    with np.load(artifact.path(TUNES_FILE)) as known, np.load(artifact.path(CRITIC_FILE)) as fitted:
        within = known["residuals"].astype(np.float64)
        spread, middle = fitted["spread"].astype(np.float64), fitted["mean"].astype(np.float64)
        heard = middle + spread * fitted["centres"].astype(np.float64)  # (4, features the critic hears)
    centres = np.tile(neutral().to_array(), (len(QUADRANTS), 1))
    centres[:, FEATURE_INDEX] = heard
    away = centres - centres.mean(axis=0)
    if within.shape != (len(NAMES), len(NAMES)):
        raise ArtifactRefused(f"{artifact.folder} knows {len(within)} attributes of real clips, not {len(NAMES)}.")
    return RealMusic(centres.mean(axis=0), centres, within, within + away.T @ away / len(QUADRANTS))

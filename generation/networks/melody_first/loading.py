"""The trained networks of both stages, from a folder beside the other composers' weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.artifacts import WEIGHTS, Artifact, ArtifactRefused, load_artifact
from generation.networks.melody_first.transformer import StageNetwork

KIND: Final = "composer"
LAYOUT: Final = "melody first"
"""What the manifest says under `layout`, as composers of this kind may be built otherwise."""
FREE: Final = "muse-2.0"
NON_COMMERCIAL: Final = "muse-emopia-2.0"
MELODY_FILE, ACCOMPANIMENT_FILE, TUNES_FILE = "melody.npz", "accompaniment.npz", "tunes.npz"


@dataclass(frozen=True, slots=True)
class LoadedStages:
    """Both networks, the hashes of known tunes (see `generation.music.copying`), and their artifact."""

    melody: StageNetwork
    accompaniment: StageNetwork
    tunes: NDArray[np.uint32]
    artifact: Artifact


@lru_cache(maxsize=2)
def load_stages(folder: Path | None = None) -> LoadedStages:
    """Load the networks in `folder`, or those that are free for any use; kept in memory.

    Raises
    ------
    ArtifactRefused
        When the folder is no intact artifact of this layout.
    """
    artifact = load_artifact(folder or WEIGHTS / KIND / FREE, kind=KIND)
    if artifact.manifest.get("layout") != LAYOUT:
        raise ArtifactRefused(f"{artifact.folder} holds no composer of the layout {LAYOUT!r}.")
    networks = []
    for stage, name in (("melody", MELODY_FILE), ("accompaniment", ACCOMPANIMENT_FILE)):
        with np.load(artifact.path(name)) as weights:
            networks.append(StageNetwork(stage, dict(weights)))
    return LoadedStages(networks[0], networks[1], _read_tunes(artifact), artifact)


def _read_tunes(artifact: Artifact) -> NDArray[np.uint32]:
    """Hashes of all songs that these weights learned from, those of the weights they were begun from included."""
    with np.load(artifact.path(TUNES_FILE)) as known:
        tunes: NDArray[np.uint32] = known["hashes"]
    begun_from = artifact.manifest.get("begun_from")
    if begun_from:
        with np.load(load_artifact(artifact.folder.parent / begun_from, kind=KIND).path(TUNES_FILE)) as known:
            tunes = np.union1d(tunes, known["hashes"])
    return tunes

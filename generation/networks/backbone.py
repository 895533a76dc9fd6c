"""The ImageNet backbone, served with ONNX Runtime: pixels in; feature maps and ImageNet's classes out.

It loads neither TensorFlow nor PyTorch. One thread: a worker shares its machine with others, and one thread
gives the same bits on every run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.networks.artifacts import WEIGHTS, Artifact, ArtifactRefused, load_artifact, shipped_artifacts

Floats = NDArray[np.float32]

KIND: Final = "image_backbone"
GRAPH_FILE: Final = "backbone.onnx"
MAPS: Final = ("low", "middle", "high", "head")
"""Feature maps given out, from the finest grid to the coarsest."""
CLASSES: Final = "classes"


@dataclass(frozen=True)
class Seen:
    """What the backbone makes of a batch of pictures.

    Parameters
    ----------
    maps : mapping
        `MAPS` → array, shape (batch, channels, height, width).
    classes : array, shape (batch, 1000)
        Probabilities of ImageNet's classes, in ImageNet's order.
    """

    maps: Mapping[str, Floats]
    classes: Floats

    def pool(self) -> Floats:
        """Means of all maps over the picture, finest first, shape (batch, channels of all maps)."""
        return np.concatenate([self.maps[name].mean(axis=(2, 3)) for name in MAPS], axis=1)


@dataclass(frozen=True)
class ImageBackbone:
    """A loaded backbone; reading it from several threads is safe.

    Parameters
    ----------
    artifact : Artifact
        Where it comes from; its manifest names the input's side.
    """

    artifact: Artifact

    @property
    def side(self) -> int:
        """Width and height of the pictures it sees."""
        return int(self.artifact.manifest["input"]["side"])

    @cached_property
    def _session(self) -> Any:
        # Here and not above: it takes its time to load, and most processes never run a backbone.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # More threads add up in another order, and floating-point sums depend on it.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(self.artifact.path(GRAPH_FILE)), options, providers=["CPUExecutionProvider"]
        )

    def look(self, pixels: NDArray[np.uint8]) -> Seen:
        """Run the network on pixels of shape (batch, side, side, 3)."""
        found = dict(zip((*MAPS, CLASSES), self._session.run([*MAPS, CLASSES], {"pixels": pixels}), strict=True))
        return Seen({name: found[name] for name in MAPS}, found[CLASSES])


@lru_cache(maxsize=4)
def load_backbone(name: str, weights: Path = WEIGHTS) -> ImageBackbone:
    """Load the newest shipped backbone called `name`, such as ``efficientnet-lite2``.

    Raises
    ------
    ArtifactRefused
        When there is none of that name, or it is not intact; the message lists those that are there.
    """
    folders = {path.name.rpartition("-")[0]: path for path in shipped_artifacts(KIND, weights=weights)}
    if name not in folders:
        raise ArtifactRefused(f"There is no image backbone {name!r}; here are: {', '.join(folders) or 'none'}.")
    return ImageBackbone(load_artifact(folders[name], kind=KIND))

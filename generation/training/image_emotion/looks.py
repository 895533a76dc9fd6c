"""What the backbones see of a data set, kept on disk: 118,000 pictures in bounded memory, looked at once.

The pass can be interrupted; it goes on with the first picture that was not yet written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from generation.images.decoding import PictureRefused
from generation.images.features import FEATURE_NAMES
from generation.networks.backbone import load_backbone
from generation.networks.image_views import Look, View, look_at
from generation.training.datasets.samples import LabelledPicture
from generation.training.image_emotion.pixels.preparation import load_progress, map_array, save_progress
from generation.training.workplace import TrainingRefused

CHUNK: Final = 256
CLASSES: Final = 1000


@dataclass(frozen=True, slots=True)
class Looks:
    """Readable pictures of a data set as arrays of one length; the large ones stay on disk.

    Parameters
    ----------
    pooled : array of float16, shape (pictures, pooled features)
    classes : array of float16, shape (pictures, 1000)
    measures : array of float32, shape (pictures, 19)
    labels : array of float32, shape (pictures, 8)
    affect : array of float32, shape (pictures, 2)
        Human valence and arousal; NaN where nobody rated.
    groups, names : array of str
        Theme, and file name, of each picture.
    unreadable : int
        Files that were missing or damaged.
    """

    pooled: NDArray[np.float16]
    classes: NDArray[np.float16]
    measures: NDArray[np.float32]
    labels: NDArray[np.float32]
    affect: NDArray[np.float32]
    groups: NDArray[np.str_]
    names: NDArray[np.str_]
    unreadable: int

    def __len__(self) -> int:
        return len(self.groups)


def count_pooled(views: Sequence[View]) -> int:
    """Pooled features of all views. Raises ArtifactRefused where a backbone is missing."""
    return sum(sum(load_backbone(view.backbone).artifact.manifest["channels"].values()) for view in views)


def take_looks(
    count: int, read: Callable[[int], LabelledPicture], folder: Path, views: Sequence[View], threads: int | None = None
) -> Looks:
    """Look at `count` pictures and keep what was seen in `folder`, or go on where an earlier pass stopped.

    Raises
    ------
    TrainingRefused
        When no picture can be read.
    """
    shapes = {
        "pooled": ((count, count_pooled(views)), np.float16),
        "classes": ((count, CLASSES), np.float16),
        "measures": ((count, len(FEATURE_NAMES)), np.float32),
        "labels": ((count, 8), np.float32),
        "affect": ((count, 2), np.float32),
    }
    folder.mkdir(parents=True, exist_ok=True)
    progress = folder / "looks.json"
    done, unreadable, kept = load_progress(progress)
    arrays = {
        name: map_array(folder / f"{name}.npy", shape, kind, fresh=done == 0) for name, (shape, kind) in shapes.items()
    }
    with (
        ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool,
        tqdm(total=count, initial=done, desc="Looking at pictures", unit="picture", mininterval=1.0) as bar,
    ):
        while done < count:
            samples = [read(number) for number in range(done, min(done + CHUNK, count))]
            for sample, look in zip(samples, pool.map(lambda one: _try(one, views), samples), strict=True):
                bar.update()
                if look is None:
                    unreadable += 1
                    continue
                _write(arrays, len(kept), sample, look)
                kept = [*kept, f"{sample.group}\t{sample.path.name}"]
            done += len(samples)
            for array in arrays.values():
                array.flush()
            save_progress(progress, done, unreadable, kept)
    if not kept:
        raise TrainingRefused(f"None of the {count} listed pictures can be read; is --data the right folder?")
    groups, names = zip(*(line.split("\t") for line in kept), strict=True)
    rows: dict[str, Any] = {name: array[: len(kept)] for name, array in arrays.items()}
    return Looks(**rows, groups=np.array(groups), names=np.array(names), unreadable=unreadable)


def _try(sample: LabelledPicture, views: Sequence[View]) -> Look | None:
    """None for a picture that cannot be read, which must not end hours of training."""
    try:
        return look_at(sample.path.read_bytes(), views)
    except (OSError, PictureRefused):
        return None


def _write(arrays: dict[str, Any], row: int, sample: LabelledPicture, look: Look) -> None:
    arrays["pooled"][row], arrays["classes"][row] = look.pooled(), look.classes
    arrays["measures"][row] = [look.measures[name] for name in FEATURE_NAMES]
    arrays["labels"][row] = sample.label
    arrays["affect"][row] = [np.nan if value is None else value for value in (sample.valence, sample.arousal)]

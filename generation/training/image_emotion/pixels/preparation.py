"""Pictures prepared once and kept on disk: 118,000 of them do not fit in memory.

Decoding and measuring is the slow part of an epoch. It is done in one pass, into memory-mapped files next to
the checkpoints; epochs then read batches from there. The pass can be interrupted: it goes on with the first
picture that was not yet written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from generation.images.decoding import PictureRefused
from generation.networks.image_input import prepare_picture
from generation.training.datasets.samples import LabelledPicture
from generation.training.workplace import TrainingRefused

_CHUNK: Final = 256
_FACTS: Final = ("valence", "arousal", "brightness", "colourfulness")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Readable pictures of a data set, as arrays of one length; `pixels` stays on disk.

    `facts` holds valence, arousal and the annotated brightness and colourfulness, NaN where absent.
    `unreadable` counts the files that were missing or damaged.
    """

    pixels: NDArray[np.uint8]
    measures: NDArray[np.float32]
    labels: NDArray[np.float32]
    facts: NDArray[np.float32]
    groups: NDArray[np.str_]
    unreadable: int

    def fact(self, name: str) -> NDArray[np.float32]:
        """One column of `facts`."""
        return self.facts[:, _FACTS.index(name)]

    def __len__(self) -> int:
        return len(self.groups)


def prepare(
    count: int, read: Callable[[int], LabelledPicture], folder: Path, *, side: int, features: Sequence[str]
) -> Prepared:
    """Decode and measure `count` pictures into `folder`, or go on where an earlier pass stopped.

    Parameters
    ----------
    count : int
        How many pictures there are.
    read : callable
        Gives the labelled picture of a number; called once per picture, so annotations are streamed too.
    folder : Path
        Where the arrays go; whoever calls makes sure that it belongs to these pictures.
    side, features
        See `generation.networks.image_input.prepare_picture`.

    Raises
    ------
    TrainingRefused
        When hardly any picture can be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    progress = folder / "prepared.json"
    done, unreadable, groups = load_progress(progress)
    shapes = {
        "pixels": (count, side, side, 3),
        "measures": (count, len(features)),
        "labels": (count, 8),
        "facts": (count, len(_FACTS)),
    }
    arrays = {
        name: map_array(folder / f"{name}.npy", shape, np.uint8 if name == "pixels" else np.float32, fresh=done == 0)
        for name, shape in shapes.items()
    }
    with tqdm(total=count, initial=done, desc="Preparing pictures", unit="picture", mininterval=1.0) as bar:
        while done < count:
            for number in range(done, min(done + _CHUNK, count)):
                sample = read(number)
                good = _prepare_one(sample, len(groups), arrays, side, features)
                groups, unreadable = ([*groups, sample.group], unreadable) if good else (groups, unreadable + 1)
                bar.update()
            done = min(done + _CHUNK, count)
            for array in arrays.values():
                array.flush()
            save_progress(progress, done, unreadable, groups)
    if not groups:
        raise TrainingRefused(f"None of the {count} listed pictures can be read; is --data the right folder?")
    kept = {name: array[: len(groups)] for name, array in arrays.items()}
    return Prepared(**kept, groups=np.array(groups), unreadable=unreadable)


def _prepare_one(
    sample: LabelledPicture, row: int, arrays: dict[str, NDArray[np.generic]], side: int, features: Sequence[str]
) -> bool:
    """Write one picture to `row`; False where it cannot be read, which must not end hours of training."""
    try:
        pixels, measures = prepare_picture(sample.path.read_bytes(), side, features)
    except (OSError, PictureRefused):
        return False
    arrays["pixels"][row], arrays["measures"][row], arrays["labels"][row] = pixels, measures, sample.label
    arrays["facts"][row] = [np.nan if (fact := getattr(sample, name)) is None else fact for name in _FACTS]
    return True


def map_array(path: Path, shape: tuple[int, ...], kind: type[np.generic], *, fresh: bool) -> NDArray[np.generic]:
    """An array on disk: a new one of `kind`, or the one an earlier pass left."""
    if fresh or not path.is_file():
        return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    return np.lib.format.open_memmap(path, mode="r+")


def load_progress(path: Path) -> tuple[int, int, list[str]]:
    """Pictures done, pictures that could not be read, and a line of text for each that could."""
    if not path.is_file():
        return 0, 0, []
    state = json.loads(path.read_text(encoding="utf-8"))
    return int(state["done"]), int(state["unreadable"]), list(state["groups"])


def save_progress(path: Path, done: int, unreadable: int, groups: list[str]) -> None:
    """Note how far a pass has come, whole or not at all."""
    part = path.with_suffix(".part")
    state = {"done": done, "unreadable": unreadable, "groups": groups}
    part.write_text(json.dumps(state), encoding="utf-8")
    part.replace(path)

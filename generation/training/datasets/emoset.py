"""EmoSet-118K as it lies on disk.

::

    info.json                         label order
    train.json val.json test.json     lists of [emotion, image_id, "image/…jpg", "annotation/…json"],
                                      in some mirrors without image_id
    image/<emotion>/<id>.jpg
    annotation/<emotion>/<id>.json    image_id, emotion, brightness, colorfulness; keys absent, not null,
                                      where nobody annotated them

References
----------
Yang, Huang, Ding, Lischinski, Cohen-Or & Huang (2023), EmoSet: A large-scale visual emotion dataset with rich
attributes, ICCV.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from generation.emotions import SLUGS
from generation.training.datasets.samples import LabelledPicture
from generation.training.workplace import TrainingRefused

LISTS: Final = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: its emotion, and the paths of picture and annotation relative to the data set."""

    emotion: str
    image: str
    annotation: str | None


@dataclass(frozen=True, slots=True)
class EmoSet:
    """The label order and the lists that are there (``train``, ``val``, ``test``)."""

    folder: Path
    labels: tuple[str, ...]
    lists: dict[str, tuple[Entry, ...]]

    @property
    def entries(self) -> list[Entry]:
        """All entries, list after list, each picture once."""
        return list({entry.image: entry for entries in self.lists.values() for entry in entries}.values())

    def read(self, entry: Entry) -> LabelledPicture:
        """The labelled picture of `entry`, with the annotation's brightness and colourfulness if present."""
        annotation = _read_annotation(self.folder / entry.annotation) if entry.annotation else {}
        return LabelledPicture(
            path=self.folder / entry.image,
            label=tuple(float(label == entry.emotion) for label in self.labels),
            group=entry.image,
            brightness=_number(annotation.get("brightness")),
            colourfulness=_number(annotation.get("colorfulness")),
        )


def load_emoset(folder: Path) -> EmoSet:
    """Read the label order and every list in `folder`; no picture is opened.

    Raises
    ------
    TrainingRefused
        When `folder` is not laid out like EmoSet; the message says what is missing.
    """
    if not folder.is_dir():
        raise TrainingRefused(f"{folder} is not a folder; give --data the folder that holds EmoSet's info.json.")
    labels = read_label_order(folder / "info.json")
    lists = {
        name: tuple(_read_list(folder / f"{name}.json", labels))
        for name in LISTS
        if (folder / f"{name}.json").is_file()
    }
    if not any(lists.values()):
        raise TrainingRefused(f"{folder} has none of train.json, val.json and test.json with pictures in it.")
    return EmoSet(folder, labels, lists)


def read_label_order(path: Path) -> tuple[str, ...]:
    """The eight emotions in the order of ``info.json``.

    Raises
    ------
    TrainingRefused
        When the file is missing or does not number the eight emotions 0…7.
    """
    info = _read_json(path)
    try:
        numbers = info["emotion"]["label2idx"]
        order = tuple(sorted(numbers, key=lambda label: int(numbers[label])))
        indices = sorted(int(number) for number in numbers.values())
    except (KeyError, TypeError, ValueError, AttributeError):
        raise TrainingRefused(f"{path} has no emotion → label2idx table.") from None
    if set(order) != set(SLUGS) or indices != list(range(len(SLUGS))):
        raise TrainingRefused(f"{path} numbers {', '.join(order)}; wanted are {', '.join(SLUGS)} as 0…7.")
    return order


def _read_list(path: Path, labels: tuple[str, ...]) -> Iterator[Entry]:
    rows = _read_json(path)
    if not isinstance(rows, list):
        raise TrainingRefused(f"{path} is not a list.")
    for number, row in enumerate(rows):
        yield _read_row(row, labels, f"{path}, entry {number}")


def _read_row(row: Any, labels: tuple[str, ...], where: str) -> Entry:
    """An entry from [emotion, image, annotation] or [emotion, id, image, annotation]; annotation may be absent."""
    if not isinstance(row, list) or not all(isinstance(cell, str) or cell is None for cell in row) or not row:
        raise TrainingRefused(f"{where} is not a list of texts.")
    emotion = row[0]
    paths = [cell for cell in row[1:] if cell and "/" in cell]
    image = next((cell for cell in paths if not cell.endswith(".json")), None)
    if emotion not in labels:
        raise TrainingRefused(f"{where} has the emotion {emotion!r}, which info.json does not know.")
    if image is None or not _stays_inside(image):
        raise TrainingRefused(f"{where} names no picture below image/.")
    annotation = next((cell for cell in paths if cell.endswith(".json") and _stays_inside(cell)), None)
    return Entry(emotion, image, annotation)


def _stays_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise TrainingRefused(f"{path} is missing or cannot be read.") from None
    except ValueError as error:
        raise TrainingRefused(f"{path} is not JSON: {error}.") from None


def _read_annotation(path: Path) -> dict[str, Any]:
    """An annotation, or nothing where it is missing or broken: it is an extra, not needed to train."""
    try:
        annotation = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return annotation if isinstance(annotation, dict) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

"""Finding and reading picture files that a person named on the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.accepted import PICTURE_SUFFIXES, REFUSED_BY_NAME
from generation.images.decoding import PictureRefused, explain_unreadable, is_picture
from generation.images.intake import MAX_BYTES

_LEFT_BY_SYSTEMS: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder that was not taken, and one sentence why."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{printable(self.path)}: left out. {self.reason}"


@dataclass(frozen=True, slots=True)
class Found:
    """The picture files that were named, and what else lay in the folders."""

    pictures: tuple[Path, ...]
    left_out: tuple[LeftOut, ...]


def look_through(paths: Iterable[Path]) -> Found:
    """List the picture files that `paths` name: files as they are, folders with all they hold, sorted.

    In a folder a file counts as a picture by what it holds or, where it is damaged or of a kind that is refused with
    advice, by its name. `left_out` holds everything else of those folders, but for what operating systems leave
    behind.

    Raises
    ------
    FileNotFoundError
        When a path does not exist; the message names it.

    Examples
    --------
    >>> look_through([])
    Found(pictures=(), left_out=())
    """
    found: dict[Path, None] = {}
    left_out: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            for file, reason in sorted(_look_into(path)):
                if reason:
                    left_out[file] = reason
                else:
                    found[file] = None
        elif path.exists():
            found[path] = None
        else:
            raise FileNotFoundError(f"{path} does not exist.")
    return Found(tuple(found), tuple(LeftOut(path, why) for path, why in left_out.items() if path not in found))


def _look_into(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything below `folder` with the reason to leave it out; no reason for a picture."""
    closed: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        for name in folders:
            if Path(place, name).is_symlink():
                yield Path(place, name), "It is a link to a folder; name that folder itself."
        for name in files:
            if not _left_by_a_system(name):
                yield Path(place, name), _why_not(Path(place, name))
    for error in closed:
        yield Path(error.filename), f"The folder cannot be looked into: {error.strerror}."


def _why_not(file: Path) -> str:
    if not file.is_file():
        return "It is not a file, or a link that leads nowhere."
    if file.suffix.lower() in PICTURE_SUFFIXES or file.suffix.lower() in REFUSED_BY_NAME:
        return ""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES)
    except OSError as error:
        return f"It cannot be read: {error.strerror}."
    if not data:
        return "It is empty, and its name is not that of a picture."
    return "" if is_picture(data) else explain_unreadable(data)


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """The picture files alone; see `look_through`."""
    return list(look_through(paths).pictures)


def _left_by_a_system(name: str) -> bool:
    return name.lower() in _LEFT_BY_SYSTEMS or name.startswith("._")


def read_picture_file(file: Path) -> bytes:
    """What `file` holds; one that is too large is refused unread.

    Raises
    ------
    PictureRefused
        When it is too large, or no file.
    OSError
        When it cannot be read.
    """
    if not file.is_file():
        raise PictureRefused("This is not a file.")
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise PictureRefused(f"The file has {size / 2**20:.0f} MB, more than the {MAX_BYTES // 2**20} MB allowed.")
    return file.read_bytes()


def printable(file: Path) -> str:
    """The path as text that can be written and stored anywhere, also where its bytes are no UTF-8."""
    return str(file).encode("utf-8", "replace").decode()

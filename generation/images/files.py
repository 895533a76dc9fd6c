"""Finding picture files that a person named on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

SUFFIXES: Final = frozenset(
    {
        ".jpg",
        ".jpeg",
        ".jpe",
        ".png",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".webp",
        ".avif",
        ".ppm",
        ".pgm",
        ".tga",
    }
)
"""What is taken from a folder; a file named itself is taken whatever its name."""


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """List the picture files that `paths` name: files as they are, folders with all they hold, sorted.

    Raises
    ------
    FileNotFoundError
        When a path does not exist; the message names it.

    Examples
    --------
    >>> find_pictures([])
    []
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise FileNotFoundError(f"{path} does not exist.")
    return list(found)

"""Finding and reading picture files that a person named on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.images.intake import MAX_BYTES
from generation.images.reading import PictureRefused

_JPEG: Final = (".jpg", ".jpeg", ".jpe", ".jfif", ".jfi", ".jif", ".pjpeg", ".pjp", ".mpo")
_JPEG_2000: Final = (".jp2", ".j2k", ".jpf", ".jpx", ".jpm", ".j2c", ".jpc")
_PLAIN: Final = (".bmp", ".dib", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".pam", ".tga", ".icb", ".vda", ".vst")
_OTHERS: Final = (".png", ".apng", ".gif", ".tif", ".tiff", ".webp", ".avif", ".avifs", ".heic", ".heif", ".hif")
SUFFIXES: Final = frozenset((*_JPEG, *_JPEG_2000, *_PLAIN, *_OTHERS))
"""What is taken from a folder; a file named itself is taken whatever its name. HEIC is refused with what to do."""
_LEFT_BY_SYSTEMS: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Found:
    """The picture files that were named, and what else lay in the folders."""

    pictures: tuple[Path, ...]
    skipped: tuple[Path, ...]


def look_through(paths: Iterable[Path]) -> Found:
    """List the picture files that `paths` name: files as they are, folders with all they hold, sorted.

    `skipped` holds every other file of those folders, but for what operating systems leave behind.

    Raises
    ------
    FileNotFoundError
        When a path does not exist; the message names it.

    Examples
    --------
    >>> look_through([])
    Found(pictures=(), skipped=())
    """
    found: dict[Path, None] = {}
    skipped: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(file for file in path.rglob("*") if file.is_file()):
                if _left_by_a_system(file):
                    continue
                (found if file.suffix.lower() in SUFFIXES else skipped)[file] = None
        elif path.exists():
            found[path] = None
        else:
            raise FileNotFoundError(f"{path} does not exist.")
    return Found(tuple(found), tuple(file for file in skipped if file not in found))


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """The picture files alone; see `look_through`."""
    return list(look_through(paths).pictures)


def _left_by_a_system(file: Path) -> bool:
    return file.name.lower() in _LEFT_BY_SYSTEMS or file.name.startswith("._")


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

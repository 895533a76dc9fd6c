"""What was sent to the import page: a zip with a manifest and its files, unpacked within limits."""

from __future__ import annotations

import errno
import lzma
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import IO, Final

from generation.importing.manifest import ManifestRefused, Problem

MOST_FILES: Final = 5000
LARGEST_UNPACKED: Final = 2 * 1024**3
"""Bytes of all files together."""
MOST_TOLD: Final = 100
"""Files left out that are named one by one."""
_CLUTTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_CHUNK: Final = 1024 * 1024
_LONGEST_NAME: Final = 255
"""Bytes that a file system takes for the name of one file or folder."""
_LONGEST_PATH: Final = 1000
_MOST_WORDS: Final = 120
"""Characters of `zipfile`'s own words that are repeated; it quotes what it stumbles over, whole."""
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,
    LookupError,
    OSError,
)
"""What `zipfile` and its decoders have been seen to raise on damaged and on strange archives."""
_SYMLINK: Final = 0o12
_ENCRYPTED: Final = 0x1


def unpack(archive: Path | IO[bytes], folder: Path, *, limit: int = LARGEST_UNPACKED) -> Path:
    """Unpack `archive` into the new `folder`; return the path of its manifest.

    Sizes are counted while unpacking, not believed. Raises ManifestRefused with what is wrong.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not _is_clutter(entry)]
            _check(entries, limit)
            folder.mkdir(parents=True)
            for entry in entries:
                limit -= _write(opened, entry, folder, limit)
    except ManifestRefused:
        raise
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # the disk's fault; bzip2's own error has no number, a place before the file's start is invalid
        why = str(error)[:_MOST_WORDS] or type(error).__name__
        raise ManifestRefused(
            [Problem(0, f"The archive is damaged or of an unknown kind ({why}); make it anew as a plain zip file.")]
        ) from error
    return find_manifest(folder)


def _is_clutter(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    return entry.is_dir() or "__MACOSX" in path.parts or _is_clutter_name(path.name)


def _is_clutter_name(name: str) -> bool:
    """What operating systems leave behind in folders."""
    return name in _CLUTTER or name.startswith("._")


def _check(entries: Iterable[zipfile.ZipInfo], limit: int) -> None:
    problems, names, total = [], set(), 0
    for entry in entries:
        path = PurePosixPath(entry.filename)
        total += entry.file_size
        parts = path.parts or ("..",)  # an entry without a name
        if path.is_absolute() or ".." in parts or "\\" in entry.filename or ":" in parts[0]:
            problems.append(Problem(0, f"{entry.filename!r} in the archive leads out of it."))
        if not _can_be_written(entry.filename, parts):
            problems.append(Problem(0, f"{entry.filename[:60]!r}… in the archive is no name that a file can have."))
        if entry.external_attr >> 28 == _SYMLINK:
            problems.append(Problem(0, f"{entry.filename!r} in the archive is a link; send the file itself."))
        if entry.flag_bits & _ENCRYPTED:
            problems.append(Problem(0, f"{entry.filename!r} in the archive is encrypted; send it without a password."))
        if entry.filename in names:
            problems.append(Problem(0, f"{entry.filename!r} is in the archive twice."))
        names.add(entry.filename)
    if len(names) > MOST_FILES:
        problems.append(Problem(0, f"The archive holds more than {MOST_FILES} files."))
    if total > limit:
        problems.append(_too_large(limit))
    if problems:
        raise ManifestRefused(problems)


def _can_be_written(name: str, parts: Iterable[str]) -> bool:
    try:
        longest = max(len(part.encode()) for part in parts)
    except UnicodeEncodeError:
        return False
    return longest <= _LONGEST_NAME and len(name.encode()) <= _LONGEST_PATH


def _too_large(limit: int) -> Problem:
    return Problem(0, f"Unpacked, the archive has more than {limit / 2**20:.0f} MB.")


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, left: int) -> int:
    target = folder / entry.filename
    written = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, target.open("xb") as stream:
            while block := source.read(_CHUNK):
                written += len(block)
                if written > left:
                    raise ManifestRefused([_too_large(left)])
                stream.write(block)
    except (FileExistsError, NotADirectoryError) as error:
        raise ManifestRefused([Problem(0, f"{entry.filename!r} is both a file and a folder.")]) from error
    return written


def find_manifest(folder: Path) -> Path:
    """The only CSV file at the shallowest level that has one; `manifest.csv` where there are several."""
    tables = [path for path in folder.rglob("*") if path.suffix.casefold() == ".csv" and path.is_file()]
    found = sorted(tables, key=lambda path: len(path.parts))
    level = [path for path in found if len(path.parts) == len(found[0].parts)] if found else []
    named = [path for path in level if path.name.casefold() == "manifest.csv"]
    chosen = named or level
    if len(chosen) != 1:
        reason = "holds no CSV file" if not chosen else "holds several CSV files"
        raise ManifestRefused([Problem(0, f"The archive {reason}; put the manifest in it as manifest.csv.")])
    return chosen[0]


def find_unnamed(folder: Path, manifest: Path, named: Collection[Path]) -> list[Problem]:
    """One sentence for every file below `folder` that a manifest does not name, so that none is left out unsaid."""
    known = {path.resolve() for path in (manifest, *named)}
    unnamed = []
    for place, _, files in os.walk(folder):
        for path in (Path(place, name) for name in sorted(files)):
            if path.resolve() not in known and not _is_clutter_name(path.name):
                unnamed.append(path.relative_to(folder).as_posix())
        if len(unnamed) > MOST_FILES:  # a manifest that lies in somebody's whole collection
            break
    told = [
        Problem(0, f"{name!r} was left out: no row of the manifest names it.") for name in sorted(unnamed)[:MOST_TOLD]
    ]
    if len(unnamed) > MOST_TOLD:
        told.append(
            Problem(0, f"{len(unnamed) - MOST_TOLD} more files were left out: no row of the manifest names them.")
        )
    return told


def forget(folder: Path) -> None:
    """Remove what was unpacked; what is not there is no fault."""
    shutil.rmtree(folder, ignore_errors=True)

"""The grand piano that hears how hard a key is struck: where it is installed, and taken out of its SoundFont once.

Why this one, and why it is taken out: docs/decisions/touch.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import uuid
from pathlib import Path
from typing import Final

from generation.music.sound.fluid import RendererFailed, find_fluidsynth
from generation.music.sound.renderers import hash_soundfont
from generation.music.sound.soundfonts import UnusableSoundFont, take_out_piano

GRAND_PLACES: Final = (Path("/usr/share/sounds/sf3/MuseScore_General_Full.sf3"),)
"""Where Debian puts MuseScore's General SoundFont (MIT; its grand piano is in the public domain)."""
TAKING_OUT_VERSION: Final = 1
"""Raised when the piano of the same SoundFont is taken out otherwise: part of the kept file's name."""

_UNFINISHED: Final = ".piano-"
"""How the name of a file begins that is being written."""
_LONGEST_WRITING_SECONDS: Final = 24 * 60 * 60


def find_grand_piano() -> Path | None:
    """The installed SoundFont with the grand piano, or None; FluidSynth alone follows its touch."""
    if find_fluidsynth() is None:
        return None
    return next((place for place in GRAND_PLACES if place.is_file()), None)


def keep_piano(source: Path, folder: Path) -> Path:
    """The piano of a large SoundFont alone, in a file of `folder`; taken out by whoever asks first.

    The name of the file tells the source, its SHA-256 and how the piano was taken out; a file beside it tells its own
    SHA-256, by which it is checked once per process. One that does not fit is taken out anew. Several processes may
    ask at once: the file appears whole.

    Raises
    ------
    RendererFailed
        When `source` holds no piano, or `folder` has no room. No other piano plays instead: it would be heard.
    """
    try:
        digest = hash_soundfont(source)
        kept = folder / f"{source.stem}-piano-{TAKING_OUT_VERSION}-{digest[:16]}.sf2"
        if not _is_whole(kept):
            folder.mkdir(parents=True, exist_ok=True)
            _clear_leftovers(folder)
            piano = take_out_piano(source, f"The piano of {source.name}, SHA-256 {digest}.")
            _write_whole(_sum_of(kept), f"{hashlib.sha256(piano).hexdigest()}  {kept.name}\n".encode())
            _write_whole(kept, piano)
    except UnusableSoundFont as error:
        raise RendererFailed(f"There is no piano to be had from {source}: {error}") from error
    except OSError as error:
        raise RendererFailed(f"The piano of {source} cannot be kept in {folder}: {error.strerror}.") from error
    return kept


def _sum_of(kept: Path) -> Path:
    """Where the SHA-256 of a kept piano stands, as `sha256sum --check` reads it."""
    return kept.with_name(f"{kept.name}.sha256")


def _is_whole(kept: Path) -> bool:
    if not kept.is_file() or not _sum_of(kept).is_file():
        return False
    return _sum_of(kept).read_text(errors="replace").split()[:1] == [hash_soundfont(kept)]


def _clear_leftovers(folder: Path) -> None:
    """Remove what a process that was killed while it wrote left behind: files that nothing has written to for a day."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(FileNotFoundError):  # another process has just given it its name, or removed it
            if time.time() - left.stat().st_mtime > _LONGEST_WRITING_SECONDS:
                left.unlink()


def _write_whole(path: Path, content: bytes) -> None:
    """As media files are written: readable by whom the umask lets, and on the disk before the name stands over it."""
    unfinished = path.with_name(f"{_UNFINISHED}{uuid.uuid4().hex}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise

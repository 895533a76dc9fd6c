"""The grand piano that hears how hard a key is struck: where it is installed, and taken out of its SoundFont once.

Why this one, and why it is taken out: docs/decisions/touch.md.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from generation.music.sound.fluid import RendererFailed, find_fluidsynth
from generation.music.sound.renderers import hash_soundfont
from generation.music.sound.soundfonts import UnusableSoundFont, take_out_piano

GRAND_PLACES: Final = (Path("/usr/share/sounds/sf3/MuseScore_General_Full.sf3"),)
"""Where Debian puts MuseScore's General SoundFont (MIT; its grand piano is in the public domain)."""
TAKING_OUT_VERSION: Final = 1
"""Raised when the piano of the same SoundFont is taken out otherwise: part of the kept file's name."""


def find_grand_piano() -> Path | None:
    """The installed SoundFont with the grand piano, or None; FluidSynth alone follows its touch."""
    if find_fluidsynth() is None:
        return None
    return next((place for place in GRAND_PLACES if place.is_file()), None)


def keep_piano(source: Path, folder: Path) -> Path:
    """The piano of a large SoundFont alone, in a file of `folder`; taken out by whoever asks first.

    The name of the file tells the source, its SHA-256 and how the piano was taken out. Several processes may ask at
    once: the file appears whole.

    Raises
    ------
    RendererFailed
        When `source` holds no piano, or `folder` has no room. No other piano plays instead: it would be heard.
    """
    try:
        digest = hash_soundfont(source)
        kept = folder / f"{source.stem}-piano-{TAKING_OUT_VERSION}-{digest[:16]}.sf2"
        if not kept.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            _write_whole(kept, take_out_piano(source, f"The piano of {source.name}, SHA-256 {digest}."))
    except UnusableSoundFont as error:
        raise RendererFailed(f"There is no piano to be had from {source}: {error}") from error
    except OSError as error:
        raise RendererFailed(f"The piano of {source} cannot be kept in {folder}: {error.strerror}.") from error
    return kept


def _write_whole(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".piano-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

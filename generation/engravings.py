"""Drawings of scores that are kept: made when somebody first asks, and lost without harm.

A score's drawings lie among the media under the hash of what they were made from: the MusicXML and who engraved it. No
row names them, so backups leave them out, and another version of the engraver draws anew. They tell neither picture nor
emotion; the PDF, which does, is never kept. A failure is remembered by each web process for itself.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

from django.core.cache import cache
from django.core.files.storage import default_storage

from generation.models import PairVersion
from generation.music.sheet import EngravingFailed, Sheet, engrave, engraver_name, print_pdf, slot
from generation.music.sheet.layouts import PAPER, SCREENS
from generation.music.sheet.process import LARGEST_BYTES
from melodymuse_site.storage import keep

Made = TypeVar("Made")
FAILURE_SECONDS = 600
"""So long a score that could not be drawn is not tried again: each try may take a core for seconds."""


def sheets_of(version: PairVersion) -> dict[str, Sheet]:
    """The drawings of a version's score by layout, kept or made now; EngravingFailed says why there are none.

    What came of it is looked for again once a slot is held: of several who ask at once, one has it drawn.
    """
    musicxml = _read(version)
    key = _key("screens", musicxml)
    name = f"engraved/{key[:2]}/{key}.json.gz"
    found = _find(name)
    if found is not None:
        return found
    _recall(key)
    with slot():
        found = _find(name)
        if found is not None:
            return found
        sheets = _try(key, lambda: engrave(musicxml))
        told = json.dumps({layout: asdict(sheet) for layout, sheet in sheets.items()})
        keep(name, gzip.compress(told.encode(), mtime=0))
    return sheets


def pdf_of(version: PairVersion, *, title: str, subtitle: str) -> bytes:
    """The score on paper; EngravingFailed as above."""
    musicxml = _read(version)
    key = _key(PAPER, musicxml)
    _recall(key)
    with slot():
        return _try(key, lambda: print_pdf(musicxml, title=title, subtitle=subtitle))


def _key(made: str, musicxml: bytes) -> str:
    return hashlib.sha256(f"{engraver_name()} {made}\n".encode() + musicxml).hexdigest()


def _recall(key: str) -> None:
    """Raise again what went wrong a short while ago."""
    failed = cache.get(f"engraving:{key}")
    if failed:
        raise EngravingFailed(failed)


def _try(key: str, make: Callable[[], Made]) -> Made:
    """What `make` gives, unless that failed while we waited; what fails for good is remembered."""
    _recall(key)
    try:
        return make()
    except EngravingFailed as error:
        if error.lasting:
            cache.set(f"engraving:{key}", str(error), FAILURE_SECONDS)
        raise


def _read(version: PairVersion) -> bytes:
    try:
        with default_storage.open(version.musicxml) as stream:
            return bytes(stream.read(LARGEST_BYTES + 1))
    except FileNotFoundError:
        raise EngravingFailed("The file of the score is missing.") from None


def _find(name: str) -> dict[str, Sheet] | None:
    """What is kept under a name; None where that is nothing, or no drawings any more."""
    try:
        with default_storage.open(name) as stream:
            told = json.loads(gzip.decompress(stream.read()))
        return {layout: Sheet(**told[layout]) for layout in SCREENS}
    except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error, ValueError, TypeError, KeyError):
        return None

"""Drawings of scores that are kept: made when somebody first asks, and lost without harm.

A drawing lies among the media under the hash of what it was made from: the MusicXML, the layout and who engraved it. No
row names it, so backups leave it out, and another version of the engraver draws anew. It tells neither picture nor
emotion; the PDF, which does, is never kept.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import asdict

from django.core.cache import cache
from django.core.files.storage import default_storage

from generation.models import PairVersion
from generation.music.sheet import EngravingFailed, Sheet, engrave, engraver_name, print_pdf
from generation.music.sheet.process import LARGEST_BYTES
from melodymuse_site.storage import keep

FAILURE_SECONDS = 600
"""So long a score that could not be drawn is not tried again: each try may take a core for seconds."""


def sheet_of(version: PairVersion, layout: str) -> Sheet:
    """The drawing of a version's score, kept or made now; EngravingFailed, with a sentence, where there can be none."""
    musicxml = _read(version)
    key = hashlib.sha256(f"{engraver_name()} {layout}\n".encode() + musicxml).hexdigest()
    name = f"engraved/{key[:2]}/{key}.json.gz"
    kept = _find(name)
    if kept is not None:
        return kept
    failed = cache.get(f"engraving:{key}")
    if failed:
        raise EngravingFailed(failed)
    try:
        sheet = engrave(musicxml, layout)
    except EngravingFailed as error:
        if error.lasting:
            cache.set(f"engraving:{key}", str(error), FAILURE_SECONDS)
        raise
    keep(name, gzip.compress(json.dumps(asdict(sheet)).encode(), mtime=0))
    return sheet


def pdf_of(version: PairVersion, *, title: str, subtitle: str) -> bytes:
    """The score on paper; EngravingFailed as above."""
    return print_pdf(_read(version), title=title, subtitle=subtitle)


def _read(version: PairVersion) -> bytes:
    try:
        with default_storage.open(version.musicxml) as stream:
            return bytes(stream.read(LARGEST_BYTES + 1))
    except FileNotFoundError:
        raise EngravingFailed("The file of the score is missing.") from None


def _find(name: str) -> Sheet | None:
    """What is kept under a name; None where that is nothing, or no drawing any more."""
    if not default_storage.exists(name):
        return None
    try:
        with default_storage.open(name) as stream:
            return Sheet(**json.loads(gzip.decompress(stream.read())))
    except (FileNotFoundError, EOFError, gzip.BadGzipFile, ValueError, TypeError):
        return None

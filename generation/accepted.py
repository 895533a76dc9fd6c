"""Every kind of file that people may send: what it is called, how its name ends, what a browser is told.

The one list: what intake decodes, what a folder is searched for, what file dialogues offer and what refusals name all
come from here, so that none of them can forget a kind. A name never decides what a file is; its content does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PICTURES: Final = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jfi", ".jif", ".pjpeg", ".pjp"),
    "MPO": (".mpo",),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "AVIF": (".avif", ".avifs"),
    "BMP": (".bmp",),
    "DIB": (".dib",),
    "TIFF": (".tif", ".tiff"),
    "JPEG2000": (".jp2", ".j2k", ".jpf", ".jpx", ".jpm", ".j2c", ".jpc"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".pam"),
    "TGA": (".tga", ".icb", ".vda", ".vst"),
}
"""Pillow's name of each picture format that is decoded, and its suffixes. TGA is last: it has no mark of its own, so
that every other decoder is asked first. EPS is not among them: it would start Ghostscript."""
REFUSED_BY_NAME: Final = (".heic", ".heif", ".hif", ".svg", ".psd", ".raw", ".dng", ".cr2", ".nef", ".arw")
"""Pictures that cannot be read here: found in a folder, each is refused with what to do."""
PICTURE_SUFFIXES: Final = frozenset(suffix for suffixes in PICTURES.values() for suffix in suffixes)
PICTURE_WORDS: Final = "JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP, TGA, JPEG 2000 or PPM"

SOUNDS: Final = {
    "WAV": (".wav", ".wave"),
    "WAVEX": (),
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "OGG": (".ogg", ".oga", ".opus"),
    "AIFF": (".aif", ".aiff", ".aifc"),
}
"""libsndfile's name of each sound format that is decoded, and its suffixes; WAVEX is a form of WAV."""
SOUND_WORDS: Final = "WAV, FLAC, MP3, Ogg or AIFF"
MIDI_SUFFIXES: Final = (".mid", ".midi", ".kar", ".rmi", ".smf")

TABLE_SUFFIXES: Final = (".csv", ".tsv", ".txt")


def offer(kind: str, suffixes: Iterable[str]) -> str:
    """The `accept` attribute of a file field: a media type, and suffixes that browsers do not count to it.

    Examples
    --------
    >>> offer("text/csv", TABLE_SUFFIXES)
    'text/csv,.csv,.tsv,.txt'
    """
    return ",".join((kind, *sorted(suffixes)))

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
_ZIP: Final = b"PK\x03\x04"
_IN_A_ZIP: Final = {
    b"xl/": "a spreadsheet of Excel (.xlsx)",
    b"application/vnd.oasis.opendocument.spreadsheet": "a spreadsheet of LibreOffice (.ods)",
    b"Index/Document.iwa": "a spreadsheet of Numbers",
}
"""What stands in the clear in an archive of each kind: names of files, and a type that is never compressed."""
_STARTS: Final = {
    _ZIP: "a ZIP archive",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a spreadsheet of an old Excel (.xls)",
    b"%PDF-": "a PDF",
    b"\x89PNG\r\n": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF87a": "a picture",
    b"GIF89a": "a picture",
    b"\x1f\x8b\x08": "a compressed file (.gz)",
}
"""With what the files begin that are sent in place of CSV."""


def offer(kind: str, suffixes: Iterable[str]) -> str:
    """The `accept` attribute of a file field: a media type, and suffixes that browsers do not count to it.

    Examples
    --------
    >>> offer("text/csv", TABLE_SUFFIXES)
    'text/csv,.csv,.tsv,.txt'
    """
    return ",".join((kind, *sorted(suffixes)))


def refuse_other_kinds(data: bytes) -> str:
    """Say what was sent in place of a CSV file, and what to do; nothing where it may be one.

    >>> refuse_other_kinds(b"PK\\x03\\x04 xl/workbook.xml"), refuse_other_kinds(b"file,emotion")
    ('This is a spreadsheet of Excel (.xlsx); save it as CSV.', '')
    >>> refuse_other_kinds(b"%PDF-1.7")
    'This is a PDF; send a CSV file.'
    """
    kind = next((name for start, name in _STARTS.items() if data.startswith(start)), "")
    if data.startswith(_ZIP):
        kind = next((name for part, name in _IN_A_ZIP.items() if part in data), kind)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        kind = "a picture"
    if not kind:
        return ""
    return f"This is {kind}; {'save it as CSV' if 'spreadsheet' in kind else 'send a CSV file'}."

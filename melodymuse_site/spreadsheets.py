"""Text in a table that no spreadsheet runs as a formula; and files sent as CSV that are something else."""

from __future__ import annotations

from typing import Final

GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
"""Characters that start a formula somewhere, and the guard itself, so that reading back is exact."""
GUARDED_STARTS = frozenset(GUARDED)

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


def guard(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe before a dangerous start.

    >>> guard("=1+1"), guard("fear"), guard("'tis")
    ("'=1+1", 'fear', "''tis")
    """
    return f"'{text}" if text[:1] in GUARDED_STARTS else text


def unguard(text: str) -> str:
    """Return the text as it was before `guard`.

    >>> unguard("'=1+1"), unguard("fear"), unguard("''tis")
    ('=1+1', 'fear', "'tis")
    """
    return text[1:] if text.startswith("'") else text

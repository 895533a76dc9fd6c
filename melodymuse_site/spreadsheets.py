"""Text in a table that no spreadsheet runs as a formula."""

from __future__ import annotations

GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
"""Characters that start a formula somewhere, and the guard itself, so that reading back is exact."""
GUARDED_STARTS = frozenset(GUARDED)


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

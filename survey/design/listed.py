"""Words one after the other, as a sentence has them."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str], joined_by: str = "and") -> str:
    """Return words with commas between them, the last one `joined_by` a word; at least one is needed.

    Examples
    --------
    >>> listed(["α"]), listed(["α", "κ"]), listed(["α", "κ", "AC1"], "or")
    ('α', 'α and κ', 'α, κ or AC1')
    """
    *first, last = words
    return f"{', '.join(first)} {joined_by} {last}" if first else last

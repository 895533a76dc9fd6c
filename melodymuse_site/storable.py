"""Text that every database stores: without NUL and lone surrogates."""

from __future__ import annotations

import re
from typing import Final

UNREADABLE: Final = re.compile("[\x00\ud800-\udfff]")


def mend(text: str) -> str:
    """`text` without the characters that cannot be stored.

    >>> mend("warm\\x00th")
    'warmth'
    """
    return UNREADABLE.sub("", text)

"""Splits of data sets by song."""

from __future__ import annotations

import hashlib


def share_of_song(song: str) -> float:
    """A fixed number in 0…1 for each song, for splits that never tear a song apart.

    >>> 0 <= share_of_song("0vLPYiPN7qY") < 1
    True
    """
    return int.from_bytes(hashlib.sha256(song.encode()).digest()[:6], "big") / 2**48

"""Whether a PNG file holds every row that its header announces: Pillow leaves rows that are missing black."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

MARK: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values of a pixel by the header's kind of colour."""
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column, first row, step of columns, step of rows."""
_PIECE: Final = 2**20


def holds_every_row(data: bytes) -> bool:
    """Whether the picture of a PNG file inflates to all the bytes that its header announces.

    Of an animated PNG it is the still picture that counts. Nothing is kept, and it stops as soon as there is enough.

    Examples
    --------
    >>> holds_every_row(MARK)
    False
    """
    head = next((body for kind, body in _chunks(data) if kind == b"IHDR"), b"")
    if len(head) < 13:
        return False
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    missing = count_bytes(width, height, head[8] * _CHANNELS.get(head[9], 1), interlaced=head[12] == 1)
    stream = zlib.decompressobj()
    for kind, body in _chunks(data):
        while kind == b"IDAT" and body and missing > 0 and not stream.eof:
            try:
                missing -= len(stream.decompress(body, _PIECE))
            except zlib.error:
                return False
            body = stream.unconsumed_tail
    if missing > 0:
        missing -= len(stream.flush())
    return missing <= 0


def count_bytes(width: int, height: int, bits: int, *, interlaced: bool = False) -> int:
    """Bytes of all rows, each with the byte that names its filter, where a pixel has so many bits.

    Examples
    --------
    >>> count_bytes(10, 2, 1)
    6
    """
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(MARK)
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        place += 12 + size

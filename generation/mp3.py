"""Frames of MP3 files: where they lie, and whether they are of the one form that every clip of the site has.

Pure, and below both apps' rooms, so that whoever cuts, levels or checks a clip walks it in the same way. Nothing is
decoded.

References
----------
ISO/IEC 11172-3 (1993), 2.4.1.3, 2.4.2.3 and 2.4.3.1; ISO/IEC 13818-3 (1998) for the lower sample rates (MPEG-2), and
their common extension to a quarter of the rates (MPEG-2.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

SAMPLES_PER_FRAME: Final = 1152
FORM: Final = (0xFF, 0xFB, 0x90)
"""MPEG-1 layer III without a check sum, 128 kbit/s, 44.1 kHz: what every clip of the site is."""
PADDING_BIT: Final = 0x02
MONO: Final = 3
SIDE_END: Final = 36
"""Where the sound of a stereo frame begins, and with it the mark of an index: behind header (4) and side (32 bytes)."""
INDEX_MARKS: Final = (b"Xing", b"Info", b"VBRI")
_BITRATES: Final = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s by (MPEG 1 or 2, layer) and the frame header's index, from 1."""
_RATES: Final = (44_100, 48_000, 32_000)
MPEG_1: Final = 3
_VERSIONS: Final = {MPEG_1: "MPEG-1", 2: "MPEG-2", 0: "MPEG-2.5"}


def frame_size(data: bytes, place: int) -> int:
    """Bytes of the frame, of any layer and rate, whose header stands at `place`; 0 where none does.

    A frame of free format, which does not state its bitrate, counts as none.

    Examples
    --------
    >>> frame_size(b"\\xff\\xfb\\x90\\x44", 0), frame_size(b"\\xff\\xf3\\x40\\xc4", 0), frame_size(b"", 0)
    (417, 104, 0)
    """
    head = _read_head(data, place)
    if head is None:
        return 0
    bits, padded = 1000 * head.kbits, bool(data[place + 2] & PADDING_BIT)
    if head.layer == 1:
        return (12 * bits // head.hertz + padded) * 4
    return (72 if head.layer == 3 and head.version != MPEG_1 else 144) * bits // head.hertz + padded


class _Head(NamedTuple):
    """What a frame's header says: version and layer of MPEG, sample rate, and kbit/s."""

    version: int
    layer: int
    hertz: int
    kbits: int


def _read_head(data: bytes, place: int) -> _Head | None:
    """The header at `place`; None where none stands."""
    head = data[place : place + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer, rate = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3), head[2] >> 2 & 3
    if version == 1 or layer == 4 or rate == 3 or not 1 <= head[2] >> 4 <= 14:
        return None
    kbits = _BITRATES[1 if version == MPEG_1 else 2, layer][(head[2] >> 4) - 1]
    return _Head(version, layer, _RATES[rate] // {MPEG_1: 1, 2: 2, 0: 4}[version], kbits)


def walk_site_frames(mp3: bytes, most: int | None = None) -> Iterator[tuple[int, int]]:
    """(first byte, bytes) of every frame of a clip as the site makes them: stereo, 128 kbit/s, 44.1 kHz, no tag.

    Parameters
    ----------
    mp3 : bytes
    most : int, optional
        So many frames are walked at most; what stands behind them is not looked at.

    Raises
    ------
    ValueError
        At the first frame of another form, or that is not whole; the message says what stands there.

    Examples
    --------
    >>> frame = bytes([0xFF, 0xFB, 0x90, 0x44]) + bytes(413)
    >>> list(walk_site_frames(frame * 3, most=2))
    [(0, 417), (417, 417)]
    >>> list(walk_site_frames(b"ID3" + frame))
    Traceback (most recent call last):
    ...
    ValueError: The clip has no frame of the site's form at byte 0: a tag (ID3) stands there.
    """
    place = frames = 0
    while place < len(mp3) and (most is None or frames < most):
        head = mp3[place : place + 4]
        if len(head) < 3 or (head[0], head[1], head[2] & ~PADDING_BIT) != FORM or (head[3:] and head[3] >> 6 == MONO):
            raise ValueError(f"The clip has no frame of the site's form at byte {place}: {_describe(mp3, place)}.")
        size = frame_size(mp3, place)
        if not size or place + size > len(mp3):  # no size: the file ends inside the header
            raise ValueError(f"The frame at byte {place} is not whole.")
        if place == 0 and mp3[SIDE_END : SIDE_END + 4] in INDEX_MARKS:
            raise ValueError(
                "The clip has no frame of the site's form at byte 0: an index (Xing or VBRI) stands there."
            )
        yield place, size
        place, frames = place + size, frames + 1


def _describe(mp3: bytes, place: int) -> str:
    """What stands at `place` instead of a frame of the site's form."""
    head = mp3[place : place + 4]
    for mark, name in ((b"ID3", "ID3"), (b"TAG", "ID3v1"), (b"APE", "APE")):
        if head.startswith(mark):
            return f"a tag ({name}) stands there"
    found = _read_head(mp3, place)
    if found is None:
        return "something that is no sound, or damaged, stands there"
    channels = "mono" if head[3] >> 6 == MONO else "stereo"
    checked = "" if head[1] & 1 else ", with check sums"
    form = f"{_VERSIONS[found.version]} layer {found.layer}, {found.kbits} kbit/s, {found.hertz} Hz"
    return f"{form}, {channels}{checked}"

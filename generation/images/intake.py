"""Taking a picture in: verified, upright, without metadata, of bounded size, and hashed.

What is kept is never what was sent but a fresh encoding of its pixels. So nothing hidden in the file (place,
camera, thumbnail, comment, a second file behind the first) reaches a participant, and equal uploads give
equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageFile

from generation.images.decoding import MAX_PIXELS, UNREADABLE, PictureRefused, read_picture

__all__ = ["MAX_BYTES", "MAX_PIXELS", "NormalisedPicture", "PictureRefused", "take_in"]

MAX_BYTES: Final = 30 * 1024 * 1024
"""Largest file that is looked at."""
LONGEST_SIDE: Final = 1600
"""Pixels kept along the longer side: sharp on a telephone and on most of a laptop's screen."""
_FLAT_COLOURS: Final = 2048
_JPEG_QUALITY: Final = 90
_HOPELESS: Final = 1.2
"""A plain JPEG this many times larger than the buffer has no progressive form that fits into it."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NormalisedPicture:
    """A picture as it is stored.

    Parameters
    ----------
    data : bytes
        The new encoding.
    extension : str
        ``".jpg"`` or ``".png"``.
    width, height : int
        Pixels of the new encoding.
    sha256 : str
        SHA-256 of `data`, 64 hexadecimal digits.
    """

    data: bytes
    extension: str
    width: int
    height: int
    sha256: str


def take_in(
    data: bytes, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES, longest_side: int = LONGEST_SIDE
) -> NormalisedPicture:
    """Verify `data` and return the picture that is kept.

    Parameters
    ----------
    data : bytes
        The file as it was sent, in any format of `generation.images.decoding.FORMATS`.
    max_pixels : int
        Width × height above which the picture is refused before it is decoded.
    max_bytes : int
        Size of the file above which it is refused unseen.
    longest_side : int
        Pixels that are kept along the longer side.

    Returns
    -------
    NormalisedPicture
        sRGB, at most `longest_side` pixels along the longer side, as JPEG; or as PNG where the picture has few colours
        (one for eight pixels, 2048 at most), because a drawing's flat areas are smaller as PNG and JPEG
        would ring around its edges. The same input gives the same bytes with the same version of Pillow.

    Raises
    ------
    PictureRefused
        With one sentence for the person who sent it.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> Image.new("RGB", (3200, 800), "teal").save(buffer, "BMP")
    >>> taken = take_in(buffer.getvalue())
    >>> taken.extension, taken.width, taken.height
    ('.png', 1600, 400)
    """
    if len(data) > max_bytes:
        raise PictureRefused(
            f"The file has {len(data) / 2**20:.1f} MB, more than the {max_bytes / 2**20:g} MB allowed; "
            "make the picture smaller and send it again."
        )
    try:
        picture = read_picture(data, max_pixels=max_pixels, longest_side=longest_side)
        encoded, extension = _encode(picture)
    except PictureRefused:
        raise
    except UNREADABLE:
        logger.exception("A picture of %s bytes could be read and not be stored", len(data))
        raise PictureRefused("The picture cannot be stored as it is; save it anew as JPEG or PNG first.") from None
    return NormalisedPicture(encoded, extension, picture.width, picture.height, hashlib.sha256(encoded).hexdigest())


def _encode(picture: Image.Image) -> tuple[bytes, str]:
    clean = Image.frombytes("RGB", picture.size, picture.tobytes())  # leaves Pillow's `info` behind
    few = max(16, min(_FLAT_COLOURS, picture.width * picture.height // 8))
    if clean.getcolors(maxcolors=few) is not None:
        return _write(clean, "PNG", optimize=True), ".png"
    return _encode_jpeg(clean), ".jpg"


def _encode_jpeg(picture: Image.Image) -> bytes:
    """Progressive and optimised, which is smaller; plain where grain or confetti makes it too large for that.

    Pillow gives the encoder one byte per pixel to write a progressive picture into, and the encoder gives up
    where that is too little. A plain one is written piece by piece and needs no such room.
    """
    plain = _write(picture, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    room = max(ImageFile.MAXBLOCK, picture.width * picture.height)
    if len(plain) > _HOPELESS * room:
        return plain
    try:
        return _write(picture, "JPEG", quality=_JPEG_QUALITY, subsampling=0, optimize=True, progressive=True)
    except OSError:
        return plain


def _write(picture: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()

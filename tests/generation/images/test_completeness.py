"""Pictures that end early, or of which nothing is to be seen, are refused; whole ones are not."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from generation.images.completeness import holds_every_row
from generation.images.decoding import FAINTEST, read_picture
from generation.images.intake import PictureRefused, take_in
from tests.generation.images import pictures

SCENE = pictures.scene()
KINDS = [(1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2), (8, 4), (16, 4), (8, 6), (16, 6)]
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, stream: bytes, *, bits: int = 8, colour: int = 2, interlaced: bool = False) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    body = zlib.compress(stream)
    parts = [chunk(b"IDAT", body[:20]), chunk(b"IDAT", body[20:])]
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(parts) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("bits", "colour"), KINDS)
def test_a_png_whose_rows_end_early_is_refused(bits: int, colour: int) -> None:
    row = 1 + (37 * bits * CHANNELS[colour] + 7) // 8
    whole = b"".join(b"\x00" + b"\xc8" * (row - 1) for _ in range(20))
    assert read_picture(png(37, 20, whole, bits=bits, colour=colour)).size == (37, 20)
    assert read_picture(png(37, 20, whole + whole, bits=bits, colour=colour)).size == (37, 20)
    for size in (0, row, 10 * row, len(whole) - 1):
        with pytest.raises(PictureRefused, match="damaged or was cut off"):
            take_in(png(37, 20, whole[:size], bits=bits, colour=colour))


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 9), (8, 8), (13, 4)])
def test_an_interlaced_png_is_held_to_its_seven_passes(size: tuple[int, int]) -> None:
    width, height = size
    seen = [[0] * width for _ in range(height)]
    stream = b""
    for step in "1234567":  # the pattern of the standard, pixel by pixel
        for y in range(height):
            row = [x for x in range(width) if pass_of(x, y) == step]
            for x in row:
                seen[y][x] += 1
            stream += b"\x00" + b"\x64" * (3 * len(row)) if row else b""
    assert all(count == 1 for line in seen for count in line)
    assert np.asarray(read_picture(png(width, height, stream, interlaced=True))).min() == 100
    assert not holds_every_row(png(width, height, stream[:-1], interlaced=True))


def pass_of(x: int, y: int) -> str:
    """The pass of a pixel (PNG specification, section 8.2)."""
    table = ("16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777")
    return table[y % 8][x % 8]


def test_a_whole_animated_png_is_taken() -> None:
    assert read_picture(pictures.animation("PNG")).size


def test_a_column_of_fifty_million_pixels_that_holds_a_thousand_is_refused_at_once() -> None:
    before = time.process_time()
    with pytest.raises(PictureRefused, match="damaged"):
        take_in(png(1, 50_000_000, bytes(1000)))
    assert time.process_time() - before < 1


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "JPEG2000"])
@pytest.mark.parametrize("faint", ["all 1", "one pixel"])
def test_a_picture_as_good_as_invisible_is_refused(form: str, faint: str) -> None:
    with pytest.raises(PictureRefused, match="transparent everywhere, or nearly"):
        take_in(pictures.encode(veiled(faint), form, **({"lossless": True, "exact": True} if form == "WEBP" else {})))


@pytest.mark.parametrize("faint", ["all 1", "one pixel"])
def test_a_bitmap_whose_fourth_byte_is_all_but_unset_is_opaque(faint: str) -> None:
    for data in (pictures.bitmap_with_alpha(veiled(faint)), pictures.encode(veiled(faint), "TGA")):
        assert np.array_equal(np.asarray(read_picture(data)), np.asarray(SCENE))


def test_a_small_thing_on_nothing_is_a_picture() -> None:
    thing = SCENE.convert("RGBA")
    alpha = np.zeros((48, 64), np.uint8)
    alpha[20:24, 20:24] = 255
    assert alpha.mean() > FAINTEST * 255
    thing.putalpha(Image.fromarray(alpha))
    assert np.asarray(read_picture(pictures.encode(thing))).min() < 200


def veiled(faint: str) -> Image.Image:
    image = SCENE.convert("RGBA")
    alpha = np.full((48, 64), 1 if faint == "all 1" else 0, np.uint8)
    alpha[0, 0] = 1 if faint == "all 1" else 255
    image.putalpha(Image.fromarray(alpha))
    return image


def test_values_that_are_no_numbers_are_no_picture() -> None:
    stream = io.BytesIO()
    Image.fromarray(np.full((8, 8), np.nan, np.float32)).save(stream, "TIFF")
    with pytest.raises(PictureRefused, match="no values that are numbers"):
        take_in(stream.getvalue())

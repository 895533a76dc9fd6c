"""Pictures made for the tests, in every awkward form a file can have."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin


def scene(width: int = 64, height: int = 48) -> Image.Image:
    """A picture with a bright top, a dark bottom and a red left edge, with grain so that it is no drawing."""
    noise = np.random.default_rng(7).integers(0, 40, (height, width, 3))
    pixels = np.zeros((height, width, 3), np.int64)
    pixels[: height // 2] = (150, 180, 210)
    pixels[height // 2 :] = (40, 60, 30)
    pixels[:, : width // 8] = (200, 20, 20)
    return Image.fromarray((pixels + noise).astype(np.uint8))


def textured(quality: str, width: int, height: int) -> Image.Image:
    """Fine texture, which no encoder can make small: uniform noise, confetti of pure colours, or film grain."""
    random = np.random.default_rng(11)
    if quality == "noise":
        pixels = random.integers(0, 256, (height, width, 3))
    elif quality == "confetti":
        pixels = random.integers(0, 2, (height, width, 3)) * 255 - random.integers(0, 20, (height, width, 3)) % 256
    else:
        pixels = 128 + random.normal(0, 50, (height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def page_of_text() -> Image.Image:
    """Black words on white."""
    page = Image.new("RGB", (400, 120), "white")
    draw = ImageDraw.Draw(page)
    draw.fontmode = "1"
    for line in range(6):
        draw.text((8, 8 + 18 * line), "The quick brown fox jumps over the lazy dog.", fill="black")
    return page


def bitmap_with_alpha(image: Image.Image) -> bytes:
    """A 32-bit BMP that declares alpha (BITMAPV4HEADER with masks); Pillow writes none that does."""
    red, green, blue, alpha = (np.asarray(band)[::-1] for band in image.split())
    body = np.dstack([blue, green, red, alpha]).tobytes()
    masks = struct.pack("<IIII", 0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, image.width, image.height, 1, 32, 3, len(body), 2835, 2835, 0, 0)
    header += masks + b"BGRs" + bytes(48)
    return struct.pack("<2sIHHI", b"BM", 14 + len(header) + len(body), 0, 0, 14 + len(header)) + header + body


def encode(image: Image.Image, form: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def with_place_and_comment(image: Image.Image) -> bytes:
    """A JPEG that carries camera, place, comment and a colour profile."""
    exif = Image.Exif()
    exif[0x010F] = "Camera of Jane Doe"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (48.0, 8.0, 30.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return encode(image, "JPEG", exif=exif, comment=b"secret comment", icc_profile=profile, dpi=(300, 300))


def png_with_text(image: Image.Image) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Jane Doe")
    info.add_text("emotion", "sadness", zip=True)
    return encode(image, pnginfo=info)


def turned(image: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(image, "JPEG", quality=95, exif=exif)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def enormous_png(width: int = 20_000, height: int = 20_000) -> bytes:
    """A small file that unpacks to `width` × `height` white pixels."""
    row = b"\x00" + b"\xff" * (width // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def sixteen_bit_rgb_png(value: int = 0x8080, size: int = 4) -> bytes:
    """A 48-bit PNG of one colour; Pillow cannot write one itself."""
    row = b"\x00" + struct.pack(">H", value) * 3 * size
    header = struct.pack(">IIBBBBB", size, size, 16, 2, 0, 0, 0)
    body = zlib.compress(row * size)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def animation(form: str = "GIF") -> bytes:
    """Three frames: red, green, blue."""
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "lime", "blue")]
    return encode(frames[0], form, save_all=True, append_images=frames[1:], duration=100, loop=0)


def linear_grey_profile() -> bytes:
    """The smallest valid ICC profile of one grey channel with gamma 1.0 (ICC.1:2010, section 8.3.2)."""
    text = b"linear\x00"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    description += bytes(-len(description) % 4)
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    start, table, body = 128 + 4 + 3 * 12, b"", b""
    for signature, block in ((b"desc", description), (b"wtpt", white), (b"kTRC", curve)):
        table += signature + struct.pack(">II", start + len(body), len(block))
        body += block
    header = struct.pack(
        ">I4sI4s4s4s12s4s", start + len(body), b"lcms", 0x02100000, b"mntr", b"GRAY", b"XYZ ", bytes(12), b"acsp"
    )
    header += bytes(68 - len(header)) + struct.pack(">iii", 63190, 65536, 54061)
    return header + bytes(128 - len(header)) + struct.pack(">I", 3) + table + body

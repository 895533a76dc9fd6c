"""From the bytes somebody sent to an upright sRGB picture, or to one sentence why not.

Nothing here changes a setting of Pillow, so many threads may read at once: limits are checked on the size
that the header announces, before any pixel is decoded.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps

from generation.accepted import PICTURE_WORDS, PICTURES
from generation.images.completeness import holds_every_row

MAX_PIXELS: Final = 50_000_000
"""Largest picture that is decoded: 50 megapixels, the sensor of current telephones."""
Image.init()  # registers every decoder once, here, and not in the first of many threads
FORMATS: Final = tuple(name for name in PICTURES if name in Image.OPEN)
"""Formats whose decoder Pillow carries itself."""
_MARKED: Final = tuple(name for name in FORMATS if name != "TGA")
"""Formats that can be told from their first bytes."""

_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
UNREADABLE: Final = (
    *_BOMBS,
    ImageCms.PyCMSError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    ArithmeticError,
    AttributeError,
    MemoryError,
    RuntimeError,
    AssertionError,
    Warning,
    struct.error,
    zlib.error,
    BufferError,
)
"""What Pillow's decoders and encoders have been seen to raise on damaged and on strange files."""
_FOURTH_BYTE_UNSET: Final = ("BMP", "DIB", "TGA")
"""Formats whose writers often leave the fourth byte of a pixel at 0 and mean an opaque picture."""
FAINTEST: Final = 0.005
"""Mean opacity below which a picture counts as invisible: what is laid on white is white but for a pixel in 200."""
_FAR_TOO_LONG: Final = 1 / 64
_OTHER_KINDS: Final = {
    b"8BPS": "A Photoshop file",
    b"\x00\x00\x01\x00": "An icon",
    b"icns": "An icon",
    b"%!PS": "A PostScript drawing",
    b"gimp xcf": "A GIMP file",
    b"qoif": "A QOI picture",
    b"\x00\x00\x00\x0cJXL ": "A JPEG XL picture",
    b"\xff\x0a": "A JPEG XL picture",
}
"""Pictures of kinds that are not decoded, by how they begin, so that the refusal names them."""
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_TGA_FOOTER: Final = b"TRUEVISION-XFILE.\x00"
_DAMAGED: Final = "The picture is damaged or was cut off on its way; send it again or save it anew first."
_NEVER_ARRIVED: Final = 64
"""Zeros at the end of a JPEG file from which on its end counts as never sent: a download that made room beforehand."""


class PictureRefused(ValueError):
    """The data cannot be used as a picture; the message is one sentence for the person who sent it."""


def read_picture(data: bytes, *, max_pixels: int = MAX_PIXELS, longest_side: int | None = None) -> Image.Image:
    """Decode `data` into an upright 8-bit sRGB picture without metadata.

    Of an animation or a multi-page file the first frame counts. Orientation (EXIF) is applied; embedded
    colour profiles, CMYK, Lab, 16-bit, floating-point, palette and grey pictures are converted; transparency
    is laid on white, so that everybody sees the same picture whatever stands behind it.

    Parameters
    ----------
    data : bytes
        The file as it was sent. Its name plays no part: a PNG called .jpg is a PNG.
    max_pixels : int
        Width × height above which the picture is refused before it is decoded.
    longest_side : int, optional
        Shrink (never enlarge) until neither side is longer.

    Raises
    ------
    PictureRefused
        When `data` is empty, of no supported format, damaged, cut off or too large.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> Image.new("L", (3, 2), 128).save(buffer, "PNG")
    >>> read_picture(buffer.getvalue()).getpixel((0, 0))
    (128, 128, 128)
    """
    if not data:
        raise PictureRefused("The file is empty; choose the picture again.")
    image = _open(data)
    if image.format in {"JPEG", "MPO"} and _ends_in_nothing(data):
        raise PictureRefused(_DAMAGED)
    _refuse_if_too_large(image, max_pixels)
    if image.format == "PNG" and not holds_every_row(data):
        raise PictureRefused(_DAMAGED)
    try:
        if image.format in {"JPEG", "MPO"} and longest_side:
            image.draft(None, (2 * longest_side, 2 * longest_side))
        opaque = _says_nothing_of_alpha(image)
        image.load()
        picture = _to_srgb(_turn_upright(image.convert("RGB") if opaque else image), image.format)
        if longest_side and max(picture.size) > longest_side:
            picture = _shrink(picture, longest_side)
    except PictureRefused:
        raise
    except UNREADABLE:
        raise PictureRefused(_DAMAGED) from None
    return picture


def is_picture(data: bytes) -> bool:
    """Whether `data` begins as a picture of some format that is decoded here, whatever it is called.

    Examples
    --------
    >>> is_picture(b"Dear diary")
    False
    """
    try:
        with Image.open(io.BytesIO(data), formats=_MARKED):
            return True
    except _BOMBS:
        return True
    except UNREADABLE:
        return data.endswith(_TGA_FOOTER)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except _BOMBS:
        raise PictureRefused("The picture has too many pixels; make it smaller and send it again.") from None
    except UNREADABLE:
        raise PictureRefused(explain_unreadable(data)) from None


def explain_unreadable(data: bytes) -> str:
    """One sentence about data that no decoder wanted, with the remedy where the kind of file is known."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIC pictures cannot be read here: export the picture as JPEG and send that."
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in start:
        return "SVG drawings cannot be used: export the drawing as PNG and send that."
    if start.startswith(b"%pdf"):
        return "A PDF is not a picture: export the page as PNG or JPEG and send that."
    if data.startswith((b"\xff\xd8", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")):
        return _DAMAGED
    for mark, name in _OTHER_KINDS.items():
        if data.startswith(mark):
            return f"{name} cannot be used: save it as PNG or JPEG and send that."
    return f"The file is not a picture that can be read here: send {PICTURE_WORDS}."


def _ends_in_nothing(data: bytes) -> bool:
    """Whether a JPEG file stops before its end mark and is filled up with zeros, which decode as a grey area."""
    sent = data.rstrip(b"\x00")
    return len(data) - len(sent) >= _NEVER_ARRIVED and b"\xff\xd9" not in sent[-_NEVER_ARRIVED:]


def _refuse_if_too_large(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise PictureRefused(
            f"The picture has {width} × {height} pixels, more than the {max_pixels / 1e6:g} million allowed; "
            "make it smaller and send it again."
        )


def _turn_upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; a damaged EXIF block turns nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except UNREADABLE:
        return image


def _says_nothing_of_alpha(image: Image.Image) -> bool:
    """Whether a TGA file declares that none of a pixel's 32 bits are alpha; Pillow reads them as alpha still."""
    source = getattr(image, "fp", None)
    if image.format != "TGA" or image.mode not in {"RGBA", "LA", "P"} or source is None:
        return False
    place = source.tell()
    source.seek(17)
    descriptor = source.read(1)
    source.seek(place)
    return bool(descriptor) and descriptor[0] & 0x0F == 0


def _to_srgb(image: Image.Image, form: str | None = None) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _scale_to_bytes(image)
    if image.mode == "LAB":
        return _convert_lab(image)
    profile = image.info.get("icc_profile")
    if image.has_transparency_data or image.mode in {"P", "PA", "La", "RGBa"}:
        image = _drop_unset_alpha(image.convert("RGBA"), form)
    elif image.mode == "1":
        image = image.convert("L")
    image = _apply_profile(image, profile) if profile else image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image.convert("RGB"), mask=image.getchannel("A") if "A" in image.getbands() else None)
    return paper


def _drop_unset_alpha(image: Image.Image, form: str | None) -> Image.Image:
    """Take alpha that is 0 nearly everywhere as not set where writers leave it so; nobody could see anything.

    Raises PictureRefused for a picture of another format that is as good as wholly transparent and hides something.
    """
    alpha = image.getchannel("A")
    if float(np.mean(np.asarray(alpha))) >= FAINTEST * 255:
        return image
    if form in _FOURTH_BYTE_UNSET:
        return image.convert("RGB")
    if image.convert("RGB").getcolors(maxcolors=1) is None:
        raise PictureRefused(
            "The picture is transparent everywhere, or nearly: nothing of it can be seen; save it without transparency."
        )
    return image


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert from the embedded profile to sRGB; a damaged or misplaced profile is passed over."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            outputMode=mode,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    except UNREADABLE:
        return image
    return converted if converted is not None else image


def _convert_lab(image: Image.Image) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    return converted if converted is not None else image.convert("L").convert("RGB")


def _scale_to_bytes(image: Image.Image) -> Image.Image:
    """Bring 16-bit, 32-bit and floating-point grey to 0…255.

    Integers are taken as 16-bit where they fit, floats as 0…1, 0…255 or 0…65535 whichever fits first;
    anything else is stretched between its own extremes. Pillow's own conversion would clip instead.
    """
    values = np.asarray(image, dtype=np.float64)
    if not np.isfinite(values).any():
        raise PictureRefused("The picture holds no values that are numbers; save it anew as PNG and send that.")
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    tops = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    top = next((top for top in tops if low >= 0 and high <= top), None)
    if top is None:
        values, top = values - low, max(high - low, 1e-12)
    grey = np.rint(values / top * 255.0).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def _shrink(picture: Image.Image, longest_side: int) -> Image.Image:
    scale = longest_side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    gap = 3.0 if scale < _FAR_TOO_LONG else None  # a ribbon is first shrunk by whole numbers, or memory runs out
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=gap)

"""Intake: every kind of file has one defined result."""

import contextlib
import hashlib
import io
import struct
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile

from generation.images import intake
from generation.images.decoding import read_picture
from generation.images.intake import LONGEST_SIDE, PictureRefused, take_in
from tests.generation.images import pictures

SCENE = pictures.scene()
STARTS = [b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00"]
FORMS = ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "AVIF"]


def look(data: bytes) -> np.ndarray:
    """Pixels of what was taken in."""
    return np.asarray(Image.open(io.BytesIO(take_in(data).data)))


def test_a_photograph_becomes_a_jpeg_with_its_own_hash_and_size():
    taken = take_in(pictures.encode(SCENE, "JPEG"))
    assert (taken.extension, taken.width, taken.height) == (".jpg", 64, 48)
    assert taken.sha256 == hashlib.sha256(taken.data).hexdigest()
    assert Image.open(io.BytesIO(taken.data)).format == "JPEG"


def test_a_drawing_of_few_colours_becomes_a_png_without_loss():
    drawing = Image.new("RGB", (40, 30), "teal")
    drawing.paste("gold", (10, 10, 20, 20))
    taken = take_in(pictures.encode(drawing, "BMP"))
    assert taken.extension == ".png"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(taken.data))), np.asarray(drawing))


def test_the_same_upload_twice_has_the_same_hash():
    data = pictures.encode(SCENE, "JPEG")
    assert take_in(data) == take_in(bytes(data))


def test_the_same_pixels_in_another_lossless_wrapping_have_the_same_hash():
    assert take_in(pictures.encode(SCENE, "PNG")).sha256 == take_in(pictures.encode(SCENE, "TIFF")).sha256


@pytest.mark.parametrize("make", [pictures.with_place_and_comment, pictures.png_with_text])
def test_no_metadata_survives(make):
    taken = take_in(make(SCENE))
    kept = Image.open(io.BytesIO(taken.data))
    assert dict(kept.getexif()) == {}
    assert {key for key in kept.info if not key.startswith(("jfif", "progress"))} == set()
    for secret in (b"Jane", b"secret", b"sadness", b"Exif", b"ICC_PROFILE", b"GPS"):
        assert secret not in taken.data


def test_metadata_does_not_change_the_hash():
    plain = pictures.encode(SCENE)
    assert take_in(plain).sha256 == take_in(pictures.png_with_text(SCENE)).sha256


@pytest.mark.parametrize(
    ("orientation", "operation"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_270),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_the_orientation_of_the_camera_is_applied(orientation, operation):
    upright = np.asarray(SCENE.transpose(operation), dtype=float)
    seen = look(pictures.turned(SCENE, orientation)).astype(float)
    assert seen.shape == upright.shape
    assert np.abs(seen - upright).mean() < 10


def test_a_png_named_jpg_is_a_png():
    assert take_in(pictures.encode(SCENE, "PNG")).width == 64  # intake never sees the name


def test_a_large_picture_is_kept_at_1600_pixels():
    taken = take_in(pictures.encode(SCENE.resize((4000, 1000)), "JPEG"))
    assert (taken.width, taken.height) == (LONGEST_SIDE, 400)


def test_a_very_long_picture_keeps_at_least_one_pixel():
    taken = take_in(pictures.encode(Image.new("RGB", (6000, 1), "red")))
    assert (taken.width, taken.height) == (1600, 1)


def test_one_pixel_is_a_picture_of_one_colour():
    taken = take_in(pictures.encode(Image.new("RGB", (1, 1), (12, 34, 56))))
    assert (taken.extension, taken.width, taken.height) == (".png", 1, 1)
    assert look(taken.data).tolist() == [[[12, 34, 56]]]


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_kept(form):
    options = {"lossless": True} if form == "WEBP" else {}
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "lime", "blue")]
    data = pictures.encode(frames[0], form, save_all=True, append_images=frames[1:], **options)
    assert look(data)[5, 5].tolist() == [255, 0, 0]


def test_cmyk_becomes_rgb():
    data = pictures.encode(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "TIFF")
    assert look(data)[8, 8].tolist() == [0, 255, 255]


def test_a_cmyk_jpeg_keeps_its_colours():
    seen = look(pictures.encode(SCENE.convert("CMYK"), "JPEG", quality=95)).astype(float)
    assert np.abs(seen - np.asarray(SCENE, float)).mean() < 12


def test_sixteen_bit_grey_is_scaled_and_not_clipped():
    grey = Image.fromarray(np.full((8, 8), 0x8080, np.uint16))
    assert look(pictures.encode(grey))[4, 4].tolist() == [128, 128, 128]


def test_sixteen_bit_colour_is_scaled_and_not_clipped():
    assert look(pictures.sixteen_bit_rgb_png())[2, 2].tolist() == [128, 128, 128]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.full((4, 4), 0.5, np.float32), 128),
        (np.full((4, 4), 200.0, np.float32), 200),
        (np.full((4, 4), 65535, np.int32), 255),
        (np.full((4, 4), -5.0, np.float32), 0),
    ],
)
def test_wide_grey_values_are_brought_to_bytes(values, expected):
    data = pictures.encode(Image.fromarray(values), "TIFF")
    assert look(data)[1, 1].tolist() == [expected] * 3


def test_a_palette_with_a_transparent_entry_is_laid_on_white():
    image = Image.new("P", (8, 8), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (4, 0, 8, 8))
    seen = look(pictures.encode(image, transparency=0))
    assert (seen[4, 1].tolist(), seen[4, 6].tolist()) == ([255, 255, 255], [0, 0, 255])


@pytest.mark.parametrize("quality", ["noise", "confetti", "grain"])
@pytest.mark.parametrize(
    "size", [(16, 16), (257, 255), (320, 240), (640, 480), (1600, 1200), (2400, 1800), (1600, 1), (1600, 160)]
)
def test_a_finely_textured_picture_of_any_size_is_stored(size, quality):
    sent = pictures.textured(quality, *size)
    taken = take_in(pictures.encode(sent, compress_level=1))
    seen = np.asarray(Image.open(io.BytesIO(taken.data)).convert("RGB"), float)
    assert (taken.height, taken.width) == seen.shape[:2]
    if max(size) <= LONGEST_SIDE:
        assert np.abs(seen - np.asarray(sent, float)).mean() < 12


@pytest.mark.parametrize("quality", [5, 50, 90, 95, 100])
def test_a_textured_jpeg_of_any_quality_is_stored(quality):
    data = pictures.encode(pictures.textured("noise", 900, 700), "JPEG", quality=quality, subsampling=0)
    assert take_in(data).width == 900


def test_what_an_encoder_did_not_expect_becomes_one_sentence(monkeypatch, caplog):
    for error in (OSError, ValueError, SyntaxError, struct.error, MemoryError, Image.DecompressionBombError):
        monkeypatch.setattr(intake, "_encode", mock.Mock(side_effect=error("broken")))
        with pytest.raises(PictureRefused, match="cannot be stored as it is"):
            take_in(pictures.encode(SCENE))


@pytest.mark.parametrize("form", ["BMP", "TGA"])
def test_alpha_that_was_never_set_leaves_the_picture_opaque(form):
    unset = SCENE.convert("RGBA")
    unset.putalpha(0)
    data = pictures.bitmap_with_alpha(unset) if form == "BMP" else pictures.encode(unset, form)
    assert np.abs(look(data).astype(float) - np.asarray(SCENE, float)).mean() < 10


def test_a_tga_that_declares_no_alpha_is_opaque_whatever_its_fourth_bytes_are():
    mixed = SCENE.convert("RGBA")
    mixed.putalpha(Image.linear_gradient("L").resize(SCENE.size))
    data = bytearray(pictures.encode(mixed, "TGA"))
    data[17] &= 0xF0
    assert np.abs(look(bytes(data)).astype(float) - np.asarray(SCENE, float)).mean() < 10


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True, "exact": True}),
        ("TIFF", {}),
        ("JPEG2000", {}),
        ("AVIF", {}),
    ],
)
def test_a_picture_of_which_nothing_can_be_seen_is_refused_and_not_a_white_sheet(form, options):
    clear = SCENE.convert("RGBA")
    clear.putalpha(0)
    with pytest.raises(PictureRefused, match="transparent everywhere"):
        take_in(pictures.encode(clear, form, **options))


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_the_orientation_is_applied_in_every_format_that_has_one(form):
    exif = Image.Exif()
    exif[0x0112] = 6
    taken = take_in(pictures.encode(SCENE, form, exif=exif))
    assert (taken.width, taken.height) == (48, 64)
    upright = np.asarray(SCENE.transpose(Image.Transpose.ROTATE_270), float)
    assert np.abs(np.asarray(Image.open(io.BytesIO(taken.data)), float) - upright).mean() < 20


@pytest.mark.parametrize("part", [0.2, 0.6, 0.97])
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("WEBP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("TGA", {"compression": "tga_rle"}),
        ("PPM", {}),
        ("JPEG2000", {}),
        ("AVIF", {}),
    ],
)
def test_a_file_that_was_cut_off_is_refused_in_every_format(form, options, part):
    whole = pictures.encode(pictures.scene(400, 300), form, **options)
    with pytest.raises(PictureRefused):
        take_in(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_jpeg_of_which_the_rest_is_zeros_is_refused(part, progressive):
    """A download that made room for the whole file and was broken off; decoders show a grey area."""
    whole = pictures.encode(pictures.scene(400, 300), "JPEG", progressive=progressive)
    sent = whole[: int(len(whole) * part)]
    with pytest.raises(PictureRefused, match="cut off"):
        take_in(sent + bytes(len(whole) - len(sent)))
    assert take_in(whole + bytes(5000)).width == 400


def test_a_grey_tga_with_unset_alpha_is_opaque():
    grey = SCENE.convert("LA")
    grey.putalpha(Image.linear_gradient("L").resize(SCENE.size))
    data = bytearray(pictures.encode(grey, "TGA"))
    data[17] &= 0xF0
    assert np.abs(look(bytes(data)).astype(float) - np.asarray(SCENE.convert("L").convert("RGB"), float)).mean() < 10


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((10_000, 1_000), (1600, 160)),
        ((1, 60_000), (1, 1600)),
        ((5_000_000, 1), (1600, 1)),
        ((40_000_000, 1), (1600, 1)),
        ((2, 3), (2, 3)),
    ],
)
def test_panoramas_and_ribbons_are_kept(size, kept):
    taken = take_in(pictures.encode(Image.new("RGB", size, "teal")))
    assert (taken.width, taken.height) == kept


def test_a_page_of_text_stays_sharp():
    taken = take_in(pictures.encode(pictures.page_of_text()))
    assert taken.extension == ".png"
    assert np.array_equal(look(pictures.encode(pictures.page_of_text())), np.asarray(pictures.page_of_text()))


@pytest.mark.parametrize("mode", ["L", "1", "LA", "P", "PA", "CMYK", "YCbCr", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_stored_as_what_it_shows(mode):
    grey = SCENE.convert("L")
    if mode == "I;16":
        data = pictures.encode(Image.fromarray(np.asarray(grey).astype(np.uint16) * 257))
    else:
        data = pictures.encode(SCENE.convert("P").convert("PA") if mode == "PA" else SCENE.convert(mode), "TIFF")
    expected = SCENE.convert("1") if mode == "1" else grey if mode in {"L", "LA", "I;16"} else SCENE
    assert np.abs(look(data).astype(float) - np.asarray(expected.convert("RGB"), float)).mean() < 20


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_on_white(mode):
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0)).convert(mode)
    assert look(pictures.encode(clear))[4, 4].tolist() == [255, 255, 255]


def test_black_and_white_is_read():
    assert look(pictures.encode(Image.new("1", (8, 8), 1)))[0, 0].tolist() == [255, 255, 255]


def test_a_colour_profile_is_converted_to_srgb():
    """A grey profile of gamma 1.0 makes 55/255 a middle tone: 0.2157 is 128/255 in sRGB."""
    linear = pictures.linear_grey_profile()
    assert ImageCms.getProfileName(ImageCms.ImageCmsProfile(io.BytesIO(linear)))
    data = pictures.encode(Image.new("L", (8, 8), 55), icc_profile=linear)
    assert abs(int(look(data)[4, 4][0]) - 128) <= 2


@pytest.mark.parametrize("profile", [b"no profile at all", b"\x00" * 200])
def test_a_damaged_colour_profile_is_passed_over(profile):
    assert take_in(pictures.encode(SCENE, icc_profile=profile)).width == 64


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_damaged_exif_is_passed_over():
    data = pictures.encode(SCENE, "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert take_in(data).width == 64


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"Dear diary, this is a text file named .jpg.\n" * 50, "not a picture that can be read"),
        (b"\x00" * 5000, "not a picture that can be read"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "export the drawing as PNG"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 200, "export the picture as JPEG"),
        (b"%PDF-1.7\n%\xe2\xe3", "A PDF is not a picture"),
        (b"\xff\xd8\xff", "damaged or was cut off"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "A PostScript drawing cannot be used"),
        (b"8BPS\x00\x01" + bytes(60), "A Photoshop file cannot be used: save it as PNG or JPEG"),
        (pictures.encode(pictures.scene(64, 64), "ICO"), "An icon cannot be used"),
        (b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a", "A JPEG XL picture cannot be used"),
        (pictures.encode(pictures.scene(400, 300), "JPEG")[:9000], "damaged or was cut off"),
        (pictures.encode(pictures.scene(400, 300), "PNG")[:20000], "damaged or was cut off"),
        (pictures.encode(pictures.scene(400, 300), "WEBP")[:9000], "damaged or was cut off"),
        (pictures.animation()[:30], "damaged or was cut off"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(data, sentence):
    with pytest.raises(PictureRefused, match=sentence) as refusal:
        take_in(data)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


def test_a_picture_of_400_million_pixels_is_refused_before_it_is_decoded(monkeypatch):
    bomb = pictures.enormous_png()
    assert len(bomb) < 300_000
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(PictureRefused, match="too many pixels"):
        take_in(bomb)


@pytest.mark.parametrize(("width", "height"), [(8_000, 6_500), (10_000, 9_600), (12_000, 10_000)])
def test_a_picture_above_the_pixel_limit_is_refused_before_it_is_decoded(monkeypatch, width, height):
    bomb = pictures.enormous_png(width, height)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(PictureRefused, match="pixels"):
        take_in(bomb)


def test_the_pixel_limit_can_be_set():
    with pytest.raises(PictureRefused, match=r"64 × 48 pixels, more than the 0\.003 million allowed"):
        take_in(pictures.encode(SCENE), max_pixels=3000)


def test_a_file_above_the_byte_limit_is_refused_unseen():
    with pytest.raises(PictureRefused, match=r"2\.0 MB, more than the 1 MB allowed"):
        take_in(b"x" * 2**21, max_bytes=2**20)


def test_pillows_global_settings_stay_as_they_are():
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    take_in(pictures.encode(SCENE))
    with pytest.raises(PictureRefused):
        take_in(pictures.enormous_png())
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)


def test_many_threads_get_the_same_answer_as_one():
    files = [pictures.encode(SCENE.rotate(turn), "PNG") for turn in range(0, 160, 10)]
    alone = [take_in(data) for data in files]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(take_in, files)) == alone


@given(st.binary(max_size=300), st.sampled_from(STARTS))
@settings(max_examples=150, deadline=None)
def test_random_bytes_are_refused_and_never_break_anything(data, start):
    with contextlib.suppress(PictureRefused):  # any other exception fails the test
        take_in(start + data)


@given(st.integers(0, 4000), st.integers(0, 255), st.sampled_from(FORMS))
@settings(max_examples=150, deadline=None)
def test_a_picture_with_one_wrong_byte_is_read_or_refused(position, value, form):
    data = bytearray(pictures.encode(SCENE, form))
    data[position % len(data)] = value
    with contextlib.suppress(PictureRefused):
        assert read_picture(bytes(data), max_pixels=10**6).mode == "RGB"

"""Features: what is measured on pictures whose answer is known."""

import math
from dataclasses import astuple

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from skimage.feature import blob_log

from generation.images.colour import hue_saturation, luma, measure_brightness, measure_colourfulness, measure_hue
from generation.images.decoding import PictureRefused
from generation.images.features import FEATURE_NAMES, measure_image, measure_picture, measure_pixels
from generation.images.form import find_blobs, measure_composition, measure_edges
from tests.generation.images import pictures


def plain(colour, size=(32, 32)) -> np.ndarray:
    return np.asarray(Image.new("RGB", size, colour))


def test_black_is_dark_and_white_is_bright():
    assert measure_brightness(plain("black")) == 0.0
    assert measure_brightness(plain("white")) == pytest.approx(1.0)


def test_grey_has_no_colour():
    assert measure_colourfulness(plain((90, 90, 90))) == 0.0


def test_colourfulness_follows_the_formula_of_hasler_and_suesstrunk():
    """Half red, half blue: rg is 255 and 0, yb is 127.5 and −255."""
    pixels = np.concatenate([plain("red"), plain("blue")])
    spread = math.hypot(127.5, 191.25)
    shift = math.hypot(127.5, -63.75)
    assert measure_colourfulness(pixels) == pytest.approx(spread + 0.3 * shift)


def test_hue_and_saturation_agree_with_pythons_colorsys():
    import colorsys

    pixels = np.random.default_rng(1).integers(0, 256, (5, 5, 3)).astype(np.uint8)
    hue, saturation = hue_saturation(pixels)
    expected = [colorsys.rgb_to_hsv(*(pixel / 255.0))[:2] for pixel in pixels.reshape(-1, 3)]
    assert np.allclose(np.stack([hue.ravel(), saturation.ravel()], axis=1), expected)


def test_a_colour_wheel_has_every_hue_and_a_wall_has_one():
    full = Image.new("L", (256, 256), 255)
    wheel = np.asarray(Image.merge("HSV", [Image.linear_gradient("L"), full, full]).convert("RGB"))
    assert measure_hue(wheel).hue_spread > 0.95
    assert measure_hue(plain("blue")).hue_spread == pytest.approx(0.0)
    assert measure_hue(plain("blue")).warmth == 0.0


def test_a_chessboard_has_edges_and_a_wall_has_none():
    board = (np.indices((64, 64)) // 8).sum(axis=0) % 2
    assert measure_edges(board.astype(float)) > 0.1
    assert measure_edges(np.full((64, 64), 0.5)) == 0.0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_spots_are_counted(count):
    y, x = np.mgrid[:96, :96]
    centres = [(24, 24), (70, 30), (40, 70)][:count]
    plane = sum((np.exp(-((x - a) ** 2 + (y - b) ** 2) / 40.0) for a, b in centres), np.zeros((96, 96)))
    assert find_blobs(plane) == count


def test_light_in_the_middle_and_on_top_is_seen():
    spotlight = np.zeros((30, 30))
    spotlight[10:20, 10:20] = 1.0
    assert measure_composition(spotlight).centre_light == pytest.approx(1 - 1 / 9)
    assert measure_composition(spotlight).symmetry == pytest.approx(1.0)
    assert measure_composition(np.eye(30)).symmetry < 0.2


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 2), (7, 9)])
def test_tiny_pictures_have_finite_features(size):
    features = measure_image(Image.new("RGB", size, (10, 200, 90)))
    assert all(math.isfinite(value) for value in astuple(features))


def test_one_pixel_has_the_features_of_its_colour():
    features = measure_picture(pictures.encode(Image.new("RGB", (1, 1), "red")))
    assert features.brightness == pytest.approx(0.299)
    assert features.saturation == 1.0
    assert (features.edges, features.blobs, features.texture_homogeneity) == (0.0, 0.0, 1.0)


def test_features_hardly_depend_on_the_resolution():
    small = pictures.scene(128, 96)
    large = small.resize((512, 384), Image.Resampling.BICUBIC)
    first, second = measure_image(small), measure_image(large)
    assert first.brightness == pytest.approx(second.brightness, abs=0.01)
    assert first.colourfulness == pytest.approx(second.colourfulness, rel=0.05)


def test_the_dictionary_is_json_with_every_name():
    features = measure_picture(pictures.encode(pictures.scene()))
    assert tuple(features.as_dict()) == FEATURE_NAMES
    assert all(type(value) is float for value in features.as_dict().values())


def test_what_is_no_picture_is_refused():
    with pytest.raises(PictureRefused):
        measure_picture(b"no picture")


@given(arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3))))
@settings(max_examples=60, deadline=None)
def test_every_picture_has_features_within_their_bounds(pixels):
    features = measure_pixels(pixels)
    assert all(math.isfinite(value) for value in astuple(features))
    for name in (
        "brightness",
        "edges",
        "saturation",
        "hue_spread",
        "warmth",
        "texture_contrast",
        "texture_homogeneity",
        "texture_energy",
        "centre_detail",
    ):
        assert -1e-9 <= getattr(features, name) <= 1 + 1e-9
    assert 0.0 <= features.colourfulness <= 300.0
    assert -1 - 1e-9 <= features.symmetry <= 1 + 1e-9


@given(arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3))))
@settings(max_examples=60, deadline=None)
def test_a_mirror_changes_neither_colour_nor_symmetry(pixels):
    here, there = measure_pixels(pixels), measure_pixels(pixels[:, ::-1])
    for name in ("brightness", "colourfulness", "contrast", "saturation", "hue_spread", "symmetry"):
        assert getattr(here, name) == pytest.approx(getattr(there, name), abs=1e-9)


@pytest.mark.parametrize("name", ["camera", "coffee", "chelsea"])
def test_blobs_are_those_scikit_image_finds_in_the_picture_and_its_negative(name: str) -> None:
    picture = Image.fromarray(getattr(skimage.data, name)()).convert("RGB")
    picture.thumbnail((128, 128))
    plane = luma(np.asarray(picture))
    expected = 0
    for polarity in (plane, 1.0 - plane):
        padded = np.pad(polarity, 8, mode="edge")
        expected += len(blob_log(padded, min_sigma=1.5, max_sigma=7.0, num_sigma=5, threshold=0.12, overlap=0.5))
    assert find_blobs(plane) == expected > 10

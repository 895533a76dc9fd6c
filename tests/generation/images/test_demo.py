"""Demo pictures: painted from a seed, different from each other, and silent about what they mean."""

import inspect
import io
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

from generation.emotions import EMOTIONS, SLUGS, get_emotion
from generation.images.demo import describe_painting, paint, sample_photographs
from generation.images.features import measure_picture
from generation.images.intake import take_in


@pytest.fixture(scope="module")
def painted() -> dict[str, bytes]:
    return {emotion.slug: paint(emotion, 1) for emotion in EMOTIONS}


def test_every_emotion_has_a_painting_of_1024_by_768(painted):
    assert tuple(painted) == SLUGS
    assert {Image.open(io.BytesIO(data)).size for data in painted.values()} == {(1024, 768)}
    assert {Image.open(io.BytesIO(data)).format for data in painted.values()} == {"PNG"}


def test_a_seed_paints_the_same_picture_again_and_another_seed_another(painted):
    assert paint(get_emotion("sadness"), 1) == painted["sadness"]
    assert paint(get_emotion("sadness"), 2) != painted["sadness"]


def test_paintings_of_pleasant_emotions_are_brighter_than_those_of_unpleasant_ones(painted):
    """Valdez & Mehrabian (1994): pleasure = .69 brightness + .22 saturation."""
    pleasure = {}
    for slug, data in painted.items():
        features = measure_picture(data)
        pleasure[slug] = 0.69 * features.brightness + 0.22 * features.saturation
    assert min(pleasure[slug] for slug in ("amusement", "contentment", "excitement")) > max(
        pleasure[slug] for slug in ("anger", "fear")
    )


def test_a_painting_can_be_taken_in(painted):
    taken = take_in(painted["awe"])
    assert (taken.extension, taken.width, taken.height) == (".jpg", 1024, 768)


def name_no_emotion(text: str) -> bool:
    words = [*SLUGS, *("amus", "awe", "content", "excit", "ang", "disgust", "fear", "sad", "happy", "calm", "scary")]
    return not any(word.startswith(tuple(words)) for word in text.lower().replace(",", " ").split())


@pytest.mark.parametrize("emotion", EMOTIONS, ids=lambda emotion: emotion.slug)
def test_alternative_texts_of_paintings_name_no_emotion(emotion):
    assert name_no_emotion(describe_painting(emotion))


def test_photographs_come_with_title_licence_attribution_and_alternative_text():
    photographs = sample_photographs()
    assert [photograph.title for photograph in photographs] == [
        "Chelsea the cat",
        "Coffee cup",
        "Launch of a Falcon 9",
        "Hubble eXtreme Deep Field",
        "Photographer on a lawn",
    ]
    for photograph in photographs:
        assert take_in(photograph.data).width >= 400
        assert photograph.licence in {"CC0 1.0", "Public domain"}
        assert photograph.attribution.endswith("in scikit-image")
        assert name_no_emotion(photograph.alt_text)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (skimage.data.chelsea, "CC0 by the photographer (Stefan van der Walt)"),
        (skimage.data.coffee, "CC0 by the photographer (Rachel Michetti)"),
        (skimage.data.camera, "CC0 by the photographer (Lav Varshney)"),
        (skimage.data.rocket, "released in the public domain"),
        (skimage.data.hubble_deep_field, "freely used in the public domain"),
    ],
)
def test_the_installed_library_itself_says_that_the_photograph_is_free(function, words):
    assert words in " ".join(inspect.getdoc(function).split())


def test_photographs_lie_in_the_wheel_and_are_not_downloaded():
    folder = Path(skimage.data.__file__).parent
    assert {photograph.data for photograph in sample_photographs()} <= {
        path.read_bytes() for path in [*folder.glob("*.png"), *folder.glob("*.jpg")]
    }

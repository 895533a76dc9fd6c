"""The shipped image emotion networks: served without TensorFlow, equal to Keras, and sane about any picture."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.conf import settings
from PIL import Image

from generation.emotions import SLUGS
from generation.images.decoding import PictureRefused
from generation.images.demo import sample_photographs
from generation.networks.artifacts import ArtifactRefused, default_artifact, shipped_artifacts, write_artifact
from generation.networks.image_emotion import KIND, load_image_emotion
from tests.generation.images import pictures

SHIPPED = shipped_artifacts(KIND)


@pytest.fixture(scope="module")
def network():
    return load_image_emotion()


def test_the_papers_network_is_shipped_and_a_default_is_named():
    assert {"paper-1.0", "muse-2.0"} <= {folder.name for folder in SHIPPED}
    assert default_artifact(KIND).name == "muse-2.0"
    assert sum(path.stat().st_size for folder in SHIPPED for path in folder.iterdir()) < 6_000_000


@pytest.mark.parametrize("photograph", sample_photographs(), ids=lambda photograph: photograph.title)
def test_a_photograph_gets_eight_probabilities_and_a_place_in_the_affective_space(network, photograph):
    emotion = network.predict(photograph.data)
    assert tuple(emotion.probabilities) == SLUGS
    assert sum(emotion.probabilities.values()) == pytest.approx(1.0)
    assert all(0.0 <= p <= 1.0 for p in emotion.probabilities.values())
    for value in (emotion.valence, emotion.arousal, emotion.dominance):
        assert -1.0 <= value <= 1.0
    threshold = network.artifact.manifest["calibration"]["threshold"]
    assert emotion.unsure == (emotion.probabilities[emotion.emotion] < threshold)


@pytest.mark.parametrize(
    "data",
    [
        pictures.encode(Image.new("RGB", (1, 1), "red")),
        pictures.encode(Image.new("CMYK", (30, 20), (0, 200, 100, 0)), "JPEG"),
        pictures.encode(Image.fromarray(np.full((9, 9), 40000, np.uint16))),
        pictures.encode(Image.new("P", (30, 300))),
        pictures.animation(),
    ],
    ids=["one pixel", "CMYK", "16 bit", "palette", "animation"],
)
def test_awkward_pictures_are_read_like_any_other(network, data):
    assert sum(network.predict(data).probabilities.values()) == pytest.approx(1.0)


def test_what_is_no_picture_is_refused(network):
    with pytest.raises(PictureRefused):
        network.predict(b"no picture")


def test_the_same_picture_gets_the_same_answer_from_every_thread(network):
    data = pictures.encode(pictures.scene())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(network.predict, [data] * 8))
    assert answers == [network.predict(data)] * 8


@pytest.mark.parametrize(
    "folder", [folder for folder in SHIPPED if (folder / "network.keras").exists()], ids=lambda folder: folder.name
)
def test_a_shipped_network_equals_its_keras_model_to_1e_5(folder):
    import keras

    network = load_image_emotion(folder)
    model = keras.models.load_model(folder / "network.keras", compile=False)
    random = np.random.default_rng(8)
    side, count = network.side, len(network.features)
    pixels = random.integers(0, 256, (4, side, side, 3), dtype=np.uint8)
    spread = np.sqrt(network.arrays["measures_variance"])
    measures = (network.arrays["measures_mean"] + random.normal(size=(4, count)) * spread).astype(np.float32)
    columns = {name: measures[:, [column]] for column, name in enumerate(network.features)}
    expected = model.predict_on_batch({"pixels": pixels / np.float32(255), **columns})
    found = network.forward(pixels, measures)
    assert set(found) == set(expected)
    for head in found:
        assert np.abs(found[head] - expected[head]).max() < 1e-5


def test_serving_never_imports_tensorflow():
    code = (
        "import sys, io; from PIL import Image; from generation.networks.image_emotion import load_image_emotion; "
        "b = io.BytesIO(); Image.new('RGB', (40, 30), 'teal').save(b, 'PNG'); "
        "load_image_emotion().predict(b.getvalue()); "
        "print([name for name in ('tensorflow', 'keras', 'music21', 'django') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_artifact_of_another_kind_is_refused(tmp_path):
    write_artifact(
        tmp_path / "a",
        kind="composer",
        name="a",
        version="1",
        labels=SLUGS,
        data={},
        metrics={},
        files={"weights.npz": b""},
    )
    with pytest.raises(ArtifactRefused, match="of kind 'composer'"):
        load_image_emotion(tmp_path / "a")


@pytest.mark.parametrize(
    ("labels", "extra", "sentence"),
    [
        (SLUGS, {}, "lacks input, calibration"),
        (("joy",), {"input": {}, "calibration": {}}, "labels are not the eight emotions"),
    ],
)
def test_an_artifact_that_cannot_be_served_is_refused(tmp_path, labels, extra, sentence):
    write_artifact(
        tmp_path / "a",
        kind=KIND,
        name="a",
        version="1",
        labels=labels,
        data={},
        metrics={},
        files={"weights.npz": b""},
        extra=extra,
    )
    with pytest.raises(ArtifactRefused, match=sentence):
        load_image_emotion(tmp_path / "a")

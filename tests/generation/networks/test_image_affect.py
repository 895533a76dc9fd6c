"""The default network: heads on backbones, what it says of pictures of every kind, and why."""

import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest
import skimage.data
from django.conf import settings
from onnx.reference import ReferenceEvaluator
from PIL import Image, ImageDraw

from generation.emotions import SLUGS
from generation.images.features import FEATURE_NAMES
from generation.networks import backbone as backbones
from generation.networks.artifacts import ArtifactRefused, default_artifact, load_artifact
from generation.networks.backbone import GRAPH_FILE, MAPS, load_backbone
from generation.networks.image_affect import AXES, CELLS, assemble, is_strange, load_affect_network
from generation.networks.image_emotion import KIND, load_image_emotion
from generation.networks.image_views import VIEWS, Look, View, look_at, map_place, read_class_affect, word_features
from tests.generation.images import pictures

NAMES = [view.backbone for view in VIEWS]


@pytest.fixture(scope="module")
def network():
    return load_image_emotion()


@pytest.fixture(scope="module")
def classes(network):
    return read_class_affect(network.artifact.path("class_affect.csv"))


def photograph(name: str) -> bytes:
    return pictures.encode(Image.fromarray(getattr(skimage.data, name)()), "JPEG")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_backbone_equals_the_onnx_reference_to_1e_4(name):
    backbone = load_backbone(name)
    graph = onnx.load(str(backbone.artifact.path(GRAPH_FILE)))
    side = 64  # the graph takes any side; the pure reference is slow
    graph.graph.input[0].type.tensor_type.shape.dim[1].dim_value = side
    graph.graph.input[0].type.tensor_type.shape.dim[2].dim_value = side
    pixels = np.random.default_rng(1).integers(0, 256, (1, side, side, 3), dtype=np.uint8)
    expected = ReferenceEvaluator(graph).run([*MAPS, "classes"], {"pixels": pixels})
    import onnxruntime

    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run([*MAPS, "classes"], {"pixels": pixels})
    for one, other in zip(found, expected, strict=True):
        assert np.abs(one - other).max() < 1e-4


@pytest.mark.parametrize(("name", "words"), [("chelsea", ("cat", "tabby")), ("coffee", ("espresso", "cup", "coffee"))])
def test_known_things_are_seen(network, name, words):
    things = network.predict(photograph(name)).seen["things"]
    assert any(word in things[0]["name"] for word in words), things
    assert things == sorted(things, key=lambda thing: -thing["probability"])


def test_what_is_served_is_what_was_trained(network):
    """Crop, softening, shares, clipping and calibration all stand in these numbers; a change of one shows here."""
    emotion = network.predict(photograph("coffee"))
    assert [emotion.valence, emotion.arousal, emotion.dominance] == pytest.approx([0.4374, -0.3784, 0.4485], abs=2e-3)
    assert emotion.probabilities["contentment"] == pytest.approx(0.759, abs=5e-3)
    assert emotion.seen["words"] == "espresso: low arousal; espresso: high valence"
    assert [thing["name"] for thing in emotion.seen["things"]] == ["espresso", "consomme"]


@pytest.mark.parametrize(
    ("side", "correlation", "strange"), [(16, 0.4, False), (15, 0.4, True), (16, 0.399, True), (520, 0.9, False)]
)
def test_what_counts_as_strange(side, correlation, strange):
    look = Look((520, side), (), np.zeros(1000), {"texture_correlation": correlation})
    assert is_strange(look) == strange


@pytest.mark.parametrize(("away", "words"), [(0.119, 0), (0.121, 1)])
def test_only_a_clear_valence_gets_a_reason(network, away, words):
    look = look_at(photograph("coffee"), network.views)
    measures = [list(look.measures.values())]
    scaled = network.scale(assemble(look.pooled()[None], look.classes[None], measures, network._classes))[0]
    middle = network.artifact.manifest["network"]["middle"]
    told = network.explain(look, scaled, {"valence": middle[0] + away, "arousal": middle[1]})
    assert told.count("valence") == words


def test_the_point_lies_inside_its_interval_of_the_calibrated_width(network):
    emotion = network.predict(photograph("coffee"))
    assert set(emotion.intervals) == set(AXES)
    for axis, width in zip(AXES, network.artifact.manifest["calibration"]["half_width"], strict=True):
        low, high = emotion.intervals[axis]
        assert -1 <= low <= getattr(emotion, axis) <= high <= 1
        assert high - low <= 2 * width + 1e-9


def text_only() -> Image.Image:
    page = Image.new("RGB", (400, 300), "white")
    for line in range(20):
        ImageDraw.Draw(page).text((10, 14 * line), "The quick brown fox jumps over the lazy dog", fill="black")
    return page


KINDS = {
    "photograph": Image.fromarray(skimage.data.coffee()),
    "black and white": Image.fromarray(skimage.data.camera()),
    "face": Image.fromarray(skimage.data.astronaut()).crop((150, 0, 300, 180)),
    "text only": text_only(),
    "abstract": Image.fromarray(np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)),
    "one colour": Image.new("RGB", (200, 200), "navy"),
    "one pixel": Image.new("RGB", (1, 1), "red"),
    "panorama": Image.fromarray(skimage.data.coffee()).resize((1600, 80)),
    "tall": Image.fromarray(skimage.data.coffee()).resize((40, 1600)),
    "transparent": Image.new("RGBA", (60, 60), (255, 0, 0, 0)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_gets_a_whole_answer(network, kind):
    emotion = network.predict(pictures.encode(KINDS[kind]))
    assert tuple(emotion.probabilities) == SLUGS
    assert sum(emotion.probabilities.values()) == pytest.approx(1.0)
    assert all(-1.0 <= getattr(emotion, axis) <= 1.0 for axis in AXES)
    assert set(emotion.measures) == set(FEATURE_NAMES)
    assert np.shape(emotion.seen["map"]) == (CELLS, CELLS)
    assert np.abs(emotion.seen["map"]).max() == pytest.approx(1.0)


@pytest.mark.parametrize("noise", ["grey", "colour", "ribbon", "thin"])
def test_noise_and_ribbons_are_never_named(network, noise):
    random = np.random.default_rng(5)
    shape = {"grey": (240, 320), "colour": (200, 200, 3), "ribbon": (64, 4000), "thin": (1, 3000)}[noise]
    picture = Image.fromarray(random.integers(0, 256, shape, dtype=np.uint8))
    assert network.predict(pictures.encode(picture)).unsure


@pytest.mark.parametrize("kind", ["text only", "abstract", "one colour", "one pixel", "transparent"])
def test_where_there_is_nothing_to_feel_it_is_unsure(network, kind):
    assert network.predict(pictures.encode(KINDS[kind])).unsure


def test_the_place_of_a_map_sums_to_the_answer(network):
    """The map is an exact share of the answer: summed over places, mean maps times kernel."""
    look = look_at(photograph("coffee"), network.views)
    scaled = network.scale(
        assemble(look.pooled()[None], look.classes[None], [list(look.measures.values())], network._classes)
    )
    assert np.abs(scaled).max() < 8 * network.arrays["weight"].max() + 1e-9
    slope = network.arrays["kernel"][:, len(AXES)] * network.arrays["factor"]
    start = total = 0
    for seen in look.seen:
        for name in MAPS:
            values = seen.maps[name][0]
            place = slice(start, start + len(values))
            share = np.einsum("c,chw->hw", slope[place], values - network.arrays["mean"][place][:, None, None])
            total, start = total + share.mean(), place.stop
    pooled = (look.pooled() - network.arrays["mean"][:start]) @ slope[:start]
    assert total == pytest.approx(pooled, abs=1e-4)


def test_a_view_of_the_middle_lands_in_the_middle_of_the_map():
    laid = map_place(View("a", "centre"), (700, 100), np.ones((3, 3)), 7)
    assert laid.sum(axis=0).tolist() == [0, 0, 0, 7, 0, 0, 0]
    assert map_place(View("a", "whole"), (700, 100), np.ones((3, 3)), 7).sum() == 49


def test_reasons_name_what_points_the_same_way(network):
    look = look_at(photograph("coffee"), network.views)
    scaled = network.scale(
        assemble(look.pooled()[None], look.classes[None], [list(look.measures.values())], network._classes)
    )
    calm = network.explain(look, scaled[0], {"valence": 0.9, "arousal": -0.9})
    assert calm.count(": low arousal") == calm.count(": high valence") == 1
    assert (
        network.explain(
            look,
            scaled[0],
            dict(zip(("valence", "arousal"), network.artifact.manifest["network"]["middle"], strict=False)),
        )
        == ""
    )


def test_words_of_a_certain_thing_are_its_own_affect(classes):
    certain = np.zeros((1, 1000))
    certain[0, 980] = 1.0
    found = word_features(certain, classes)[0]
    assert classes.names[980] == "volcano"
    assert found[:3].tolist() == classes.affect[980].tolist() == found[11:14].tolist()
    assert found[3:11].sum() == pytest.approx(1.0)


def test_the_class_table_is_whole_and_spread_over_all_emotions(classes):
    assert len(set(classes.names)) > 980
    assert (classes.emotions.sum(axis=1).round(9) == 1.0).all()
    assert (classes.emotions.max(axis=0) >= 0.7).all()
    assert classes.affect.min() >= -1
    assert classes.affect.max() <= 1
    assert classes.affect.std(axis=0).min() > 0.1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1,n,x,5,5,5,awe,fear", "line 2: class 1 stands where 0 is due"),
        ("0,n,x,5,15,5,awe,fear", "line 2: a scale is outside"),
        ("0,n,x,5,5,5,joy,fear", "line 2"),
        ("0,n,x,5,5,5,awe,fear", "has 1 classes"),
    ],
)
def test_a_class_table_that_does_not_fit_is_refused_with_its_line(tmp_path, line, sentence):
    path = tmp_path / "table.csv"
    path.write_text(f"class,synset,name,valence,arousal,dominance,first,second\n{line}\n")
    with pytest.raises(ValueError, match=sentence):
        read_class_affect(path)


def test_a_backbone_that_is_missing_or_another_one_is_refused(tmp_path, network, monkeypatch):
    with pytest.raises(
        ArtifactRefused, match=r"no image backbone 'vgg'; here are: efficientnet-lite0, efficientnet-lite2"
    ):
        load_backbone("vgg")
    folder = tmp_path / "muse-2.0"
    shutil.copytree(default_artifact(KIND), folder)
    other = network.artifact.manifest["network"]["views"][0]["sha256"]
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace(other, "0" * 64))
    with pytest.raises(ArtifactRefused, match="was trained on another efficientnet-lite2"):
        load_affect_network(load_artifact(folder))
    monkeypatch.setattr(backbones, "shipped_artifacts", lambda *a, **k: [])
    load_backbone.cache_clear()
    try:
        with pytest.raises(ArtifactRefused, match="here are: none"):
            load_backbone(NAMES[0])
    finally:
        load_backbone.cache_clear()


def test_the_network_is_served_without_tensorflow_torch_or_onnx():
    code = (
        "import sys, io; from PIL import Image; from generation.networks.image_emotion import load_image_emotion; "
        "b = io.BytesIO(); Image.new('RGB', (40, 30), 'teal').save(b, 'PNG'); "
        "load_image_emotion().predict(b.getvalue()); "
        "print([name for name in ('tensorflow', 'keras', 'torch', 'onnx', 'sklearn', 'django') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"

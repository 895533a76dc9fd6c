"""`manage.py train image_emotion`: from a folder of pictures to an artifact that workers can serve."""

import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from generation.emotions import EMOTIONS, SLUGS
from generation.networks.artifacts import load_artifact
from generation.networks.image_emotion import load_image_emotion
from generation.training.workplace import TrainingRefused

COLOURS = {
    "amusement": "gold",
    "awe": "navy",
    "contentment": "palegreen",
    "excitement": "magenta",
    "anger": "darkred",
    "disgust": "olive",
    "fear": "black",
    "sadness": "slategrey",
}
EACH = 10


def write_emoset(folder: Path, *, order: tuple[str, ...] = SLUGS) -> Path:
    """A small tree in EmoSet's layout: both list forms, some annotations without attributes, one broken file."""
    random = np.random.default_rng(3)
    lists = {"train": [], "val": [], "test": []}
    for slug in SLUGS:
        (folder / "image" / slug).mkdir(parents=True)
        (folder / "annotation" / slug).mkdir(parents=True)
        for number in range(EACH):
            name = f"{slug}_{number:05d}"
            picture = Image.new("RGB", (40 + number, 30), COLOURS[slug])
            noise = Image.fromarray(random.integers(0, 255, (30, 40 + number, 3), dtype=np.uint8))
            Image.blend(picture, noise, 0.15).save(folder / "image" / slug / f"{name}.jpg")
            annotation = {"image_id": name, "emotion": slug}
            if number % 2:
                annotation |= {"brightness": 0.5, "colorfulness": 0.2}
            (folder / "annotation" / slug / f"{name}.json").write_text(json.dumps(annotation))
            paths = [f"image/{slug}/{name}.jpg", f"annotation/{slug}/{name}.json"]
            part = ("train", "val", "test")[0 if number < 8 else number - 7]
            lists[part].append([slug, name, *paths] if part == "train" else [slug, *paths])
    (folder / "image" / "awe" / "awe_00000.jpg").write_bytes(b"no picture")
    for part, rows in lists.items():
        (folder / f"{part}.json").write_text(json.dumps(rows))
    numbers = {slug: number for number, slug in enumerate(order)}
    (folder / "info.json").write_text(json.dumps({"emotion": {"label2idx": numbers}}))
    return folder


def train(folder: Path, out: Path, *extra: str) -> str:
    heard = io.StringIO()
    call_command(
        "train",
        "image_emotion",
        "--layout",
        "emoset",
        "--data",
        str(folder),
        "--out",
        str(out),
        "--side",
        "16",
        "--filters",
        "4,8",
        "--batch",
        "16",
        "--epochs",
        "3",
        *(() if "--backbone" in extra else ("--backbone", "none")),
        *extra,
        stdout=heard,
    )
    return heard.getvalue()


@pytest.fixture(scope="module")
def emoset(tmp_path_factory) -> Path:
    return write_emoset(tmp_path_factory.mktemp("emoset"))


@pytest.fixture(scope="module")
def trained(emoset, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    train(emoset, out)
    return out


def test_training_leaves_an_artifact_that_serves(trained, emoset):
    network = load_image_emotion(trained / "paper-1.0")
    emotion = network.predict((emoset / "image" / "fear" / "fear_00003.jpg").read_bytes())
    assert tuple(emotion.probabilities) == SLUGS
    assert sum(emotion.probabilities.values()) == pytest.approx(1.0)
    assert network.artifact.manifest["data"]["unreadable"] == 1
    assert network.artifact.manifest["data"]["pictures_used"] == 8 * EACH


def test_training_leaves_the_papers_tables_and_figures(trained):
    report = trained / "report"
    figures = {"accuracy.png", "loss.png", "confusion.png", "reliability.png"}
    assert {path.name for path in report.glob("*.png")} == figures
    text = (report / "report.md").read_text()
    for words in ("accuracy", "precision", "recall", "f1", "0.31", *SLUGS):
        assert words in text
    metrics = load_artifact(trained / "paper-1.0").manifest["metrics"]["as_trained"]
    assert np.array(metrics["confusion"]).sum() == metrics["pictures"] == 8
    assert metrics["accuracy"]["low"] <= metrics["accuracy"]["value"] <= metrics["accuracy"]["high"]


def test_a_finished_training_is_not_repeated(trained, emoset):
    before = (trained / "paper-1.0" / "manifest.json").read_bytes()
    assert "This training is finished" in train(emoset, trained)
    assert (trained / "paper-1.0" / "manifest.json").read_bytes() == before


def test_other_settings_do_not_mix_with_a_training_that_is_there(trained, emoset):
    with pytest.raises(CommandError, match="other settings; give another --out, or --restart"):
        train(emoset, trained, "--seed", "2")


def test_numpy_and_keras_agree_to_1e_5(trained):
    import keras

    network = load_image_emotion(trained / "paper-1.0")
    model = keras.models.load_model(trained / "paper-1.0" / "network.keras", compile=False)
    random = np.random.default_rng(5)
    pixels = random.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    measures = random.random((6, 2), dtype=np.float32) * [1.0, 80.0]
    expected = model.predict_on_batch(
        {
            "pixels": pixels / np.float32(255),
            "brightness": measures[:, :1],
            "colourfulness": measures[:, 1:],
        }
    )["emotion"]
    assert np.abs(network.forward(pixels, measures.astype(np.float32))["emotion"] - expected).max() < 1e-5


class Interrupted(Exception):
    """Stands for a killed process."""


@pytest.mark.parametrize("where", ["while preparing", "after an epoch"])
def test_an_interrupted_training_goes_on_to_the_same_network(trained, emoset, tmp_path, monkeypatch, where):
    from generation.training.image_emotion.pixels import fitting, preparation

    module, name = (preparation, "_prepare_one") if where == "while preparing" else (fitting, "_step")
    original, calls = getattr(module, name), 0

    def die(*arguments):
        nonlocal calls
        calls += 1
        if calls == (20 if where == "while preparing" else 6):  # 4 batches are an epoch
            raise Interrupted
        return original(*arguments)

    monkeypatch.setattr(preparation, "_CHUNK", 8)
    monkeypatch.setattr(module, name, die)
    with pytest.raises(Interrupted):
        train(emoset, tmp_path)
    monkeypatch.setattr(module, name, original)
    train(emoset, tmp_path)
    whole, resumed = (load_image_emotion(out / "paper-1.0") for out in (trained, tmp_path))
    assert whole.artifact.manifest["metrics"] == resumed.artifact.manifest["metrics"]
    for array in whole.arrays:
        assert np.allclose(whole.arrays[array], resumed.arrays[array], atol=1e-6)


def test_a_sample_keeps_the_mix_of_emotions_and_the_labels_follow_info_json(emoset, tmp_path):
    shutil.copytree(emoset, tmp_path / "data")
    order = tuple(sorted(SLUGS))
    info = {"emotion": {"label2idx": {slug: number for number, slug in enumerate(order)}}}
    (tmp_path / "data" / "info.json").write_text(json.dumps(info))
    train(tmp_path / "data", tmp_path / "out", "--samples", "40", "--epochs", "1")
    artifact = load_artifact(tmp_path / "out" / "paper-1.0")
    assert artifact.labels == order
    assert artifact.manifest["data"]["pictures_used"] == 40
    groups = json.loads((tmp_path / "out" / "prepared" / "prepared.json").read_text())["groups"]
    counts = [sum(f"/{slug}/" in group for group in groups) for slug in SLUGS]
    assert set(counts) <= {4, 5}


def write_oasis(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    random = np.random.default_rng(4)
    rows = ["theme,valence_mean,arousal_mean,file"]
    for theme in range(12):
        for number in (1, 2, 3):
            valence, arousal = 2 + theme / 3, 2.5 + (theme % 4) / 2
            level = int(20 + 17 * theme)
            noise = random.integers(0, 30, (24, 32, 3))
            picture = Image.fromarray(np.clip(level + noise, 0, 255).astype(np.uint8))
            picture.save(folder / "images" / f"t{theme}_{number}.jpg")
            rows.append(f"Thing {'abcdefghijkl'[theme]} {number},{valence},{arousal},images/t{theme}_{number}.jpg")
    (folder / "oasis.csv").write_text("\n".join(rows))
    return folder


def test_oasis_is_judged_on_themes_it_never_saw(tmp_path):
    heard = io.StringIO()
    call_command(
        "train",
        "image_emotion",
        "--layout",
        "oasis",
        "--data",
        str(write_oasis(tmp_path / "data")),
        "--out",
        str(tmp_path / "out"),
        "--backbone",
        "none",
        "--side",
        "16",
        "--filters",
        "4,8",
        "--epochs",
        "2",
        "--folds",
        "2",
        "--affect",
        "--pooling",
        "average",
        "--features",
        "edges,warmth",
        "--augment",
        "--class-weights",
        stdout=heard,
    )
    artifact = load_artifact(tmp_path / "out" / "paper-1.0")
    assert len(artifact.manifest["data"]["test_themes"]) == 2  # a fifth of twelve themes
    assert artifact.manifest["input"]["features"] == ["brightness", "colourfulness", "edges", "warmth"]
    metrics = artifact.manifest["metrics"]
    for row in ("network_as_served", "network_as_trained", "cross_validation"):
        assert set(metrics[row]) == {"valence_polarity_accuracy", "valence_correlation", "arousal_correlation"}
    assert set(metrics["baselines"]) == {"chance", "majority", "brightness_colourfulness"}
    assert "not human emotion labels" in (tmp_path / "out" / "report" / "report.md").read_text()
    assert re.search(r"valence correlation: -?\d\.\d{3} \(", heard.getvalue())
    network = load_image_emotion(tmp_path / "out" / "paper-1.0")
    emotion = network.predict((tmp_path / "data" / "images" / "t3_1.jpg").read_bytes())
    assert -1 <= emotion.valence <= 1


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--filters", "a"], "whole numbers separated by commas"),
        (["--features", "smell"], "choose paper, all, or names out of brightness"),
        (["--affect"], "need human norms"),
        (["--backbone", "vgg1"], "choose from mobilenet_v2"),
        (["--backbone", "mobilenet_v2", "--weights", "/nowhere.h5"], "is not a file"),
        (["--weights", "/nowhere.h5"], "belongs to --backbone"),
        (["--side", "8", "--filters", "4,4,4,4"], "too small for 4 poolings"),
        (["--learning-rate", "2"], "must lie between 0 and 1"),
    ],
)
def test_options_that_cannot_work_are_refused_in_a_sentence(emoset, tmp_path, extra, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        train(emoset, tmp_path / "out", *extra)


def test_a_folder_without_pictures_is_refused(tmp_path, emoset):
    shutil.copytree(emoset, tmp_path / "data", ignore=shutil.ignore_patterns("*.jpg"))
    with pytest.raises(CommandError, match="None of the 80 listed pictures can be read"):
        train(tmp_path / "data", tmp_path / "out")


def test_a_backbones_weights_that_do_not_fit_are_refused(tmp_path, monkeypatch):
    from generation.training.image_emotion.pixels.backbones import load_backbone

    (tmp_path / "broken.weights.h5").write_bytes(b"no weights")
    with pytest.raises(TrainingRefused, match=r"broken\.weights\.h5 does not fit mobilenet_v2"):
        load_backbone("mobilenet_v2", tmp_path / "broken.weights.h5", 32)


def test_a_backbone_that_cannot_be_downloaded_says_what_to_do(monkeypatch):
    import keras

    from generation.training.image_emotion.pixels.backbones import load_backbone

    def refuse(*arguments, **options):
        raise Exception("URL fetch failure on https://…: [Errno -2] Name or service not known")

    monkeypatch.setattr(keras.applications, "MobileNetV2", refuse)
    with pytest.raises(TrainingRefused, match=r"could not be had.*give a file you have with --weights FILE"):
        load_backbone("mobilenet_v2", None, 96)


@pytest.mark.long
def test_a_local_backbone_trains_and_serves(emoset, tmp_path):
    import keras

    weights = tmp_path / "mobilenet.weights.h5"
    keras.applications.MobileNetV2(
        include_top=False, pooling="avg", input_shape=(32, 32, 3), weights=None
    ).save_weights(weights)
    train(
        emoset,
        tmp_path / "out",
        "--side",
        "32",
        "--backbone",
        "mobilenet_v2",
        "--weights",
        str(weights),
        "--epochs",
        "1",
    )
    network = load_image_emotion(tmp_path / "out" / "paper-1.0")
    assert set(network.artifact.manifest["files"]) == {"network.keras"}
    emotion = network.predict((emoset / "image" / "anger" / "anger_00003.jpg").read_bytes())
    assert sum(emotion.probabilities.values()) == pytest.approx(1.0)


def test_implied_valence_follows_the_probabilities(trained, emoset):
    network = load_image_emotion(trained / "paper-1.0")
    emotion = network.predict((emoset / "image" / "fear" / "fear_00003.jpg").read_bytes())
    expected = sum(emotion.probabilities[e.slug] * e.valence for e in EMOTIONS)
    assert emotion.valence == pytest.approx(expected)

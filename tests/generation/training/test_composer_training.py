"""Training the composer network on a small folder: command, resume, equality of serving with Keras."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from generation.music.notes import Note, Piece
from generation.music.score import write_midi
from generation.networks.artifacts import load_artifact
from generation.networks.composer import ComposerNetwork, load_composer
from generation.networks.events import CONDITION_NAMES
from generation.training.composer.crops import Crop, augment, cut_crops, stack
from generation.training.composer.procedure import split_songs
from generation.training.datasets.emopia import read_clips


def write_clip(path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    notes = []
    for beat in range(48):
        notes.append(Note(float(beat), int(random.choice((36, 41, 43))), 1.0, 60, "left"))
        for half in (0.0, 0.5):
            notes.append(Note(beat + half, int(random.choice((60, 62, 64, 65, 67, 69, 71, 72))), 0.5, 70, "right"))
    path.write_bytes(write_midi(Piece(tuple(sorted(notes)), 100.0, 0, "major")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clips without labels, and one file that is no MIDI."""
    path = tmp_path_factory.mktemp("clips")
    for seed in range(3):
        write_clip(path / f"piece{seed}.mid", seed)
    (path / "broken.mid").write_bytes(b"MThd\x00\x00")
    return path


@pytest.fixture(scope="module")
def crops(folder: Path) -> list[Crop]:
    return cut_crops(read_clips(folder, report=lambda line: None), lambda line: None)


@pytest.fixture(scope="module")
def trained(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    train(folder, out, 1)
    return out


def train(folder: Path, out: Path, epochs: int) -> str:
    screen = StringIO()
    call_command(
        "train",
        "composer",
        "--data",
        str(folder),
        "--out",
        str(out),
        "--epochs",
        str(epochs),
        "--units",
        "16",
        "--share",
        "1.0",
        stdout=screen,
    )
    return screen.getvalue()


def test_a_trained_folder_is_an_artifact_that_can_be_served(trained: Path) -> None:
    artifact = load_artifact(trained / "muse-1.0", kind="composer")
    assert sorted(artifact.manifest["files"]) == ["composer.keras", "tunes.npz", "weights.npz"]
    assert artifact.manifest["data"]["clips"] == 3
    assert load_composer(trained / "muse-1.0").critic is None
    assert "| unseen loss |" in (trained / "report.md").read_text(encoding="utf-8")


def test_serving_in_numpy_equals_keras_to_five_digits(trained: Path, crops: list[Crop]) -> None:
    import keras

    from generation.training.composer.fitting import prepare_inputs

    folder = trained / "muse-1.0"
    reference = keras.models.load_model(folder / "composer.keras", compile=False)
    with np.load(folder / "weights.npz") as arrays:
        weights = dict(arrays)
    served = ComposerNetwork(weights)
    batch = stack(crops[:3], weights["condition_mean"], weights["condition_spread"])
    expected = reference.predict(prepare_inputs(batch), verbose=0)
    state = served.begin(np.stack([crop.conditions for crop in crops[:3]]))
    for place in range(12):
        served.step(state, {name: codes[:, place].astype(int) for name, codes in batch.previous.items()})
        known = {name: codes[:, place].astype(int) for name, codes in batch.current.items()}
        for head, logits in expected.items():
            assert np.abs(served.logits(head, state, known) - logits[:, place]).max() < 1e-5


def test_the_same_command_goes_on_where_it_stopped(trained: Path, folder: Path) -> None:
    before = json.loads((trained / "state.json").read_text(encoding="utf-8"))["history"]
    screen = train(folder, trained, 2)
    after = json.loads((trained / "state.json").read_text(encoding="utf-8"))["history"]
    assert "Going on after epoch 1 of 2." in screen
    assert "broken.mid is left out" in screen
    assert after[:1] == before
    assert len(after) == 2


def test_another_seed_does_not_continue_a_run(trained: Path, folder: Path) -> None:
    with pytest.raises(CommandError, match="holds a run with --seed 1"):
        call_command(
            "train",
            "composer",
            "--data",
            str(folder),
            "--out",
            str(trained),
            "--seed",
            "2",
            "--units",
            "16",
            stdout=StringIO(),
        )


def test_a_folder_without_music_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"holds no \.mid or .midi file"):
        call_command("train", "composer", "--data", str(tmp_path), "--out", str(tmp_path / "o"), stdout=StringIO())
    with pytest.raises(CommandError, match="--share must lie above 0"):
        call_command("train", "composer", "--data", str(tmp_path), "--share", "0", stdout=StringIO())


def test_no_song_is_on_both_sides_of_the_split(crops: list[Crop]) -> None:
    training, checking = split_songs(crops)
    assert {c.song for c in training} & {c.song for c in checking} == set()
    assert len(training) + len(checking) == len(crops)
    alone = [crop for crop in crops if crop.song == crops[0].song]
    assert split_songs(alone) == (alone, alone)


def test_playing_louder_or_faster_changes_the_conditions_with_the_notes(crops: list[Crop]) -> None:
    dynamics, tempo = CONDITION_NAMES.index("dynamics"), CONDITION_NAMES.index("tempo")
    for seed in range(8):
        moved = augment(crops[0], np.random.default_rng(seed))
        steps = np.unique(moved.events.velocities - crops[0].events.velocities)
        assert len(steps) == 1
        assert moved.conditions[dynamics] - crops[0].conditions[dynamics] == pytest.approx(4 * steps[0])
        assert 0.9 < moved.conditions[tempo] / crops[0].conditions[tempo] < 1.1


def test_a_crops_first_step_sees_only_the_start_code(crops: list[Crop]) -> None:
    batch = stack(crops[:2], crops[0].conditions * 0, crops[0].conditions * 0 + 1)
    assert {int(codes[:, 0].max()) for codes in batch.previous.values()} == {0}
    assert batch.weights.sum() == len(crops[0].events) + len(crops[1].events)

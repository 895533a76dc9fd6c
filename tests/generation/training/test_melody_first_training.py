"""The training of the composer in two stages, from folders to artifacts, on a few small songs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.networks.artifacts import load_artifact
from generation.networks.melody_first import sampling
from generation.networks.melody_first.loading import KIND, load_stages
from generation.training import melody_first
from generation.training.melody_first import network, procedure
from generation.training.melody_first.network import Shape
from generation.training.workplace import TrainingRefused
from tests.generation.training.songs import write_song

TRAIN, CHECK, TEST = ("001", "002", "003"), ("007",), ("066",)
"""Numbers whose songs fall into these parts; see `arrays.part_of`."""


def options(folder: Path, out: Path, **changed: Any) -> dict[str, Any]:
    """The command's options for a short training."""
    chosen = {"melody_epochs": 2, "accompaniment_epochs": 1, "patience": 4, "share": 1.0, "batch": 8, "seed": 1}
    names = {"layout": "transformer", "name": "small", "artifact_version": "9.0", "restart": False}
    return {"pop909": folder, "emopia": None, "out": out, **chosen, **names, **changed}


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pop909")
    for name in (*TRAIN, *CHECK, *TEST):
        write_song(folder, name, bars=8)
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in ("melody", "accompaniment"):
        monkeypatch.setitem(network.SHAPES, (stage, "transformer"), Shape(64, 1, head_units=32))
    monkeypatch.setattr(procedure, "HEARD", 1)
    monkeypatch.setattr(sampling, "MOST_NOTES", 40)
    monkeypatch.setattr(procedure, "LENGTHS", {"melody": (40,), "accompaniment": (80,)})


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_a_training_leaves_networks_that_serve_a_report_and_goes_on_after_a_stop(songs: Path, tmp_path: Path) -> None:
    lines = io.StringIO()
    melody_first.run(options(songs, tmp_path / "out"), lines)
    artifact = load_artifact(tmp_path / "out" / "small-9.0", kind=KIND)
    stages = load_stages(artifact.folder)
    assert stages.melody.units == 64
    data = artifact.manifest["data"]["pop909"]
    assert data["songs in parts"] == {"train": 3, "check": 1, "test": 1}
    assert data["held out to report on"] == ["pop909/066"]
    assert artifact.manifest["metrics"]["unseen"]["melody"]["pop909"]["loss"] > 0
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "| pop909, accompaniment | pop909 |" in report
    assert "## Curve: pop909, melody" in report
    state = json.loads((tmp_path / "out" / "pop909" / "melody" / "state.json").read_text(encoding="utf-8"))
    assert len(state["history"]) == 2
    # The same command again finds everything done, and gives the same networks.
    melody_first.run(options(songs, tmp_path / "out"), lines)
    again = load_artifact(artifact.folder, kind=KIND)
    with np.load(artifact.path("melody.npz")) as one, np.load(again.path("melody.npz")) as other:
        assert all((one[name] == other[name]).all() for name in one.files)
    assert lines.getvalue().count("melody transformer: epoch 2/2") == 1
    with pytest.raises(TrainingRefused, match="other settings"):
        melody_first.run(options(songs, tmp_path / "out", seed=2), lines)


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"melody_epochs": 0}, "--melody-epochs"), ({"share": 0.0}, "--share"), ({"batch": 0}, "--batch")],
)
def test_options_out_of_range_are_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(TrainingRefused, match=message):
        melody_first.run(options(tmp_path, tmp_path / "out", **changed), io.StringIO())


def test_a_folder_without_songs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingRefused, match="POP909"):
        melody_first.run(options(tmp_path, tmp_path / "out"), io.StringIO())


def test_a_folder_without_held_out_songs_is_refused(tmp_path: Path) -> None:
    write_song(tmp_path, "001", bars=8)
    with pytest.raises(TrainingRefused, match="'check'"):
        melody_first.run(options(tmp_path, tmp_path / "out"), io.StringIO())

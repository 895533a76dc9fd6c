"""Artifacts: what is written can be read, and nothing else can."""

import hashlib
import json
from pathlib import Path

import pytest

from generation.networks.artifacts import (
    ArtifactRefused,
    default_artifact,
    load_artifact,
    shipped_artifacts,
    write_artifact,
)


def write(folder: Path, **changes):
    facts = {
        "kind": "image_emotion",
        "name": "paper",
        "version": "1.0",
        "labels": ["awe", "fear"],
        "data": {"name": "none"},
        "metrics": {"accuracy": 0.5},
        "files": {"weights.npz": b"abc"},
    }
    return write_artifact(folder, **{**facts, **changes})


def edit_manifest(folder: Path, **changes) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def test_what_was_written_is_read_back(tmp_path):
    written = write(tmp_path / "a")
    read = load_artifact(tmp_path / "a")
    assert read == written
    assert (read.kind, read.name, read.version) == ("image_emotion", "paper", "1.0")
    assert read.labels == ("awe", "fear")
    assert read.path("weights.npz").read_bytes() == b"abc"
    assert read.manifest["files"] == {"weights.npz": hashlib.sha256(b"abc").hexdigest()}


def test_the_artifacts_hash_is_the_manifests(tmp_path):
    artifact = write(tmp_path / "a")
    assert artifact.sha256 == hashlib.sha256((tmp_path / "a" / "manifest.json").read_bytes()).hexdigest()


def test_a_changed_byte_is_refused(tmp_path):
    write(tmp_path / "a")
    (tmp_path / "a" / "weights.npz").write_bytes(b"abd")
    with pytest.raises(ArtifactRefused, match=r"weights\.npz is not the file its manifest describes"):
        load_artifact(tmp_path / "a")


def test_a_missing_file_is_refused(tmp_path):
    write(tmp_path / "a")
    (tmp_path / "a" / "weights.npz").unlink()
    with pytest.raises(ArtifactRefused, match=r"lacks weights\.npz"):
        load_artifact(tmp_path / "a")


@pytest.mark.parametrize(
    "key", ["kind", "name", "version", "labels", "data", "metrics", "code_version", "created", "files"]
)
def test_a_manifest_without_a_required_key_is_refused(tmp_path, key):
    write(tmp_path / "a")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    del manifest[key]
    (tmp_path / "a" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactRefused, match=f"lacks {key}"):
        load_artifact(tmp_path / "a")


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_a_manifest_that_is_no_json_object_is_refused(tmp_path, text):
    write(tmp_path / "a")
    (tmp_path / "a" / "manifest.json").write_text(text)
    with pytest.raises(ArtifactRefused, match="is not"):
        load_artifact(tmp_path / "a")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "manifest.json", ".."])
def test_a_manifest_that_points_out_of_its_folder_is_refused(tmp_path, name):
    write(tmp_path / "a")
    edit_manifest(tmp_path / "a", files={name: "0" * 64})
    with pytest.raises(ArtifactRefused, match="not a plain file name"):
        load_artifact(tmp_path / "a")


def test_another_kind_than_wanted_is_refused(tmp_path):
    write(tmp_path / "a")
    with pytest.raises(ArtifactRefused, match="of kind 'image_emotion', not 'composer'"):
        load_artifact(tmp_path / "a", kind="composer")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ArtifactRefused, match=r"no readable manifest\.json"):
        load_artifact(tmp_path / "nowhere")


def test_an_artifact_is_not_written_over_by_accident(tmp_path):
    write(tmp_path / "a")
    with pytest.raises(ArtifactRefused, match="another version"):
        write(tmp_path / "a", version="2.0")
    assert write(tmp_path / "a", version="2.0", overwrite=True).version == "2.0"


def test_a_failed_writing_leaves_nothing_behind(tmp_path):
    with pytest.raises(ArtifactRefused, match="lists no files"):
        write(tmp_path / "a", files={})
    assert list(tmp_path.iterdir()) == []


def test_metrics_that_are_not_numbers_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write(tmp_path / "a", metrics={"accuracy": float("nan")})


def test_artifacts_are_found_by_kind(tmp_path):
    write(tmp_path / "image_emotion" / "paper-1.0")
    write(tmp_path / "composer" / "muse-1.0", kind="composer")
    assert shipped_artifacts(weights=tmp_path) == [
        tmp_path / "composer" / "muse-1.0",
        tmp_path / "image_emotion" / "paper-1.0",
    ]
    assert shipped_artifacts("composer", weights=tmp_path) == [tmp_path / "composer" / "muse-1.0"]


def test_the_default_is_the_only_one_or_the_one_named(tmp_path):
    write(tmp_path / "composer" / "muse-1.0", kind="composer")
    assert default_artifact("composer", weights=tmp_path) == tmp_path / "composer" / "muse-1.0"
    write(tmp_path / "composer" / "muse-2.0", kind="composer")
    with pytest.raises(ArtifactRefused, match="holds 2 networks"):
        default_artifact("composer", weights=tmp_path)
    (tmp_path / "composer" / "default").write_text("muse-1.0\n")
    assert default_artifact("composer", weights=tmp_path) == tmp_path / "composer" / "muse-1.0"


def test_no_artifact_at_all_is_said(tmp_path):
    with pytest.raises(ArtifactRefused, match="holds 0 networks"):
        default_artifact("composer", weights=tmp_path)


@pytest.mark.parametrize("folder", shipped_artifacts(), ids=lambda folder: folder.name)
def test_every_shipped_artifact_is_intact(folder):
    artifact = load_artifact(folder)
    assert (artifact.kind, f"{artifact.name}-{artifact.version}") == (folder.parent.name, folder.name)
    assert default_artifact(artifact.kind) in shipped_artifacts(artifact.kind)

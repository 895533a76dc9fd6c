"""Trained networks on disk: a folder with a manifest and files whose hashes the manifest names.

The layout is ``weights/<kind>/<name>-<version>/manifest.json`` beside the files it lists. A folder whose
manifest or hash does not fit is refused, so a half-copied or edited network never labels a picture.
``weights/<kind>/default`` is a one-line text file that names the folder served when nobody chooses.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from generation.release import IN_CHECKOUT, PROJECT, read_version

WEIGHTS: Final = Path(__file__).resolve().parent / "weights"
MANIFEST: Final = "manifest.json"
DEFAULT: Final = "default"
SUPERSEDED: Final = "superseded"
REQUIRED_KEYS: Final = (
    "kind",
    "name",
    "version",
    "labels",
    "data",
    "metrics",
    "code_version",
    "created",
    "files",
)


class ArtifactRefused(ValueError):
    """The folder is no intact artifact; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact whose every hash was checked.

    Parameters
    ----------
    folder : Path
        Where it lies.
    manifest : dict
        The parsed ``manifest.json``; `REQUIRED_KEYS` are there.
    sha256 : str
        SHA-256 of the bytes of ``manifest.json``. As the manifest names the hash of every file, this one
        number stands for the whole artifact.
    """

    folder: Path
    manifest: dict[str, Any]
    sha256: str

    @property
    def kind(self) -> str:
        """What the network is for, such as ``image_emotion``."""
        return str(self.manifest["kind"])

    @property
    def name(self) -> str:
        """Which of the networks of this kind, such as ``paper``."""
        return str(self.manifest["name"])

    @property
    def version(self) -> str:
        """Its version, such as ``1.0``."""
        return str(self.manifest["version"])

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels in the order of the outputs."""
        return tuple(self.manifest["labels"])

    def path(self, name: str) -> Path:
        """Path of the listed file `name`.

        Raises
        ------
        ArtifactRefused
            When the manifest does not list it.
        """
        if name not in self.manifest["files"]:
            raise ArtifactRefused(f"{self.folder} has no file {name!r} in its manifest.")
        return self.folder / name


def load_artifact(folder: Path | str, *, kind: str | None = None) -> Artifact:
    """Read and verify the artifact in `folder`.

    Parameters
    ----------
    folder : Path or str
        The artifact's folder.
    kind : str, optional
        The kind it has to be of.

    Raises
    ------
    ArtifactRefused
        When the manifest is missing, unreadable or incomplete, is of another kind, or when a listed file is
        missing or has another hash.
    """
    folder = Path(folder)
    manifest, sha256 = _read_manifest(folder)
    if kind is not None and manifest["kind"] != kind:
        raise ArtifactRefused(f"{folder} holds a network of kind {manifest['kind']!r}, not {kind!r}.")
    for name, expected in manifest["files"].items():
        _check_file(folder, name, expected)
    return Artifact(folder, manifest, sha256)


def _read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError:
        raise ArtifactRefused(f"{folder} has no readable {MANIFEST}.") from None
    try:
        manifest = json.loads(raw)
    except ValueError as error:
        raise ArtifactRefused(f"{folder / MANIFEST} is not JSON: {error}.") from None
    if not isinstance(manifest, dict):
        raise ArtifactRefused(f"{folder / MANIFEST} is not a JSON object.")
    missing = [key for key in REQUIRED_KEYS if key not in manifest]
    if missing:
        raise ArtifactRefused(f"{folder / MANIFEST} lacks {', '.join(missing)}.")
    if not isinstance(manifest["files"], dict) or not manifest["files"]:
        raise ArtifactRefused(f"{folder / MANIFEST} lists no files.")
    if not isinstance(manifest["labels"], list):
        raise ArtifactRefused(f"{folder / MANIFEST}: labels are not a list.")
    return manifest, hashlib.sha256(raw).hexdigest()


def _check_file(folder: Path, name: str, expected: object) -> None:
    if Path(name).name != name or name in {"", ".", "..", MANIFEST}:
        raise ArtifactRefused(f"{folder / MANIFEST} lists {name!r}, which is not a plain file name.")
    try:
        found = hash_file(folder / name)
    except OSError:
        raise ArtifactRefused(f"{folder} lacks {name}, which its manifest lists.") from None
    if found != expected:
        raise ArtifactRefused(f"{folder / name} is not the file its manifest describes: its hash is {found}.")


def hash_file(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_artifact(
    folder: Path | str,
    *,
    kind: str,
    name: str,
    version: str,
    labels: Sequence[str],
    data: Mapping[str, Any],
    metrics: Mapping[str, Any],
    files: Mapping[str, bytes | Path],
    extra: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Artifact:
    """Write an artifact and return it verified.

    The folder appears in one move, so an interruption leaves no half artifact.

    Parameters
    ----------
    folder : Path or str
        Where it goes; usually ``<kind>/<name>-<version>`` below a weights folder.
    kind, name, version : str
        What it is.
    labels : sequence of str
        Labels in output order; empty for a network without classes.
    data, metrics : mapping
        What it was trained on, and what was measured; anything JSON can hold.
    files : mapping
        File name to its bytes, or to a file to copy.
    extra : mapping, optional
        Further manifest keys, such as the input's shape.
    overwrite : bool
        Replace an artifact that is there already.

    Raises
    ------
    ArtifactRefused
        When `folder` exists and `overwrite` is off, or `files` is empty.
    """
    folder = Path(folder)
    if folder.exists() and not overwrite:
        raise ArtifactRefused(f"{folder} exists already: give the new network another version.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        staging.chmod(0o755)
        hashes = {file: _place(staging / file, content) for file, content in files.items()}
        manifest = {
            **(extra or {}),
            "kind": kind,
            "name": name,
            "version": version,
            "labels": list(labels),
            "data": dict(data),
            "metrics": dict(metrics),
            "code_version": describe_code(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": hashes,
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
        (staging / MANIFEST).write_text(text + "\n", encoding="utf-8")
        load_artifact(staging)
        if folder.exists():
            shutil.rmtree(folder)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return load_artifact(folder)


def _place(target: Path, content: bytes | Path) -> str:
    target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return hash_file(target)


def shipped_artifacts(kind: str | None = None, *, weights: Path = WEIGHTS) -> list[Path]:
    """Folders of the artifacts below `weights`, sorted; of one kind if asked. They are not yet verified."""
    return sorted(path.parent for path in weights.glob(f"{kind or '[!.]*'}/[!.]*/{MANIFEST}"))


def default_artifact(kind: str, *, weights: Path = WEIGHTS) -> Path:
    """Folder of the artifact of `kind` that is served when nobody chooses.

    It is the one that ``weights/<kind>/default`` names, or the only one.

    Raises
    ------
    ArtifactRefused
        When there is none, or several and no choice among them.
    """
    marker = weights / kind / DEFAULT
    if marker.is_file():
        return marker.parent / marker.read_text(encoding="utf-8").strip()
    found = shipped_artifacts(kind, weights=weights)
    if len(found) != 1:
        raise ArtifactRefused(f"{weights / kind} holds {len(found)} networks and no file {DEFAULT!r}.")
    return found[0]


def superseded_artifacts(kind: str, *, weights: Path = WEIGHTS) -> frozenset[str]:
    """Folder names that the default of `kind` takes the place of, one a line in ``weights/<kind>/superseded``."""
    marker = weights / kind / SUPERSEDED
    return frozenset(marker.read_text(encoding="utf-8").split()) if marker.is_file() else frozenset()


def describe_code() -> str:
    """Version of MelodyMuse, with the commit where git knows it: ``0.1.0+2d7138e``."""
    version = read_version()
    if not IN_CHECKOUT:
        return version
    try:
        commit = subprocess.run(
            ["git", "-C", str(PROJECT), "rev-parse", "--short=12", "HEAD"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return version
    return f"{version}+{commit}"

"""What a backup says about itself: written last, so that a backup that was cut off has none."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from generation.release import read_version

FORMAT = 1
NAME = "manifest.json"
DATABASE = "database.sqlite3"
KEY = "secret_key"
MEDIA = "media"
IMPORTS = "imports"
CHUNK = 1024 * 1024
Progress = Callable[[int], object]


class BackupRefused(Exception):
    """A backup that cannot be made or used; one sentence that says why and what to do."""


def hash_file(path: Path, progress: Progress = lambda count: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
            progress(len(block))
    return digest.hexdigest()


def copy_file(source: Path, target: Path, progress: Progress = lambda count: None) -> dict[str, Any]:
    """Copy with its time, and return bytes and hash of what was written."""
    with source.open("rb") as reading:
        written = copy_stream(reading, target, progress)
    times = source.stat()
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
    return written


def copy_stream(reading: Any, target: Path, progress: Progress = lambda count: None) -> dict[str, Any]:
    """Write what an open file holds to `target`; return bytes and hash of what was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as writing:
        while block := reading.read(CHUNK):
            writing.write(block)
            digest.update(block)
            size += len(block)
            progress(len(block))
    return {"bytes": size, "sha256": digest.hexdigest()}


def applied(alias: str) -> dict[str, list[str]]:
    """The migrations that a database has had, by app."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connections[alias]).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def _seal(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def write(folder: Path, content: dict[str, Any]) -> None:
    text = json.dumps({**content, "seal": _seal(content)}, indent=1, ensure_ascii=False)
    (folder / NAME).write_text(text, encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a whole backup; BackupRefused for anything else."""
    if not folder.is_dir():
        raise BackupRefused(f"There is no backup {folder}; give the folder that `manage.py backup` made.")
    try:
        content: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        seal = content.pop("seal")
    except FileNotFoundError:
        raise BackupRefused(
            f"{folder} is no whole backup: it has no {NAME}, which is written last. "
            "It was cut off, or is no backup; take another."
        ) from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise BackupRefused(f"The {NAME} of {folder} cannot be read; the backup is damaged, take another.") from None
    if content.get("format") != FORMAT:
        raise BackupRefused(
            f"{folder} has the form {content.get('format')!r}; this MelodyMuse ({read_version()}) reads {FORMAT}. "
            "Restore it with the MelodyMuse that made it."
        )
    if seal != _seal(content):
        raise BackupRefused(f"The {NAME} of {folder} was changed after it was made; take another backup.")
    return content


def _is_as_written(folder: Path, entry: dict[str, Any], progress: Progress) -> bool:
    path = folder / entry["name"]
    if not path.is_file() or path.stat().st_size != entry["bytes"]:
        return False
    return hash_file(path, progress) == str(entry["sha256"])


def check_files(folder: Path, content: dict[str, Any], progress: Progress) -> None:
    """BackupRefused unless every file is there as it was written."""
    wrong = [entry["name"] for entry in content["files"] if not _is_as_written(folder, entry, progress)]
    if wrong:
        named = ", ".join(wrong[:5]) + (" …" if len(wrong) > 5 else "")
        raise BackupRefused(f"{len(wrong)} files of the backup are missing or damaged ({named}); take another backup.")


def check_migrations(content: dict[str, Any]) -> None:
    """BackupRefused for a backup of a newer MelodyMuse. An older one is migrated."""
    known = set(MigrationLoader(None).disk_migrations)
    newer = [f"{app}.{name}" for app, names in content["migrations"].items() for name in names]
    newer = [name for name in newer if tuple(name.split(".", 1)) not in known]
    if newer:
        raise BackupRefused(
            f"The backup comes from a newer MelodyMuse ({content['melodymuse']}; this one is {read_version()} and does "
            f"not know {newer[-1]}). Install that version or a later one, then restore."
        )

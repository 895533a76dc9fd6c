"""Bringing a backup into a site: checked, built beside what is there, then put in its place in one step."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection
from tqdm import tqdm

from melodymuse_site import occupancy, private, swapping
from melodymuse_site.backup import carrying, manifest, postgres, rows
from melodymuse_site.backup.manifest import DATABASE, IMPORTS, KEY, MEDIA, BackupRefused
from melodymuse_site.processes import end_with_parent
from melodymuse_site.storage import ARCHIVES, private_storage

MADE_BY_PEOPLE = (
    "auth.User",
    "generation.SourceImage",
    "generation.PairVersion",
    "generation.ClipImport",
    "survey.Study",
)
"""A site without any of these is empty; what a fresh one is given (emotions, networks, roles) is no loss."""
GONE = "withdrawn.json"
ENDINGS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def restore(source: Path, *, replace: bool = False, quiet: bool | None = None) -> dict[str, Any]:
    """Make this site what the backup `source` holds; return its manifest.

    The site is as it was until everything is built and checked. Raises BackupRefused or Occupied, with a sentence.
    """
    source = source.expanduser().absolute()
    content = manifest.read(source)
    manifest.check_migrations(content)
    data_dir = Path(settings.DATA_DIR)
    with occupancy.alone(data_dir):
        decided = (data_dir / occupancy.RESTORING / occupancy.COMPLETE).exists()
        if not (replace or decided) and (what := _content()):
            raise BackupRefused(
                f"This site is not empty (it has {what}). Restore into an empty DATA_DIR and database, or say "
                "--replace: everything that is here now, database and key, is then thrown away."
            )
        _nobody_else()
        with tqdm(total=_bytes(content), desc="Checking", unit="B", unit_scale=True, disable=quiet) as bar:
            manifest.check_files(source, content, bar.update)
        swapping.clear(data_dir)
        staging = data_dir / occupancy.RESTORING
        staging.mkdir(mode=0o700)
        gone = carrying.withdrawn_people()
        connection.close()
        try:
            database = _stage_database(source, staging, gone)
            with tqdm(total=_bytes(content), desc="Files", unit="B", unit_scale=True, disable=quiet) as bar:
                _place_files(source, content, bar)
            if connection.vendor == "postgresql":
                with rows.opened(database) as alias:
                    postgres.build(alias, sum(content["rows"].values()), quiet)
                database.unlink()
            _swap(source, staging, data_dir)
        except (OSError, sqlite3.Error) as error:
            raise BackupRefused(f"The backup cannot be restored: {error}. The site is as it was.") from error
        finally:
            if not (staging / occupancy.COMPLETE).exists():
                _clear_away(data_dir)
    return content


def _clear_away(data_dir: Path) -> None:
    """Remove what was built and is not needed, or not needed any more."""
    swapping.clear(data_dir)
    if connection.vendor == "sqlite":
        for ending in private.BESIDE_A_DATABASE:
            Path(f"{swapping.staged_database(connection.settings_dict)}{ending}").unlink(missing_ok=True)
    else:
        postgres.forget()
        connection.close()


def _bytes(content: dict[str, Any]) -> int:
    return sum(entry["bytes"] for entry in content["files"])


def _content() -> str:
    """What people made on this site, in words; empty where nothing."""
    try:
        tables = set(connection.introspection.table_names())
    except DatabaseError as error:
        return f"a database that cannot be read: {error}"
    found = []
    for model in (apps.get_model(label) for label in MADE_BY_PEOPLE):
        if model._meta.db_table in tables and (number := model._base_manager.count()):
            names = model._meta
            found.append(f"{number} {names.verbose_name if number == 1 else names.verbose_name_plural}")
    return ", ".join(found)


def _nobody_else() -> None:
    """Refuse where somebody still works with the database: locks of this machine say nothing about other machines."""
    if connection.vendor == "postgresql":
        others = postgres.other_connections()
        if others:
            raise BackupRefused(
                f"{others} other connections to the database are open. Stop web servers, workers and whatever else "
                "uses it, on every machine, then restore."
            )
        return
    name = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    if not name.exists():
        return
    try:
        with closing(sqlite3.connect(name, timeout=1)) as probe:  # SQLite lets go of its log for the last one only
            mode = probe.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        mode = str(error)
    except sqlite3.DatabaseError:
        return  # no database any more: what --replace is for
    if mode != "delete":
        raise BackupRefused(f"Another program has {name} open. Stop web server, workers and whatever else uses it.")


def _stage_database(source: Path, staging: Path, gone: list[str]) -> Path:
    """A copy of the backup's database, brought to the present form by the site's own migrations, and checked."""
    database = staging / DATABASE
    if connection.vendor == "sqlite":
        database = swapping.staged_database(connection.settings_dict)
        for ending in private.BESIDE_A_DATABASE:
            Path(f"{database}{ending}").unlink(missing_ok=True)
    manifest.copy_file(source / DATABASE, database)
    (staging / GONE).write_text(json.dumps(gone), encoding="utf-8")
    key = (source / KEY).read_text(encoding="utf-8").strip()
    _run_on(database, staging, key, "-m", "melodymuse_site", "migrate", "--verbosity", "0", "--no-input")
    if gone:
        code = f"from {carrying.__name__} import withdraw_again; withdraw_again({str(staging / GONE)!r})"
        _run_on(database, staging, key, "-m", "melodymuse_site", "shell", "--verbosity", "0", "-c", code)
    with rows.opened(database) as alias:
        rows.check_whole(alias)
    return database


def _run_on(database: Path, staging: Path, key: str, *command: str) -> None:
    """Run Python on the copy, in a process and a data folder of its own: nothing of the site is touched.

    It is given the backup's own key: migrations may hash with it.
    """
    dropped = ("DATABASE_URL", "SECRET_KEY", "MEDIA_ROOT", "MEDIA_STORAGE", "ALLOWED_HOSTS")
    names = {f"{name}{ending}" for name in dropped for ending in ("", "_FILE")}
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": key,
        "DATA_DIR": str(staging / "migrating"),
        "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
    }
    result = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        preexec_fn=end_with_parent,
    )
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupRefused(f"The backup's database cannot be brought to this version: {last}")


def _place_files(source: Path, content: dict[str, Any], bar: Any) -> None:
    """Media and waiting archives: named by what they hold, so that they may lie there before anybody names them."""
    for entry in content["files"]:
        kind, _, name = entry["name"].partition("/")
        if kind not in (MEDIA, IMPORTS):
            continue
        if not isinstance(default_storage, FileSystemStorage):
            _place_in_store(source, entry, kind, name, bar)
            continue
        root = Path(settings.MEDIA_ROOT) if kind == MEDIA else Path(settings.DATA_DIR) / IMPORTS
        target = root / name
        if not target.resolve().is_relative_to(root.resolve()):
            raise BackupRefused(f"The backup names a file outside its folder: {entry['name']}.")
        if kind == MEDIA:
            modes = settings.FILE_UPLOAD_PERMISSIONS, settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS
        else:
            modes = private.PRIVATE
        private.make_folder(target.parent, root=root.parent, mode=modes[1])
        partial = target.with_name(f".{target.name}.part")
        written = manifest.copy_file(source / entry["name"], partial, bar.update)
        if written["sha256"] != entry["sha256"]:
            partial.unlink()
            raise BackupRefused(f"{entry['name']} changed while it was read. The site is as it was.")
        partial.chmod(modes[0])
        partial.replace(target)


def _place_in_store(source: Path, entry: dict[str, Any], kind: str, name: str, bar: Any) -> None:
    """A file into the object store, which has it whole or not at all; its hash was checked."""
    storage, place = (default_storage, name) if kind == MEDIA else (private_storage(), f"{ARCHIVES}/{name}")
    if not (storage.exists(place) and storage.size(place) == entry["bytes"]):
        with (source / entry["name"]).open("rb") as stream:
            storage.save(place, File(stream))
    bar.update(entry["bytes"])


def _swap(source: Path, staging: Path, data_dir: Path) -> None:
    """From `decide` on the restore is what counts. Nobody who sends a signal comes in between."""
    if not _own_key():
        manifest.copy_file(source / KEY, staging / swapping.KEY)
        (staging / swapping.KEY).chmod(0o600)
    connection.close()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        swapping.decide(data_dir)
        if connection.vendor == "postgresql":
            _swap_postgres(data_dir)
        else:
            swapping.finish(data_dir, connection.settings_dict)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _swap_postgres(data_dir: Path) -> None:
    try:
        postgres.swap()
    except DatabaseError as error:
        swapping.clear(data_dir)
        raise BackupRefused(f"PostgreSQL refuses the last step: {error}. The site is as it was.") from error
    swapping.finish_key(data_dir)
    swapping.clear(data_dir)


def _own_key() -> bool:
    """Whether this site is given its key by the environment, which no restore can change."""
    return any(os.environ.get(name, "").strip() for name in ("SECRET_KEY", "SECRET_KEY_FILE"))


def key_differs(source: Path) -> bool:
    """Whether this site goes on with another key than that of the backup."""
    return _own_key() and (source.expanduser() / KEY).read_text(encoding="utf-8").strip() != settings.SECRET_KEY

"""Making a backup while the site runs: the database as it was at one moment, then the files which that names."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django import get_version
from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from tqdm import tqdm

from generation.models import ClipImport
from generation.release import read_version
from melodymuse_site.backup import manifest, rows
from melodymuse_site.backup.manifest import DATABASE, IMPORTS, KEY, MEDIA, BackupRefused
from melodymuse_site.storage import ARCHIVES, private_storage
from survey.exports.snapshot import one_snapshot

PAGES = 2000
"""So many pages of a SQLite file are copied between two looks at Ctrl-C."""
MEDIA_NAME = re.compile(r"[\w-]+(?:/[\w-]+)*/[0-9a-f]{64}(?:_\w+)?\.\w+")
"""Media are named by what they hold, wherever a row names them (`generation/production.py` writes them)."""


def write_backup(target: Path, *, quiet: bool | None = None) -> dict[str, Any]:
    """Make `target`, whole or not at all, and return its manifest. `quiet`: no progress bars (None: as the terminal).

    Raises BackupRefused, with a sentence.
    """
    target = target.expanduser().absolute()
    _check_place(target)
    _check_database()
    partial = target.with_name(f".{target.name}.part-{os.getpid()}")
    try:
        partial.mkdir(mode=0o700)
        content = _fill(partial, quiet)
        manifest.write(partial, content)
        os.sync()
        if target.is_dir():
            target.rmdir()  # empty, as was checked
        partial.rename(target)
    except ConnectionError as error:
        raise BackupRefused(f"{error}.") from error
    except OSError as error:
        raise BackupRefused(f"{target} cannot be written: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise BackupRefused(f"The database cannot be read: {error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return content


def _check_place(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupRefused(f"{target} exists already; name a folder that does not.")
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent}; make it first.")
    if target.resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve()):
        raise BackupRefused(f"{target} lies in MEDIA_ROOT, whose files anybody may fetch; name another folder.")


def _check_database() -> None:
    if not connection.introspection.table_names():
        raise BackupRefused("The database is empty: there is nothing to back up. Run `manage.py migrate` first.")
    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if behind and connection.vendor == "postgresql":  # its rows are read by the present models; SQLite's file is copied
        raise BackupRefused(
            "The database is older than this MelodyMuse. Back it up with the version that wrote it, or run "
            "`manage.py migrate` first."
        )


def _fill(folder: Path, quiet: bool | None) -> dict[str, Any]:
    made_at = timezone.now()
    database = folder / DATABASE
    if connection.vendor == "sqlite":
        copy_sqlite(str(connection.settings_dict["NAME"]), database, quiet)
    else:
        _read_out(database, quiet)
    with rows.opened(database) as alias:
        _leave_out(alias)
        rows.check_whole(alias)
        counts, migrations = rows.count_rows(alias), manifest.applied(alias)
        imports = [f"{job}.zip" for job in _open_imports(alias)]
    files = [{"name": DATABASE, "bytes": database.stat().st_size, "sha256": manifest.hash_file(database)}]
    (folder / KEY).write_text(settings.SECRET_KEY, encoding="utf-8")
    files.append({"name": KEY, "bytes": (folder / KEY).stat().st_size, "sha256": manifest.hash_file(folder / KEY)})
    copied, missing = _copy_files(folder, _media_names(database), imports, quiet)
    return {
        "format": manifest.FORMAT,
        "made_at": made_at.isoformat(),
        "melodymuse": read_version(),
        "django": get_version(),
        "engine": connection.vendor,
        "migrations": migrations,
        "rows": counts,
        "left_out": sorted(rows.LEFT_OUT),
        "files": [*files, *copied],
        "missing": missing,
    }


def copy_sqlite(name: str, file: Path, quiet: bool | None = None) -> None:
    """SQLite's own online copy. The reading transaction holds one state: what is written meanwhile waits for nobody."""
    with (
        closing(sqlite3.connect(name, isolation_level=None, timeout=20)) as source,
        closing(sqlite3.connect(file, isolation_level=None)) as copy,
        tqdm(desc="Database", unit=" pages", disable=quiet) as bar,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()

        def tell(_status: int, left: int, total: int) -> None:
            bar.total = total
            bar.update(total - left - bar.n)

        source.backup(copy, pages=PAGES, progress=tell)
        copy.execute("PRAGMA journal_mode=DELETE")


def _read_out(file: Path, quiet: bool | None) -> None:
    """PostgreSQL's rows, all of one REPEATABLE READ snapshot, into a SQLite file. No pg_dump is needed."""
    with rows.opened(file) as alias:
        rows.make_tables(alias)
        writing = connections[alias]
        with one_snapshot(), transaction.atomic(using=alias):
            total = sum(rows.count_rows("default").values())
            with tqdm(total=total, desc="Database", unit=" rows", disable=quiet) as bar:
                rows.copy_rows("default", alias, bar.update)
            recorder = MigrationRecorder(writing)
            had = MigrationRecorder(connection).migration_qs.values_list("app", "name", "applied")
            recorder.migration_qs.bulk_create(
                recorder.Migration(app=app, name=name, applied=when) for app, name, when in had.order_by("pk")
            )
            rows.write_sequences(alias, rows.read_sequences("default"))


def _leave_out(alias: str) -> None:
    """Empty what is not kept. VACUUM, or deleted rows, also of people who withdrew, could be read from the file."""
    with connections[alias].cursor() as cursor:
        for model in rows.there(alias, rows.models()):
            if model._meta.label in rows.LEFT_OUT:
                cursor.execute(f"DELETE FROM {connections[alias].ops.quote_name(model._meta.db_table)}")
        cursor.execute("VACUUM")


def _open_imports(alias: str) -> list[object]:
    """Imports whose archive is still needed."""
    if not rows.there(alias, [ClipImport]):
        return []
    open_states = (ClipImport.Status.QUEUED, ClipImport.Status.RUNNING)
    return list(ClipImport.objects.using(alias).filter(status__in=open_states).values_list("public_id", flat=True))


def _media_names(file: Path) -> dict[str, bool]:
    """Every media file that the rows name → whether a row names it alone, and not within longer text."""
    found: dict[str, bool] = {}
    with closing(sqlite3.connect(file)) as database:
        for table, column in _text_columns(database):
            for (text,) in database.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" LIKE ?', ["%/%"]):
                for match in MEDIA_NAME.finditer(text):
                    found[match[0]] = found.get(match[0], False) or match[0] == text
    return found


def _text_columns(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for _, column, kind, *_ in database.execute(f'PRAGMA table_info("{table}")').fetchall():
            if kind.lower().startswith(("varchar", "text")):
                yield table, column


def _copy_files(
    folder: Path, media: dict[str, bool], imports: list[str], quiet: bool | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Copy media and waiting archives: (what was written, media that should be there and are not)."""
    wanted = [(default_storage, name, f"{MEDIA}/{name}") for name in sorted(media)]
    wanted += [(private_storage(), f"{ARCHIVES}/{name}", f"{IMPORTS}/{name}") for name in sorted(imports)]
    sizes = {target: _size(storage, name) for storage, name, target in wanted}
    missing = [name for name in sorted(media) if media[name] and sizes[f"{MEDIA}/{name}"] is None]
    written = []
    with tqdm(total=sum(filter(None, sizes.values())), desc="Files", unit="B", unit_scale=True, disable=quiet) as bar:
        for storage, name, target in wanted:
            if sizes[target] is None:
                continue
            try:
                with storage.open(name) as stream:
                    written.append({"name": target, **manifest.copy_stream(stream, folder / target, bar.update)})
            except FileNotFoundError:  # an archive whose import ended meanwhile
                continue
            os.utime(folder / target, (settings.MEDIA_FILE_TIME, settings.MEDIA_FILE_TIME))
    return written, missing


def _size(storage: Storage, name: str) -> int | None:
    """Bytes of a file; None where there is none."""
    try:
        return storage.size(name)
    except FileNotFoundError:
        return None

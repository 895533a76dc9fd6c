"""Databases to test on, each a copy of one that was migrated once: sixty migrations take longer than most tests.

The migrated file of SQLite is kept in pytest's cache folder, under a name that changes with every line of the project's
code and every pinned package. PostgreSQL makes its databases from a template, one for each run.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from tests.settings import CALLERS_DATABASE_URL

ROOT = Path(__file__).resolve().parents[1]
CODE = ("generation", "survey", "melodymuse_site")
KEPT_SECONDS = 24 * 3600
"""A run that began before the code was changed still copies its own file."""
Rows = Mapping[str, bytes]
"""For each table that is not empty after the migrations: its rows, as COPY writes them."""


def is_postgresql() -> bool:
    return "postgresql" in str(settings.DATABASES["default"]["ENGINE"])


def hash_code() -> str:
    """Changes with everything that a migrated database could follow from."""
    found = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    files = [ROOT / "requirements.txt", ROOT / "tests" / "settings.py", Path(__file__)]
    for file in files + sorted(path for name in CODE for path in (ROOT / name).rglob("*.py")):
        found.update(f"{file.relative_to(ROOT)} ".encode() + file.read_bytes())
    return found.hexdigest()[:16]


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Whoever comes second, in another process too, waits."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrate(name: str) -> None:
    """Make the database `name` and migrate it; afterwards the connection has the name that it had."""
    before, asked = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        use(before)
        connection.settings_dict["TEST"]["NAME"] = asked


def use(name: object) -> None:
    """Let Django speak to the database `name`."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def migrated_file(cache: Path) -> Path:
    """A migrated SQLite database in `cache`, made by the first who asks; to be copied, not to be written."""
    file = cache / f"{hash_code()}.sqlite3"
    with one_at_a_time(cache):
        if not file.is_file():
            for old in cache.glob("*.sqlite3*"):
                if time.time() - old.stat().st_mtime > KEPT_SECONDS:
                    old.unlink()
            unfinished = file.with_suffix(f".sqlite3.{os.getpid()}")
            if is_postgresql():  # for sites on SQLite that tests start beside
                migrate_elsewhere(unfinished)
            else:
                migrate(str(unfinished))
            with contextlib.closing(sqlite3.connect(unfinished)) as database:
                # All in one file, without a log beside it: who copies it opens it as they please.
                database.execute("PRAGMA journal_mode=DELETE")
            unfinished.rename(file)
        file.touch()
    return file


def migrate_elsewhere(file: Path) -> None:
    """Migrate a file that this process has no connection to."""
    with tempfile.TemporaryDirectory() as data_dir:
        variables = os.environ | {"DATABASE_URL": f"sqlite:///{file}", "DATA_DIR": data_dir}
        variables |= {"DJANGO_SETTINGS_MODULE": "melodymuse_site.settings"}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=variables, check=True)


def copy_file(template: Path, target: Path) -> None:
    """Make `target` a copy of `template`, also where others have `target` open."""
    with (
        contextlib.closing(sqlite3.connect(f"file:{template}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(target)) as database,
    ):
        source.backup(database)


class SqliteFile:
    """The database of a run on SQLite: a copy of the migrated file."""

    def __init__(self, template: Path) -> None:
        self.template, self.name = template, Path(str(connection.settings_dict["TEST"]["NAME"]))

    def make(self) -> None:
        copy_file(self.template, self.name)
        use(str(self.name))

    def restore(self) -> None:
        """What is committed goes; what the migrations left comes back."""
        connection.close()
        copy_file(self.template, self.name)

    def remove(self) -> None:
        connection.close()
        for path in self.name.parent.glob(f"{self.name.name}*"):
            path.unlink()


class PostgresqlDatabase:
    """The database of a run on PostgreSQL, made from the run's template."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.template = folder, template_name()
        self.name, self.before = connection.creation._get_test_db_name(), connection.settings_dict["NAME"]
        self.rows: Rows = {}

    def make(self) -> None:
        with one_at_a_time(self.folder):
            if not (self.folder / "migrated").exists():
                migrate(self.template)
                (self.folder / "migrated").touch()
            drop_database(self.name)
            on_server(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}"')
        use(self.name)
        self.rows = read_rows()

    def restore(self) -> None:
        """What is committed goes; what the migrations left comes back."""
        put_back(self.rows)

    def remove(self) -> None:
        use(self.before)
        drop_database(self.name)


def template_name() -> str:
    return f"test_{settings.DATABASES['default']['NAME'].removeprefix('test_')}_template"


def on_server(*statements: str) -> None:
    """Run statements on the server of DATABASE_URL, outside of the databases of the tests."""
    with psycopg.connect(CALLERS_DATABASE_URL, autocommit=True) as server:
        for statement in statements:
            server.execute(statement.encode())


def drop_database(name: str) -> None:
    on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def tables() -> list[str]:
    """Every table that Django's `flush` empties."""
    return sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))


def read_rows() -> Rows:
    found: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table in tables():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                if lines := b"".join(bytes(part) for part in copy):
                    found[table] = lines
    return found


def put_back(rows: Rows) -> None:
    """Empty every table and fill it with these rows.

    TRUNCATE makes new files for fifty tables and waits for the disk, seconds on a busy machine; but DELETE meets the
    rules that keep rows as they are, and only a superuser may set those aside.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() == ("on",):
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in tables():
                cursor.execute(f'DELETE FROM "{table}"')
        else:
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
        for table, lines in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(lines)

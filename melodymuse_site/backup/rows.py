"""Rows from one database to another through the models, whatever the engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from melodymuse_site.backup.manifest import BackupRefused
from melodymuse_site.environment import SQLITE_OPTIONS

ALIAS = "backup"
BATCH = 1000
EXPORT_JOBS = "survey.ExportJob"
LEFT_OUT = (
    "sessions.Session",
    "axes.AccessAttemptExpiration",
    "axes.AccessAttempt",
    "axes.AccessFailureLog",
    "axes.AccessLog",
    EXPORT_JOBS,
    "survey.KeptReport",
    "survey.ReportJob",
    "survey.ApiToken",
    "survey.ResultsLink",
)
"""What a backup does not keep: logins, which expire, packs of exports, which hold people who may withdraw, what is
computed again from the answers, and keys that read without a login: one that was revoked since would open again."""


def models() -> list[type[Model]]:
    """Every model with a table of its own."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def kept_models() -> list[type[Model]]:
    return [model for model in models() if model._meta.label not in LEFT_OUT]


@contextmanager
def opened(file: Path) -> Iterator[str]:
    """A backup's database as a Django connection; its alias."""
    connections.settings[ALIAS] = {
        **connections.settings["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {**SQLITE_OPTIONS, "init_command": "PRAGMA journal_mode=DELETE; PRAGMA foreign_keys=OFF;"},
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        "ATOMIC_REQUESTS": False,
    }
    try:
        yield ALIAS
    finally:
        connections[ALIAS].close()
        del connections[ALIAS], connections.settings[ALIAS]


def make_tables(alias: str) -> None:
    """The tables of the present models, without a row, and those of the migrations."""
    connection = connections[alias]
    with connection.schema_editor() as editor:
        for model in models():
            if not model._meta.auto_created:  # those come with the model that they join
                editor.create_model(model)
    MigrationRecorder(connection).ensure_schema()


def copy_rows(source: str, target: str, progress: Callable[[int], object]) -> None:
    """Every row of the kept models, with its keys and times as they are. The target's tables are empty."""
    for model in kept_models():
        fields = model._meta.concrete_fields
        names = [field.attname for field in fields]
        rows = model._base_manager.using(source).order_by("pk").values_list(*names)
        writing = connections[target]
        quote = writing.ops.quote_name
        columns, marks = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
        statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})"
        stream = rows.iterator(chunk_size=BATCH)
        while batch := list(islice(stream, BATCH)):
            made = [
                [field.get_db_prep_save(value, writing) for field, value in zip(fields, row, strict=True)]
                for row in batch
            ]
            with writing.cursor() as cursor:
                cursor.executemany(statement, made)
            progress(len(made))


def count_rows(alias: str) -> dict[str, int]:
    return {model._meta.label: model._base_manager.using(alias).count() for model in there(alias, kept_models())}


def there(alias: str, wanted: list[type[Model]]) -> list[type[Model]]:
    """Those models that have a table: an older database lacks some."""
    tables = set(connections[alias].introspection.table_names())
    return [model for model in wanted if model._meta.db_table in tables]


def check_whole(alias: str) -> None:
    """BackupRefused where a SQLite database is damaged or a row points to one that is not there."""
    with connections[alias].cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(1)")
        told = cursor.fetchone()[0]
        if told != "ok":
            raise BackupRefused(f"The database is damaged ({told}); restore an older backup.")
        cursor.execute("PRAGMA foreign_key_check")
        broken = cursor.fetchall()
    if broken:
        table, row, other, _ = broken[0]
        raise BackupRefused(f"{len(broken)} rows point to rows that are not there (first: {table} {row} to {other}).")


def read_sequences(alias: str) -> dict[str, int]:
    """The last key that every table gave away: keys of deleted rows are never given again."""
    connection = connections[alias]
    last: dict[str, int] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return {name: int(number) for name, number in cursor.fetchall()}
        for model in kept_models():
            if (column := _counted(model)) is None:
                continue
            table = model._meta.db_table
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [connection.ops.quote_name(table), column])
            sequence = cursor.fetchone()[0]
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
            value, called = cursor.fetchone()
            last[table] = int(value) if called else 0
    return last


def write_sequences(alias: str, last: dict[str, int]) -> None:
    """Go on counting where the other database stood."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        for model in kept_models():
            table = model._meta.db_table
            if (column := _counted(model)) is None or not (number := last.get(table, 0)):
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])
            else:
                quoted = connection.ops.quote_name(table)
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [quoted, column, number])


def _counted(model: type[Model]) -> str | None:
    """The column whose numbers the database gives out."""
    key: Any = model._meta.auto_field
    return key.column if key is not None else None

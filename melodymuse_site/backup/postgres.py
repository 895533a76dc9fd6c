"""A restored site in PostgreSQL: built in a schema of its own, then moved where the site looks, in one transaction."""

from __future__ import annotations

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from tqdm import tqdm

from melodymuse_site.backup import rows
from melodymuse_site.backup.manifest import BackupRefused

SCHEMA = "melodymuse_restore"


def other_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def build(source: str, total: int, quiet: bool | None) -> None:
    """Tables by the migrations, rows from `source` (a SQLite database in the present form), in a schema of its own."""
    connection.close()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
            cursor.execute(f"SET search_path TO {SCHEMA}")
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            _fill(source, total, quiet)
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        raise BackupRefused(f"PostgreSQL refuses the backup: {reason}. The site is as it was.") from error
    finally:
        connection.close()  # with its search path


def _fill(source: str, total: int, quiet: bool | None) -> None:
    tables = [connection.ops.quote_name(model._meta.db_table) for model in rows.models()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        if cursor.fetchone()[0] != SCHEMA:  # a pooler that gives every transaction another connection
            raise BackupRefused("The database forgets its search path; restore over a connection without a pooler.")
        for table in tables:  # the rules that freeze published studies stand aside, foreign keys do not
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
        with tqdm(total=total, desc="Database", unit=" rows", disable=quiet) as bar:
            rows.copy_rows(source, "default", bar.update)
        rows.write_sequences("default", rows.read_sequences(source))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def swap() -> None:
    """What was built takes the place of what was there: all of it or nothing, at the commit."""
    connection.close()
    quote = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        here = quote(cursor.fetchone()[0])
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [SCHEMA])
        tables = [quote(name) for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT p.oid::regprocedure::text, p.proname FROM pg_proc p "
            "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = %s",
            [SCHEMA],
        )
        functions = cursor.fetchall()
        for table in tables:
            cursor.execute(f"DROP TABLE IF EXISTS {here}.{table} CASCADE")
            cursor.execute(f"ALTER TABLE {SCHEMA}.{table} SET SCHEMA {here}")
        for signature, name in functions:
            cursor.execute(f"DROP FUNCTION IF EXISTS {here}.{quote(name)}() CASCADE")
            cursor.execute(f"ALTER FUNCTION {signature} SET SCHEMA {here}")
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    connection.close()


def forget() -> None:
    """Remove what a restore built that did not come to its end."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

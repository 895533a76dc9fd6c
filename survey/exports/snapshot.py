"""One consistent view of the database for a long read, which holds nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Read everything inside as it was at the start.

    Not `transaction.atomic`: on SQLite that would take the write lock and let participants wait. A deferred
    transaction in WAL mode, and REPEATABLE READ on PostgreSQL, read one state while others write.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")

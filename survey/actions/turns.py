"""Writing transactions in turn.

SQLite lets one transaction write at a time, and whoever waits sleeps and tries again: with many threads the
unlucky ones wait until they are refused ("database is locked"). Threads of one process therefore queue before
they ask the database, and the processes of one machine queue at a locked file beside it, which wakes the next
one at once and is let go when a process dies; PostgreSQL needs no such queue.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TextIO, TypeVar

from django.db import connection, transaction

from survey.models import Study

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_threads = threading.Lock()


def in_turn(action: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run `action` in one transaction, on SQLite one after the other on this machine.

    Inside a transaction the turn has come already: queueing there would wait for somebody who waits for us.
    """

    @wraps(action)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            with transaction.atomic():
                return action(*args, **kwargs)
        with _turn(), transaction.atomic():
            return action(*args, **kwargs)

    return run


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for the other threads, then for the other processes."""
    with _threads:
        queue = _queue_file(str(connection.settings_dict["NAME"]), os.getpid())
        if queue is None:
            yield
            return
        fcntl.flock(queue, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)


@lru_cache(maxsize=8)
def _queue_file(database: str, _process: int) -> TextIO | None:
    """The file that is locked, opened once per process; None for a database in memory, which no other process sees."""
    if not Path(database).is_file():
        return None
    return Path(f"{database}-queue").open("a")


def lock_study(study: Study) -> None:
    """One after the other from here to the end of the transaction: choices must see each other.

    Always the first lock that is taken, so that two transactions never wait for each other.
    """
    if connection.features.has_select_for_update:  # on SQLite every writing transaction is alone already
        Study.objects.select_for_update(no_key=True).only("pk").get(pk=study.pk)

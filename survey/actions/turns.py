"""Writing transactions in turn.

SQLite lets one transaction write at a time, and whoever waits sleeps and tries again: with many threads the
unlucky ones wait until they are refused ("database is locked"). Threads of one process therefore queue before
they ask the database; PostgreSQL needs no such queue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_queue = threading.Lock()


def in_turn(action: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run `action` in one transaction, on SQLite one after the other within this process.

    Inside a transaction the turn has come already: queueing there would wait for somebody who waits for us.
    """

    @wraps(action)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            with transaction.atomic():
                return action(*args, **kwargs)
        with _queue, transaction.atomic():
            return action(*args, **kwargs)

    return run

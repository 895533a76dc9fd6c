"""Writing transactions in turn, and again where the database asks for it.

SQLite lets one transaction write at a time, and whoever waits sleeps and tries again: with many threads the
unlucky ones wait until they are refused ("database is locked"). Threads of one process therefore queue before
they ask the database, and the processes of one machine queue at a locked file beside it, by turns, which wakes
the next one at once and is let go when a process dies; PostgreSQL needs no such queue.

Where two transactions waited for each other, or somebody else wrote the same row first, the database lets one of
them go. It begins anew and sees what the other wrote; what cannot be done then is refused with a sentence.
"""

from __future__ import annotations

import fcntl
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TextIO, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
logger = logging.getLogger(__name__)
MOST_TRIES = 6
# Bytes of the queue's file that stand for who is next, and for whose turn it is.
TURNSTILE, TURN = 0, 1
# Serialisation failure, deadlock, lock not available (PostgreSQL's manual, appendix A).
PASSING = {"40001", "40P01", "55P03"}
_threads = threading.Lock()
_acting: ContextVar[bool] = ContextVar("acting", default=False)


class ActionRefused(ValueError):
    """Something asked for that cannot be done now; the message is a sentence for whoever asked."""


class Overtaken(ActionRefused):
    """Somebody else was faster, again and again."""


class Gone(ActionRefused):
    """What an action is about was removed before it began."""

    def __init__(self) -> None:
        super().__init__(_("This does not exist any more. Go back to the list."))


def in_turn(action: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run `action` in one transaction, on SQLite one after the other on this machine; begin anew where it must.

    Inside a transaction the turn has come already: queueing there would wait for somebody who waits for us.
    """

    @wraps(action)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with _as_action():
            # A savepoint: an action within an action may be refused and the outer one go on.
            if connection.in_atomic_block:
                with transaction.atomic():
                    return action(*args, **kwargs)
            return _until_done(lambda: action(*args, **kwargs))

    run.is_action = True  # type: ignore[attr-defined]
    return run


def is_acting() -> bool:
    """Whether this thread is inside an action, the only place that may write."""
    return _acting.get()


@contextmanager
def _as_action() -> Iterator[None]:
    token = _acting.set(True)
    try:
        yield
    finally:
        _acting.reset(token)


def _until_done(action: Callable[[], Result]) -> Result:
    for turn in range(1, MOST_TRIES + 1):
        try:
            with _turn(), transaction.atomic():
                return action()
        except DatabaseError as error:
            if not may_pass(error):
                raise
            # The first time the row may have been on its way; missing again, it is gone.
            if turn > 1 and _misses_a_row(error):
                raise Gone from error
            if turn == MOST_TRIES:
                logger.exception("An action was overtaken %s times.", MOST_TRIES)
                raise Overtaken(
                    _("Somebody else changed the same thing at this moment. Look at it again and repeat your step.")
                ) from error
            # Exponential backoff with full jitter: those who collided once do not meet again at the same moment. The
            # transaction and the turn are over here, so that nobody waits for the one who sleeps.
            time.sleep(random.uniform(0, 0.02 * 2**turn))
    raise AssertionError("unreachable")


def _misses_a_row(error: DatabaseError) -> bool:
    """Whether something that the transaction speaks of is not there (or still spoken of by another row)."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state == "23503" or "FOREIGN KEY constraint failed" in str(error)


def may_pass(error: DatabaseError) -> bool:
    """Whether the same transaction, begun anew, may see something else and succeed."""
    # Two who insert the same: begun anew, the second finds the first one's row.
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state in PASSING or "database is locked" in str(error) or "database table is locked" in str(error)


@contextmanager
def _turn() -> Iterator[None]:
    """On SQLite: wait for the other threads, then for the other processes."""
    if connection.vendor != "sqlite":
        yield
        return
    # Threads first: locks of records belong to the process, so they would not part its threads.
    with _threads:
        queue = _queue_file(str(connection.settings_dict["NAME"]), os.getpid())
        if queue is None:
            yield
            return
        # A turnstile before the turn. The system wakes who waits, but hands nothing over: a process with many threads
        # would have the turn again before another one is awake, and people of that one waited for seconds. So only who
        # is next waits for the turn, and stands in the turnstile meanwhile.
        with _held(queue, TURNSTILE):
            fcntl.lockf(queue, fcntl.LOCK_EX, 1, TURN)
        try:
            yield
        finally:
            fcntl.lockf(queue, fcntl.LOCK_UN, 1, TURN)


@contextmanager
def _held(queue: TextIO, record: int) -> Iterator[None]:
    fcntl.lockf(queue, fcntl.LOCK_EX, 1, record)
    try:
        yield
    finally:
        fcntl.lockf(queue, fcntl.LOCK_UN, 1, record)


@lru_cache(maxsize=8)
def _queue_file(database: str, _process: int) -> TextIO | None:
    """The file that is locked, opened once per process; None for a database in memory, which no other process sees."""
    if not Path(database).is_file():
        return None
    # Beside the database, not the database itself: closing any handle of a file lets go of SQLite's own locks on it.
    return Path(f"{database}-queue").open("a")


def lock_rows(model: type[Model], keys: Collection[Any]) -> None:
    """Hold all rows of `model` with these keys to the end of the transaction, in their order. Raises Gone."""
    # In the order of keys: two who lock overlapping sets meet at the first common row, and not crosswise.
    rows = model._default_manager.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(no_key=True)
    if len(rows) < len(keys):
        raise Gone


def lock_row(model: type[Model], **key: Any) -> Any:
    """The one row of `model` with `key`, held to the end of the transaction. Raises Gone."""
    # Without the model's order: there is nothing to sort in one row.
    rows = model._default_manager.filter(Q(**key)).order_by()
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(no_key=True)
    row = rows.first()
    if row is None:
        raise Gone
    return row

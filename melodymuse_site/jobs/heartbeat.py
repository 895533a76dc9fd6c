"""Heartbeats: of a worker that has much to tell, and of one that computes for long and can say nothing meanwhile."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections

from melodymuse_site.jobs.leases import Lease, LeaseLost, renew

BEAT_SECONDS = 0.5
"""A worker that calls for every row writes no more often than this."""
MOST_SILENT_SECONDS = 5.0
"""Work that says nothing is heard of at least so often."""
BEATS_A_LEASE = 3
"""And so often while a lease lasts: two beats may be late or fail, and the job is still held."""


class Heartbeat:
    """Renews a lease at most every half second. Raises LeaseLost where it is not ours any more."""

    def __init__(self, lease: Lease, *, using: str = DEFAULT_DB_ALIAS) -> None:
        self.lease, self.using = lease, using
        self._last = time.monotonic()  # whoever begins has just claimed: that was the first beat

    def __call__(self, *, at_once: bool = False, **progress: Any) -> None:
        now = time.monotonic()
        if at_once or now - self._last >= BEAT_SECONDS:
            renew(self.lease, using=self.using, **progress)
            self._last = now


def seconds_between(lease: Lease) -> float:
    """After how many seconds of silence a lease is renewed beside the work."""
    return min(MOST_SILENT_SECONDS, lease.kind.terms.lease().total_seconds() / BEATS_A_LEASE)


@contextmanager
def beating(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread beside the work, as long as the process lives and the lease is ours.

    The work learns that the lease is lost when it next writes something by it. Inside a transaction no thread is
    started: on SQLite it would wait for the end of it, and on PostgreSQL it might not see the lease.
    """
    if connection.in_atomic_block:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(lease, seconds_between(lease), done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(lease: Lease, every: float, done: threading.Event) -> None:
    try:
        while not done.wait(every):
            try:
                renew(lease)
            except Error:  # the database is busy, away, or has closed the connection: the lease lasts for more beats
                connection.close()
            except LeaseLost:
                return
    finally:
        connection.close()  # it belongs to this thread, which ends


@contextmanager
def connection_beside() -> Iterator[str]:
    """The alias of a second connection, for a worker whose own stays in one snapshot, where it could write nothing.

    Inside a transaction that writes there is no such snapshot, and a second connection would wait for it forever.
    """
    if connection.in_atomic_block:
        yield DEFAULT_DB_ALIAS
        return
    alias = f"beside-{uuid.uuid4().hex}"
    connections[alias] = connection.copy(alias)
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]

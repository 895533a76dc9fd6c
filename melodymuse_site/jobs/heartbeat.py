"""The heartbeat of a worker that has much to tell: it renews the lease now and then, with how far the work is."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from melodymuse_site.jobs.leases import Lease, renew

BEAT_SECONDS = 0.5
"""A worker that calls for every row writes no more often than this."""


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

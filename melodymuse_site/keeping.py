"""Caches that all web processes share, in Redis or in a table of the site: what is there is kept, never needed.

Whatever goes wrong with `get`, `set`, `add` and `delete` counts as "not kept", and nobody waits longer than a moment
for it; nothing else is asked of them, and only outside of transactions. Values are text or bytes as they are, not
pickles: what somebody else wrote there is read, and never run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import Error, IntegrityError, connection, transaction
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

Result = TypeVar("Result")
logger = logging.getLogger(__name__)
MOST_PATIENCE = 0.25
"""Seconds that a page waits for one answer of Redis, or for the lock to write."""
AWAY_SECONDS = 10.0
"""Redis that did not answer is not asked again for so long."""
MOST_BYTES = 16_000_000
"""A larger value is not kept; the report of a million answers has some 9 MB."""
MOST_REPORTS = 200
"""Reports that are kept in the database at most."""


def in_redis(url: str, prefix: str) -> dict[str, Any]:
    """Django's CACHES entry for the Redis at `url`."""
    options = {
        "serializer": AsItIs,
        "socket_timeout": MOST_PATIENCE,
        "socket_connect_timeout": MOST_PATIENCE,
        "retry": Retry(NoBackoff(), 0),
    }
    return {"BACKEND": f"{__name__}.InRedis", "LOCATION": url, "KEY_PREFIX": prefix, "OPTIONS": options}


def in_database(model: str) -> dict[str, Any]:
    """Django's CACHES entry for the table of `model`, which holds at most `MOST_REPORTS` values beside marks."""
    return {"BACKEND": f"{__name__}.InDatabase", "LOCATION": model, "OPTIONS": {"MAX_ENTRIES": MOST_REPORTS}}


class AsItIs:
    """Bytes go to Redis and come back."""

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, data: bytes) -> bytes:
        return data


class InRedis(RedisCache):
    """Django's cache in Redis; one that is away or slow keeps nothing."""

    _away_until: ClassVar[float] = 0.0  # of the process, while Django makes a cache for every thread

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._asked(lambda: super(InRedis, self).get(key, default, version), default)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        if len(value) <= MOST_BYTES:
            self._asked(lambda: super(InRedis, self).set(key, value, timeout, version), None)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._asked(lambda: super(InRedis, self).add(key, value, timeout, version), False)

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._asked(lambda: super(InRedis, self).delete(key, version), False)

    def forget_expired(self) -> None:
        """Redis does that by itself."""

    def _asked(self, ask: Callable[[], Result], otherwise: Result) -> Result:
        if time.monotonic() < InRedis._away_until:
            return otherwise
        try:
            return ask()
        except (RedisError, OSError) as error:
            InRedis._away_until = time.monotonic() + AWAY_SECONDS
            logger.warning("The Redis of CACHE_URL is not asked for %s s: %s", AWAY_SECONDS, type(error).__name__)
            return otherwise


class InDatabase(BaseCache):
    """Values in a table with `key`, `value` (text), `expires` (seconds since 1970) and `claimed` (a mark of `add`).

    Not Django's cache in a table: that pickles, deletes and waits for SQLite's lock while it reads, lets two claim the
    same expired key, and throws out by the order of keys instead of the oldest.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._location = location

    @property
    def _rows(self) -> Any:
        return apps.get_model(self._location)._default_manager.all()

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        known = self._rows.filter(pk=self.make_key(key, version), expires__gt=time.time())
        try:
            text = known.values_list("value", flat=True).first()
        except Error:
            logger.warning("The table of what is kept cannot be read.", exc_info=True)
            return default
        return default if text is None else text.encode()

    def set(self, key: str, value: bytes, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        if len(value) <= MOST_BYTES:
            self._written(lambda: self._store(self.make_key(key, version), value, timeout))

    def add(self, key: str, value: bytes, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._written(lambda: self._claim(self.make_key(key, version), value, timeout))

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._written(lambda: bool(self._rows.filter(pk=self.make_key(key, version)).delete()[0]))

    def forget_expired(self) -> None:
        """Delete what has outlived its time; whatever is stored does so, too."""
        self._written(lambda: bool(self._rows.filter(expires__lte=time.time()).delete()))

    def _store(self, key: str, value: bytes, timeout: Any) -> bool:
        fields = {"value": value.decode(), "expires": self._end(timeout), "claimed": False}
        self._rows.bulk_create(
            [self._rows.model(key=key, **fields)],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=list(fields),
        )
        self._rows.filter(expires__lte=time.time()).delete()
        # Marks are short, so that they would always be the first to go; with their end they go by themselves.
        oldest = (
            self._rows.filter(claimed=False)
            .order_by("-expires", "key")[self._max_entries :]
            .values_list("pk", flat=True)
        )
        if surplus := list(oldest):
            self._rows.filter(pk__in=surplus).delete()
        return True

    def _claim(self, key: str, value: bytes, timeout: Any) -> bool:
        fields = {"value": value.decode(), "expires": self._end(timeout), "claimed": True}
        if self._rows.filter(pk=key, expires__lte=time.time()).update(**fields):
            return True
        try:
            with transaction.atomic():
                self._rows.create(key=key, **fields)
        except IntegrityError:
            return False
        return True

    def _end(self, timeout: Any) -> float:
        # Django says -1 where something is not to be kept, None where it is kept without end; neither is asked for.
        return float(self.get_backend_timeout(timeout) or 0)

    def _written(self, write: Callable[[], bool]) -> bool:
        try:
            with _impatient():
                return write()
        except Error as error:
            logger.info("Not kept: %s", type(error).__name__)
            return False


@contextmanager
def _impatient() -> Iterator[None]:
    """A transaction that gives up where others hold what it needs; it does not queue with those who store answers."""
    patience = round(1000 * MOST_PATIENCE)
    if connection.vendor != "sqlite":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {patience}")
            yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
        try:
            with transaction.atomic():
                yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")

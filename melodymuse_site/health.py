"""What works and what does not, part by part: for `/healthz`, the status page, and `manage.py start`.

A look never hangs: every part is looked at in a thread of its own, asked again at most every few seconds, and a part
that does not come back in time is failing until it does. What workers and sweeps have to say stands at the broker.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from melodymuse_site import broker, queues

ANSWER_SECONDS = 2.0
FRESH_SECONDS = 3.0
HEARTBEAT_SECONDS = 5.0
SILENT_SECONDS = 30.0
"""A worker that was silent for so long is counted as gone."""
STARTING_SECONDS = 60.0
"""So long after the site's start, workers and the first sweep may still be on their way."""
PROBE = b"MelodyMuse " * 372  # a block of the disk
NOT_TOLD = "cannot be known while the broker does not answer"
_begun = time.time()


@dataclass(frozen=True, slots=True)
class Part:
    """Whether a part of the site works, and a sentence about it that may be shown to anybody."""

    ok: bool
    message: str


class Failing(Exception):
    """A part that does not work; the message says how that shows, without names of machines or folders."""


@dataclass(slots=True)
class _Look:
    """The newest finding about one part, and the look that is under way."""

    check: Callable[[], str]
    found: Part | None = None
    found_at: float = 0.0
    begun_at: float = 0.0
    done: threading.Event | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Look, unless somebody does or the last look is fresh."""
        with self.lock:
            now = time.monotonic()
            fresh = self.found is not None and now - self.found_at < FRESH_SECONDS
            if self.done is None and not fresh:
                self.done, self.begun_at = threading.Event(), now
                threading.Thread(target=self._look, daemon=True).start()

    def result(self) -> Part:
        """What the look that is under way finds, if that is soon, or what the last one found."""
        with self.lock:
            done, left = self.done, self.begun_at + ANSWER_SECONDS - time.monotonic()
        in_time = done is None or done.wait(max(left, 0))
        if in_time and self.found is not None:
            return self.found
        return Part(False, f"does not answer within {ANSWER_SECONDS:.0f} seconds")

    def _look(self) -> None:
        try:
            found = Part(True, self.check())
        except Failing as failing:
            found = Part(False, str(failing))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what does not work
            found = Part(False, f"fails ({type(error).__name__})")
        with self.lock:
            done, self.done = self.done, None
            self.found, self.found_at = found, time.monotonic()
        if done is not None:
            done.set()

    def forget(self) -> None:
        with self.lock:
            self.found = None


def check_database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations")
            cursor.fetchone()
    except DatabaseError as error:
        raise Failing(f"does not answer ({type(error).__name__})") from error
    finally:
        connection.close()  # it belongs to this thread, which ends
    return "answers"


def places() -> dict[str, Callable[[], str]]:
    """Folders that are written to, by what they hold; media only where no object store keeps them."""
    media = {} if hasattr(default_storage, "check") else {"media": lambda: str(settings.MEDIA_ROOT)}
    # Asked for when it is its turn: where nothing can be written, Python finds no folder for uploads.
    return {"data": lambda: str(settings.DATA_DIR), **media, "uploads": tempfile.gettempdir}


def check_disk() -> str:
    """Whether data, media and uploads can be written, and have room for more; a store of media has to answer."""
    if (check := getattr(default_storage, "check", None)) is not None:  # an object store
        try:
            check()
        except ConnectionError as error:
            raise Failing("the object store of media does not answer, or refuses") from error
    return check_folders()


def check_folders() -> str:
    """Whether the folders of this machine can be written, and have room for more."""
    least = settings.LEAST_FREE_MB * 1_000_000
    free = []
    for name, where in places().items():
        try:
            place = where()
            with tempfile.TemporaryFile(dir=place, prefix=".health-") as probe:
                probe.write(PROBE)
                probe.flush()
            free.append(shutil.disk_usage(place).free)
        except OSError as error:
            raise Failing(f"{name} cannot be written ({error.strerror})") from error
        if free[-1] < least:
            raise Failing(f"{free[-1] / 1e6:.0f} MB are left for {name}, fewer than {settings.LEAST_FREE_MB}")
    return f"{min(free) / 1e9:.1f} GB are left"


def is_disk_full() -> bool:
    try:
        check_folders()  # an object store that is away fills no disk
    except Failing:
        return True
    return False


def check_broker() -> str:
    try:
        with _client() as client:
            client.ping()
    except redis.ResponseError as error:
        raise Failing("takes nothing in, as where its disk is full; work waits until it does") from error
    except redis.RedisError as error:
        raise Failing("cannot be reached or does not answer; work waits until it does") from error
    return "answers"


def check_workers() -> str:
    try:
        alive = workers()
    except redis.RedisError as error:
        raise Failing(NOT_TOLD) from error
    served = {queue for worker in alive for queue in worker.queues}
    deserted = [name for name in queues.all_queues(settings.CELERY_TASK_DEFAULT_QUEUE) if name not in served]
    if not deserted:
        return f"{len(alive)} alive"
    if is_starting():
        return "starting"
    raise Failing(f"no worker serves {', '.join(deserted)}" if alive else "none is alive")


def check_sweep() -> str:
    try:
        at = last_sweep()
    except redis.RedisError as error:
        raise Failing(NOT_TOLD) from error
    oldest = longest_without_sweep()
    if at is not None and time.time() - at <= oldest:
        return f"{max(time.time() - at, 0):.0f} seconds ago"
    if is_starting():
        return "starting"
    ago = "never" if at is None else f"{(time.time() - at) / 60:.0f} minutes ago"
    raise Failing(f"{ago}, and should be every {settings.SWEEP_SECONDS} seconds")


def longest_without_sweep() -> float:
    """Seconds after which a missing sweep is no longer chance: four are missed, and a long task stood before one."""
    return 60.0 + 4 * float(settings.SWEEP_SECONDS)


def is_starting() -> bool:
    return time.time() - _begun < STARTING_SECONDS


PARTS: dict[str, _Look] = {
    "database": _Look(check_database),
    "disk": _Look(check_disk),
    "broker": _Look(check_broker),
    "workers": _Look(check_workers),
    "sweep": _Look(check_sweep),
}


def look(names: Iterable[str] = PARTS) -> dict[str, Part]:
    """The named parts, as they are now or were a few seconds ago; takes no longer than one that does not answer."""
    looks = {name: PARTS[name] for name in names}
    for one in looks.values():
        one.begin()
    return {name: one.result() for name, one in looks.items()}


def forget() -> None:
    """Look anew at the next question, for tests."""
    for one in PARTS.values():
        one.forget()


@dataclass(frozen=True, slots=True)
class Worker:
    """A Celery worker that has been heard of lately."""

    name: str
    queues: tuple[str, ...]
    busy: int
    heard_seconds: float


def note_worker(name: str, served: Iterable[str], busy: int) -> None:
    """A worker lives and serves these queues; forgotten by itself when it says so no more."""
    value = json.dumps({"queues": sorted(served), "busy": busy, "at": time.time()})
    with _client() as client:
        client.set(_key("worker", name), value, px=int(1000 * SILENT_SECONDS))


def workers() -> list[Worker]:
    """The workers that live, by name."""
    with _client() as client:
        keys = sorted(client.scan_iter(match=_pattern("worker"), count=1000))
        values = client.mget(keys) if keys else []
    found = []
    for key, value in zip(keys, values, strict=True):
        if value is not None:
            said: dict[str, Any] = json.loads(value)
            name = key.decode().removeprefix(_key("worker", ""))
            found.append(Worker(name, tuple(said["queues"]), said["busy"], max(time.time() - said["at"], 0)))
    return found


def note_sweep() -> None:
    """A sweep has come to its end."""
    try:
        with _client() as client:
            client.set(_key("sweep"), time.time())
    except redis.RedisError:
        return  # who asks will hear that the broker does not answer


def last_sweep() -> float | None:
    """When the last sweep ended, in seconds of the clock."""
    with _client() as client:
        value = client.get(_key("sweep"))
    return None if value is None else float(value)


def queue_lengths() -> dict[str, int]:
    """How many messages wait at the broker, by queue."""
    names = queues.all_queues(settings.CELERY_TASK_DEFAULT_QUEUE)
    with _client() as client:
        return {name: int(client.llen(name)) for name in names}


def _client() -> redis.Redis:
    return broker.connect(settings.CELERY_BROKER_URL)


def _key(*words: str) -> str:
    return ":".join(["melodymuse-health", settings.CELERY_TASK_DEFAULT_QUEUE, *words])


def _pattern(word: str) -> str:
    escaped = "".join(f"[{letter}]" if letter in "*?[]\\" else letter for letter in _key(word, ""))
    return f"{escaped}*"

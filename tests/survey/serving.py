"""The real web server beside a test, on the test's own database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

PATIENCE = 600.0
"""Seconds after which a server or a person is given up; a busy machine may take minutes."""


class Server:
    """gunicorn with two processes on the test's own database, to be killed and started again."""

    def __init__(self, *, log: Path | None = None) -> None:
        self.log = log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        database = settings.DATABASES["default"]
        name = connection.settings_dict["NAME"]
        url = f"sqlite:///{name}"
        if connection.vendor == "postgresql":
            url = f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{name}"
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "melodymuse_site.wsgi",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--log-level",
            "critical",
            *(["--access-logfile", str(self.log)] if self.log else []),
        ]
        self.process = subprocess.Popen(
            command,
            env=environment,
            cwd=Path(settings.BASE_DIR),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/healthz?parts=database", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise AssertionError("The server does not start.")

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def requests(self) -> list[str]:
        """What reached the server so far, as "GET /address"."""
        lines = self.log.read_text().splitlines() if self.log and self.log.exists() else []
        return [" ".join(line.split('"')[1].split()[:2]) for line in lines]

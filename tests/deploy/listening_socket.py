"""The web server as systemd starts it: at a socket that somebody else holds, and that outlives every restart."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from urllib.error import URLError
from urllib.request import urlopen

from tests.site.test_start import ROOT


class HeldSocket:
    """What muse-web.socket is: it listens while the web server is away, and visitors wait at it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """As systemd does it: the socket is file 3, and the process is told that it is meant."""
        descriptor = self.listener.fileno()
        gunicorn = f"{sys.executable} -m gunicorn melodymuse_site.wsgi --config python:melodymuse_site.gunicorn"
        script = f"exec 3<&{descriptor}; export LISTEN_FDS=1 LISTEN_PID=$$; exec {gunicorn} --no-control-socket"
        self.process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=ROOT,
            env=self.environment,
            pass_fds=(descriptor,),
            start_new_session=True,
        )

    def wait(self) -> None:
        for _ in range(600):
            with contextlib.suppress(URLError, OSError), urlopen(f"{self.url}/healthz?parts=database", timeout=60):
                return
            time.sleep(0.1)
        raise AssertionError("The server does not start.")

    def restart(self, **changed: str) -> float:
        """What `systemctl restart muse-web` does; seconds until the next answer."""
        begun = time.monotonic()
        self.stop()
        self.environment |= changed
        self.start()
        self.wait()
        return time.monotonic() - begun

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)

    def close(self) -> None:
        self.listener.close()
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

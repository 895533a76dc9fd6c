"""Slow visitors: a connection that dawdles costs the others nothing, whatever it is slow at."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.site.test_start import ROOT, free_port, variables

SLOW = 64
CLIP = os.urandom(3 * 1024 * 1024)
SECONDS = 2.0
"""What a page may take while all of them dawdle."""

pytestmark = [pytest.mark.service, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The web server as `make run` has it (two processes), without anything in front."""
    folder, port = tmp_path_factory.mktemp("slow"), free_port()
    environment = variables(folder) | {"WEB_PROCESSES": "2", "DEBUG": "1"}
    (folder / "media" / "clips").mkdir(parents=True)
    (folder / "media" / "clips" / "long.mp3").write_bytes(CLIP)
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    command = ["gunicorn", "melodymuse_site.wsgi", "--config", "python:melodymuse_site.gunicorn"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--bind", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    try:
        wait_for_port(port)
        yield SimpleNamespace(port=port, process=process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            get(port, "/", seconds=10)
            return
        time.sleep(0.1)
    raise AssertionError("The web server does not start.")


def get(port: int, address: str, *, seconds: float = 10.0, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    connection.request("GET", address, headers=headers)
    response = connection.getresponse()
    response.text = response.read()  # type: ignore[attr-defined]
    connection.close()
    return response


def dawdle(port: int, first: bytes) -> socket.socket:
    """A visitor who sends `first`, and reads nothing: the smallest window there is."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    slow.settimeout(20)
    slow.connect(("127.0.0.1", port))
    slow.sendall(first)
    return slow


WAYS = {
    "reading a clip": b"GET /media/clips/long.mp3 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "reading parts of a clip": b"GET /media/clips/long.mp3 HTTP/1.1\r\nHost: localhost\r\nRange: bytes=1-\r\n\r\n",
    "sending headers": b"GET / HTTP/1.1\r\nHost: loc",
    "sending a form": b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nusername=",
    "sending nothing": b"",
}


@pytest.fixture
def dawdlers(site: SimpleNamespace) -> Iterator[list[socket.socket]]:
    """64 of every kind."""
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(dawdle(site.port, first)) for first in WAYS.values() for _ in range(SLOW)]
        time.sleep(1)
        yield slow


def test_a_page_answers_while_everybody_else_dawdles(site: SimpleNamespace, dawdlers: list[socket.socket]) -> None:
    for _ in range(5):
        begun = time.monotonic()
        for address in ("/", "/study/none/", "/accounts/login/"):
            assert get(site.port, address, seconds=SECONDS).status in (200, 404)
        assert time.monotonic() - begun < SECONDS


def test_slow_readers_get_every_byte(site: SimpleNamespace) -> None:
    with dawdle(site.port, WAYS["reading a clip"].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as slow:
        time.sleep(1)
        got = b"".join(iter(lambda: slow.recv(65536), b""))
    head, _, body = got.partition(b"\r\n\r\n")
    assert f"content-length: {len(CLIP)}".encode() in head.lower()
    assert hashlib.sha256(body).digest() == hashlib.sha256(CLIP).digest()

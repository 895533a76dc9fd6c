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
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from melodymuse_site.serving import Limits
from tests.databases import copy_file
from tests.site.test_start import ROOT, free_port, variables

SLOW = 64
CLIP = os.urandom(3 * 1024 * 1024)

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[SimpleNamespace]:
    """The web server as `make run` has it (two processes), without anything in front."""
    folder, port = tmp_path_factory.mktemp("slow"), free_port()
    environment = variables(folder) | {"WEB_PROCESSES": "2", "DEBUG": "1"}
    (folder / "media" / "clips").mkdir(parents=True)
    (folder / "media" / "clips" / "long.mp3").write_bytes(CLIP)
    copy_file(migrated_file, folder / "db.sqlite3")
    command = ["gunicorn", "melodymuse_site.wsgi", "--config", "python:melodymuse_site.gunicorn"]
    doors = ["--bind", f"127.0.0.1:{port}", "--bind", f"unix:{folder}/door"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, *doors],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    try:
        wait_for_port(port, process)
        yield SimpleNamespace(port=port, process=process, door=folder / "door")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers; the test's own limit is the only one."""
    while process.poll() is None:
        with contextlib.suppress(OSError):
            get(port, "/", seconds=60)
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
        time.sleep(1)  # their requests are looked at first: that is work, and no waiting
        yield slow


def test_a_page_answers_while_everybody_else_dawdles(site: SimpleNamespace, dawdlers: list[socket.socket]) -> None:
    """A page that one of them held up would come when the first of them has been sent away, and no sooner."""
    for address in ("/", "/study/none/", "/accounts/login/"):
        assert get(site.port, address, seconds=Limits().header_seconds).status in (200, 404)
    held = held_ports(site)
    assert [slow for slow in dawdlers if slow.getsockname()[1] not in held] == []


def test_slow_readers_get_every_byte(site: SimpleNamespace) -> None:
    with dawdle(site.port, WAYS["reading a clip"].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as slow:
        time.sleep(1)
        got = b"".join(iter(lambda: slow.recv(65536), b""))
    head, _, body = got.partition(b"\r\n\r\n")
    assert f"content-length: {len(CLIP)}".encode() in head.lower()
    assert hashlib.sha256(body).digest() == hashlib.sha256(CLIP).digest()


def test_head_gets_the_headers_and_no_body_and_the_connection_goes_on(site: SimpleNamespace) -> None:
    head = b"HEAD /media/clips/long.mp3 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    part = b"GET /media/clips/long.mp3 HTTP/1.1\r\nHost: localhost\r\nRange: bytes=1-4\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as visitor:
        visitor.sendall(head + part)
        got = b"".join(iter(lambda: visitor.recv(65536), b""))
    first, second, body = got.split(b"\r\n\r\n")
    assert f"Content-Length: {len(CLIP)}".encode() in first
    assert second.startswith(b"HTTP/1.1 206 ")
    assert f"Content-Range: bytes 1-4/{len(CLIP)}".encode() in second
    assert body == CLIP[1:5]


def test_a_web_server_in_front_may_come_through_a_unix_socket(site: SimpleNamespace) -> None:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.settimeout(10)
        visitor.connect(str(site.door))
        visitor.sendall(b"GET /accounts/login/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert b"Log in" in b"".join(iter(lambda: visitor.recv(65536), b""))


def test_the_server_does_not_say_what_it_is_and_values_have_no_space_before_them(site: SimpleNamespace) -> None:
    headers = dict(get(site.port, "/accounts/login/").getheaders())
    assert "Server" not in headers
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as visitor:
        visitor.sendall(b"GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        got = b"".join(iter(lambda: visitor.recv(65536), b""))
    assert b"Set-Cookie: csrftoken=" in got


def test_headers_that_are_too_long_and_lines_that_are_no_request_are_refused(site: SimpleNamespace) -> None:
    for sent, status in ((b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"), (b"nonsense\r\n\r\n", b"400")):
        with socket.create_connection(("127.0.0.1", site.port), timeout=10) as visitor:
            visitor.sendall(sent)
            assert visitor.recv(65536).split()[1] == status


def is_held(site: SimpleNamespace, slow: socket.socket) -> bool:
    """Whether the server still has the connection open."""
    return slow.getsockname()[1] in held_ports(site)


def held_ports(site: SimpleNamespace) -> set[int]:
    """The visitors' ports of all connections that the server has open."""
    workers = psutil.Process(site.process.pid).children()
    return {one.raddr.port for worker in workers for one in worker.net_connections("tcp") if one.raddr}


@pytest.mark.long
@pytest.mark.parametrize("way", ["sending headers", "sending a form", "reading a clip"])
def test_who_is_too_slow_is_sent_away_when_the_time_is_over(site: SimpleNamespace, way: str) -> None:
    """A few bytes now and then keep nobody in: 20 seconds for headers, 30 for 1,000 bytes a second of the rest."""
    begun, most = time.monotonic(), 20 if way == "sending headers" else 30
    with dawdle(site.port, WAYS[way]) as slow:
        slow.settimeout(0.1)
        while is_held(site, slow) and time.monotonic() - begun < most + 10:
            with contextlib.suppress(TimeoutError, ConnectionError):
                if way == "reading a clip":
                    slow.recv(10)
                else:
                    slow.send(b"x")
            time.sleep(0.4)
    assert most - 1 < time.monotonic() - begun < most + 8


def test_limits_are_as_written() -> None:
    assert Limits() == Limits(header_seconds=20, idle_seconds=60, grace_seconds=30, bytes_per_second=1000)


def test_where_every_place_is_taken_the_one_who_waits_longest_makes_room(site: SimpleNamespace) -> None:
    from melodymuse_site.gunicorn import worker_connections

    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(dawdle(site.port, WAYS["sending headers"])) for _ in range(2 * worker_connections)]
        assert len(slow) == 2000
        for _ in range(3):
            assert get(site.port, "/accounts/login/", seconds=Limits().header_seconds - 1).status == 200


def test_who_was_let_in_before_a_process_is_told_to_stop_is_still_answered(site: SimpleNamespace) -> None:
    """A request that is on its way: its connection stands, its first byte has not come."""
    with contextlib.ExitStack() as stack:
        visitors = [stack.enter_context(socket.create_connection(("127.0.0.1", site.port), 30)) for _ in range(20)]
        time.sleep(1)  # all are let in
        for worker in psutil.Process(site.process.pid).children():
            worker.terminate()
        time.sleep(1)
        for visitor in visitors:
            visitor.sendall(b"GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        got = [b"".join(iter(lambda visitor=visitor: visitor.recv(65536), b""))[:15] for visitor in visitors]  # type: ignore[misc]
    assert got == [b"HTTP/1.1 200 OK"] * 20


def test_a_server_that_is_told_to_stop_finishes_answers_and_waits_for_no_slow_reader(site: SimpleNamespace) -> None:
    """Last, for the site ends here."""
    with contextlib.ExitStack() as stack:
        for first in WAYS.values():
            stack.enter_context(dawdle(site.port, first))
        time.sleep(0.5)
        begun = time.monotonic()
        site.process.send_signal(signal.SIGTERM)
        site.process.wait(60)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("files", "places"), [(8192, 1000), (3256, 1000), (1024, 256), (100, 10)])
def test_no_more_are_let_in_than_there_are_files_for(files: int, places: int) -> None:
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (min(200, {files}), {files})); "
        "from melodymuse_site.serving import _places; print(_places(1000))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(places)

"""Bytes that no client library sends, to the real web server: nothing of it ends in an error of the server."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import copy_file
from tests.site.test_slow_visitors import wait_for_port
from tests.site.test_start import ROOT, free_port, variables

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]
REQUESTS = 300
PATHS = (
    *(
        b"/",
        b"/healthz?parts=database",
        b"/accounts/login/",
        b"/study/demo/",
        b"/study/demo/events/",
        b"/admin/",
        b"/static/site/base.css",
    ),
    *(
        b"/media/" + b"a" * 256,
        b"/media/\x00",
        b"/\x00",
        b"/%00",
        b"/\xff\xfe",
        b"/%ff%fe",
        b"/\xed\xa0\x80",
        b"//",
        b"/a" * 3000,
    ),
    *(
        b"*",
        b"",
        b"http://evil.example/",
        b"http://[",
        b"/?a=\x00",
        b"/?%00=%ED%A0%80",
        b"/studies/?page=" + b"9" * 4000,
        b"/#x",
    ),
)
METHODS = (b"GET", b"POST", b"HEAD", b"OPTIONS", b"PUT", b"TRACE", b"CONNECT", b"get", b"\x00", b"X" * 50, b"")
VERSIONS = (b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b"HTTP/x", b"")
HEADERS = (
    *(
        b"Cookie: sessionid=\x00",
        b'Cookie: participation="\\000\\377"',
        b"Cookie: \xff\xfe=\xed\xa0\x80",
        b"Cookie: " + b"a" * 20_000,
    ),
    *(
        b"Content-Type: text/plain; charset=" + name
        for name in (b"utf-16", b"rot13", b"undefined", b"\xff", b"unicode_escape")
    ),
    *(b"Content-Type: text/plain; charset*=nonsense''x", b"Content-Type: multipart/form-data; boundary=" + b"x" * 300),
    *(b"Content-Length: " + text for text in (b"abc", b"-1", b"5", b"0", b"\xd9\xa3", b"9" * 30, b"+3", b"1_0", b"")),
    *(
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: \x0bchunked",
        b"Transfer-Encoding: gzip",
        b"Expect: 100-continue",
    ),
    *(
        b"Accept: application/json",
        b"Accept-Language: \xff",
        b"X-Forwarded-For: \xff",
        b"Range: bytes=" + b"9" * 5000 + b"-",
    ),
    *(
        b"Host: a b",
        b"Host: [",
        b"Host: \xff",
        b"\xff: x",
        b": x",
        b"x",
        b"X-A: b\x00c",
        b" folded: x",
        b"A" * 9000 + b": x",
    ),
)
BODIES = (b"", b"a=b", b"a=%00", b"\xff\x00", b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"-1\r\n\r\n", b"--XX\r\nbroken")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[int]:
    """The web server as `make run` has it."""
    folder, port = tmp_path_factory.mktemp("raw"), free_port()
    environment = variables(folder) | {"WEB_PROCESSES": "1", "DEBUG": "1"}
    copy_file(migrated_file, folder / "db.sqlite3")
    command = ["gunicorn", "melodymuse_site.wsgi", "--config", "python:melodymuse_site.gunicorn"]
    with (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for_port(port, process)
            yield port
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def make(seed: int, number: int) -> bytes:
    """The request of this number: each part is what it should be more often than not."""
    dice = random.Random(f"{seed}:{number}")
    method = dice.choice(METHODS[:3] if dice.random() < 0.7 else METHODS)
    lines = [b" ".join((method, dice.choice(PATHS), dice.choice(VERSIONS)))]
    if dice.random() < 0.8:
        lines.append(b"Host: localhost")
    lines += dice.sample(HEADERS, dice.choice((0, 1, 1, 2, 3)))
    body = dice.choice(BODIES)
    if dice.random() < 0.5:
        lines.append(b"Content-Length: %d" % len(body))
    return dice.choice((b"\r\n", b"\r\n", b"\r\n", b"\n")).join([*lines, b"", body])


def ask(port: int, request: bytes) -> bytes:
    """The status line of the answer; empty where the connection was just closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line, contextlib.suppress(OSError):
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        return line.recv(200).partition(b"\r\n")[0]
    return b""


def test_no_bytes_at_all_end_in_an_error_of_the_server(port: int) -> None:
    failed, statuses = [], Counter[bytes]()
    for number in range(REQUESTS):
        answer = ask(port, make(1, number))
        status = answer.split(b" ")[1] if b" " in answer else b"none"
        statuses[status] += 1
        if status.startswith(b"5") and status not in {b"501", b"505"}:  # methods and versions that are not spoken
            failed.append(f"seed 1, request {number}: {make(1, number)[:300]!r} -> {answer!r}")
    assert not failed, "\n".join(failed)
    assert statuses[b"200"] > 5, statuses
    assert statuses[b"400"] > 50, statuses
    assert ask(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").endswith(b" 200 OK")


@pytest.mark.parametrize("charset", [b"utf-16", b"rot13", b"undefined", b"unicode_escape"])
def test_another_charset_than_utf_8_is_refused_with_a_page(port: int, charset: bytes) -> None:
    head = b"GET /?a=b HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain; charset=" + charset + b"\r\n\r\n"
    assert ask(port, head).endswith(b" 400 Bad Request")


@pytest.mark.parametrize("path", [b"/media/" + b"a" * 256, b"/static/" + b"a" * 256, b"/media/%00", b"/a%00"])
def test_an_address_that_none_has_is_not_found(port: int, path: bytes) -> None:
    assert ask(port, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n").endswith(b" 404 Not Found")


@pytest.mark.parametrize("address", [b"http://[::1", b"http://[x]/a", b"//[x/a", b"http://]/"])
def test_an_address_with_half_a_host_is_refused(port: int, address: bytes) -> None:
    status = ask(port, b"GET " + address + b" HTTP/1.1\r\nHost: localhost\r\n\r\n").split(b" ")[1]
    assert status in {b"400", b"404"}

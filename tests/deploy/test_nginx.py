"""The site behind a real nginx with the configuration of deploy/: a participant's way, files, limits, logs."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from survey.simulation.visitor import Timings, Visitor
from tests.deploy.fronts import (
    NGINX,
    Front,
    change,
    make_certificate,
    needs_nginx,
    nginx,
    prepare,
    web_server,
    write_configuration,
)
from tests.deploy.taking_part import take_part
from tests.site.test_start import free_port, rows

pytestmark = [pytest.mark.service, pytest.mark.timeout(900), needs_nginx]
DEBIAN = Path("/etc/nginx/nginx.conf")
CLIP = os.urandom(3 * 1024 * 1024)
NAME = f"clips/{hashlib.sha256(CLIP).hexdigest()}.mp3"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[SimpleNamespace]:
    folder = tmp_path_factory.mktemp("front")
    slug = prepare(folder, migrated_file)
    (folder / "media" / NAME).write_bytes(CLIP)
    with web_server(folder, METRICS_TOKEN="a token for tests only") as web, nginx(folder) as front:
        yield SimpleNamespace(front=front, slug=slug, folder=folder, web=web)


def connect(front: Front) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=str(front.certificate))
    return http.client.HTTPSConnection("localhost", front.port, timeout=60, context=context)


def ask(front: Front, address: str, method: str = "GET", body: bytes | None = None, **headers: str) -> SimpleNamespace:
    with contextlib.closing(connect(front)) as connection:
        connection.request(method, address, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return SimpleNamespace(status=response.status, headers=response.headers, body=response.read())


def raw(front: Front) -> ssl.SSLSocket:
    """A visitor who reads as little at a time as there is."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    plain.settimeout(60)
    plain.connect(("127.0.0.1", front.port))
    context = ssl.create_default_context(cafile=str(front.certificate))
    return context.wrap_socket(plain, server_hostname="localhost")


def test_nginx_finds_nothing_wrong(tmp_path: Path) -> None:
    front = Front(tmp_path, free_port(), free_port(), make_certificate(tmp_path))
    main = write_configuration(tmp_path, front)
    result = subprocess.run([str(NGINX), "-t", "-c", str(main)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "warn" not in result.stderr


@pytest.mark.skipif(not DEBIAN.exists(), reason="there is no main file of a distribution on this machine")
def test_it_fits_into_the_main_file_that_debian_brings(tmp_path: Path) -> None:
    """No directive stands in both: nginx refuses to start then."""
    front = Front(tmp_path, free_port(), free_port(), make_certificate(tmp_path))
    write_configuration(tmp_path, front)
    text = change(
        DEBIAN.read_text(encoding="utf-8"),
        ("/run/nginx.pid", f"{tmp_path}/nginx.pid"),
        ("/etc/nginx/conf.d/*.conf", f"{tmp_path}/muse.conf"),
        ("include /etc/nginx/sites-enabled/*;", ""),
        ("/var/log/nginx/", f"{tmp_path}/"),
    )
    (tmp_path / "debian.conf").write_text(text)
    result = subprocess.run([str(NGINX), "-t", "-c", str(tmp_path / "debian.conf")], capture_output=True, text=True)
    assert (result.returncode, "warn" in result.stderr) == (0, False), result.stderr


def test_a_participant_goes_from_consent_to_the_end(site: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(site.front.certificate))
    timings = Timings()
    visitor = Visitor(site.front.url, timings)
    given = list(take_part(visitor, site.slug))
    tokens = {value for value, _ in visitor._cookies.values()}
    visitor.close()
    assert len(given) == 4
    assert rows("SELECT count(*) FROM survey_response", site.folder) == [(4,)]
    assert rows("SELECT outcome FROM survey_participant", site.folder) == [("complete",)]
    assert len(timings.media) >= 4
    logs = site.front.logs()
    assert not any(token in logs for token in tokens)
    assert "/study/" not in logs
    assert "/media/" not in logs


def test_files_never_reach_the_application(site: SimpleNamespace) -> None:
    """The clip comes, whole and in parts, also while the application stands still."""
    with stopped(site.web):
        whole = ask(site.front, f"/media/{NAME}")
        part = ask(site.front, f"/media/{NAME}", Range="bytes=1000-1999")
    assert (whole.status, whole.body, whole.headers["Content-Type"]) == (200, CLIP, "audio/mpeg")
    assert whole.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert (part.status, part.body) == (206, CLIP[1000:2000])
    assert ask(site.front, f"/media/{NAME}", "DELETE").status == 403
    assert ask(site.front, "/media/../db.sqlite3").status in (400, 404)
    assert ask(site.front, "/media/clips/").status == 403


@contextlib.contextmanager
def stopped(process: Any) -> Iterator[None]:
    """The web server and its processes stand still (SIGSTOP)."""
    import psutil

    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for one in family:
        one.suspend()
    try:
        yield
    finally:
        for one in family:
            one.resume()


def test_a_slow_reader_gets_every_byte_and_holds_nothing(site: SimpleNamespace) -> None:
    with raw(site.front) as slow:
        slow.sendall(f"GET /media/{NAME} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        got = slow.recv(4096)
        for _ in range(20):
            time.sleep(0.1)
            got += slow.recv(1024)
            assert ask(site.front, "/accounts/login/").status == 200
        assert len(got) < len(CLIP)
        got += b"".join(iter(lambda: slow.recv(65536), b""))
    assert hashlib.sha256(got.partition(b"\r\n\r\n")[2]).digest() == hashlib.sha256(CLIP).digest()


def test_half_a_request_does_not_reach_the_application(site: SimpleNamespace) -> None:
    """Many dawdle over their forms; the application does not even hear of them."""
    import psutil

    form = f"POST /study/{site.slug}/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nconsent=".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(raw(site.front)).sendall(form)
        time.sleep(1)
        door = str(site.folder / "web.sock")
        family = psutil.Process(site.web.pid).children()
        # One listening socket in every process; a visitor who was let in would be one more.
        held = [one.net_connections("unix") for one in family]
        assert [len([one for one in mine if one.laddr == door]) for mine in held] == [1] * len(family)
        assert ask(site.front, "/accounts/login/").status == 200


@pytest.mark.long
def test_who_sends_no_further_is_sent_away_in_time(site: SimpleNamespace) -> None:
    sent = {
        20: b"GET / HTTP/1.1\r\nHost: loc",
        30: b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nusername=",
    }
    for seconds, first in sent.items():
        with raw(site.front) as slow:
            slow.sendall(first)
            begun = time.monotonic()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                while slow.recv(1024):
                    pass
        assert seconds - 2 < time.monotonic() - begun < seconds + 8


def test_text_is_packed_and_what_carries_links_is_not(site: SimpleNamespace) -> None:
    front = ask(site.front, "/", Accept_Encoding="gzip")
    assert front.headers["Content-Encoding"] == "gzip"
    page = gzip.decompress(front.body)
    assert b"MelodyMuse" in page
    style = re.findall(rb'href="(/static/[^"]+\.css)"', page)[0].decode()
    packed = ask(site.front, style, Accept_Encoding="gzip")
    assert (packed.headers["Content-Encoding"], "max-age=" in packed.headers["Cache-Control"]) == ("gzip", True)
    for address in (f"/study/{site.slug}/", f"/media/{NAME}"):
        assert ask(site.front, address, Accept_Encoding="gzip").headers["Content-Encoding"] is None


def test_too_large_is_refused_before_it_is_sent_on(site: SimpleNamespace) -> None:
    for address, status in ((f"/study/{site.slug}/clip/", 413), ("/pictures/", 403), ("/create/", 403)):
        answer = ask(site.front, address, "POST", b"x" * 2_000_000, Content_Type="application/octet-stream")
        assert answer.status == status, address
    with raw(site.front) as sender:  # by what it says of itself, before a byte of it has come
        sender.sendall(b"POST /create/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 32505857\r\n\r\n")
        assert sender.recv(100).split()[1] == b"413"


def test_a_visitors_address_is_no_line_of_a_log(site: SimpleNamespace) -> None:
    for rest in ("", "state.json", "picture"):
        assert ask(site.front, f"/create/visit/a-living-token/{rest}").status == 404
    assert "a-living-token" not in site.front.logs()


def test_the_browser_speaks_http_2(site: SimpleNamespace) -> None:
    context = ssl.create_default_context(cafile=str(site.front.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", site.front.port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert (secure.selected_alpn_protocol(), secure.version()) == ("h2", "TLSv1.3")


def test_plain_http_leads_to_the_secure_site_and_other_names_to_nothing(site: SimpleNamespace) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.front.plain_port, timeout=30)
    connection.request("GET", "/study/x/?id=secret")
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (301, "https://localhost/study/x/?id=secret")
    connection.close()
    context = ssl.create_default_context(cafile=str(site.front.certificate))
    with socket.create_connection(("127.0.0.1", site.front.port), timeout=30) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="elsewhere.example.org")
    assert "secret" not in site.front.logs()


def test_metrics_are_for_this_machine_and_for_who_knows_the_token(site: SimpleNamespace) -> None:
    assert ask(site.front, "/accounts/login/").status == 200
    assert ask(site.front, "/metrics").status == 404
    told = ask(site.front, "/metrics", Authorization="Bearer a token for tests only")
    assert told.status == 200
    assert b'melodymuse_request_seconds_count{method="GET",status="2xx",view="login"}' in told.body


def test_an_application_that_is_away_writes_no_token_into_a_log(site: SimpleNamespace) -> None:
    (site.folder / "web.sock").rename(site.folder / "elsewhere")
    try:
        assert ask(site.front, f"/study/{site.slug}/resume/a-personal-token/").status == 502
        assert ask(site.front, "/accounts/reset/a-mailed-token/").status == 502
        assert ask(site.front, "/create/visit/a-visitors-token/state.json").status == 502
        assert ask(site.front, "/").status == 502
    finally:
        (site.folder / "elsewhere").rename(site.folder / "web.sock")
    logs = site.front.logs()
    assert "a-personal-token" not in logs
    assert "a-mailed-token" not in logs
    assert "a-visitors-token" not in logs
    assert "502" in logs


def test_passwords_cannot_be_tried_one_after_the_other(site: SimpleNamespace) -> None:
    """Last, for this address is held back afterwards: ten at once, and then ten a minute. Reading is free."""

    def try_one() -> int:
        return ask(site.front, "/accounts/login/", "POST", b"username=a&password=b").status

    begun, statuses = time.monotonic(), [try_one()]
    while statuses[-1] != 429 and len(statuses) < 40:  # on a slow machine minutes pass, and let more in
        statuses.append(try_one())
    let_in, minutes = len(statuses) - 1, (time.monotonic() - begun) / 60
    assert statuses == [403] * let_in + [429]
    assert 11 <= let_in <= 12 + 10 * minutes
    begun, statuses = time.monotonic(), [try_one() for _ in range(9)]
    assert statuses.count(429) >= 8 - 10 * (time.monotonic() - begun) / 60
    assert ask(site.front, "/accounts/login/").status == 200


def test_where_every_file_has_to_pass_django_nginx_still_sends_it(tmp_path: Path, migrated_file: Path) -> None:
    prepare(tmp_path, migrated_file)
    (tmp_path / "media" / NAME).write_bytes(CLIP)
    with (
        web_server(tmp_path, MEDIA_ACCEL_PREFIX="/protected/"),
        nginx(tmp_path, ("location ^~ /media/ {", "location ^~ /not-used/ {")) as front,
    ):
        part = ask(front, f"/media/{NAME}", Range="bytes=5-9")
        assert (part.status, part.body, part.headers["Content-Type"]) == (206, CLIP[5:10], "audio/mpeg")
        assert ask(front, f"/protected/{NAME}").status == 404

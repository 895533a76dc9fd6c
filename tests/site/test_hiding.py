"""No token and no outside id in any log, whatever goes wrong on whichever page."""

from __future__ import annotations

import io
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as site_settings
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from melodymuse_site.hiding import HIDDEN, PAGES, PARTICIPATION, hide
from melodymuse_site.occupancy import Occupied, alone
from survey.recruiting import RECRUITERS
from survey.urls import participation

TOKEN = "0123456789abcdef0123456789abcdef01234567"
OUTSIDE = "5e9f8a7b6c5d4e3f2a1b0c9d"
SHORT = "1001"
SIGNED = "demo:1tXyZa:9hJ3kLmN0pQrStUvWxYz1234567890abcdefghijkl"
CUT = TOKEN[:-1]
WORKER = "A1B2C3D4E5"
SECRETS = (TOKEN, CUT, CUT.upper(), OUTSIDE, SIGNED, WORKER)


def addresses() -> list[str]:
    """Every participant's address, and near misses that a hand or a mail program makes of them."""
    known = []
    for pattern in participation:
        arguments = {name: 1 if name == "number" else TOKEN for name in pattern.pattern.converters}
        known.append(reverse(pattern.name, kwargs={"slug": "demo", **arguments}))
    broken = [
        *(f"/study/demo/{name}/{TOKEN}" for name in ("p", "resume", "withdraw", "sound", "end")),
        f"/study/demo/resume/{TOKEN}/x",
        f"/study/demo/resume/{TOKEN}).",
        f"/study/demo/{OUTSIDE}",
        f"/study/demo/resume/ {TOKEN}",
        f"/study/demo/resume/\"{TOKEN}' x",
        f"/study/demo/resume/é{TOKEN}",
        f"/study/demo/?PROLIFIC_PID={OUTSIDE}",
        f"/studies/demo/preview/{TOKEN}",
        f"/{TOKEN}",
        *(
            f"/{name}/{CUT}"
            for name in ("resume", "studies/demo", "study", "study/demo/resume", "results", "admin", "x")
        ),
        f"/{CUT}",
        f"/resume/{TOKEN}x",
        f"/resume/{TOKEN.upper()}",
        *(f"/{name}/{WORKER}" for name in ("nothere", "study", "study/demo")),
        f"/study/{OUTSIDE}/",
        f"/nothere/{OUTSIDE}/end/",
    ]
    return [*known, *broken]


QUERY = "&".join(f"{recruiter.person}={OUTSIDE}" for recruiter in RECRUITERS.values() if recruiter.person)
QUERY += f"&pilot={quote(SIGNED)}&external_id={OUTSIDE}"


def tells(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text or quote(secret, safe="") in text]


def test_the_words_shown_are_those_of_the_addresses() -> None:
    words = {part for pattern in participation for part in str(pattern.pattern).split("/") if part and "<" not in part}
    assert words == {word for word in PARTICIPATION if not word.endswith(".wav")}


def test_the_words_that_addresses_begin_with_are_those_of_the_site() -> None:
    def begin(resolver: Any) -> set[str]:
        words = set()
        for pattern in resolver.url_patterns:
            word = str(pattern.pattern).lstrip("^").split("/")[0]
            words |= {word} if word else begin(pattern) if hasattr(pattern, "url_patterns") else set()
        return words

    assert begin(get_resolver()) | {"static"} == PAGES


@pytest.mark.django_db
@pytest.mark.parametrize("terminal", [True, False])
def test_the_link_for_a_new_password_is_printed_on_a_terminal_alone(
    terminal: bool, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    get_user_model().objects.create_user("ada", "ada@example.org", "a long password")
    settings.EMAIL_BACKEND = "melodymuse_site.mails.TerminalBackend"
    output = io.StringIO()
    output.isatty = lambda: terminal  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdout", output)
    assert Client().post("/accounts/password_reset/", {"email": "ada@example.org"}).status_code == 302
    assert ("/accounts/reset/" in output.getvalue()) is terminal
    assert ("manage.py changepassword" in caplog.text) is not terminal
    assert "accounts/reset/M" not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("address", addresses())
@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_no_warning_about_a_participants_page_tells_who(
    address: str, method: str, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    path = quote(address, safe="/")
    for client in (Client(raise_request_exception=False), Client(enforce_csrf_checks=True)):
        client.cookies["muse_demo"] = TOKEN
        for query in ("", f"?{QUERY}"):
            data = {"ticket": SIGNED, "external_id": OUTSIDE} if method == "post" else None
            getattr(client, method)(path + query, data, HTTP_REFERER=f"https://elsewhere.example{path}{query}")
    with_https = {"secure": True, "HTTP_REFERER": f"https://elsewhere.example{path}?{QUERY}"}
    Client(enforce_csrf_checks=True).post(f"{path}?{QUERY}", {"ticket": SIGNED}, **with_https)
    Client().get(path, HTTP_HOST=f"other.example?token={TOKEN}")
    settings.DEBUG = True
    Client(raise_request_exception=False).get(f"{path}?{QUERY}")
    assert tells(caplog.text) == []
    if method == "post":
        assert HIDDEN in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("address", addresses())
def test_no_traceback_tells_who(
    address: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    """A page that breaks on what was sent, and says so with all of it."""

    def break_down(_self: Any, request: Any) -> None:
        sent = [request.path, request.get_full_path(), dict(request.GET), dict(request.POST), dict(request.COOKIES)]
        raise RuntimeError(f"cannot read {sent}")

    monkeypatch.setattr("melodymuse_site.languages.PageLanguageMiddleware.process_request", break_down)
    client = Client(raise_request_exception=False)
    client.cookies["muse_demo"] = TOKEN
    response = client.post(f"{quote(address, safe='/')}?{QUERY}", {"external_id": OUTSIDE, "ticket": SIGNED})
    assert response.status_code == 500
    assert "RuntimeError: cannot read" in caplog.text
    assert tells(caplog.text) == []
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Not Found: /study/demo/resume/{TOKEN}/", f"Not Found: /study/demo/resume/{HIDDEN}/"),
        (f"Not Found: /study/demo/p/{SHORT}", f"Not Found: /study/demo/{HIDDEN}/{HIDDEN}"),
        ("Not Found: /study/demo/headphones/2.wav", "Not Found: /study/demo/headphones/2.wav"),
        (f"GET /study/demo/?survey_code={SHORT} HTTP/1.1", f"GET /study/demo/?{HIDDEN} HTTP/1.1"),
        (f"GET /x%2Fstudy%2fdemo%252F{SHORT}%3Fa%3D{SHORT}", f"GET /x/study/demo/{HIDDEN}?{HIDDEN}"),
        (f"GET /shared/{'ab12' * 16}/report.json?cell=x", f"GET /shared/{HIDDEN}"),
        ("Not Found: /shared/half-of-a-link/", f"Not Found: /shared/{HIDDEN}"),
        ("/accounts/reset/MQ/cuk9p1-4a6e/", f"/accounts/reset/{HIDDEN}"),
        (f"DETAIL:  Key (external_id_hash)=({SHORT}) already exists.", f"DETAIL: {HIDDEN}"),
        (f"token='{SHORT}', workerId: {SHORT}", f"token='{HIDDEN}', workerId: {HIDDEN}"),
        (f"Not Found: /resume/{CUT}", f"Not Found: /resume/{HIDDEN}"),
        (f"Not Found: /nothere/{SHORT}", f"Not Found: /nothere/{HIDDEN}"),
        (f"Not Found: /{SHORT}", f"Not Found: /{HIDDEN}"),
        (f"Method Not Allowed (POST): /x/{SHORT}/end/", f"Method Not Allowed (POST): /x/{HIDDEN}/{HIDDEN}/"),
        (f'"GET /nothere/{SHORT} HTTP/1.1" 404', f'"GET /nothere/{HIDDEN} HTTP/1.1" 404'),
        (f"https://muse.example/p/{SHORT}", f"https://muse.example/p/{HIDDEN}"),
        (f"GET /study/{SHORT}/ HTTP/1.1", f"GET /study/{HIDDEN}/ HTTP/1.1"),
        (f"GET /study/{WORKER.lower()}/", f"GET /study/{HIDDEN}/"),
        ("GET /study/mood-in-music-2026-v2/clip/", "GET /study/mood-in-music-2026-v2/clip/"),
        ("Not Found: /favicon.ico", "Not Found: /favicon.ico"),
        (
            'File "/usr/lib/python3.11/json/decoder.py", line 355',
            'File "/usr/lib/python3.11/json/decoder.py", line 355',
        ),
        ("Is this right? The worker died.", "Is this right? The worker died."),
        ("/studies/demo/monitor/", "/studies/demo/monitor/"),
        ("/media/clips/ab/" + "ab" * 32 + ".mp3", "/media/clips/ab/" + "ab" * 32 + ".mp3"),
    ],
)
def test_what_is_hidden_and_what_stays_readable(text: str, shown: str) -> None:
    assert hide(text) == shown


def test_a_record_that_cannot_be_written_as_it_is_shows_nothing_raw(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("tests.hiding")
    request = RequestFactory().get(f"/study/demo/?a={TOKEN}" + "&b=1" * 2000)
    with_file = logging.StreamHandler(open(os.devnull, "w", encoding="ascii"))  # noqa: SIM115
    logger.addHandler(with_file)
    try:
        logger.warning("%s %d", TOKEN, "no number")
        logger.warning("%s", f"\ud800 é {TOKEN}", extra={"request": request})
    finally:
        logger.removeHandler(with_file)
    assert tells("".join(capsys.readouterr())) == []


@pytest.mark.service
@pytest.mark.parametrize("worker", ["", "gthread"])
def test_the_web_servers_own_logs_tell_nothing(tmp_path: Path, worker: str) -> None:
    """gunicorn with every log it has, also an access log; on a site without tables each page is an internal error."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    logs = [tmp_path / "access.log", tmp_path / "error.log", tmp_path / "output.log"]
    command = [sys.executable, "-m", "gunicorn", "melodymuse_site.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--access-logfile", str(logs[0]), "--error-logfile", str(logs[1]), "--log-level", "debug"]
    command += ["--config", "python:melodymuse_site.gunicorn", "--workers", "1"]
    command += ["--worker-class", worker] if worker else []
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with logs[2].open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=site_settings.BASE_DIR,
            env={**environment, "DATA_DIR": str(tmp_path / "data")},
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        with pytest.raises(Occupied), alone(tmp_path / "data"):  # the web server alone holds the folder, too
            pass
        statuses = set()
        for address in addresses():
            for method in ("GET", "POST"):
                connection = HTTPConnection("127.0.0.1", port, timeout=20)
                headers = {
                    "Referer": f"https://x.example/study/demo/resume/{TOKEN}/?{QUERY}",
                    "Cookie": f"muse_demo={TOKEN}",
                    "Content-Type": "application/x-www-form-urlencoded",
                }
                body = f"external_id={OUTSIDE}&ticket={SIGNED}" if method == "POST" else None
                connection.request(method, f"{quote(address, safe='/')}?{QUERY}", body, headers)
                statuses.add(connection.getresponse().status)
                connection.close()
        assert 500 in statuses
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    written = [log.read_text() for log in logs]
    assert not worker or re.search(r"GET /study/demo/\?\[hidden\]", written[0])
    assert "Traceback" in written[1] + written[2]
    assert [line for line in "".join(written).splitlines() if tells(line)] == []

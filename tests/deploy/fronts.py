"""A real nginx with the site's own configuration, on this machine alone and on ports of its own."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import copy_file
from tests.site.test_start import ROOT, free_port, variables

SITE = ROOT / "deploy" / "nginx" / "muse.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: apt install nginx-light)")
MAIN = """
pid {folder}/nginx.pid;
error_log {folder}/start.log;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    default_type application/octet-stream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    access_log {folder}/default.log;
    include {folder}/muse.conf;
}}
"""


@dataclass
class Front:
    """nginx before gunicorn, as the files of deploy/ have them."""

    folder: Path
    port: int
    plain_port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def written(self) -> str:
        """What nginx wrote down so far; the line of a request may come after its answer."""
        return "".join(file.read_text() for file in self.folder.glob("*.log"))

    def logs(self) -> str:
        """All that nginx wrote down about the requests before: its one worker writes line after line."""
        mark = f"/static/{secrets.token_hex(8)}"
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{self.url}{mark}", timeout=30, context=trusted).close()
        until = time.monotonic() + 30
        while mark not in (written := self.written()):
            assert time.monotonic() < until, "nginx does not write its log"
            time.sleep(0.05)
        return written


def change(text: str, *pairs: tuple[str, str]) -> str:
    """Exchange what differs between a real site and this one; each must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def write_configuration(folder: Path, front: Front, *more: tuple[str, str]) -> Path:
    """The site's own file with other places, names and ports; the path of the main file."""
    text = change(
        SITE.read_text(encoding="utf-8"),
        ("muse.example.org", "localhost"),
        ("listen 443 ssl", f"listen 127.0.0.1:{front.port} ssl"),
        ("listen 80 default_server", f"listen 127.0.0.1:{front.plain_port} default_server"),
        ("/etc/muse/tls/fullchain.pem", str(front.certificate)),
        ("/etc/muse/tls/privkey.pem", str(front.certificate.with_suffix(".key"))),
        ("/run/muse/web.sock", str(folder / "web.sock")),
        ("/srv/muse/media/", f"{folder}/media/"),
        ("/var/log/nginx/", f"{folder}/"),
        *more,
    )
    (folder / "muse.conf").write_text(text)
    (folder / "nginx.conf").write_text(("user root;" if os.getuid() == 0 else "") + MAIN.format(folder=folder))
    return folder / "nginx.conf"


def make_certificate(folder: Path) -> Path:
    file = folder / "tls.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(file.with_suffix(".key")), "-out", str(file)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return file


@contextlib.contextmanager
def web_server(folder: Path, **others: str) -> Iterator[subprocess.Popen[bytes]]:
    """Gunicorn at a Unix socket, with the production settings."""
    given = {"ALLOWED_HOSTS": "localhost,127.0.0.1", "SECRET_KEY": "front " * 8, "BEHIND_PROXY": "1"}
    environment = variables(folder) | given | {"MEDIA_ROOT": str(folder / "media"), "WEB_PROCESSES": "2"}
    environment |= {"TMPDIR": str(folder)} | others
    command = [sys.executable, "-m", "gunicorn", "melodymuse_site.wsgi", "--config", "python:melodymuse_site.gunicorn"]
    process = subprocess.Popen(
        [*command, "--no-control-socket", "--bind", f"unix:{folder}/web.sock"],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    try:
        while process.poll() is None and not answers(folder / "web.sock"):
            time.sleep(0.1)
        assert process.poll() is None
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def answers(door: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.settimeout(30)
        try:
            visitor.connect(str(door))
            visitor.sendall(b"GET /healthz?parts=database HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return visitor.recv(100).startswith(b"HTTP/1.")
        except OSError:
            return False


@contextlib.contextmanager
def nginx(folder: Path, *more: tuple[str, str]) -> Iterator[Front]:
    front = Front(folder, free_port(), free_port(), make_certificate(folder))
    main = write_configuration(folder, front, *more)
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-c", str(main), "-g", "daemon off;"], start_new_session=True)
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", front.port), timeout=5):
                break
            time.sleep(0.05)
        assert process.poll() is None, front.written()
        yield front
    finally:
        process.terminate()
        process.wait(30)


def prepare(folder: Path, migrated_file: Path) -> str:
    """A database with a published study whose clips are real files; the study's name."""
    copy_file(migrated_file, folder / "db.sqlite3")
    code = "from tests.survey.factories import make_study; print(make_study(clips_per_participant=4).slug)"
    environment = variables(folder) | {"MEDIA_ROOT": str(folder / "media"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    static = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(static, cwd=ROOT, env=environment, check=True)
    (slug,) = re.findall(r"^[\w-]+$", made.stdout.strip(), re.MULTILINE)
    return str(slug)

"""`manage.py start`, as `make run` calls it: from an empty folder to a running site, and back to nothing."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from melodymuse_site.processes import STOP_SECONDS
from tests.databases import copy_file

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 900
"""Seconds after which a site that does not come up is given up; a busy machine may take minutes."""

pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def variables(data_dir: Path, **others: str) -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "DATA_DIR": str(data_dir),
        "PYTHONUNBUFFERED": "1",
        "WEB_PROCESSES": "1",
        **others,
    }


@contextlib.contextmanager
def started(data_dir: Path, port: int, *arguments: str, **others: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    output = data_dir.parent / f"output-{time.monotonic_ns()}.txt"
    with output.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "start", "--port", str(port), "--host", "127.0.0.1", *arguments],
            cwd=ROOT,
            env=variables(data_dir, **others),
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield process, output
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)


def wait_for(output: Path, text: str, process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + PATIENCE
    while text not in (written := output.read_text()):
        assert process.poll() is None, written
        assert time.monotonic() < deadline, written
        time.sleep(0.2)
    return written


def rows(statement: str, data_dir: Path) -> list[tuple[Any, ...]]:
    """What the site's database says; starting Django to ask would take seconds from the site."""
    address = f"file:{data_dir / 'db.sqlite3'}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=20)) as database:
        return database.execute(statement).fetchall()


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def query(code: str, data_dir: Path) -> str:
    result = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
        cwd=ROOT,
        env=variables(data_dir),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


READY = """
from generation.models import PairVersion
made = PairVersion.objects.filter(status="ready").values_list("composer", "pair__emotion__slug")
print({composer: sorted(slug for by, slug in made if by == composer) for composer in ("muse", "paper")})
"""
COMPARED = """
from generation.models import PairVersion
from melodymuse_site.demo import TWO_PICTURES
two = PairVersion.objects.filter(run__reason=TWO_PICTURES)
print(len({version.midi_sha256 for version in two}), {version.pair.emotion.slug for version in two})
"""
EIGHT = "['amusement', 'anger', 'awe', 'contentment', 'disgust', 'excitement', 'fear', 'sadness']"
AND_TWO = EIGHT.replace("'contentment'", "'contentment', 'contentment', 'contentment'")
DEMO = f"{{'muse': {AND_TWO}, 'paper': {EIGHT}}}"


def test_the_site_comes_up_from_nothing_makes_its_demo_once_and_leaves_nothing_running(tmp_path: Path) -> None:
    data_dir, port = tmp_path / "data", free_port()
    with started(data_dir, port) as (process, output):
        written = wait_for(output, "Ctrl-C stops everything.", process)
        assert re.search(r"Log in as “admin” with the password \S{16}", written)
        assert f"http://localhost:{port}/study/demo/" in written
        base = f"http://127.0.0.1:{port}"
        addresses = ("/", "/study/demo/", "/studies/", "/admin/login/", "/healthz?parts=database", "/nothing-here")
        assert [status_of(base + address) for address in addresses] == [200, 200, 200, 200, 200, 404]
        assert query(READY, data_dir) == DEMO
        assert query(COMPARED, data_dir) == "2 {'contentment'}"  # two photographs of one emotion sound different
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        with started(data_dir, free_port()) as (second, second_output):
            assert second.wait(PATIENCE) == 1
            assert "MelodyMuse already runs with the data in" in second_output.read_text()
    assert process.returncode == 0
    assert psutil.wait_procs(children, timeout=5)[1] == []

    with started(data_dir, port) as (process, output):
        written = wait_for(output, "Ctrl-C stops everything.", process)
        assert "password" not in written
        assert query(READY, data_dir) == DEMO


@pytest.fixture
def migrated(tmp_path: Path, migrated_file: Path) -> Path:
    """The data folder of a site that has its tables."""
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    copy_file(migrated_file, data_dir / "db.sqlite3")
    return data_dir


def test_children_end_even_when_start_is_killed_with_9(migrated: Path) -> None:
    with started(migrated, free_port(), "--no-demo") as (process, output):
        wait_for(output, "Ctrl-C stops everything.", process)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(10)
    assert psutil.wait_procs(children, timeout=STOP_SECONDS + 10)[1] == []


def test_a_taken_port_gets_a_clear_message(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started(tmp_path / "data", port) as (process, output):
            assert process.wait(PATIENCE) == 1
        assert f"Port {port} cannot be used (Address already in use)" in output.read_text()
        assert "make run PORT=8001" in output.read_text()

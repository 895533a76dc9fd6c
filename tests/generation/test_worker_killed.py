"""A worker killed with `kill -9` in the middle of many pairs: everything is made, once, and nothing is lost.

Real processes: the embedded broker (or the Redis of REDIS_URL), a real Celery worker, a database on disk.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import redis

from melodymuse_site.broker import BrokerMissing, start_broker
from melodymuse_site.environment import embedded_broker_socket
from tests.databases import copy_file
from tests.settings import CALLERS_REDIS_URL

ROOT = Path(__file__).resolve().parent.parent.parent
SILENCE = 240
"""Seconds in which nothing at all happens, and a test gives up; how long everything takes is the machine's business."""

pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]

ASK = """
from tests.generation.factories import make_picture, make_run
make_run([make_picture(shade) for shade in range(10, 10 + {pairs})], seed=3)
"""
FACTS = """
import hashlib, json
from pathlib import Path
from django.conf import settings
from generation.models import PairVersion
versions = list(PairVersion.objects.all())
print(json.dumps({
    "ready": sum(v.status == "ready" for v in versions),
    "pairs": len({v.pair_id for v in versions}),
    "versions": len(versions),
    "whole": sum(
        hashlib.sha256((Path(settings.MEDIA_ROOT) / v.audio).read_bytes()).hexdigest() == v.audio_sha256
        for v in versions
    ),
    "interrupted": sum(v.attempts > 1 for v in versions),
}))
"""


def embedded(data_dir: Path) -> Iterator[str]:
    try:
        process = start_broker(data_dir)
    except BrokerMissing as error:
        pytest.skip(str(error))
    yield f"redis+socket://{embedded_broker_socket(data_dir)}"
    process.terminate()
    process.wait(10)


def system(data_dir: Path) -> Iterator[str]:
    if not CALLERS_REDIS_URL:
        pytest.skip("REDIS_URL is not set: Redis was not tested.")
    client = redis.Redis.from_url(CALLERS_REDIS_URL)
    try:
        client.ping()
    except redis.ConnectionError:
        pytest.skip("Nothing answers at REDIS_URL: Redis was not tested.")
    yield CALLERS_REDIS_URL
    client.close()


@pytest.fixture(params=[embedded, system], ids=["embedded broker", "Redis"])
def environment(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Iterator[dict[str, str]]:
    with contextlib.contextmanager(request.param)(tmp_path) as broker:
        variables = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
            "DATA_DIR": str(tmp_path),
            "CELERY_BROKER_URL": broker,
            "CELERY_QUEUE": f"test-{uuid.uuid4().hex[:8]}",
            "PAIR_LEASE_SECONDS": "5",
            "SWEEP_SECONDS": "1",
        }
        copy_file(migrated_file, tmp_path / "db.sqlite3")
        yield variables
        if broker == CALLERS_REDIS_URL:
            with redis.Redis.from_url(broker) as client:
                client.delete(*client.keys(f"*{variables['CELERY_QUEUE']}*") or ["none"])


def shell(code: str, environment: dict[str, str]) -> str:
    result = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@contextlib.contextmanager
def worker(environment: dict[str, str], data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "melodymuse_site",
            "worker",
            "--beat",
            "--schedule",
            str(data_dir / f"beat-{uuid.uuid4().hex}"),
            "--concurrency",
            "2",
            "--loglevel",
            "ERROR",
            "--without-gossip",
            "--without-mingle",
        ],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@contextlib.contextmanager
def reading(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """The site's database; a process that starts Django to ask takes seconds from the worker it asks about."""
    address = f"file:{data_dir / 'db.sqlite3'}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=20)) as connection:
        yield connection


def newest(data_dir: Path, table: str, fields: Sequence[str]) -> dict[str, object]:
    """These fields of the row that was made last."""
    with reading(data_dir) as database:
        row = database.execute(f"SELECT {', '.join(fields)} FROM {table} ORDER BY id DESC").fetchone()
    return dict(zip(fields, row, strict=True))


def wait_for_progress(look: Callable[[], Any], done: Callable[[Any], bool], pause: float = 0.1) -> Any:
    """Look until `done` says so of what is seen; give up where nothing has changed for `SILENCE` seconds."""
    seen, changed = look(), time.monotonic()
    while not done(seen):
        assert time.monotonic() - changed < SILENCE, f"{seen} for {SILENCE} s"
        time.sleep(pause)
        if (now := look()) != seen:
            seen, changed = now, time.monotonic()
    return seen


def count(data_dir: Path) -> dict[str, int]:
    with reading(data_dir) as database:
        return dict(database.execute("SELECT status, COUNT(*) FROM generation_pairversion GROUP BY status"))


def wait_for_ready(data_dir: Path, at_least: int, *, at_work: int = 0) -> None:
    """Wait until so many pairs are ready, and so many are being made at this moment."""

    def is_enough(counts: dict[str, int]) -> bool:
        assert not counts.get("failed"), counts
        return counts.get("ready", 0) >= at_least and counts.get("running", 0) >= at_work

    wait_for_progress(lambda: count(data_dir), is_enough)


@pytest.mark.parametrize("pairs", [12, pytest.param(50, marks=pytest.mark.long)])
def test_pairs_survive_kill_9_of_their_worker(environment: dict[str, str], tmp_path: Path, pairs: int) -> None:
    shell(ASK.format(pairs=pairs), environment)
    with worker(environment, tmp_path) as first:
        # Between two pairs there is nothing that a kill could interrupt.
        wait_for_ready(tmp_path, 3, at_work=1)
        os.killpg(first.pid, signal.SIGKILL)
    assert count(tmp_path).get("ready", 0) < pairs
    with worker(environment, tmp_path):
        wait_for_ready(tmp_path, pairs)
    facts = json.loads(shell(FACTS, environment))
    assert facts.pop("interrupted") >= 1
    assert facts == {"ready": pairs, "pairs": pairs, "versions": pairs, "whole": pairs}

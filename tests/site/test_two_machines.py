"""Workers on two machines and a web server on a third share PostgreSQL, Redis and an object store, and no folder."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from melodymuse_site.broker import start_broker
from melodymuse_site.environment import embedded_broker_socket
from tests.databases import is_postgresql
from tests.site.s3 import names_in, running_store
from tests.site.sites import ROOT, Site, databases_removed, make_database

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.database, pytest.mark.timeout(900)]
PAIRS = 8
ASK = f"""
from tests.generation.factories import make_picture, make_run
run = make_run([make_picture(shade) for shade in range(10, 10 + {PAIRS})])
print(run.public_id)
"""
ASK_AGAIN = """
from generation.models import SourceImage
from tests.generation.factories import make_run
make_run(SourceImage.objects.all())
"""
LOOK = """
from generation.models import PairVersion
print(*sorted(PairVersion.objects.values_list("status", flat=True)))
print(*PairVersion.objects.exclude(error="").values_list("error", flat=True))
"""
CHECK = """
import hashlib
from django.core.files.storage import default_storage
from django.test import Client
from generation.models import PairVersion
for version in PairVersion.objects.all():
    for name, digest in ((version.audio, version.audio_sha256), (version.midi, version.midi_sha256)):
        whole = b"".join(Client().get(f"/media/{name}").streaming_content)
        part = b"".join(Client().get(f"/media/{name}", headers={"Range": "bytes=10-19"}).streaming_content)
        assert hashlib.sha256(whole).hexdigest() == digest and part == whole[10:20]
print("the same")
"""
PACK = """
from survey.actions.exporting import request_export
from tests.survey.factories import make_study
from survey.tasks import send_export
study = make_study(publish=False)
send_export(request_export(study=study, by=study.owner).pk)
"""
FETCH = """
import hashlib
from survey.actions.exporting import open_pack
from survey.models import ExportJob
job = ExportJob.objects.get()
print(job.status, bool(job.file) and hashlib.sha256(open_pack(job).read()).hexdigest() == job.sha256)
"""


@contextlib.contextmanager
def worker(site: Site, log: Path) -> Iterator[None]:
    """One worker process for all queues, as `celery … worker` on a machine of its own."""
    options = ["worker", "--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "melodymuse_site", *options, "--hostname", f"{site.folder.name}@%h"],
            cwd=ROOT,
            env={**site.environment, "OMP_NUM_THREADS": "1"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def made_by(log: Path) -> int:
    return len(re.findall(r"make_pair_version\[[^\]]+\] succeeded", log.read_text()))


def files_in(*sites: Site) -> list[str]:
    """What lies in the machines' own folders of what the store is to keep."""
    kinds = {".mp3", ".flac", ".mid", ".musicxml", ".png", ".zip"}
    return [str(path) for site in sites for path in site.folder.rglob("*") if path.suffix in kinds]


def wait_for(site: Site, code: str, wanted: str, seconds: float = 600) -> None:
    until = time.monotonic() + seconds
    while not (said := site.shell(code)).startswith(wanted):
        assert time.monotonic() < until, said
        time.sleep(1)


def test_two_workers_and_a_web_server_need_no_folder_in_common(tmp_path: Path) -> None:
    if not is_postgresql():
        pytest.skip("PostgreSQL is not the database of this run; SQLite is a file of one machine.")
    start = start_broker(tmp_path / "broker")
    shared = {
        "CELERY_BROKER_URL": f"redis+socket://{embedded_broker_socket(tmp_path / 'broker')}",
        "CELERY_QUEUE": f"two-{uuid.uuid4().hex[:8]}",
        "SECRET_KEY": "x" * 50,
    }
    with contextlib.ExitStack() as stack:
        stack.callback(start.wait, 10)
        stack.callback(start.kill)
        stack.enter_context(databases_removed()).append(database := make_database())
        store = stack.enter_context(running_store())
        web, first, second = (Site(tmp_path / name, database, {**shared, **store}) for name in ("web", "one", "two"))
        web.manage("migrate", "-v0")
        logs = [tmp_path / "one.log", tmp_path / "two.log"]
        for site, log in zip((first, second), logs, strict=True):
            stack.enter_context(worker(site, log))
        for log in logs:
            until = time.monotonic() + 120
            while " ready." not in log.read_text():
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
        web.shell(ASK)
        wait_for(web, LOOK, " ".join(["ready"] * PAIRS))
        asked, until = PAIRS, time.monotonic() + 300
        while min(made_by(log) for log in logs) < 1:  # one may have been so fast that it took all
            assert time.monotonic() < until, "one of the machines made nothing"
            web.shell(ASK_AGAIN)
            asked += PAIRS
            wait_for(web, LOOK, " ".join(["ready"] * asked))
        assert web.shell(CHECK) == "the same"
        assert files_in(web, first, second) == []
        web.shell(PACK)  # the clips of its study lie in the web server's folder; the pack is the workers'
        wait_for(web, FETCH, "ready True")
        made = [made_by(log) for log in logs]
    assert sum(made) >= PAIRS
    assert min(made) >= 1, "one of the machines made nothing"
    assert files_in(first, second) == []


def test_the_store_of_the_tests_begins_empty() -> None:
    with running_store() as store:
        assert names_in(store) == []

"""`/healthz` and the status page: what works, what does not, and never a long wait for the answer."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from melodymuse_site import broker, health
from melodymuse_site.environment import embedded_broker_socket
from survey.actions.exporting import request_export
from survey.models import ExportJob, ReportJob
from tests.generation.factories import make_picture, make_run, only_version
from tests.site.test_start import ROOT, variables
from tests.survey.factories import make_study

LOOK = "from melodymuse_site import health; part, = health.look([{name!r}]).values(); print(part.ok, part.message)"
QUEUES = tuple(f"melodymuse{end}" for end in ("", ".labels", ".music", ".bulk", ".imports", ".exports"))


@pytest.fixture(autouse=True)
def _look_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test looks for itself, at a site that has run for more than a minute."""
    monkeypatch.setattr(health, "_begun", time.time() - 61)
    health.forget()
    yield
    health.forget()


@pytest.fixture
def redis_server(tmp_path: Path, settings: Any) -> Iterator[None]:
    process = broker.start_broker(tmp_path / "b")
    settings.CELERY_BROKER_URL = f"redis+socket://{embedded_broker_socket(tmp_path / 'b')}"
    yield
    process.kill()
    process.wait(10)


def look(name: str) -> tuple[bool, str]:
    health.forget()
    part = health.look([name])[name]
    return part.ok, part.message


def look_elsewhere(name: str, data_dir: Path, before: str = "", **others: str) -> str:
    """What a process of its own finds."""
    result = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", f"{before}; {LOOK.format(name=name)}"],
        cwd=ROOT,
        env=variables(data_dir, **others),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_database_that_answers(settings: Any) -> None:
    assert look("database") == (True, "answers")


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    assert look_elsewhere("database", tmp_path, "pass") == "False does not answer (OperationalError)"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"postgres://a:b@127.0.0.1:{free.getsockname()[1]}/c"
        found = look_elsewhere("database", tmp_path, "pass", DATABASE_URL=url)
    assert found == "False does not answer (OperationalError)"


def test_a_database_that_hangs_is_told_within_two_seconds(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgres://a:b@127.0.0.1:{silent.getsockname()[1]}/c"
        timed = "import time; begun = time.monotonic()"
        code = LOOK.format(name="database") + "; print(time.monotonic() - begun)" + "; import os; os._exit(0)"
        result = subprocess.run(
            [sys.executable, "-u", "manage.py", "shell", "--verbosity", "0", "-c", f"{timed}; {code}"],
            cwd=ROOT,
            env=variables(tmp_path, DATABASE_URL=url),
            capture_output=True,
            text=True,
            timeout=60,
        )
    said, seconds = result.stdout.split("\n")[:2]
    assert said == "False does not answer within 2 seconds"
    assert 2.0 <= float(seconds) < 3.5


def test_who_asks_while_a_look_hangs_is_not_held_up_again() -> None:
    hangs = threading.Event()
    slow = health._Look(lambda: str(hangs.wait(20)))
    slow.begin()
    assert not slow.result().ok
    begun = time.monotonic()
    for _ in range(20):
        slow.begin()
        assert slow.result().message == "does not answer within 2 seconds"
    assert time.monotonic() - begun < 1
    hangs.set()


def test_a_finding_is_fresh_for_three_seconds() -> None:
    looks: list[int] = []
    counted = health._Look(lambda: str(looks.append(1)))
    for _ in range(50):
        counted.begin()
        assert counted.result().ok
    assert len(looks) == 1
    counted.found_at -= 2.9
    counted.begin()
    assert len(looks) == 1
    counted.found_at -= 0.2
    counted.begin()
    counted.result()
    assert len(looks) == 2


def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))"
    (tmp_path / "media").mkdir()
    assert look_elsewhere("disk", tmp_path, full) == "False data cannot be written (File too large)"


def test_a_folder_that_is_gone(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "unmounted"
    assert look("disk") == (False, "media cannot be written (No such file or directory)")


def test_a_disk_with_too_little_room(settings: Any, tmp_path: Path) -> None:
    assert settings.LEAST_FREE_MB == 200
    free = shutil.disk_usage(settings.DATA_DIR).free / 1e6
    settings.LEAST_FREE_MB = int(free * 0.9)
    assert look("disk")[0]
    settings.LEAST_FREE_MB = int(free * 1.1)
    ok, message = look("disk")
    assert not ok
    assert message.endswith(f"MB are left for data, fewer than {settings.LEAST_FREE_MB}")


def test_no_broker() -> None:
    assert look("broker") == (False, "cannot be reached or does not answer; work waits until it does")
    assert look("workers") == look("sweep") == (False, "cannot be known while the broker does not answer")


@pytest.mark.service
def test_every_queue_needs_a_worker_that_was_heard_of_lately(redis_server: None) -> None:
    assert look("broker") == (True, "answers")
    assert look("workers") == (False, "none is alive")
    health.note_worker("a@here", QUEUES[:4], 1)
    assert look("workers") == (False, "no worker serves melodymuse.imports, melodymuse.exports")
    health.note_worker("b@here", QUEUES[4:], 0)
    assert look("workers") == (True, "2 alive")
    assert [(worker.name, worker.queues, worker.busy) for worker in health.workers()] == [
        ("a@here", tuple(sorted(QUEUES[:4])), 1),
        ("b@here", tuple(sorted(QUEUES[4:])), 0),
    ]
    with health._client() as client:
        assert 29_000 < client.pttl(health._key("worker", "a@here")) <= 30_000


@pytest.mark.service
def test_sites_that_share_a_broker_do_not_take_each_others_workers_for_their_own(
    redis_server: None, settings: Any
) -> None:
    settings.CELERY_TASK_DEFAULT_QUEUE = "site*"
    health.note_worker("a@here", QUEUES, 0)
    settings.CELERY_TASK_DEFAULT_QUEUE = "sites"
    assert health.workers() == []
    settings.CELERY_TASK_DEFAULT_QUEUE = "site*"
    assert [worker.name for worker in health.workers()] == ["a@here"]


@pytest.mark.service
def test_a_sweep_may_be_two_minutes_old(redis_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look("sweep") == (False, "never, and should be every 15 seconds")
    health.note_sweep()
    assert look("sweep") == (True, "0 seconds ago")
    with health._client() as client:
        client.set(health._key("sweep"), time.time() - 118)
        assert look("sweep")[0]
        client.set(health._key("sweep"), time.time() - 122)
    assert look("sweep") == (False, "2 minutes ago, and should be every 15 seconds")
    monkeypatch.setattr(health, "_begun", time.time() - 58)
    assert look("sweep") == (True, "starting")
    monkeypatch.setattr(health, "_begun", time.time() - 62)
    assert not look("sweep")[0]


@pytest.mark.django_db(transaction=True)
def test_the_page_for_load_balancers(client: Client) -> None:
    response = client.get("/healthz")
    said = response.json()
    assert (response.status_code, said["status"], said["failing"]) == (503, "failing", ["broker", "workers", "sweep"])
    assert said["parts"]["database"] == {"ok": True, "message": "answers"}
    assert "no-store" in response["Cache-Control"]
    response = client.get("/healthz?parts=database,disk")
    assert (response.status_code, response.json()["status"], list(response.json()["parts"])) == (
        200,
        "ok",
        ["database", "disk"],
    )
    response = client.get("/healthz?parts=database,engine")
    assert (response.status_code, response.json()["known"]) == (400, list(health.PARTS))
    assert client.get("/healthz?parts=").status_code == 400


def test_it_is_not_redirected_to_https(tmp_path: Path) -> None:
    code = (
        "from django.test import Client; "
        "print(Client().get('/healthz?parts=disk', headers={'host': 'muse.example.org'}).status_code)"
    )
    result = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
        cwd=ROOT,
        env=variables(tmp_path, ALLOWED_HOSTS="muse.example.org", SECRET_KEY="x" * 40),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.stdout.strip() == "200", result.stderr


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.mark.database
@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_the_status_page_counts_rows_and_says_why_something_failed(admin: Client, redis_server: None) -> None:
    from generation.models import PairVersion, SourceImage

    version, unreadable = only_version(make_run([make_picture(10)])), make_picture(20)
    PairVersion.objects.filter(pk=version.pk).update(
        status="failed", error="The <piano> broke", finished_at=health_time()
    )
    make_run([make_picture(30)])
    SourceImage.objects.filter(pk=unreadable.pk).update(labelling_error="Unreadable picture")
    study = make_study()
    job = request_export(study=study, by=study.owner)
    ExportJob.objects.filter(pk=job.pk).update(status="failed", error="No room", finished_at=health_time())
    ReportJob.objects.create(study=study, status="failed", error="No memory", finished_at=health_time())
    health.note_worker("long@here", QUEUES, 2)
    health.note_sweep()
    page = admin.get("/status/").content.decode()
    assert "Everything works" in page
    assert "The &lt;piano&gt; broke" in page
    assert "No room" in page
    assert "No memory" in page
    assert "Unreadable picture" in page
    assert "long@here" in page
    rows = {row["row"].name: row for row in admin.get("/status/").context["work"]}
    found = {name: (row["row"].waiting, row["row"].running, row["row"].failed) for name, row in rows.items()}
    unlabelled = SourceImage.objects.count() - 1
    asked_for = {"Imports": (0, 0, 0), "Exports": (0, 0, 1), "Reports": (0, 0, 1)}
    assert found == {"Labels": (unlabelled, 0, 1), "Music": (1, 0, 1), **asked_for}
    assert rows["Music"]["row"].oldest is not None
    assert '<a href="/status/" aria-current="page">Status</a>' in page


def health_time() -> Any:
    from django.utils import timezone

    return timezone.now()


@pytest.mark.django_db(transaction=True)
def test_the_status_page_stands_without_a_broker(admin: Client) -> None:
    page = admin.get("/status/").content.decode()
    assert "Needs attention" in page
    assert "The broker does not answer, so no worker can be heard." in page


def test_what_is_said_is_json_that_names_no_folder(settings: Any) -> None:
    said = json.dumps([part.message for part in health.look(["disk", "broker"]).values()])
    assert str(settings.DATA_DIR) not in said

"""`/metrics`: guarded, whole, the same whichever process answers, without a word about a person."""

from __future__ import annotations

import http.client
import inspect
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from melodymuse_site import broker, gunicorn, health, metrics, status, timing
from melodymuse_site.environment import Environment, WrongSetting, embedded_broker_socket
from survey.models import Participant
from tests.databases import copy_file
from tests.site.test_slow_visitors import wait_for_port
from tests.site.test_start import ROOT, free_port, variables
from tests.survey.factories import make_study
from tests.survey.participating import Listener

TOKEN = "a token for tests only"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _guarded(settings: Any) -> Iterator[None]:
    settings.METRICS_TOKEN = TOKEN
    health.forget()
    yield
    health.forget()


def read(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """(name, labels) → value, as Prometheus' own reader takes it."""
    return {
        (sample.name.removeprefix("melodymuse_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    health.forget()
    return read(metrics.exposition().decode())


@pytest.mark.django_db
@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
def test_without_the_token_there_is_no_such_page(client: Client, shown: dict[str, str]) -> None:
    assert client.get("/metrics", headers=shown).status_code == 404


@pytest.mark.django_db
def test_where_no_token_is_set_an_empty_one_opens_nothing(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_with_the_token_it_is_told_and_kept_nowhere(client: Client) -> None:
    response = client.get("/metrics", headers=BEARER)
    assert (response.status_code, response["Content-Type"][:10]) == (200, "text/plain")
    assert "no-store" in response["Cache-Control"]


def test_a_token_that_can_be_guessed_ends_the_start() -> None:
    assert Environment({"METRICS_TOKEN": "x" * 16}).secret("METRICS_TOKEN", least=16) == "x" * 16
    with pytest.raises(WrongSetting, match="METRICS_TOKEN is shorter than 16 characters"):
        Environment({"METRICS_TOKEN": "x" * 15}).secret("METRICS_TOKEN", least=16)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_what_rows_know_is_told_and_names_nobody() -> None:
    study = make_study()
    listeners = [Listener(study.slug).begin() for _ in range(3)]
    for _ in range(2):
        listeners[0].send()
    Participant.objects.filter(pk=Participant.objects.latest("pk").pk).update(
        last_seen_at=timezone.now() - metrics.LIVE
    )
    found, number = scrape(), (("study", str(study.pk)),)
    assert found["answers_kept", ()] == 2
    assert found["study_answers_kept", number] == 2
    assert found["study_participants_live", number] == 2
    assert found["leases_open", (("kind", "clips"),)] == 3
    for kind in ("labels", "music", "imports", "exports", "reports"):
        for state in ("waiting", "running", "failed"):
            assert ("jobs", (("kind", kind), ("state", state))) in found
    text = metrics.exposition().decode()
    people = Participant.objects.values_list("token", "public_id")
    assert not any(part in text for part in (study.slug, study.title, *(str(name) for pair in people for name in pair)))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_work_that_waits_fails_and_is_held_is_told() -> None:
    from melodymuse_site.jobs.leases import claim, fail
    from survey.models import ExportJob

    study, now = make_study(), timezone.now()
    job = ExportJob.objects.create(study=study, queued_at=now - timezone.timedelta(seconds=90))
    found = scrape()
    assert found["jobs", (("kind", "exports"), ("state", "waiting"))] == 1
    assert 90 <= found["job_oldest_waiting_seconds", (("kind", "exports"),)] < 200
    lease = claim(ExportJob, job.pk)
    assert lease is not None
    found = scrape()
    assert found["jobs", (("kind", "exports"), ("state", "running"))] == 1
    assert found["leases_open", (("kind", "exports"),)] == 1
    fail(lease, "The disk was full.")
    found = scrape()
    assert found["jobs", (("kind", "exports"), ("state", "failed"))] == 1
    assert found["leases_open", (("kind", "exports"),)] == 0


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_what_the_broker_knows_is_told(tmp_path: Path, settings: Any) -> None:
    process = broker.start_broker(tmp_path / "b")
    try:
        settings.CELERY_BROKER_URL = f"redis+socket://{embedded_broker_socket(tmp_path / 'b')}"
        health.note_worker("quick@machine.example.org", ["melodymuse", "melodymuse.music"], 1)
        health.note_worker("long@machine.example.org", ["melodymuse.exports"], 0)
        health.note_sweep()
        with broker.connect(settings.CELERY_BROKER_URL) as client:
            client.rpush("melodymuse.music", "one", "two")
        found = scrape()
    finally:
        process.kill()
        process.wait(10)
    assert found["workers_alive", ()] == 2
    assert [found["queue_workers", (("queue", f"melodymuse{name}"),)] for name in ("", ".exports", ".imports")] == [
        1,
        1,
        0,
    ]
    assert found["queue_messages", (("queue", "melodymuse.music"),)] == 2
    assert time.time() - found["last_sweep_timestamp_seconds", ()] < 60
    assert found["left_out", (("part", "broker"),)] == 0
    assert "machine.example" not in str(found)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_takes_only_its_own_figures_along() -> None:
    found = scrape()
    assert found["part_ok", (("part", "broker"),)] == 0
    assert found["left_out", (("part", "broker"),)] == 1
    assert ("workers_alive", ()) not in found
    assert found["left_out", (("part", "database"),)] == 0
    assert found["disk_free_bytes", (("place", "data"),)] > 0
    (build,) = [dict(labels) for name, labels in found if name == "build_info"]
    assert build.keys() == {"version", "python", "django", "database"}


@pytest.mark.django_db(transaction=True)
def test_a_place_that_cannot_be_asked_leaves_itself_out_and_no_other(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scrape()["left_out", (("part", "disk"),)] == 0

    def full() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", full)
    found = scrape()
    assert found["left_out", (("part", "disk"),)] == 1
    assert found["disk_free_bytes", (("place", "data"),)] > 0
    assert ("disk_free_bytes", (("place", "uploads"),)) not in found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_meanwhile_leaves_its_figures_out(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise error("connection already closed")

    monkeypatch.setattr(metrics, "_rows", gone)
    assert scrape()["left_out", (("part", "database"),)] == 1


def test_who_counts_as_there_is_what_the_text_of_the_figure_says() -> None:
    assert metrics.LIVE.total_seconds() == 5 * 60
    assert "People seen within five minutes who" in inspect.getsource(metrics)


@pytest.mark.django_db
def test_leases_are_looked_for_among_what_runs() -> None:
    with CaptureQueriesContext(connection) as asked:
        status.work("melodymuse")
    of_leases = [query["sql"] for query in asked if '"lease_expires_at" >' in query["sql"]]
    assert len(of_leases) == 4
    assert all("\"status\" = 'running'" in sql for sql in of_leases)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "view"),
    [
        ("/study/somebody/resume/secret-token/", "study_resume"),
        ("/admin/login/", "admin"),
        ("/nowhere/at/all/", "none"),
        ("/accounts/login/", "login"),
    ],
)
def test_pages_are_named_by_their_view_and_never_by_their_address(address: str, view: str) -> None:
    from django.test import RequestFactory
    from django.urls import Resolver404, resolve

    request = RequestFactory().get(address)
    try:
        request.resolver_match = resolve(address)
    except Resolver404:
        request.resolver_match = None
    assert timing.name_of_view(request) == view


def test_a_page_that_is_timed_is_counted_in_memory_that_is_a_file(tmp_path: Path) -> None:
    """So that nothing is written with a page: the file has its size before the second one, and keeps it."""
    code = (
        "from melodymuse_site.timing import collect, make_folder, note; from pathlib import Path; "
        "folder = Path(make_folder()); tell = lambda: note('clip', 'POST', 302, .017); tell(); "
        "size = lambda: [file.stat().st_size for file in folder.glob('histogram_*.db')]; before = size(); "
        "[tell() for _ in range(1999)]; assert size() == before and len(before) == 1; "
        "print(*[one.value for found in collect() for one in found.samples if one.name.endswith('_count')])"
    )
    environment = variables(tmp_path, TMPDIR=str(tmp_path)) | {"DJANGO_SETTINGS_MODULE": "melodymuse_site.settings"}
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["2000.0"]


def test_counts_that_cannot_be_inherited_end_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a hook raises ends gunicorn's master, and all processes with it."""

    def full(process: int, folder: Path) -> None:
        raise OSError(28, "No space left on device")

    told: list[tuple[Any, ...]] = []
    log = SimpleNamespace(exception=lambda *words: told.append(words))
    monkeypatch.setattr(gunicorn, "_counts", "/a-folder")
    monkeypatch.setattr(timing, "inherit", full)
    gunicorn.child_exit(SimpleNamespace(log=log), SimpleNamespace(pid=17))
    assert [words[1:] for words in told] == [(17,)]


def test_no_metrics_no_timing(settings: Any) -> None:
    from django.core.exceptions import MiddlewareNotUsed

    settings.METRICS_TOKEN = ""
    with pytest.raises(MiddlewareNotUsed):
        timing.TimingMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]


def ask(port: int, address: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", address, headers=headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def count_logins(port: int) -> float:
    found = read(ask(port, "/metrics", **BEARER)[1])
    return found["request_seconds_count", (("method", "GET"), ("status", "2xx"), ("view", "login"))]


@pytest.mark.service
@pytest.mark.timeout(900)
def test_all_processes_together_are_told_also_those_that_have_ended(tmp_path: Path, migrated_file: Path) -> None:
    """Three processes share the requests; each is renewed on the way, and no answer falls out of the count."""
    import psutil

    port = free_port()
    copy_file(migrated_file, tmp_path / "db.sqlite3")
    environment = variables(tmp_path, WEB_PROCESSES="3", DEBUG="1", METRICS_TOKEN=TOKEN, TMPDIR=str(tmp_path))
    command = ["gunicorn", "melodymuse_site.wsgi", "--config", "python:melodymuse_site.gunicorn"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=environment
    )
    try:
        wait_for_port(port, process)
        for done in (30, 60):
            for _ in range(30):
                assert ask(port, "/accounts/login/")[0] == 200
            assert {count_logins(port) for _ in range(9)} == {done}
            before = psutil.Process(process.pid).children()
            for worker in before:
                worker.terminate()
            psutil.wait_procs(before, 60)
            wait_for_port(port, process)
            assert count_logins(port) == done
        (folder,) = tmp_path.glob("melodymuse-metrics-*")
        assert len(list(folder.glob("histogram_*.db"))) <= 4
    finally:
        process.terminate()
        process.wait(60)
    assert list(tmp_path.glob("melodymuse-metrics-*")) == []


def test_every_metric_is_described() -> None:
    told = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    code = (ROOT / "melodymuse_site" / "metrics.py").read_text(encoding="utf-8")
    names = {f"melodymuse_{name}" for name in re.findall(r"_gauge\(\s*\"(\w+)\"", code)}
    assert len(names) > 12
    names |= {"melodymuse_request_seconds", "melodymuse_build_info"}
    assert {name for name in names if f"`{name}`" not in told} == set()

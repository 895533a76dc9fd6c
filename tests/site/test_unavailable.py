"""A disk that is full: pages say so and are there again when there is room; the site never ends of it."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg.errors
import pytest
from django.db import OperationalError, connection
from django.test import Client

from melodymuse_site.management.commands import start
from melodymuse_site.processes import Child, stop_all
from melodymuse_site.storage import StoreUnavailable
from melodymuse_site.unavailable import DATABASE, DISK, STORE, why_unavailable
from survey.models.participation import make_token
from tests.site.test_processes import LIVES
from tests.site.test_processes_fail import health, log_in, wait_until_healthy
from tests.site.test_start import free_port, started, wait_for
from tests.survey.factories import make_researcher, make_study
from tests.survey.participating import Listener

PASSWORD = "a long and good one"


@pytest.fixture
def full(db: Any) -> Iterator[None]:
    """SQLite's own word for a full disk: the file may not grow by a page."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no switch for a full disk")
    researcher, _ = make_researcher("ada"), make_study(slug="a-study")
    researcher.set_password(PASSWORD)
    researcher.save()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS filler (text TEXT)")
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 40}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 4294967294")
        cursor.execute("DROP TABLE filler")


def fill() -> None:
    with connection.cursor() as cursor:
        for size in (60_000, 10_000, 3000, 1000, 300, 100, 30, 10):
            try:
                for _ in range(200):
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [size])
            except OperationalError as error:
                assert "full" in str(error)  # noqa: PT017


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.django_db(transaction=True)
def test_whatever_cannot_be_stored_is_a_page_that_says_so(full: None, accept: str) -> None:
    admin = Client(raise_request_exception=False, headers={"accept": accept})
    admin.force_login(make_researcher("admin", is_superuser=True, is_staff=True))
    fill()

    def log_in() -> Any:
        browser = Client(raise_request_exception=False, headers={"accept": accept})
        return browser.post("/accounts/login/", {"username": "ada", "password": PASSWORD})

    def take_part() -> Any:
        browser = Client(raise_request_exception=False)
        listener = Listener("a-study", browser)
        listener.get()
        address, values, radios = listener.form()
        chosen = {name: options[0] for name, options in radios.items()}
        return browser.post(address, {**values, **chosen}, headers={"accept": accept})

    def add_group() -> Any:
        return admin.post("/admin/auth/group/add/", {"name": make_token()})

    for ask in (log_in, take_part, add_group):
        answers = until_refused(ask)
        assert answers[-1].status_code == 503, (ask.__name__, Counter(answer.status_code for answer in answers))
        assert "disk is full" in answers[-1].content.decode()
        assert answers[-1]["Retry-After"]
    assert admin.get("/").status_code == 200


def until_refused(ask: Any) -> list[Any]:
    """What was answered, until an error of the server: rows fill what is left of pages first."""
    answers = [ask()]
    while answers[-1].status_code < 500 and len(answers) < 300:
        answers.append(ask())
    return answers


def database_error(cause: BaseException) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def test_what_passes_is_told_from_what_is_a_fault() -> None:
    assert why_unavailable(OSError(errno.ENOSPC, "No space left on device")) == DISK
    assert why_unavailable(database_error(psycopg.errors.DiskFull("could not extend file"))) == DISK
    assert why_unavailable(database_error(psycopg.OperationalError("connection failed"))) == DATABASE
    assert why_unavailable(database_error(psycopg.errors.AdminShutdown("terminating"))) == DATABASE
    assert why_unavailable(database_error(psycopg.errors.DeadlockDetected("deadlock"))) == ""
    assert why_unavailable(OSError(errno.ENOENT, "No such file")) == ""
    assert why_unavailable(StoreUnavailable("The object store does not do what it was asked")) == STORE
    assert why_unavailable(ConnectionResetError("a browser, or another machine that is no store")) == ""
    assert why_unavailable(ValueError("a fault")) == ""
    assert why_unavailable(None) == ""


def test_a_question_that_fails_ends_nothing() -> None:
    def answers() -> bool:
        raise RuntimeError("MISCONF Errors writing to the AOF file")

    child = Child("thing", LIVES, answers=answers)
    child.start()
    try:
        child.asked_at -= 10
        assert child.keep_running() is None
        child.asked_at -= 10
        child.heard_at -= 60
        assert child.keep_running() == "The thing was silent for 30 s and was started again.\n"
    finally:
        stop_all([child])


def die_again(command: start.Command, child: Child) -> None:
    for _ in range(9):
        assert child.process is not None
        child.process.wait(10)
        command._look_after_children()
        child.resumes_at = 0.0 if child.resumes_at is not None else None
        command._look_after_children()


def test_a_child_that_dies_on_a_full_disk_is_tried_again_without_end(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = settings.MEDIA_ROOT = tmp_path
    settings.LEAST_FREE_MB = 10**12
    child = Child("thing", ["false"])
    child.start()
    command = start.Command()
    command.children = [child]
    try:
        die_again(command, child)
        settings.LEAST_FREE_MB = 0
        with pytest.raises(RuntimeError, match="giving up"):
            die_again(command, child)
    finally:
        stop_all([child])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no disk of its own can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.service
@pytest.mark.timeout(600)
def test_a_site_on_a_full_disk_says_so_and_works_again_when_there_is_room(small_disk: Path) -> None:
    from types import SimpleNamespace

    port = free_port()
    with started(small_disk / "data", port, "--no-demo", SWEEP_SECONDS="2", LEAST_FREE_MB="1") as (process, output):
        written = wait_for(output, "Ctrl-C stops everything.", process)
        password = written.split("with the password ")[1].split()[0]
        site = SimpleNamespace(base=f"http://127.0.0.1:{port}", password=password, output=output, process=process)
        wait_until_healthy(site)
        log_in(site)
        # What the write-ahead log has grown to would still take a few sessions.
        with closing(sqlite3.connect(small_disk / "data" / "db.sqlite3")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(small_disk / "filler", "wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):  # noqa: PT012
            while True:
                if filler.write(os.urandom(100_000)) < 100_000:
                    raise OSError(errno.ENOSPC, "No space left on device")
        deadline = time.monotonic() + 60
        while "broker" not in (said := health(site)[1])["failing"]:
            assert time.monotonic() < deadline, said
            time.sleep(1)
        assert "disk" in said["failing"]
        assert log_in_status(site) == 503
        time.sleep(10)
        assert process.poll() is None, output.read_text()[-3000:]
        (small_disk / "filler").unlink()
        wait_until_healthy(site)
        log_in(site)


def log_in_status(site: Any) -> int:
    import requests

    session, page = requests.Session(), f"{site.base}/accounts/login/"
    session.get(page, timeout=10)
    values = {"username": "admin", "password": site.password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    answer = session.post(page, values, headers={"Referer": page}, timeout=10)
    assert answer.status_code != 503 or "disk is full" in answer.text
    return int(answer.status_code)

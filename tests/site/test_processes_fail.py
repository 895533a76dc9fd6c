"""Processes die, the broker hangs, while the site runs: pages answer, the site says so, work is done in the end."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import requests

from tests.site.test_start import PATIENCE, free_port, query, rows, started, wait_for
from tests.site.test_start import migrated as migrated

PAGE_SECONDS = 1.5
"""By how much longer a page may take because the broker hangs."""

pytestmark = [pytest.mark.service, pytest.mark.timeout(1800)]

ASK = """
from tests.generation.factories import make_picture, make_run
make_run([make_picture(shade) for shade in range(10, 22)], seed=3)
"""
COUNT = "SELECT SUM(status = 'ready'), COUNT(*) FROM generation_pairversion"
PICTURE = """
from tests.generation.factories import make_picture
print(make_picture(77).public_id)
"""
LABELLED = "SELECT COUNT(*) FROM generation_sourceimage WHERE features <> '{}'"


@pytest.fixture
def site(migrated: Path) -> Iterator[SimpleNamespace]:
    port, data_dir = free_port(), migrated
    quick = {"SWEEP_SECONDS": "1", "PAIR_LEASE_SECONDS": "5"}
    with started(data_dir, port, "--no-demo", **quick) as (process, output):
        written = wait_for(output, "Ctrl-C stops everything.", process)
        found = re.search(r"with the password (\S+)", written)
        assert found
        base = f"http://127.0.0.1:{port}"
        yield SimpleNamespace(
            process=process, output=output, base=base, password=found.group(1), data_dir=data_dir, port=port
        )


def broker_of(site: SimpleNamespace) -> psutil.Process:
    children = psutil.Process(site.process.pid).children()
    (broker,) = [child for child in children if "redis" in child.name()]
    return broker


def health(site: SimpleNamespace) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"{site.base}/healthz", timeout=5) as response:
            return int(response.status), json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def until_ill(site: SimpleNamespace) -> tuple[int, dict[str, Any]]:
    """What the site says as soon as it says that something fails: before it is mended, and each answer at once."""
    while (found := health(site))[0] == 200:
        assert "was silent for" not in site.output.read_text()
        time.sleep(0.2)
    return found


def wait_until_healthy(site: SimpleNamespace) -> None:
    """Until every part works and has been heard of."""
    deadline = time.monotonic() + PATIENCE
    while (said := health(site)[1])["failing"] or "starting" in {part["message"] for part in said["parts"].values()}:
        assert time.monotonic() < deadline, said
        time.sleep(0.5)


def wait_for_rows(site: SimpleNamespace, statement: str, *expected: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := rows(statement, site.data_dir)) != [expected]:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_a_killed_broker_is_started_again_and_runs_go_on(site: SimpleNamespace) -> None:
    wait_until_healthy(site)
    query(ASK, site.data_dir)
    for _ in range(2):
        old = broker_of(site)
        old.kill()
        old.wait(10)
        wait_for(site.output, "The broker", site.process)
        deadline = time.monotonic() + PATIENCE
        while not [one for one in psutil.Process(site.process.pid).children() if "redis" in one.name()]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(3)
    assert "The broker ended (status -9) and was started again." in site.output.read_text()
    wait_for_rows(site, COUNT, 12, 12)
    wait_until_healthy(site)


def log_in(site: SimpleNamespace) -> requests.Session:
    session = requests.Session()
    page = f"{site.base}/accounts/login/"
    session.get(page, timeout=60)
    values = {"username": "admin", "password": site.password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    assert "Log out" in session.post(page, values, headers={"Referer": page}, timeout=60).text
    return session


def time_relabelling(session: requests.Session, address: str) -> list[float]:
    """Seconds that each of four pages took that send the workers something to do."""
    taken = []
    for _ in range(4):
        begun = time.monotonic()
        response = session.post(address, {"csrfmiddlewaretoken": session.cookies["csrftoken"]}, timeout=60)
        taken.append(time.monotonic() - begun)
        assert response.status_code == 200
    return taken


def test_a_hanging_broker_holds_up_no_page_and_is_replaced(site: SimpleNamespace) -> None:
    wait_until_healthy(site)
    session = log_in(site)
    picture = query(PICTURE, site.data_dir)
    address = f"{site.base}/pictures/{picture}/"
    session.get(address, timeout=60)
    before = time_relabelling(session, f"{address}relabel/")
    old = broker_of(site)
    old.suspend()
    taken = time_relabelling(session, f"{address}relabel/")
    assert max(taken) < max(before) + PAGE_SECONDS, (before, taken)
    status, said = until_ill(site)
    assert (status, said["failing"]) == (503, ["broker", "workers", "sweep"])
    assert said["parts"]["broker"]["message"] == "cannot be reached or does not answer; work waits until it does"
    wait_for(site.output, "The broker was silent for 30 s and was started again.", site.process)
    assert not old.is_running()
    wait_for_rows(site, LABELLED, 1)
    wait_until_healthy(site)


def test_every_process_that_is_killed_comes_back(site: SimpleNamespace) -> None:
    wait_until_healthy(site)
    parent = psutil.Process(site.process.pid)
    children = parent.children()
    assert len(children) == 4  # broker, web server, worker, long worker
    families = [*children, *(one for child in children for one in child.children(recursive=True))]
    for child in children:
        child.kill()
    for name in ("broker", "web server", "worker", "long worker"):
        wait_for(site.output, f"The {name} ended (status -9) and was started again.", site.process)
    assert psutil.wait_procs(families, timeout=20)[1] == []
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            wait_until_healthy(site)
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    assert len(parent.children()) == 4

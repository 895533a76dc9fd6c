"""Telling the workers where the broker hangs: a real redis-server that was stopped in its tracks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from melodymuse_site import nudges
from melodymuse_site.broker import start_broker
from melodymuse_site.environment import embedded_broker_socket
from melodymuse_site.processes import Child
from tests.site.test_start import ROOT, free_port, variables

pytestmark = [pytest.mark.service, pytest.mark.timeout(120)]

SEND = """
import json, os, time
from generation.tasks import label_picture
from melodymuse_site import nudges
from survey.tasks import make_export
took, sent = [], []
def send(task, *ids):
    begun = time.monotonic()
    sent.append(nudges.send(task, ids))
    took.append(time.monotonic() - begun)
BODY
print(json.dumps([sent, took]))
os._exit(0)
"""


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[tuple[str, psutil.Process]]:
    process = start_broker(tmp_path)
    server = psutil.Process(process.pid)
    yield f"redis+socket://{embedded_broker_socket(tmp_path)}", server
    server.resume()
    process.kill()
    process.wait(10)


@pytest.fixture
def hanging_elsewhere(tmp_path: Path) -> Iterator[tuple[str, psutil.Process]]:
    """One that is reached by TCP, as on another machine."""
    from melodymuse_site.broker import connect, find_server

    port = free_port()
    child = Child("broker", [find_server(), "--port", str(port), "--dir", str(tmp_path), "--save", ""], quiet=True)
    child.start()
    assert child.process is not None
    url = f"redis://127.0.0.1:{port}/0"
    for _ in range(100):
        try:
            with connect(url) as client:
                client.ping()
            break
        except Exception:  # noqa: BLE001 - it is still starting
            child.process.poll()
    server = psutil.Process(child.process.pid)
    yield url, server
    server.resume()
    child.process.kill()
    child.process.wait(10)


def send(url: str, body: str, data_dir: Path) -> tuple[list[int], list[float]]:
    result = subprocess.run(
        [sys.executable, "-u", "manage.py", "shell", "--verbosity", "0", "-c", SEND.replace("BODY", body)],
        cwd=ROOT,
        env=variables(data_dir, CELERY_BROKER_URL=url),
        capture_output=True,
        text=True,
        timeout=60,
    )
    sent, took = json.loads(result.stdout)
    return sent, took


FIRST_TIME = "send(label_picture, *range(50)); send(make_export, 1); send(label_picture, 2)"


@pytest.mark.parametrize("kind", ["hanging", "hanging_elsewhere"])
def test_a_hanging_broker_costs_one_page_a_second_and_the_next_nothing(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url, server = request.getfixturevalue(kind)
    server.suspend()
    sent, took = send(url, FIRST_TIME, tmp_path)
    assert sent == [0, 0, 0]
    assert took[0] < 1.2
    assert max(took[1:]) < 0.1


def test_one_that_begins_to_hang_costs_no_more(hanging: tuple[str, psutil.Process], tmp_path: Path) -> None:
    url, server = hanging
    stop, go_on = f"os.kill({server.pid}, 19)", f"os.kill({server.pid}, 18)"
    pause = f"time.sleep({nudges.PAUSE_SECONDS + 0.2})"
    body = f"send(label_picture, 1, 2); {stop}; send(label_picture, 3); {go_on}; send(label_picture, 4); {pause}; "
    sent, took = send(url, f"{body}send(label_picture, 5)", tmp_path)
    assert sent == [2, 0, 0, 1]
    assert took[1] < 1.2
    assert took[2] < 0.1


def test_the_pause_is_five_seconds() -> None:
    assert nudges.PAUSE_SECONDS == 5.0

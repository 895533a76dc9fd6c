"""Keeping child processes running: how often, how fast, and when to give up. Real processes on a clock that is set."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from melodymuse_site.processes import Child, is_stopped, stop_all

MONTH = 30 * 24 * 3600.0
LIVES = [sys.executable, "-c", "import time; time.sleep(600)"]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def child(clock: Clock) -> Iterator[Child]:
    child = Child("thing", LIVES, clock=clock)
    child.start()
    yield child
    stop_all([child])


def kill(child: Child) -> None:
    assert child.process is not None
    child.process.kill()
    child.process.wait(10)


def keep(child: Child, clock: Clock) -> float:
    """Look after the child every tenth of a second until it runs; how long that took on the clock."""
    begun = clock.now
    child.keep_running()
    while child.resumes_at is not None:
        clock.now += 0.1
        child.keep_running()
    assert child.process is not None
    assert child.process.poll() is None
    return round(clock.now - begun, 1)


def test_a_death_is_told_and_mended_at_once(child: Child) -> None:
    assert child.keep_running() is None
    kill(child)
    assert child.keep_running() == "The thing ended (status -9) and was started again.\n"
    assert child.keep_running() is None


def test_after_each_further_death_it_waits_longer(child: Child, clock: Clock) -> None:
    waits = []
    for _ in range(5):
        kill(child)
        waits.append(keep(child, clock))
    assert waits == [0.0, 1.0, 2.0, 5.0, 10.0]


def test_the_sixth_death_within_ten_minutes_is_one_too_many(child: Child, clock: Clock) -> None:
    for _ in range(5):
        kill(child)
        keep(child, clock)
    clock.now = 1000.0 + 599
    kill(child)
    with pytest.raises(RuntimeError, match=r"The thing ended \(status -9\), 6 times within 10 minutes; giving up"):
        child.keep_running()


def test_the_first_death_is_forgotten_after_ten_minutes(child: Child, clock: Clock) -> None:
    for _ in range(5):
        kill(child)
        keep(child, clock)
    clock.now = 1000.0 + 600
    kill(child)
    keep(child, clock)


def test_a_site_that_lost_a_child_many_times_in_a_month_goes_on(child: Child, clock: Clock) -> None:
    for _ in range(30):
        kill(child)
        assert keep(child, clock) == 0.0
        clock.now += MONTH / 30


def test_one_that_does_not_answer_is_killed_with_what_it_started_and_started_again(clock: Clock) -> None:
    works = [True]
    family = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    child = Child("thing", [sys.executable, "-c", f"{family}; time.sleep(600)"], answers=lambda: works[0], clock=clock)
    child.patience = 30.0
    child.start()
    assert child.process is not None
    old = psutil.Process(child.process.pid)
    try:
        while not (born := old.children()):
            time.sleep(0.02)
        old.suspend()  # alive, and of no use
        works[0] = False
        clock.now += 30
        assert child.keep_running() is None
        clock.now += 4
        assert child.keep_running() == "The thing was silent for 30 s and was started again.\n"
        assert psutil.wait_procs([old, *born], timeout=10)[1] == []
        works[0] = True
        clock.now += 3
        assert child.keep_running() is None
        clock.now += 29
        works[0] = False
        assert child.keep_running() is None
    finally:
        stop_all([child])


def test_what_a_dead_child_leaves_running_ends_before_the_next_one_starts(clock: Clock) -> None:
    code = "import os, time; os.fork() or time.sleep(600); time.sleep(600)"
    child = Child("thing", [sys.executable, "-c", code], clock=clock)
    child.start()
    assert child.process is not None
    try:
        while not (born := psutil.Process(child.process.pid).children()):
            time.sleep(0.02)
        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait(10)
        child.keep_running()
        assert psutil.wait_procs(born, timeout=10)[1] == []
    finally:
        stop_all([child])


def test_a_gentle_child_gives_way() -> None:
    child = Child("thing", LIVES, nice=5)
    child.start()
    assert child.process is not None
    try:
        assert psutil.Process(child.process.pid).nice() == os.nice(0) + 5
    finally:
        stop_all([child])


STUBBORN = """
import os, signal, time
from melodymuse_site.processes import end_when_orphaned
signal.signal(signal.SIGTERM, signal.SIG_IGN)
end_when_orphaned(after=0.3, every=0.1)
os.fork()
time.sleep(600)
"""
PARENT = """
import sys, time
from melodymuse_site.processes import Child
Child("thing", [sys.executable, "-c", sys.argv[1]]).start()
time.sleep(600)
"""


def family_of(command: list[str]) -> tuple[subprocess.Popen[bytes], list[psutil.Process]]:
    parent = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while len(born := psutil.Process(parent.pid).children(recursive=True)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    return parent, born


def test_a_child_that_does_not_end_when_asked_is_not_left_behind_with_what_it_started() -> None:
    parent, born = family_of([sys.executable, "-c", PARENT, STUBBORN])
    assert len(born) == 2
    parent.kill()
    parent.wait(10)
    assert psutil.wait_procs(born, timeout=10)[1] == []


def test_a_process_that_somebody_else_started_outlives_its_parent() -> None:
    started = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); time.sleep(600)"
    parent, born = family_of([sys.executable, "-c", started])
    try:
        parent.kill()
        parent.wait(10)
        assert psutil.wait_procs(born, timeout=2)[0] == []
    finally:
        for one in born:
            one.kill()


def test_a_process_that_stands_still_is_replaced_though_its_parent_answers(clock: Clock) -> None:
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    child = Child("thing", [sys.executable, "-c", code + "time.sleep(600)"], clock=clock, answers=lambda: True)
    child.start()
    try:
        assert child.process is not None
        while not (grown := psutil.Process(child.process.pid).children()):
            time.sleep(0.05)
        grown[0].suspend()
        said = []
        for _ in range(20):
            clock.now += 5
            said.append(child.keep_running())
        assert "The thing was stopped for 45 s and was started again.\n" in said[:12]
    finally:
        stop_all([child])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_of_anybody_whose_name_is_no_text_ends_nothing() -> None:
    name = Path("/proc/self/comm")
    own = name.read_bytes()
    name.write_bytes(b"\xff")
    try:
        assert not is_stopped(-1)
    finally:
        name.write_bytes(own)

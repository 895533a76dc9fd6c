"""Child processes of `manage.py start`: they end with it, however it ends, and are restarted if they die or hang."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

logger = logging.getLogger(__name__)
_PR_SET_PDEATHSIG = 1
_PARENT = "MELODYMUSE_PARENT"
"""Set for the children of `start` alone: the process they end with."""
STOP_SECONDS = 15
MOST_DEATHS = 5
"""So often a child may die within `WINDOW_SECONDS`; once more, and something is wrong that no restart mends."""
WINDOW_SECONDS = 600.0
ASK_SECONDS = 3.0
"""How often a child is asked whether it still answers."""
STOPPED_SECONDS = 45.0
"""A process that stands still for so long (SIGSTOP), itself or one that it started, is replaced with its group."""
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0)
"""How long a child stays down after its first, second, … death within the window."""


def end_with_parent() -> None:
    """Run in the child before it starts: ask Linux for SIGTERM when the parent dies, even by `kill -9`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end_when_orphaned(after: float = STOP_SECONDS, every: float = 1.0) -> None:
    """In a child of `start`: end this process and its group `after` seconds after its parent died.

    The parent's death brings SIGTERM, on which a worker hands back its tasks in order; but the broker dies at the
    same moment, and a worker that waits for it would stay for ever, unseen. Does nothing where anybody else
    started the process.
    """
    parent = os.getppid()
    if os.environ.get(_PARENT) == str(parent):
        threading.Thread(target=_watch, args=(parent, after, every), name="parent", daemon=True).start()


def _watch(parent: int, after: float, every: float) -> None:
    while os.getppid() == parent:
        time.sleep(every)
    time.sleep(after)
    os.killpg(0, signal.SIGKILL)


@dataclass(slots=True)
class Child:
    """One process to keep running. Where `answers` is given, silence for `patience` seconds counts as death."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    answers: Callable[[], bool] | None = None
    patience: float = 30.0
    nice: int = 0
    quiet: bool = False
    clock: Callable[[], float] = time.monotonic
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    heard_at: float = 0.0
    moved_at: float = 0.0
    asked_at: float = 0.0
    resumes_at: float | None = None

    def start(self) -> None:
        output = subprocess.DEVNULL if self.quiet else None
        self.process = subprocess.Popen(
            list(self.command),
            env={**os.environ, **self.environment, _PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=self._prepare,
        )
        self.heard_at = self.asked_at = self.moved_at = self.clock()
        self.resumes_at = None

    def _prepare(self) -> None:
        end_with_parent()
        os.nice(self.nice)

    def keep_running(self) -> str | None:
        """Restart the process if it died or hangs; what to tell the person watching, or None.

        Raises RuntimeError where it died too often within a short time.
        """
        now = self.clock()
        if self.resumes_at is not None:
            if now < self.resumes_at:
                return None
            self.start()
            return f"The {self.name} was started again.\n"
        if self.process is None:
            return None
        what = self._what_is_wrong(now)
        if what is None:
            return None
        kill_group(self.process)
        self.deaths = [death for death in self.deaths if now - death < WINDOW_SECONDS] + [now]
        if len(self.deaths) > MOST_DEATHS:
            minutes = f"{WINDOW_SECONDS / 60:.0f} minutes"
            raise RuntimeError(f"The {self.name} {what}, {len(self.deaths)} times within {minutes}; giving up.")
        pause = PAUSES[len(self.deaths) - 1]
        if pause:
            self.resumes_at = now + pause
            return f"The {self.name} {what}; it is started again in {pause:.0f} s.\n"
        self.start()
        return f"The {self.name} {what} and was started again.\n"

    def _what_is_wrong(self, now: float) -> str | None:
        assert self.process is not None
        if self.process.poll() is not None:
            return f"ended (status {self.process.returncode})"
        if now - self.asked_at < ASK_SECONDS:
            return None
        self.asked_at = now
        if not is_stopped(self.process.pid):
            self.moved_at = now
        elif now - self.moved_at > STOPPED_SECONDS:
            return f"was stopped for {STOPPED_SECONDS:.0f} s"
        if self.answers is None:
            return None
        if self._is_heard(self.answers):
            self.heard_at = now
            return None
        if now - self.heard_at <= self.patience:
            return None
        return f"was silent for {self.patience:.0f} s"

    def _is_heard(self, answers: Callable[[], bool]) -> bool:
        """Whether it answers; a question that fails for whatever reason must not end the site, and is no answer."""
        try:
            return answers()
        except Exception:
            logger.exception("The %s could not be asked.", self.name)
            return False

    def start_anew(self, seconds: float) -> None:
        """Forget the deaths, and start in so many seconds: what it died of passes."""
        self.deaths.clear()
        self.resumes_at = self.clock() + seconds


def is_stopped(group: int) -> bool:
    """Whether any process of the group stands still: its parent may answer, and its work is not done."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, of, *_rest = stat.read_text(errors="replace").rpartition(")")[2].split()
            if int(of) == group and state == "T":
                return True
    return False


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and those it started: what is left of them would hold its port and its work."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)


def stop_all(children: Sequence[Child]) -> None:
    """Ask every process to end, in order, and kill the process group of any that does not."""
    for child in children:
        process = child.process
        if process is None or process.poll() is not None:
            continue
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            kill_group(process)

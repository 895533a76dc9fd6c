"""Child processes of `manage.py start`: they end with it, however it ends, and are restarted if they die."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
STOP_SECONDS = 15
MOST_RESTARTS = 5


def end_with_parent() -> None:
    """Run in the child before it starts: ask Linux for SIGTERM when the parent dies, even by `kill -9`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0

    def start(self) -> None:
        self.process = subprocess.Popen(
            list(self.command),
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def keep_running(self) -> str | None:
        """Restart the process if it died; what to tell the person watching, or None."""
        if self.process is None or self.process.poll() is None:
            return None
        status = self.process.returncode
        if self.restarts >= MOST_RESTARTS:
            raise RuntimeError(f"The {self.name} ended {self.restarts + 1} times (status {status}); giving up.")
        self.restarts += 1
        self.start()
        return f"The {self.name} ended (status {status}) and was started again."


def stop_all(children: Sequence[Child | subprocess.Popen[bytes]]) -> None:
    """Ask every process to end, in order, and kill the process group of any that does not."""
    for child in children:
        process = child.process if isinstance(child, Child) else child
        if process is None or process.poll() is not None:
            continue
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)

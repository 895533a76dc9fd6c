"""Who works on a data folder: many at once who serve it, or one who restores it. Locks go with their process."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from melodymuse_site import private

START_LOCK = "start.lock"
SERVING_LOCK = "serving.lock"
RESTORING = "restoring"
COMPLETE = "complete"
_held: list[TextIO] = []


class Occupied(Exception):
    """Somebody else works on the folder; one sentence."""


def serve(data_dir: Path) -> None:
    """Hold `data_dir` as one of many, until the process ends; Occupied while it is being restored.

    Whoever serves a site also closes what an older one left open in it.
    """
    lock = _lock(data_dir / SERVING_LOCK, fcntl.LOCK_SH)
    if lock is None:
        raise Occupied(f"A backup is being restored into {data_dir}. Wait until it has ended.")
    if (data_dir / RESTORING / COMPLETE).exists():
        lock.close()
        raise Occupied(
            f"A restore into {data_dir} was cut off at its last step, when the new key and the new database were put "
            "in place. Run `manage.py restore` with the same backup and --replace again."
        )
    # Kept open to the process's end: a file that is collected is closed, and its lock gone.
    _held.append(lock)
    private.mend(data_dir)


@contextlib.contextmanager
def start_alone(data_dir: Path) -> Iterator[None]:
    """One `manage.py start` per data folder."""
    lock = _lock(data_dir / START_LOCK, fcntl.LOCK_EX)
    if lock is None:
        raise Occupied(
            f"MelodyMuse already runs with the data in {data_dir}. Stop it first, or set DATA_DIR to another folder."
        )
    with lock:
        yield


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Nobody else starts, serves or restores this folder meanwhile."""
    with contextlib.ExitStack() as stack:
        # START keeps out who would begin, SERVING who serves already or makes a backup.
        for name in (START_LOCK, SERVING_LOCK):
            lock = _lock(data_dir / name, fcntl.LOCK_EX)
            if lock is None:
                raise Occupied(
                    f"MelodyMuse runs with the data in {data_dir}, or a backup is being made or restored. "
                    "Stop the site (web server and workers) first."
                )
            stack.enter_context(lock)
        yield


def _lock(file: Path, kind: int) -> TextIO | None:
    lock = file.open("w")
    try:
        # Not blocking: whoever starts is told at once why not. The kernel lets go of a flock when its process ends,
        # however it ends: no file is left behind that says "occupied" of a dead one.
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock

"""Servers under load: their processes, CPU time and memory, and that of the PostgreSQL server beside them."""

from __future__ import annotations

import asyncio
import socket
import statistics
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil

from benchmarks.load import Measured, Person, answer_all, join_all

COLUMNS = (
    "participants at once",
    "answers",
    "server CPU per answer, ms",
    "database CPU per answer, ms",
    "p50, ms",
    "p95, ms",
    "p99, ms",
    "answers per second",
    "lost",
    "doubled",
    "errors",
    "peak memory, MB",
)


@dataclass(frozen=True, slots=True)
class Load:
    """How many people, how many of them at once, whether they think and listen, and run the page's script."""

    name: str
    people: int
    at_once: int
    think: float = 0.0
    with_media: bool = False
    with_script: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """What one load gave."""

    load: Load
    answers: int
    server: float
    """CPU time of the web processes per answer and the page after it, ms."""
    database: float | None
    """The same of a PostgreSQL server on this machine; None where there is none."""
    latencies: tuple[float, float, float]
    """p50, p95 and p99 from an answer to the HTML of the next page, ms."""
    per_second: float
    lost: int
    doubled: int
    errors: int
    megabytes: float

    @property
    def cells(self) -> list[str]:
        database = "–" if self.database is None else f"{self.database:.1f}"
        return [
            self.load.name,
            f"{self.answers}",
            f"{self.server:.1f}",
            database,
            *(f"{value:.0f}" for value in self.latencies),
            f"{self.per_second:.0f}",
            f"{self.lost}",
            f"{self.doubled}",
            f"{self.errors}",
            f"{self.megabytes:.0f}",
        ]


class Served(ABC):
    """A server on a free port, started by `start`, with a study that `open_study` makes."""

    sends_clips = True
    """Whether clips are sent by byte range."""

    def __init__(self, database: str, environment: Mapping[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.database = database
        self.environment = dict(environment)

    def start(self, command: Sequence[str], folder: Path, ready: str) -> None:
        """Run `command` in `folder` and wait until the address `ready` answers."""
        self.server = psutil.Popen(
            list(command), env=self.environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{self.port}{ready}", timeout=2).read()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.close()
        raise SystemExit(f"{command[0]} did not start.")

    @abstractmethod
    def open_study(self, people: int) -> list[Person]:
        """A fresh study, and the people who will take part."""

    @abstractmethod
    def count(self, acknowledged: Sequence[str]) -> tuple[int, int]:
        """(acknowledged answers that are stored, answers stored more than once) of the study opened last."""

    def processes(self) -> list[psutil.Process]:
        return [self.server, *self.server.children(recursive=True)]

    def cpu_seconds(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def database_seconds(self) -> float | None:
        """CPU time of all PostgreSQL processes of this machine, those that ended counted by their parents."""
        if not self.database.startswith("postgres"):
            return None
        running = [process for process in psutil.process_iter(["name"]) if process.info["name"] == "postgres"]
        ended = [process for process in running if process.parent() is None or process.parent() not in running]
        seconds = sum(sum(process.cpu_times()[:2]) for process in running)
        return (seconds + sum(sum(process.cpu_times()[2:4]) for process in ended)) or None

    def megabytes(self) -> float:
        """Memory that would be free without the server: pages its processes share are counted once."""
        return sum(process.memory_full_info().pss for process in self.processes()) / 1e6

    def close(self) -> None:
        children = self.server.children(recursive=True)
        self.server.terminate()
        self.server.wait(20)
        for child in children:  # oTree leaves its clock behind
            if child.is_running():
                child.terminate()


@contextmanager
def watch_memory(served: Served) -> Iterator[list[float]]:
    """The server's memory, read twice a second."""
    seen = [served.megabytes()]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.5):
            seen.append(served.megabytes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def measure(served: Served, load: Load) -> Row:
    """One row of the table."""
    people = served.open_study(load.people)
    with watch_memory(served) as memory:
        measured, server, database, seconds = asyncio.run(_drive(served, people, load))
    stored, doubled = served.count(measured.acknowledged)
    answers = len(measured.acknowledged)
    cuts = statistics.quantiles([1000 * taken for taken in measured.answers], n=100)
    return Row(
        load,
        answers,
        1000 * server / answers,
        None if database is None else 1000 * database / answers,
        (cuts[49], cuts[94], cuts[98]),
        answers / seconds,
        answers - stored,
        doubled,
        len(measured.errors),
        max(memory),
    )


async def _drive(served: Served, people: list[Person], load: Load) -> tuple[Measured, float, float | None, float]:
    """Everybody joins first; only the answers and the pages that follow them are measured."""
    await join_all(people, min(max(load.at_once, 20), 100))
    server, database, started = served.cpu_seconds(), served.database_seconds(), time.perf_counter()
    measured = await answer_all(
        people, load.at_once, load.think, with_media=load.with_media, with_script=load.with_script
    )
    seconds = time.perf_counter() - started
    after = served.database_seconds()
    gone = None if database is None or after is None else after - database
    return measured, served.cpu_seconds() - server, gone, seconds


def table(name: str, rows: Sequence[Row]) -> str:
    """A Markdown table of the rows."""
    lines = [f"| {name}: {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row.cells)} |" for row in rows)])

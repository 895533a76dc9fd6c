"""What the server costs while people answer: `python -m benchmarks.survey`.

Gunicorn with the production settings, on SQLite and, where DATABASE_URL names a PostgreSQL server, on a
database made there for the purpose. The participants run on the same machine and take their share of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psutil
from tqdm import tqdm

from benchmarks.load import Measured, answer_all, join_all
from benchmarks.machine import describe_machine

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = "melodymuse_benchmark"
CLIPS = 8
COLUMNS = (
    "participants at once",
    "answers",
    "server CPU per answer, ms",
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
    """How many people, how many of them at once, and whether they think and listen."""

    name: str
    people: int
    at_once: int
    think: float = 0.0
    with_media: bool = False


LOADS = (
    Load("1", 40, 1),
    Load("20", 120, 20),
    Load("100", 200, 100),
    Load("200", 400, 200),
    Load("500, thinking 10 s", 500, 500, think=10.0),
    Load("20, with the clips by byte range", 60, 20, with_media=True),
)


class Site:
    """Gunicorn on a free port with a study of 240 clips in a database of its own."""

    def __init__(self, folder: str, database: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            **os.environ,
            "DATA_DIR": folder,
            "DATABASE_URL": database,
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "0",
            "SECRET_KEY": "benchmark " * 6,
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        }
        self.run("prepare")
        command = ["gunicorn", "melodymuse_site.wsgi", "--config", "python:melodymuse_site.gunicorn"]
        self.server = psutil.Popen(
            [sys.executable, "-m", *command, "--bind", f"127.0.0.1:{self.port}"], env=self.environment, cwd=ROOT
        )
        self.wait_until_ready()

    def run(self, what: str, *arguments: str) -> str:
        command = [sys.executable, "-m", "benchmarks.survey_database", what, *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()

    def wait_until_ready(self) -> None:
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{self.port}/healthz?parts=database", timeout=2).read()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("The server did not start.")

    def processes(self) -> list[psutil.Process]:
        return [self.server, *self.server.children(recursive=True)]

    def cpu_seconds(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def megabytes(self) -> float:
        """Memory that would be free without the server: pages its processes share are counted once."""
        return sum(process.memory_full_info().pss for process in self.processes()) / 1e6

    def close(self) -> None:
        self.server.terminate()
        self.server.wait(20)


@contextmanager
def watch_memory(site: Site) -> Iterator[list[float]]:
    """The server's memory, read twice a second."""
    seen = [site.megabytes()]
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.5):
            seen.append(site.megabytes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def measure(site: Site, load: Load) -> list[str]:
    """One row of the table."""
    slug = site.run("study", str(CLIPS))
    with watch_memory(site) as memory:
        measured, cpu, seconds = asyncio.run(_drive(site, slug, load))
    stored, doubled = (int(part) for part in site.run("count", slug, *_write_tokens(site, measured)).split())
    answers = len(measured.acknowledged)
    times = [1000 * taken for taken in measured.answers]
    cuts = statistics.quantiles(times, n=100)
    return [
        load.name,
        f"{answers}",
        f"{1000 * cpu / answers:.1f}",
        f"{cuts[49]:.0f}",
        f"{cuts[94]:.0f}",
        f"{cuts[98]:.0f}",
        f"{answers / seconds:.0f}",
        f"{answers - stored}",
        f"{doubled}",
        f"{len(measured.errors)}",
        f"{max(memory):.0f}",
    ]


async def _drive(site: Site, slug: str, load: Load) -> tuple[Measured, float, float]:
    """Everybody joins first; only the answers and the pages that follow them are measured."""
    people = await join_all(site.port, slug, load.people, min(max(load.at_once, 20), 100))
    cpu, started = site.cpu_seconds(), time.perf_counter()
    measured = await answer_all(people, load.at_once, load.think, with_media=load.with_media)
    return measured, site.cpu_seconds() - cpu, time.perf_counter() - started


def _write_tokens(site: Site, measured: Measured) -> list[str]:
    path = Path(site.environment["DATA_DIR"]) / "acknowledged.txt"
    path.write_text("\n".join(measured.acknowledged))
    return [str(path)]


def _scratch(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{SCRATCH}"))


@contextmanager
def databases(server: str) -> Iterator[dict[str, str]]:
    """Name → DATABASE_URL; the scratch database on the PostgreSQL server is dropped at the end."""
    if not server.startswith("postgres"):
        yield {"SQLite": ""}
        return
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {SCRATCH}")
        try:
            yield {"SQLite": "", "PostgreSQL": _scratch(server)}
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names of loads, separated by commas, e.g. 1,20")
    chosen = [name for name in parser.parse_args().only.split(",") if name]
    loads = [load for load in LOADS if not chosen or load.name.split(",")[0] in chosen]
    print(f"{describe_machine()}; gunicorn with the settings of melodymuse_site/gunicorn.py; {CLIPS} clips each\n")
    with databases(os.environ.get("DATABASE_URL", "")) as found:
        for name, url in found.items():
            with tempfile.TemporaryDirectory() as folder:
                site = Site(folder, url)
                try:
                    rows = [measure(site, load) for load in tqdm(loads, desc=name, unit="load", disable=None)]
                finally:
                    site.close()
            print(f"| {name}: {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
            print("\n".join(f"| {' | '.join(row)} |" for row in rows), end="\n\n", flush=True)


if __name__ == "__main__":
    main()

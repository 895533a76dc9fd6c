"""What the server costs while people answer, with oTree beside it: `python -m benchmarks.survey`.

Gunicorn with the production settings, on SQLite and, where DATABASE_URL names a PostgreSQL server, on a
database made there for the purpose. The participants run on the same machine and take their share of it.
oTree is installed into an environment of its own, gets the same pages and is driven by the same program, load
after load by turns; `--without-otree` leaves it out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tqdm import tqdm

from benchmarks.load import Person
from benchmarks.machine import describe_machine
from benchmarks.otree import VERSION, OTree, install_otree
from benchmarks.serving import Load, Row, Served, measure, table

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = "melodymuse_benchmark"
CLIPS = 8
LOADS = (
    Load("1", 40, 1),
    Load("20", 120, 20),
    Load("100", 200, 100),
    Load("200", 400, 200),
    Load("500, thinking 10 s", 500, 500, think=10.0),
    Load("20, without a script", 120, 20, with_script=False),
    Load("20, with the clips by byte range", 60, 20, with_media=True),
)


class Site(Served):
    """Gunicorn on a free port with a study of 240 clips in a database of its own."""

    def __init__(self, folder: str, database: str) -> None:
        own = {
            "DATA_DIR": folder,
            "DATABASE_URL": database,
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "0",
            "SECRET_KEY": "benchmark " * 6,
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        }
        super().__init__(database, {**os.environ, **own})
        self.slug = ""
        self.run("prepare")
        command = [sys.executable, "-m", "gunicorn", "melodymuse_site.wsgi"]
        options = ["--config", "python:melodymuse_site.gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        self.start([*command, *options], ROOT, "/healthz?parts=database")

    def run(self, what: str, *arguments: str) -> str:
        command = [sys.executable, "-m", "benchmarks.survey_database", what, *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()

    def open_study(self, people: int) -> list[Person]:
        self.slug = self.run("study", str(CLIPS))
        return [Person(self.port, self.slug) for _ in range(people)]

    def count(self, acknowledged: Sequence[str]) -> tuple[int, int]:
        path = Path(self.environment["DATA_DIR"]) / "acknowledged.txt"
        path.write_text("\n".join(acknowledged))
        stored, doubled = self.run("count", self.slug, str(path)).split()
        return int(stored), int(doubled)


@contextmanager
def scratch_databases(server: str, names: Sequence[str]) -> Iterator[list[str]]:
    """DATABASE_URLs of new databases on a PostgreSQL server, which are dropped at the end."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield [urlunsplit(urlsplit(server)._replace(path=f"/{name}")) for name in names]
        finally:
            for name in names:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def compare(engine: str, databases: Sequence[str], loads: Sequence[Load], *, with_otree: bool) -> None:
    """Print both tables of one database engine, and how many times as much oTree costs."""
    with ExitStack() as stack:
        folders = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2)]
        site = Site(folders[0], databases[0])
        stack.callback(site.close)
        rows: dict[str, list[Row]] = {"MelodyMuse": []}
        servers: dict[str, Served] = {"MelodyMuse": site}
        if with_otree:
            servers[f"oTree {VERSION}"] = otree = OTree(Path(folders[1]), databases[1], rounds=CLIPS)
            stack.callback(otree.close)
            rows[f"oTree {VERSION}"] = []
        for load in tqdm(loads, desc=engine, unit="load", disable=None):
            for name, server in servers.items():
                if server.sends_clips or not load.with_media:
                    rows[name].append(measure(server, load))
    for name, found in rows.items():
        print(table(f"{name}, {engine}", found), end="\n\n", flush=True)
    if with_otree:
        ours, theirs = rows.values()
        ratios = [
            f"{other.load.name}: {other.server / own.server:.1f}" for own, other in zip(ours, theirs, strict=False)
        ]
        print(f"Server CPU per answer, oTree over MelodyMuse, {engine}: {'; '.join(ratios)}\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names of loads, separated by commas, e.g. 1,20")
    parser.add_argument("--without-otree", action="store_true", help="measure MelodyMuse alone")
    options = parser.parse_args()
    chosen = [name for name in options.only.split(",") if name]
    loads = [load for load in LOADS if not chosen or load.name.split(",")[0] in chosen]
    if not options.without_otree:
        install_otree()
    print(f"{describe_machine()}; gunicorn with the settings of melodymuse_site/gunicorn.py; {CLIPS} clips each\n")
    compare("SQLite", ["", ""], loads, with_otree=not options.without_otree)
    server = os.environ.get("DATABASE_URL", "")
    if server.startswith("postgres"):
        with scratch_databases(server, [SCRATCH, f"{SCRATCH}_otree"]) as databases:
            compare("PostgreSQL", databases, loads, with_otree=not options.without_otree)


if __name__ == "__main__":
    main()

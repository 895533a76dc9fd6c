"""How long the monitor takes with many answers, on SQLite and, where DATABASE_URL answers, on PostgreSQL.

    .venv/bin/python -m benchmarks.monitor [--people 12500] [--trials 8]

Everybody answers `trials` clips; every fourth person left in the middle; six browser events per answer. A second
study with a quarter of the people stands beside it, so that its rows must be passed over.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import describe_machine

ROOT = Path(__file__).resolve().parent.parent
RUNS = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=12_500)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.people, chosen.trials)
        return
    print(describe_machine())
    sizes = ["--people", str(chosen.people), "--trials", str(chosen.trials), "--measure"]
    with tempfile.TemporaryDirectory() as folder:
        run_beside("SQLite", "", folder, sizes)
        if server := os.environ.get("DATABASE_URL", ""):
            with new_database(server) as url:
                run_beside("PostgreSQL", url, folder, sizes)
        else:
            print("PostgreSQL: not measured, DATABASE_URL is not set.")


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """A database of its own on the server of `url`, dropped at the end."""
    import psycopg

    server, name = url.rsplit("/", 1)[0], f"monitor_benchmark_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run_beside(name: str, url: str, folder: str, sizes: list[str]) -> None:
    """Fill and measure in a process of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        "DEBUG": "0",
    }
    command = [sys.executable, "-m", "benchmarks.monitor", *sizes]
    result = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(result.stderr)
    print(f"{name}: {result.stdout.strip()}")


def measure(people: int, trials: int) -> None:
    """Print the median over some runs of the queries alone, and of the whole page."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from benchmarks.monitor_database import fill_up, make_studies
    from survey.models import Response, TrialEvent
    from survey.queries.monitor import monitor_of

    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("migrate", verbosity=0)
    study, other = make_studies(2)
    fill_up(study, people=people, trials=trials)
    fill_up(other, people=people // 4, trials=trials)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the servers do by themselves after a while
    client = Client()
    client.force_login(study.owner)
    numbers = timed(lambda: monitor_of(study))
    page = timed(lambda: client.get(f"/studies/{study.slug}/monitor/"))
    print(
        f"{Response.objects.filter(trial__participant__study=study).count():,} answers of {people:,} people, "
        f"{TrialEvent.objects.count():,} events in all (median of {RUNS}; in brackets this process's CPU): "
        f"numbers {numbers[0]:.3f} s ({numbers[1]:.3f} s), whole page {page[0]:.3f} s ({page[1]:.3f} s)"
    )


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of some runs, by the clock and of this process's CPU."""
    clock, cpu = [], []
    for _ in range(RUNS):
        start, used = time.perf_counter(), time.process_time()
        action()
        clock.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return statistics.median(clock), statistics.median(cpu)


if __name__ == "__main__":
    main()

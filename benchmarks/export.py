"""Where the figures of docs/measured.md on exports come from: the long table, a pack, and answers beside it.

    python -m benchmarks.export [--size 1000000] [--database URL] [--data FOLDER]

Fills a database of its own (SQLite in a temporary folder unless a URL of an empty PostgreSQL database is given) and
writes the long table and the pack, each in a process of its own. `--before FOLDER` names a checkout of another version,
which then writes the same in turn. Another process stores answers alone and beside a pack.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.analysis import peak_memory
from benchmarks.machine import describe_machine

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database")
    parser.add_argument("--data", type=Path, help="a folder that is filled once and kept")
    parser.add_argument("--before", type=Path, help="a checkout of the version to compare with")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--child", choices=sorted(TASKS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _child(options.child, options.size)
        return
    print(describe_machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="melodymuse-benchmark-") as folder:
        _compare(options, options.data or Path(folder))


def _compare(options: argparse.Namespace, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    filled = folder / "filled"
    if not filled.exists():
        _run("fill", options, folder, ROOT)
        filled.touch()
    for task in ("long", "pack", "answers"):
        for _ in range(options.rounds):
            for name, code in {"before": options.before, "now": ROOT}.items():
                if code:
                    print(f"{task}, {name}: {json.dumps(_run(task, options, folder, code))}", flush=True)


def _run(task: str, options: argparse.Namespace, folder: Path, code: Path) -> dict[str, Any]:
    """One task in a process of its own, with the code in the folder `code`."""
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        "PYTHONPATH": os.pathsep.join((str(code), str(ROOT))),
    }
    environment.pop("DATABASE_URL", None)
    if options.database:
        environment["DATABASE_URL"] = options.database
    command = [sys.executable, __file__, "--child", task, "--size", str(options.size)]
    said = subprocess.run(command, env=environment, check=True, cwd=code, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(said.splitlines()[-1]))


def _child(task: str, size: int) -> None:
    import django

    django.setup()
    begin, cpu = time.perf_counter(), time.process_time()
    told = TASKS[task](size)
    told |= {"wall": time.perf_counter() - begin, "cpu": time.process_time() - cpu, "memory": peak_memory()}
    print(json.dumps({name: round(value, 4) for name, value in told.items()}))


def _fill(size: int) -> dict[str, Any]:
    from benchmarks.export_database import fill

    fill(size)
    return {}


def _write_long(_size: int) -> dict[str, Any]:
    """The long table as CSV, nothing else."""
    from survey.exports.formats import write_long
    from survey.models import Study

    with tempfile.TemporaryDirectory() as folder:
        return {"rows": write_long(Study.objects.get(), Path(folder) / "long.csv")}


def _write_pack(_size: int) -> dict[str, Any]:
    from survey.exports.pack import write_pack
    from survey.models import Study

    with tempfile.TemporaryDirectory() as folder:
        manifest = write_pack(Study.objects.get(), Path(folder) / "pack.zip")
        zipped = (Path(folder) / "pack.zip").stat().st_size
    return {"megabytes": sum(entry["bytes"] for entry in manifest["files"]) / 1e6, "zipped": zipped / 1e6}


def _store_answers(_size: int) -> dict[str, Any]:
    """Milliseconds to store an answer: alone, and while another process writes a pack."""
    import statistics

    from benchmarks.analysis_database import _store_for

    os.sync()  # what filling the database left to write must not be counted
    alone = _store_for(5.0)
    other = subprocess.Popen([sys.executable, *sys.argv[:1], "--child", "pack"], stdout=subprocess.DEVNULL)
    time.sleep(2.0)
    beside = _store_for(5.0)
    other.terminate()
    other.wait()
    return {"alone": 1000 * statistics.median(alone), "beside": 1000 * statistics.median(beside)}


TASKS = {"fill": _fill, "long": _write_long, "pack": _write_pack, "answers": _store_answers}

if __name__ == "__main__":
    main()

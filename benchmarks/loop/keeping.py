"""Runs as lines of a file, so that a benchmark that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.loop.comparing import Difference
from benchmarks.loop.waves import Run

ROOT: Final = Path(__file__).parents[2]
SHAPING: Final = ("benchmarks/loop/*.py", "benchmarks/loop/cue_weights.csv", "survey/teaching/*.py")
BESIDE: Final = (
    *("__main__.py", "tables.py", "figure.py", "keeping.py", "really.py"),
    *("__init__.py", "pictures.py", "picture_worth.py"),
)
"""Files that shape no run: some tell what came of them, others learn from answers to pictures."""


class Key(NamedTuple):
    """Which run."""

    population: str
    arm: str
    number: int


@lru_cache(maxsize=1)
def code_version() -> str:
    """First digits of the hash of all that shapes a run: runs of other code are made anew."""
    sha = hashlib.sha256()
    for pattern in SHAPING:
        for file in sorted(ROOT.glob(pattern)):
            if file.name not in BESIDE:
                sha.update(file.read_bytes())
    sha.update((ROOT / "benchmarks/loop/muse_pairs.npz").read_bytes())
    return sha.hexdigest()[:10]


def read_runs(path: Path) -> dict[Key, Run]:
    """The runs of this code that a file holds; a line that was cut off is left out."""
    return dict(_read(path)) if path.is_file() else {}


def _read(path: Path) -> Iterator[tuple[Key, Run]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if row["code"] == code_version():
            run = Run(tuple(row["reached"]), Difference(**row["tested"]), tuple(row["away"]))
            yield Key(row["population"], row["arm"], row["number"]), run


def add_run(path: Path, key: Key, run: Run) -> None:
    """Write one run at the end of the file."""
    row = {"code": code_version(), **key._asdict(), **asdict(run)}
    before = path.read_bytes()[-1:] if path.is_file() else b""
    with path.open("a", encoding="utf-8") as stream:
        # After a line that was cut off a new one begins.
        stream.write(("\n" if before not in (b"", b"\n") else "") + json.dumps(row) + "\n")

"""The last table: fresh seeds, real songs held back for it, and a log of every look at it.

What was looked at while a composer was adjusted says too much good of it. So the last table has seeds and songs that
development never shows, frozen here, and whoever looks at it leaves a line in a file that is committed.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LOOKS: Final = ROOT / "docs" / "looks.md"
FINAL_SEED: Final = 7_310_000
FINAL_CLIPS: Final = 160
"""The last table's clips of each composer: 20 for each emotion, with the seeds from `FINAL_SEED` up."""


def refuse_final_seeds(seed: int, clips: int) -> None:
    """Keep development away from the last table's seeds.

    Raises
    ------
    ValueError
        When one of the seeds is one of those.
    """
    if seed < FINAL_SEED + FINAL_CLIPS and seed + clips > FINAL_SEED:
        raise ValueError(
            f"Seeds {FINAL_SEED} to {FINAL_SEED + FINAL_CLIPS - 1} are kept for --final; choose another --seed."
        )


def log_looks(made: Mapping[str, str], file: Path = LOOKS, *, now: datetime | None = None) -> list[str]:
    """Append one line for each set of clips to the log; returns the lines.

    Parameters
    ----------
    made : mapping of str to str
        Name of a composer or folder → what was judged: its version and seeds.
    file : Path
        The log; it exists, ends with a table, and is committed by whoever looked.
    """
    day = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M")
    lines = [f"| {day} | {describe_commit()} | {name} | {what} |" for name, what in made.items()]
    with file.open("a", encoding="utf-8") as log:
        log.writelines(f"{line}\n" for line in lines)
    return lines


def describe_commit() -> str:
    """The commit that is checked out, and whether files differ from it; "unknown" outside a repository."""
    try:
        commit, changes = (
            subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
            for command in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit} with changes" if changes else commit

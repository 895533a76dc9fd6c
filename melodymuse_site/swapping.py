"""The last step of a restore: what was built beside takes its place. No Django: the settings call `finish`.

From the moment the file `complete` is there, the restore is decided: whoever comes next ends it, also after `kill -9`.
On PostgreSQL the database is swapped by one transaction, and whoever serves the site refuses until that is done.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from melodymuse_site.occupancy import COMPLETE, RESTORING

KEY = "secret_key"


def staged_database(database: Mapping[str, object]) -> Path:
    """Where a SQLite database is built: beside its place, so that one rename puts it there."""
    return Path(f"{database['NAME']}.restoring")


def decide(data_dir: Path) -> None:
    """Everything is built and checked: say so, in one step."""
    folder = data_dir / RESTORING
    (folder / f".{COMPLETE}").write_text("Ready to be put in place.\n", encoding="utf-8")
    # Everything that the mark speaks of is on the disk before the mark is; the rename is the one step that decides.
    os.sync()
    (folder / f".{COMPLETE}").rename(folder / COMPLETE)


def finish(data_dir: Path, database: Mapping[str, object]) -> None:
    """End a restore that was decided; several processes may try at once, and again."""
    if not (data_dir / RESTORING / COMPLETE).exists() or not str(database["ENGINE"]).endswith("sqlite3"):
        return
    finish_key(data_dir)
    staged = staged_database(database)
    if staged.exists():
        for ending in ("-wal", "-shm"):  # of the old database: they must not be taken for the new one's
            Path(f"{database['NAME']}{ending}").unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            staged.replace(Path(str(database["NAME"])))
    clear(data_dir)


def finish_key(data_dir: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        (data_dir / RESTORING / KEY).replace(data_dir / KEY)


def clear(data_dir: Path) -> None:
    """Forget a restore: its mark first, so that nobody takes the rest for a decided one."""
    (data_dir / RESTORING / COMPLETE).unlink(missing_ok=True)
    shutil.rmtree(data_dir / RESTORING, ignore_errors=True)

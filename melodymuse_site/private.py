"""Who may read the site's files: its owner alone, whatever the umask says and however old the files are.

Called once, by the settings, so that whatever runs on the site's code (web server, worker, commands) comes through it.
What else is public lies elsewhere: a MEDIA_ROOT or STATIC_ROOT outside DATA_DIR is there for a web server in front.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

UMASK = 0o077
PRIVATE = (0o600, 0o700)
SERVED = (0o644, 0o755)
"""Modes of a file and a folder: for the owner alone, and for a web server in front as well."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO
BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal", "-queue")


def keep_private(data_dir: Path, database: Mapping[str, object]) -> None:
    """New files are the owner's alone from here on; the database and what lies directly in `data_dir` are mended.

    The folder itself is closed, which closes everything below; `mend` goes through that.
    """
    os.umask(UMASK)
    if not _is_shared(data_dir):
        _close(data_dir)
        with contextlib.suppress(OSError), os.scandir(data_dir) as entries:
            for entry in entries:
                if not entry.is_symlink():
                    _close(Path(entry.path))
    if str(database["ENGINE"]).endswith("sqlite3"):
        for ending in BESIDE_A_DATABASE:
            _close(Path(f"{database['NAME']}{ending}"))


def mend(data_dir: Path) -> None:
    """Close every file and folder below `data_dir` that an older or careless site left open."""
    if _is_shared(data_dir):
        return
    for root, folders, files in os.walk(data_dir):
        for path in (Path(root) / name for name in [*folders, *files]):
            if not path.is_symlink():
                _close(path)


def _is_shared(folder: Path) -> bool:
    """Whether others have files there too, as in /tmp: it is not ours to close."""
    return bool(folder.stat().st_mode & stat.S_ISVTX)


def _close(path: Path) -> None:
    """Take the rights of everybody else. What belongs to somebody else, or went meanwhile, is theirs to mend."""
    with contextlib.suppress(OSError):
        mode = path.stat().st_mode
        if mode & OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)


def modes(folder: Path, data_dir: Path) -> tuple[int, int]:
    """The modes of files and folders in `folder`, which holds what anybody may fetch by its address.

    Inside `data_dir` nobody else could reach it anyway; outside it a web server of its own user sends it.
    """
    return PRIVATE if folder.is_relative_to(data_dir) else SERVED


def make_folder(folder: Path, *, root: Path, mode: int) -> None:
    """Make `folder` and those missing above it up to `root` (excluded) with `mode`, which no umask narrows."""
    missing = [path for path in (folder, *folder.parents) if path.is_relative_to(root) and not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(mode)

"""Which code makes a report: a hash of its sources, so that kept reports are made anew when the statistics change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy
import scipy

ROOT = Path(__file__).resolve().parents[2]
SHAPING = (
    "survey/analysis",
    "survey/design",
    "survey/findings",
    "survey/preregistration.py",
    "survey/queries/numbers.py",
    "survey/queries/pianos.py",
    "survey/queries/questions.py",
    "survey/queries/sides.py",
    "survey/questions",
    "generation/emotions.py",
    "generation/mp3.py",
)
"""What shapes a report: statistics, how answers and plan are read from the database, where emotions lie."""
LIBRARIES = {module.__name__: module.__version__ for module in (numpy, scipy, msgspec)}


def hash_of(root: Path, places: Iterable[str], libraries: dict[str, str]) -> str:
    """Return a hash of Python files and of those in folders, with their paths, and of versions of libraries."""
    found = hashlib.sha256(repr(sorted(libraries.items())).encode())
    for place in places:
        files = sorted((root / place).rglob("*.py")) if (root / place).is_dir() else [root / place]
        for file in files:
            name, content = file.relative_to(root).as_posix(), file.read_bytes()
            # lengths keep one file's end from being read as the next one's beginning
            found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


CODE_VERSION = hash_of(ROOT, SHAPING, LIBRARIES)
"""Read while the code itself is loaded: later the files may be those of a release that this process does not run."""

"""Which MelodyMuse this is: a checkout, or an installed package."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parent.parent
"""The folder that holds the packages: the checkout's, or ``site-packages``."""
IN_CHECKOUT: Final = (PROJECT / "manage.py").is_file()


def read_version() -> str:
    """The version that ``pyproject.toml`` names, or that was installed.

    Examples
    --------
    >>> read_version().count(".")
    2
    """
    if not IN_CHECKOUT:
        return metadata.version("melodymuse")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])

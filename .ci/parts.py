"""Print what one part of MelodyMuse needs (site, train, test, analysis), as pyproject.toml says, a line each."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ITSELF = f"{PROJECT['name']}["


def list_needs(part: str) -> list[str]:
    """The part's own lines and those of the smaller parts that it names, ``melodymuse[site]``; the base first."""
    needs = list(PROJECT["dependencies"])
    for line in PROJECT["optional-dependencies"][part]:
        needs += list_needs(line.removeprefix(ITSELF).removesuffix("]")) if line.startswith(ITSELF) else [line]
    return list(dict.fromkeys(needs))


if __name__ == "__main__":
    print(*list_needs(sys.argv[1]), sep="\n")

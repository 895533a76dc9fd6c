"""Where packs lie on this machine, for tests that look at the files."""

from __future__ import annotations

from pathlib import Path

from melodymuse_site.storage import PACKS, scratch_folder


def export_folder() -> Path:
    return scratch_folder(PACKS)

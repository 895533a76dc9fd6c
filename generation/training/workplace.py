"""What training commands share: how they refuse, and the folder that one training owns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SETTINGS_FILE = "settings.json"
FINISHED_FILE = "finished.json"


class TrainingRefused(ValueError):
    """Training cannot start or go on; the message is a sentence that says what to do."""


def claim_workplace(folder: Path, settings: Mapping[str, Any], *, parts: Sequence[str], restart: bool) -> Path:
    """Make `folder` the place of the training with these settings, or find it as that training left it.

    Parameters
    ----------
    parts : sequence of str
        Folders inside it that the training writes; `restart` removes them, and nothing else that may lie there.

    Raises
    ------
    TrainingRefused
        When the folder belongs to a training with other settings.
    """
    if restart:
        for name in parts:
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in (SETTINGS_FILE, FINISHED_FILE):
            (folder / name).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    path, text = folder / SETTINGS_FILE, json.dumps(settings, indent=1, sort_keys=True)
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        raise TrainingRefused(
            f"{folder} holds a training with other settings; give another --out, or --restart to forget it."
        )
    path.write_text(text, encoding="utf-8")
    return folder

"""Folders to import: real sound files of several kinds, MIDI, pictures, and their manifest."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from generation.importing.preparing import Workshop
from generation.models import GenerationRun, Pair, PairVersion, SourceImage
from tests.generation.factories import picture_bytes
from tests.generation.music.sound.clips import melody
from tests.settings import DATA_DIR

COLUMNS = ("file", "emotion", "system", "picture", "title")


def write_sound(
    path: Path, hertz: float = 300.0, *, rate: int = 44_100, channels: int = 1, seconds: float = 2.0
) -> None:
    """A decaying tone; the format follows the name."""
    times = np.arange(int(rate * seconds)) / rate
    wave = 0.05 * np.sin(2 * np.pi * hertz * times) * np.exp(-times / 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), rate)


def write_midi(path: Path, seconds: float = 4.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(melody(seconds))


def write_picture(path: Path, shade: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture_bytes(shade))


def write_manifest(
    folder: Path, rows: Iterable[Mapping[str, str]], *, delimiter: str = ",", columns: Iterable[str] = COLUMNS
) -> Path:
    lines = [delimiter.join(columns)]
    lines += [delimiter.join(row.get(name, "") for name in columns) for row in rows]
    path = folder / "manifest.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def make_folder(folder: Path) -> Path:
    """Five clips of two systems: four kinds of sound and one of MIDI, two with a picture; its manifest."""
    write_sound(folder / "clips" / "a.wav", 300, rate=96_000, channels=2)
    write_sound(folder / "clips" / "b.flac", 350, rate=22_050)
    write_sound(folder / "clips" / "c.mp3", 400, rate=48_000, channels=2)
    write_sound(folder / "clips" / "d.ogg", 450)
    write_midi(folder / "clips" / "e.mid")
    write_picture(folder / "pictures" / "p.png", 90)
    write_picture(folder / "pictures" / "q.png", 200)
    return write_manifest(
        folder,
        [
            {
                "file": "clips/a.wav",
                "emotion": "awe",
                "system": "emelodygen",
                "picture": "pictures/p.png",
                "title": "One",
            },
            {"file": "clips/b.flac", "emotion": "fear", "system": "emelodygen"},
            {"file": "clips/c.mp3", "emotion": "sadness", "system": "emelodygen"},
            {"file": "clips/d.ogg", "emotion": "anger", "system": "other-system"},
            {"file": "clips/e.mid", "emotion": "fear", "system": "other-system", "picture": "pictures/q.png"},
        ],
    )


@cache
def _own_folder(name: str) -> Path:
    """A folder of this process, the same for all its tests."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=DATA_DIR))


def prepare_ahead(clips: Iterable[Path], data_dir: Path) -> None:
    """Lay these clips prepared into `data_dir`, as if an import had been cut off at its very end.

    For tests of what comes after: a clip is played, levelled and encoded once in a process, by the worker's own code.
    """
    workshop = Workshop(_own_folder("prepared"))
    for clip in clips:
        made = workshop.clip(clip).folder
        shutil.copytree(made, data_dir / "imports" / "prepared" / made.name, dirs_exist_ok=True)


def make_prepared_folder(folder: Path, data_dir: Path) -> Path:
    """As `make_folder`, but its clips lie prepared in `data_dir` already."""
    sent = _own_folder("sent")  # once: an Ogg file has other bytes every time
    if not (sent / "manifest.csv").exists():
        make_folder(sent)
    shutil.copytree(sent, folder, dirs_exist_ok=True)
    prepare_ahead(sorted((sent / "clips").iterdir()), data_dir)
    return folder / "manifest.csv"


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sent"
    made.mkdir()
    return made


def run(manifest: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_clips", str(manifest), *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def problems_of(manifest: Path) -> list[str]:
    """What the command says of a bad manifest; nothing may be stored."""
    err = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("import_clips", str(manifest), stdout=io.StringIO(), stderr=err)
    assert refused.value.returncode == 2
    assert (PairVersion.objects.count(), GenerationRun.objects.count(), Pair.objects.count()) == (0, 0, 0)
    assert SourceImage.objects.count() == 0
    return err.getvalue().splitlines()

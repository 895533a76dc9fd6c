"""Clips to be judged: composed here and kept in a folder, or read from a folder of MIDI files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from benchmarks.likeness.clips import Clip, read_made
from generation.emotions import EMOTIONS, Emotion
from generation.music.score import write_midi
from generation.networks.composers import ComposeRequest, compose, package_of
from generation.training.datasets.emopia import find_midi_files

GENERATION = Path(__file__).resolve().parents[2] / "generation"
MAKES_MUSIC = ("emotions.py", "music", "networks")
"""What a composer of ours can use: when one of these files changes, its clips are composed anew."""


def make_clips(
    composer: str, count: int, seed: int, folder: Path, progress: Callable[[Iterable[int]], Iterable[int]] = iter
) -> list[Clip]:
    """Compose clips for the eight emotions in turn, with the seeds from `seed` up, no picture.

    Each clip is written into `folder`/composer/version as soon as it is made, and read from there the next time.

    Raises
    ------
    ComposerMissing
        When no composer of that name is installed.
    """
    home = folder / composer / version_of(composer)
    home.mkdir(parents=True, exist_ok=True)
    clips = []
    for index in progress(range(count)):
        emotion = EMOTIONS[index % len(EMOTIONS)]
        path = home / f"{emotion.slug}-{seed + index}.mid"
        if not path.is_file():
            _write_clip(composer, emotion, seed + index, path)
        clips.append(read_made(path))
    return clips


def _write_clip(composer: str, emotion: Emotion, seed: int, path: Path) -> None:
    composition = compose(composer, ComposeRequest(emotion, seed))
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(write_midi(composition.piece, composition.performance))
    os.replace(unfinished, path)


def version_of(composer: str) -> str:
    """Twelve hexadecimal digits that change whenever the composer's music might.

    They stand for all files of `generation` that make music, and for another package's version where the composer
    comes from one; a package that is changed without a new version has to be kept in another folder.
    """
    package = package_of(composer)
    own = f"{package.name} {package.version}" if package else ""
    return hashlib.sha256(f"{own} {_hash_sources()}".encode()).hexdigest()[:12]


@cache
def _hash_sources() -> str:
    digest = hashlib.sha256()
    for name in MAKES_MUSIC:
        place = GENERATION / name
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
        for path in files:
            if "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(GENERATION)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def read_folder(folder: Path) -> list[Clip]:
    """Read others' clips: files called ``<emotion>-<seed>.mid``.

    Raises
    ------
    FileNotFoundError
        When the folder is missing or empty.
    ValueError
        When a file has another name or cannot be judged.
    """
    return [read_made(path) for path in find_midi_files(folder)]

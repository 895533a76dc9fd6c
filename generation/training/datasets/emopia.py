"""Piano clips from a folder of MIDI files, with EMOPIA's labels where they are.

EMOPIA (Hung et al. 2021) names its files ``Q<quadrant>_<song>_<number>.mid``; clips of one song must
stay together when songs are split. Any other folder of MIDI files works too: then each file is its own
song and there are no labels.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.music.score import read_midi

FloatArray = NDArray[np.float64]

_NAME = re.compile(r"^Q(?P<quadrant>[1-4])_(?P<song>.+)_(?P<number>\d+)$")


@dataclass(frozen=True, slots=True)
class PianoClip:
    """One clip: rows of onset (s), pitch, duration (s), velocity; quadrant ``"Q1"``…``"Q4"`` or None."""

    name: str
    song: str
    quadrant: str | None
    split: str | None
    table: FloatArray
    pedal: float


def find_midi_files(folder: Path) -> list[Path]:
    """List the MIDI files below `folder`, sorted by name.

    Raises
    ------
    FileNotFoundError
        When the folder does not exist or holds none; the message says what was looked for.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}. Give --data the folder with the MIDI files.")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi"))
    if not files:
        raise FileNotFoundError(f"The folder {folder} holds no .mid or .midi file.")
    return files


def name_song(stem: str) -> tuple[str, str | None]:
    """Return song and quadrant as the file's name tells them.

    >>> name_song("Q1_0vLPYiPN7qY_2"), name_song("prelude")
    (('0vLPYiPN7qY', 'Q1'), ('prelude', None))
    """
    match = _NAME.match(stem)
    if match is None:
        return stem, None
    return match["song"], f"Q{match['quadrant']}"


def read_labels(folder: Path) -> dict[str, tuple[str | None, str | None]]:
    """Read ``labels.csv`` (columns file, quadrant, split) where it is; file → quadrant and split."""
    path = folder / "labels.csv"
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        if rows.fieldnames is None or "file" not in rows.fieldnames:
            raise ValueError(f"{path} needs a column named file (and may have quadrant and split).")
        return {row["file"]: (row.get("quadrant") or None, row.get("split") or None) for row in rows}


def read_clip(path: Path, labels: dict[str, tuple[str | None, str | None]]) -> PianoClip:
    """Read one clip.

    Raises
    ------
    ValueError
        When the file is not a MIDI file with notes.
    """
    performance = read_midi(path.read_bytes())
    table = np.array([[n.onset, n.pitch, n.duration, n.velocity] for n in performance.notes], dtype=np.float64)
    table = table.reshape(-1, 4)
    song, quadrant = name_song(path.stem)
    labelled, split = labels.get(path.name, (None, None))
    held = sum(pedal.up - pedal.down for pedal in performance.pedals)
    pedal = min(held / performance.seconds, 1.0) if performance.seconds > 0 else 0.0
    return PianoClip(path.stem, song, labelled or quadrant, split, table, pedal)


def read_clips(
    folder: Path, *, report: Callable[[str], None], progress: Callable[[Iterable[Path]], Iterable[Path]] = iter
) -> list[PianoClip]:
    """Read all clips of a folder; files that cannot be read are reported and left out.

    Raises
    ------
    FileNotFoundError
        When the folder is missing or holds no MIDI file.
    ValueError
        When none of the files can be read.
    """
    return list(_read_each(folder, report, progress))


def _read_each(
    folder: Path, report: Callable[[str], None], progress: Callable[[Iterable[Path]], Iterable[Path]]
) -> Iterator[PianoClip]:
    labels = read_labels(folder)
    read = 0
    for path in progress(find_midi_files(folder)):
        try:
            clip = read_clip(path, labels)
        except ValueError as error:
            report(f"{path.name} is left out: {error}")
            continue
        read += 1
        yield clip
    if read == 0:
        raise ValueError(f"None of the MIDI files in {folder} can be read.")

"""A clip as the judges get it, and the two sets of real clips: for development, and held back for the last table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import get_emotion
from generation.music.score import read_midi
from generation.training.composer.criticism import CRITIC_SHARE
from generation.training.datasets.emopia import find_midi_files, name_song, read_labels
from generation.training.datasets.songs import share_of_song

FloatArray = NDArray[np.float64]

QUADRANTS: Final = ("Q1", "Q2", "Q3", "Q4")
HELD_BACK_SHARE: Final = 0.85
"""Songs of the train split with `share_of_song` from here up are real clips of the last table and of nothing before."""
FEWEST_NOTES: Final = 8
"""Below this a clip has neither a rhythm nor a melody to measure."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One clip.

    Parameters
    ----------
    name, song : str
        Clips of one song stay on one side of every split; a made clip is its own song, by its seed.
    table : array, shape (notes, 4)
        Rows of onset (s), pitch, duration (s), velocity, in order of onset, then pitch; at least `FEWEST_NOTES`.
    pedals : array, shape (pedals, 2)
        When the sustain pedal goes down and up (s).
    quadrant : str
        ``"Q1"`` … ``"Q4"``: as labelled, or the intended emotion's.
    emotion : str or None
        The intended emotion; None for real clips, which have no finer label.

    Raises
    ------
    ValueError
        When there are fewer notes than can be judged.
    """

    name: str
    song: str
    table: FloatArray
    pedals: FloatArray
    quadrant: str
    emotion: str | None = None

    def __post_init__(self) -> None:
        if len(self.table) < FEWEST_NOTES:
            raise ValueError(f"{self.name} has {len(self.table)} notes; a clip is judged from {FEWEST_NOTES} up.")


@dataclass(frozen=True, slots=True)
class RealClips:
    """The real clips of one table: those that are the yardstick, and those that the recognising judges learn from."""

    yardstick: list[Clip]
    lessons: list[Clip]


def read_bytes(data: bytes, name: str, song: str, quadrant: str, emotion: str | None = None) -> Clip:
    """Read a clip from a MIDI file.

    Raises
    ------
    ValueError
        When it is no MIDI file, or one with too few notes.
    """
    performance = read_midi(data)
    table = np.array([[n.onset, n.pitch, n.duration, n.velocity] for n in performance.notes], dtype=np.float64)
    pedals = np.array([[pedal.down, pedal.up] for pedal in performance.pedals], dtype=np.float64).reshape(-1, 2)
    table = table.reshape(-1, 4)
    return Clip(name, song, table[np.lexsort((table[:, 1], table[:, 0]))], pedals, quadrant, emotion)


def read_made(path: Path) -> Clip:
    """Read a made clip from a file called ``<emotion>-<seed>.mid``.

    Raises
    ------
    ValueError
        When the name has no emotion and seed, or the file cannot be judged.
    """
    emotion, _, seed = path.stem.rpartition("-")
    if not seed.isdigit():
        raise ValueError(f"{path.name} is not called <emotion>-<seed>.mid, as amusement-17.mid is.")
    return read_bytes(path.read_bytes(), path.stem, seed, get_emotion(emotion).quadrant, emotion)


def read_real(data: Path, *, final: bool, progress: Callable[[Iterable[Path]], Iterable[Path]] = iter) -> RealClips:
    """Read the real clips of EMOPIA that a table needs.

    In development the yardstick is the val split, and judges learn from train songs that neither the composers'
    critic hears nor the last table holds back. In the last table the yardstick is the songs held back, and judges
    learn from the val split: nothing that was looked at before judges there but through the composer itself.

    Raises
    ------
    FileNotFoundError
        When `data` is no folder of MIDI files.
    ValueError
        When a set that is needed has no clips of one of the quadrants.
    """
    sets: dict[str, list[Clip]] = {"val": [], "judges": [], "held back": []}
    wanted = {"val", "held back"} if final else {"val", "judges"}
    labels = read_labels(data)
    paths = [path for path in find_midi_files(data) if set_of(path, labels) in wanted]
    for path in progress(paths):
        song, quadrant = name_song(path.stem)
        labelled, _ = labels.get(path.name, (None, None))
        clip = read_bytes(path.read_bytes(), path.stem, song, labelled or quadrant or "")
        sets[str(set_of(path, labels))].append(clip)
    for name in wanted:
        if missing := set(QUADRANTS) - {clip.quadrant for clip in sets[name]}:
            raise ValueError(
                f"{data} holds no clips of {', '.join(sorted(missing))} in the set {name!r}; is it EMOPIA?"
            )
    if final:
        return RealClips(sets["held back"], sets["val"])
    return RealClips(sets["val"], sets["judges"])


def set_of(path: Path, labels: dict[str, tuple[str | None, str | None]]) -> str | None:
    """Which set a clip belongs to: ``"val"``, ``"judges"``, ``"held back"``; None for the critic's songs."""
    _, split = labels.get(path.name, (None, None))
    share = share_of_song(name_song(path.stem)[0])
    if split == "val":
        return "val"
    if split != "train" or share < CRITIC_SHARE:
        return None
    return "held back" if share >= HELD_BACK_SHARE else "judges"

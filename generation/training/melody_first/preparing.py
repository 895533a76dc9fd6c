"""From folders to sections: read POP909 and EMOPIA, cut every song, say what is left out and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.music.copying import collect_hashes
from generation.networks.melody_first.notes import Notes
from generation.training.datasets.emopia import PianoClip, read_clips
from generation.training.datasets.pop909 import find_songs, read_song
from generation.training.melody_first.arrays import part_of, save_sections
from generation.training.melody_first.scores import SongScore, score_clip, score_song
from generation.training.melody_first.sections import Section, cut_sections
from generation.training.workplace import TrainingRefused

SECTIONS_FILE, TUNES_FILE, ACCOUNT_FILE = "sections.npz", "tunes.npz", "account.json"
FEWEST_NOTES: Final = 24


def prepare_data(
    pop909: Path,
    emopia: Path | None,
    out: Path,
    report: Callable[[str], None],
    progress: Callable[[Iterable[Any], str], Iterable[Any]],
) -> None:
    """Write sections, hashes of tunes, and the account of what was left out into `out`.

    Raises
    ------
    TrainingRefused
        When a folder is not what it should be.
    """
    account: dict[str, Any] = {}
    sections: list[Section] = []
    hashes: dict[str, NDArray[np.uint32]] = {}
    sources: dict[str, Callable[[], Iterator[SongScore | tuple[str, str]]]] = {
        "pop909": lambda: _score_songs(pop909, progress)
    }
    if emopia is not None:
        sources["emopia"] = lambda: _score_clips(emopia, report, progress)
    for name, scores in sources.items():
        left_out: Counter[str] = Counter()
        bars_left: Counter[str] = Counter()
        tunes: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        found: list[Section] = []
        bars = used = 0
        for score in scores():
            if isinstance(score, tuple):
                left_out[score[1]] += 1
                continue
            used += 1
            bars += len(score.bars)
            both = [score.melody, score.accompaniment]
            tunes.append(_join(both))
            cut, left = cut_sections(score)
            bars_left.update(left)
            found += cut
        if not found:
            raise TrainingRefused(f"No section could be cut from {name}.")
        hashes[name] = collect_hashes(tunes)
        sections += found
        account[name] = _count(found, used, bars, left_out, bars_left)
        report(f"{name}: {json.dumps(account[name]['counts'])}")
    save_sections(sections, out / SECTIONS_FILE)
    np.savez_compressed(out / TUNES_FILE, **hashes)
    (out / ACCOUNT_FILE).write_text(json.dumps(account, indent=1), encoding="utf-8")


def _join(both: list[Notes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.concatenate([n.starts for n in both]), np.concatenate([n.pitches for n in both])


def _score_songs(folder: Path, progress: Callable[[Iterable[Any], str], Iterable[Any]]) -> Iterator[Any]:
    try:
        paths = find_songs(folder)
    except FileNotFoundError as error:
        raise TrainingRefused(str(error)) from error
    for path in progress(paths, "POP909"):
        try:
            yield score_song(read_song(path))
        except ValueError as error:
            yield path.stem, _plain(str(error))


def _score_clips(
    folder: Path, report: Callable[[str], None], progress: Callable[[Iterable[Any], str], Iterable[Any]]
) -> Iterator[Any]:
    try:
        clips = read_clips(folder, report=report)
    except (FileNotFoundError, ValueError) as error:
        raise TrainingRefused(str(error)) from error
    marked: list[PianoClip] = [clip for clip in clips if clip.split == "train"]
    for clip in progress(marked or clips, "EMOPIA"):
        try:
            if len(clip.table) < FEWEST_NOTES:
                raise ValueError("it has too few notes")
            yield score_clip(clip)
        except ValueError as error:
            yield clip.name, _plain(str(error))


def _plain(reason: str) -> str:
    """The reason without its numbers, so that reasons can be counted."""
    return "its notes lie far from the grid" if "grid" in reason else reason


def _count(
    found: list[Section], songs: int, bars: int, left_out: Counter[str], bars_left: Counter[str]
) -> dict[str, Any]:
    plain = [s for s in found if s.variant == 0 and s.frame.metre != "6/8"]
    return {
        "counts": {
            "songs": songs,
            "songs left out": dict(left_out),
            "bars": bars,
            "bars left out": dict(bars_left),
            "sections": len(found),
            "sections of the first division": len(plain),
            "melody notes": sum(len(s.melody) for s in plain),
            "accompaniment notes": sum(len(s.accompaniment) for s in plain),
            "metres": dict(Counter(s.frame.metre for s in found)),
        },
        "parts": {
            part: sorted({s.song for s in found if part_of(s.song) == part}) for part in ("train", "check", "test")
        },
    }

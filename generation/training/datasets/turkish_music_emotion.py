"""Turkish Music Emotion: 400 clips as one row each of a class and acoustic features.

Only the class and the 13 mean MFCC values are read. The folds of the eight emotions to its four classes
stand in `fold_table`, for everyone to see.

References
----------
Er, M. B., & Aydilek, I. B. (2019). Music emotion recognition by using chroma spectrogram and deep visual
features. *International Journal of Computational Intelligence Systems* 12(2). UCI 862, CC BY 4.0.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import EMOTIONS
from generation.training.workplace import TrainingRefused

CLASSES: Final = ("happy", "angry", "sad", "relax")
"""The classes in the network's output order."""
CLASS_COLUMN: Final = "Class"
MFCC_COUNT: Final = 13
MFCC_COLUMNS: Final = tuple(f"_MFCC_Mean_{number}" for number in range(1, MFCC_COUNT + 1))
CITATION: Final = "Turkish Music Emotion (Er & Aydilek 2019, UCI 862), CC BY 4.0"


@dataclass(frozen=True, slots=True)
class TurkishClips:
    """Clips of the data set.

    Parameters
    ----------
    mfcc : ndarray of float64, shape (n, 13)
        Mean MFCC values, MIRtoolbox's scale.
    classes : ndarray of int64, shape (n,)
        Index into `CLASSES`.
    lines : ndarray of int64, shape (n,)
        Line of the file each clip stands on; the header is line 1.
    """

    mfcc: NDArray[np.float64]
    classes: NDArray[np.int64]
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.classes)

    def without_duplicates(self) -> TurkishClips:
        """Return the clips without rows whose class and MFCC values stood on an earlier line."""
        seen: set[bytes] = set()
        kept = []
        for index in range(len(self)):
            row = self.mfcc[index].tobytes() + bytes([self.classes[index]])
            if row not in seen:
                seen.add(row)
                kept.append(index)
        return TurkishClips(self.mfcc[kept], self.classes[kept], self.lines[kept])


def fold_table() -> list[tuple[str, str, str]]:
    """Return how eight emotions become four classes: (emotion, class, how sure the fold is).

    >>> fold_table()[0]
    ('amusement', 'happy', 'sure')
    """
    return [(emotion.slug, emotion.turkish_class, emotion.fold_certainty) for emotion in EMOTIONS]


def read_clips(path: Path | str) -> TurkishClips:
    """Read ``Acoustic Features.csv``.

    Raises
    ------
    TrainingRefused
        When the file cannot be read, or with *every* problem found in it, each with its line number:
        absent columns, unknown classes, values that are no finite numbers, fields too few or too many.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingRefused(f"{path} cannot be read as a UTF-8 text file ({error}).") from None
    rows = csv.reader(text.splitlines())
    header = [name.strip() for name in next(rows, [])]
    absent = [name for name in (CLASS_COLUMN, *MFCC_COLUMNS) if name not in header]
    if absent:
        raise TrainingRefused(
            f"{path} is not Turkish Music Emotion's feature table. Line 1: absent columns: {', '.join(absent)}."
        )
    return _read_rows(path, header, [(rows.line_num, row) for row in rows if row])


def _read_rows(path: Path, header: list[str], rows: list[tuple[int, list[str]]]) -> TurkishClips:
    problems: list[str] = []
    values, classes, lines = [], [], []
    for line, row in rows:
        if len(row) != len(header):
            problems.append(f"line {line}: {len(row)} fields instead of {len(header)}")
            continue
        fields = dict(zip(header, (field.strip() for field in row), strict=True))
        found = _find_problems(line, fields)
        problems += found
        if not found:
            values.append([float(fields[name]) for name in MFCC_COLUMNS])
            classes.append(CLASSES.index(fields[CLASS_COLUMN]))
            lines.append(line)
    if not rows:
        problems.append("no clips below the header")
    if problems:
        listed = "\n  ".join(problems)
        raise TrainingRefused(f"{path} has {len(problems)} problems. Mend them and train again:\n  {listed}")
    return TurkishClips(np.array(values), np.array(classes, dtype=np.int64), np.array(lines, dtype=np.int64))


def _find_problems(line: int, fields: dict[str, str]) -> list[str]:
    problems = []
    if fields[CLASS_COLUMN] not in CLASSES:
        problems.append(f"line {line}: class {fields[CLASS_COLUMN]!r} is none of {', '.join(CLASSES)}")
    for name in MFCC_COLUMNS:
        try:
            is_number = math.isfinite(float(fields[name]))
        except ValueError:
            is_number = False
        if not is_number:
            problems.append(f"line {line}: {name} is {fields[name]!r}, not a number")
    return problems

"""A plan of chords for a piece: progressions near the wanted emotion, a cadence at each phrase's end.

The progressions are data (``progressions.csv``): each has a place in valence, arousal and dominance and a
source, and is drawn the more often the nearer it lies. Roman numerals count from the tonic of the
piece's own mode: in minor VI, VII and III are the natural scale's.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.music.chords import number_chord
from generation.music.keys import MAJOR_SCALE
from generation.music.notes import Mode

IntArray = NDArray[np.int64]

TABLE: Final = Path(__file__).with_name("progressions.csv")
REACH: Final = 0.22
"""How far (in valence–arousal–dominance) a progression is still likely; judgement."""
NATURAL_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
_NUMERALS: Final = ("I", "II", "III", "IV", "V", "VI", "VII")
_NUMERAL: Final = re.compile(r"^(?P<accidental>[b#]?)(?P<roman>[ivIV]+)(?P<suffix>M7|7|d|\+|s|)$")
_CADENCES: Final = {
    "major": {"full": ("IV", "V"), "half": ("ii", "V"), "plagal": ("I", "IV")},
    "minor": {"full": ("iv", "V"), "half": ("VI", "V"), "plagal": ("VI", "iv")},
}


@dataclass(frozen=True, slots=True)
class Progression:
    """Four chords with a mode and a place in valence, arousal, dominance."""

    mode: Mode
    place: tuple[float, float, float]
    chords: tuple[int, ...]


def read_numeral(numeral: str, mode: Mode) -> int:
    """Return the number of the chord a Roman numeral names.

    Examples
    --------
    >>> read_numeral("V7", "major") == number_chord(7, "dominant7")
    True
    >>> read_numeral("VI", "minor") == number_chord(8, "major")
    True

    Raises
    ------
    ValueError
        When `numeral` is no numeral of this notation.
    """
    match = _NUMERAL.match(numeral)
    if match is None or match["roman"].upper() not in _NUMERALS:
        raise ValueError(f"{numeral!r} is not a chord numeral such as I, vi7, bVII, iid, VI+ or Vs.")
    degree = _NUMERALS.index(match["roman"].upper())
    # an accidental alters the major scale's degree in both modes: bII, bVI, bVII, #iv
    scale = MAJOR_SCALE if mode == "major" or match["accidental"] else NATURAL_MINOR
    root = scale[degree] + {"": 0, "b": -1, "#": 1}[match["accidental"]]
    small = match["roman"].islower()
    if small and degree == 6 and mode == "minor" and match["suffix"] == "d":
        root = 11
    quality = {
        "": "minor" if small else "major",
        "7": "minor7" if small else "dominant7",
        "M7": "major7",
        "d": "diminished",
        "+": "augmented",
        "s": "suspended",
    }[match["suffix"]]
    return number_chord(root, quality)


@lru_cache(maxsize=1)
def read_progressions() -> tuple[Progression, ...]:
    """Read ``progressions.csv``."""
    with TABLE.open(newline="", encoding="utf-8") as lines:
        return tuple(_read_row(row) for row in csv.DictReader(lines))


def _read_row(row: dict[str, str]) -> Progression:
    mode: Mode = "major" if row["mode"] == "major" else "minor"
    place = (float(row["valence"]), float(row["arousal"]), float(row["dominance"]))
    return Progression(mode, place, tuple(read_numeral(numeral, mode) for numeral in row["chords"].split()))


def draw_progression(
    mode: Mode, place: tuple[float, float, float], random: np.random.Generator, *, avoid: Progression | None = None
) -> Progression:
    """Draw a progression of `mode`, likelier the nearer it lies to `place`; never `avoid`."""
    choices = [p for p in read_progressions() if p.mode == mode and p != avoid]
    distances = np.array([np.linalg.norm(np.subtract(p.place, place)) for p in choices])
    weights = np.exp(-0.5 * (distances / REACH) ** 2) + 1e-6
    return choices[int(random.choice(len(choices), p=weights / weights.sum()))]


def plan_phrase(progression: Progression, bars: int, ending: str | None, mode: Mode) -> list[int]:
    """Chords of a phrase, two per bar.

    Parameters
    ----------
    progression : Progression
        Its chords last a bar each; in a phrase of two bars half a bar each.
    bars : int
        At least 2.
    ending : {"full", "half", "plagal", None}
        How the phrase ends: ``full`` prepares the tonic of the next bar by IV–V, ``half`` rests on V,
        ``plagal`` goes to IV; None leaves the progression as it is.
    """
    if bars == 2:
        chords = list(progression.chords)
    else:
        chords = [chord for bar in range(bars) for chord in [progression.chords[bar % 4]] * 2]
    if ending is not None:
        chords[-2:] = [read_numeral(numeral, mode) for numeral in _CADENCES[mode][ending]]
    return chords


def tonic_chord(mode: Mode) -> int:
    """The tonic triad.

    >>> tonic_chord("minor")
    1
    """
    return number_chord(0, "major" if mode == "major" else "minor")

"""The plan of a piece before its notes: tempo, key, form, harmony."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.music.length import draw_last_chord, fit_bars
from generation.music.notes import Mode
from generation.networks.paper_composer.frames import Frames
from generation.networks.paper_composer.styles import CHORDS, Band, Style

BEATS: Final = 4
FIRST_FRAME: Final = {"A": 0, "B": 4, "coda": 8}
FORMS: Final[dict[int, tuple[tuple[str, int], ...]]] = {
    6: (("A", 2), ("A", 2), ("coda", 2)),
    7: (("A", 4), ("A", 3)),
    8: (("A", 4), ("A", 4)),
    9: (("A", 4), ("A", 4), ("coda", 1)),
    10: (("A", 4), ("A", 4), ("coda", 2)),
    11: (("A", 4), ("B", 4), ("A", 3)),
    12: (("A", 4), ("B", 4), ("A", 4)),
    13: (("A", 4), ("B", 4), ("A", 4), ("coda", 1)),
    14: (("A", 4), ("B", 4), ("A", 4), ("coda", 2)),
    15: (("A", 4), ("A", 4), ("B", 4), ("A", 3)),
    16: (("A", 4), ("A", 4), ("B", 4), ("A", 4)),
    17: (("A", 4), ("A", 4), ("B", 4), ("A", 4), ("coda", 1)),
    18: (("A", 4), ("A", 4), ("B", 4), ("A", 4), ("coda", 2)),
}
"""Bars of the piece to its phrases; a phrase that returns brings its melody back. A coda of one bar is the last
chord alone, after phrases of full length."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord of one bar: `root` pitch class 0…11 and `tones` above it in semitones."""

    root: int
    tones: tuple[int, ...]

    @property
    def classes(self) -> frozenset[int]:
        """Pitch classes of the chord."""
        return frozenset((self.root + tone) % 12 for tone in self.tones)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its `number` from 0, `chord`, `frame`, and its place in phrase and piece."""

    number: int
    chord: Chord
    frame: int
    ends_phrase: bool
    ends_piece: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Tempo (quarters a minute), key, and bars in order."""

    tempo: float
    tonic: int
    mode: Mode
    bars: tuple[Bar, ...]

    @property
    def bar_seconds(self) -> float:
        """Length of a bar."""
        return BEATS * 60.0 / self.tempo


def within(band: Band, share: float) -> float:
    """Return the point of `band` at `share` of the way from its low to its high end.

    >>> within((60.0, 80.0), 0.25)
    65.0
    """
    return band[0] + (band[1] - band[0]) * share


def plan_piece(style: Style, frames: Frames, random: np.random.Generator) -> Plan:
    """Plan a piece: a low first MFCC (bright sound) goes to the fast end of the emotion's tempo band.

    Bars and tempo are then chosen together, within the band where it can be, so that the last chord falls where it
    was drawn to fall.
    """
    wanted = within(style.tempo, 1.0 - frames.share(0, 1))
    tonic = (frames.choose(0, 8, 12) + int(random.integers(12))) % 12
    mode: Mode = "major" if random.random() < style.major_share else "minor"
    fitted = fit_bars(wanted, draw_last_chord(random), FORMS, within=style.tempo)
    return Plan(fitted.tempo, tonic, mode, _plan_bars(style, frames, fitted.bars, tonic, mode))


def _plan_bars(style: Style, frames: Frames, count: int, tonic: int, mode: Mode) -> tuple[Bar, ...]:
    choices = style.major if mode == "major" else style.minor
    cadence = style.major_cadence if mode == "major" else style.minor_cadence
    first = frames.choose(0, 5, len(choices))
    progressions = {"A": choices[first], "B": choices[(first + 1) % len(choices)], "coda": choices[first]}
    bars: list[Bar] = []
    for phrase, length in FORMS[count]:
        for place in range(length):
            number = len(bars)
            left = count - number
            # The last two bars are the cadence, whatever phrase they are in.
            name = cadence[2 - left] if left <= 2 else progressions[phrase][place if length == 4 else number % 4]
            root, tones = CHORDS[name]
            bars.append(
                Bar(
                    number,
                    Chord((root + tonic) % 12, tones),
                    FIRST_FRAME[phrase] + place,
                    ends_phrase=place == length - 1,
                    ends_piece=left == 1,
                )
            )
    return tuple(bars)

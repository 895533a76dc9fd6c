"""How long every clip of the site lasts, so that its length says nothing of who made it or what it is meant to be.

A composer aims its last chord at a moment drawn from `LAST_CHORD_SECONDS`, by the number of bars first and a little
tempo after; the chord rings until `RELEASED_SECONDS`, and sound brings every clip to `CLIP_SECONDS` exactly. The
moment is drawn without a look at emotion or tempo, so that not even it tells one from another. Why these numbers:
docs/decisions/one-length.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

CLIP_SECONDS: Final = 28.0
"""Length of every clip, own or imported, to the sample."""
LAST_CHORD_SECONDS: Final = (22.5, 24.5)
"""When a piece may strike its last chord, counted from its first note."""
RELEASED_SECONDS: Final = 26.6
"""When the last chord is let go; what is left is the damper, the room, and a fade."""
LEAD_IN_SECONDS: Final = 0.010
"""Silence before the first key is struck: enough that no player swallows the attack, too short to notice."""
LEEWAY_SECONDS: Final = 0.5
"""How far from the moment drawn the last chord may fall so that the tempo stays the one asked for."""
LENGTH_VERSION: Final = "1"
"""Written into every clip's provenance; clips made before have none."""
BEATS_PER_BAR: Final = 4


def draw_last_chord(random: np.random.Generator) -> float:
    """Seconds from the first note to the last chord.

    Examples
    --------
    >>> 22.5 <= draw_last_chord(np.random.default_rng(1)) <= 24.5
    True
    """
    return float(random.uniform(*LAST_CHORD_SECONDS))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Bars of a piece, its tempo in quarters a minute, and when the last bar begins, in seconds."""

    bars: int
    tempo: float
    last_chord: float


def fit_bars(
    tempo: float,
    last_chord: float,
    choices: Iterable[int],
    *,
    within: tuple[float, float] | None = None,
    lost_beats: float = 0.0,
    beats_per_bar: float = BEATS_PER_BAR,
) -> Fitted:
    """Bars and a tempo near `tempo` at which the last bar begins about `last_chord` seconds after the first note.

    About: up to `LEEWAY_SECONDS` sooner or later where that keeps the tempo, but never outside the window.

    Parameters
    ----------
    tempo : float
        Wanted quarters a minute.
    last_chord : float
        Seconds from the first note to the beginning of the last bar, as drawn.
    choices : iterable of int
        Numbers of bars that the composer has a form for.
    within : tuple of float, optional
        Tempi that are preferred to all others: the range of an emotion.
    lost_beats : float
        Quarters by which the playing falls behind before the last bar: what a ritard takes.
    beats_per_bar : float
        Quarters in a bar: 3 in 3/4 and in 6/8, 6 in 12/8.

    Examples
    --------
    >>> fit_bars(100.0, 24.2, range(6, 19))
    Fitted(bars=11, tempo=100.0, last_chord=24.0)
    >>> fit_bars(56.0, 24.4, range(6, 19))
    Fitted(bars=7, tempo=58.8, last_chord=24.5)
    >>> fit_bars(100.0, 24.2, range(6, 19), beats_per_bar=3)
    Fitted(bars=14, tempo=98.7, last_chord=23.7)
    """
    soonest = max(LAST_CHORD_SECONDS[0], last_chord - LEEWAY_SECONDS)
    latest = min(LAST_CHORD_SECONDS[1], last_chord + LEEWAY_SECONDS)

    def fit(bars: int) -> Fitted:
        beats = (bars - 1) * beats_per_bar + lost_beats
        struck = min(max(beats * 60.0 / tempo, soonest), latest)
        return Fitted(bars, round(beats * 60.0 / struck, 1), struck)

    def cost(fitted: Fitted) -> tuple[bool, float, float]:
        outside = within is not None and not within[0] <= fitted.tempo <= within[1]
        return outside, round(abs(np.log(fitted.tempo / tempo)), 2), abs(fitted.last_chord - last_chord)

    return min((fit(bars) for bars in choices), key=cost)

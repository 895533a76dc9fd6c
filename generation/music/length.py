"""How long every clip of the site lasts, so that its length says nothing of who made it or what it is meant to be.

A composer aims its last chord at a moment drawn from `LAST_CHORD_SECONDS`, by the number of bars first and a little
tempo after; the chord rings until `RELEASED_SECONDS`, and sound brings every clip to `CLIP_SECONDS` exactly. The
moment is drawn without a look at emotion or tempo, so that not even it tells one from another. Why these numbers:
docs/decisions/one-length.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

CLIP_SECONDS: Final = 28.0
"""Length of every clip, own or imported, to the sample."""
LAST_CHORD_SECONDS: Final = (22.5, 24.5)
"""When a piece may strike its last chord, counted from its first note."""
RELEASED_SECONDS: Final = 26.6
"""When the last chord is let go; what is left is the damper, the room, and a fade."""
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


def fit_bars(
    tempo: float,
    last_chord: float,
    choices: Iterable[int],
    *,
    within: tuple[float, float] | None = None,
    lost_beats: float = 0.0,
) -> tuple[int, float]:
    """Bars, and the tempo near `tempo` at which the last of them begins after `last_chord` seconds.

    Parameters
    ----------
    tempo : float
        Wanted quarters a minute.
    last_chord : float
        Seconds from the first note to the beginning of the last bar.
    choices : iterable of int
        Numbers of bars that the composer has a form for.
    within : tuple of float, optional
        Tempi that are preferred to all others: the range of an emotion.
    lost_beats : float
        Beats by which the playing falls behind before the last bar: what a ritard takes.

    Examples
    --------
    >>> fit_bars(100.0, 24.0, range(6, 19))
    (11, 100.0)
    >>> fit_bars(56.0, 24.5, range(6, 19)), fit_bars(52.0, 24.5, range(6, 19), within=(52.0, 66.0))
    ((7, 58.8), (7, 58.8))
    """
    fitted = {bars: round(((bars - 1) * BEATS_PER_BAR + lost_beats) * 60.0 / last_chord, 1) for bars in choices}

    def cost(bars: int) -> tuple[bool, float]:
        outside = within is not None and not within[0] <= fitted[bars] <= within[1]
        return outside, abs(np.log(fitted[bars] / tempo))

    best = min(fitted, key=cost)
    return best, fitted[best]

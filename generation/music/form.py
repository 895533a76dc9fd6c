"""The form of a piece: how many bars, which phrases, which of them return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.music.harmony import Progression, draw_progression, plan_phrase, tonic_chord
from generation.music.notes import Mode

FEWEST_BARS, MOST_BARS = 8, 16
WANTED_SECONDS: Final = 25.5
LONGEST_SECONDS: Final = 30.0
RING_SECONDS: Final = 2.8
BEATS_PER_BAR: Final = 4
EIGHT_BARS_FIT: Final = 62.0
"""From this tempo on eight bars, the last with three beats, fill no more than `LONGEST_SECONDS`."""
SHAPES: Final = ("AABA", "ABAB", "AABB", "ABAC")
"""Orders of four phrases; A returns in all of them."""


@dataclass(frozen=True, slots=True)
class Form:
    """Bars of a piece: `chords` (two per bar) and for each bar the earlier bar it repeats, or None.

    The last bar is the ending: the tonic, struck once and left to ring.
    """

    shape: str
    phrase_bars: int
    bars: int
    chords: tuple[int, ...]
    sources: tuple[int | None, ...]

    def phrase_place(self, beat: float) -> float:
        """Where in its phrase a beat lies, 0 (start) to 1 (end); for phrase arches."""
        span = self.phrase_bars * BEATS_PER_BAR
        return min(beat % span / span, 1.0) if beat < (self.bars - 1) * BEATS_PER_BAR else 1.0


def count_bars(tempo: float) -> int:
    """Bars that come nearest to `WANTED_SECONDS`: a multiple of 2 between 8 and 16, never too long.

    Only where eight bars are too long at any length of the ending there are six.

    >>> count_bars(54.0), count_bars(62.0), count_bars(100.0), count_bars(150.0)
    (6, 8, 10, 16)
    """
    bar = BEATS_PER_BAR * 60.0 / tempo
    choices = range(FEWEST_BARS - 2 * (tempo < EIGHT_BARS_FIT), MOST_BARS + 1, 2)
    rest = (BEATS_PER_BAR - count_ending(tempo)) * 60.0 / tempo
    short = [bars for bars in choices if bars * bar - rest <= LONGEST_SECONDS] or [FEWEST_BARS]
    return min(short, key=lambda bars: abs(bars * bar - rest - WANTED_SECONDS))


def count_ending(tempo: float) -> int:
    """Beats the last chord is held: two to four, about `RING_SECONDS`.

    >>> count_ending(60.0), count_ending(140.0)
    (3, 4)
    """
    return min(max(round(RING_SECONDS * tempo / 60.0), 2), BEATS_PER_BAR)


def plan_form(tempo: float, mode: Mode, place: tuple[float, float, float], random: np.random.Generator) -> Form:
    """Draw a form: phrases of two or four bars, a contrasting progression in B, a cadence into the last bar.

    Parameters
    ----------
    tempo : float
        Beats per minute.
    mode : {"major", "minor"}
    place : tuple of float
        Valence, arousal and dominance, for the choice of progressions.
    random : numpy.random.Generator
    """
    bars = count_bars(tempo)
    phrase = 4 if bars >= 12 else 2
    shape = str(random.choice(SHAPES))
    first = draw_progression(mode, place, random)
    second = draw_progression(mode, place, random, avoid=first)
    third = draw_progression(mode, place, random, avoid=second)
    progressions = {"A": first, "B": second, "C": third}
    letters = _fill(shape, bars, phrase)
    chords: list[int] = []
    sources: list[int | None] = []
    for index, letter in enumerate(letters):
        last = index == len(letters) - 1
        length = min(phrase, bars - len(sources))
        chords += _plan(progressions[letter], phrase, last, index % 2 == 1, mode)[: 2 * length]
        sources += _find_sources(letters, index, phrase, random)[:length]
    chords[-4:] = _close(chords, mode, place[0], place[2])
    sources[-2:] = [None, None]
    return Form(shape, phrase, bars, tuple(chords), tuple(sources))


def _fill(shape: str, bars: int, phrase: int) -> str:
    """Letters enough for all bars; a fifth phrase of two bars comes back to A."""
    return (shape + "A")[: -(-bars // phrase)]


def _plan(progression: Progression, phrase: int, last: bool, even: bool, mode: Mode) -> list[int]:
    return plan_phrase(progression, phrase, "half" if even and not last and phrase == 4 else None, mode)


def _find_sources(letters: str, index: int, phrase: int, random: np.random.Generator) -> list[int | None]:
    """A phrase that came before returns; its last bar is often new."""
    earlier = letters.find(letters[index])
    if earlier == index:
        return [None] * phrase
    bars: list[int | None] = [earlier * phrase + bar for bar in range(phrase)]
    if random.random() < 0.7:
        bars[-1] = None
    return bars


def _close(chords: list[int], mode: Mode, valence: float, dominance: float) -> list[int]:
    ending = "plagal" if dominance < -0.2 and valence > 0 else "full"
    cadence = plan_phrase(Progression(mode, (0.0, 0.0, 0.0), tuple(chords[-4:])), 2, ending, mode)[-2:]
    return [*cadence, tonic_chord(mode), tonic_chord(mode)]

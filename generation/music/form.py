"""The form of a piece: how many bars, which phrases, which of them return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from generation.music.harmony import Progression, draw_progression, plan_phrase, tonic_chord
from generation.music.length import BEATS_PER_BAR
from generation.music.notes import Mode

FEWEST_BARS, MOST_BARS = 6, 18
FEWEST_BARS_OF_FOUR: Final = 11
"""From this length on phrases have four bars, before it two."""
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


def plan_form(bars: int, mode: Mode, place: tuple[float, float, float], random: np.random.Generator) -> Form:
    """Draw a form: phrases of two or four bars, a contrasting progression in B, a cadence into the last bar.

    The last phrase gives way where the bars do not come out even; an odd last bar is the ending after full phrases.

    Parameters
    ----------
    bars : int
        6 to 18 (`generation.music.length.fit_bars` finds how many a tempo needs).
    mode : {"major", "minor"}
    place : tuple of float
        Valence, arousal and dominance, for the choice of progressions.
    random : numpy.random.Generator
    """
    phrase = 4 if bars >= FEWEST_BARS_OF_FOUR else 2
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
        # Two chords a bar.
        chords += _plan(progressions[letter], phrase, last, index % 2 == 1, mode)[: 2 * length]
        sources += _find_sources(letters, index, phrase, random)[:length]
    chords[-4:] = _close(chords, mode, place[0], place[2])
    sources[-2:] = [None, None]
    return Form(shape, phrase, bars, tuple(chords), tuple(sources))


def _fill(shape: str, bars: int, phrase: int) -> str:
    """Letters enough for all bars; a fifth phrase of two bars comes back to A."""
    # Rounded up: the last phrase may be cut short.
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
